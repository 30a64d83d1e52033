"""A real Kafka broker (one node, KRaft) from the jars of broker/pom.xml, on free loopback ports and in a folder of its own."""
import os
import signal
import uuid

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

import rig

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
log.retention.ms=-1
log.retention.check.interval.ms=3600000
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
"""
_LOG4J = "log4j.rootLogger=WARN, out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\nlog4j.appender.out.layout=org.apache.log4j.PatternLayout\nlog4j.appender.out.layout.ConversionPattern=%d %p %m (%c)%n\n"


class Broker:
    def __init__(self):
        self.folder = rig.folder("broker")
        self.port = rig.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._process = None
        self._topics = 0
        properties = self.folder / "server.properties"
        properties.write_text(_PROPERTIES.format(port=self.port, controller=rig.free_port(), logs=self.folder / "logs"))
        (self.folder / "log4j.properties").write_text(_LOG4J)
        self._java("kafka.tools.StorageTool", "format", "-t", uuid.uuid4(), "-c", properties).wait(60 * rig.PATIENCE)
        self.start()

    def _java(self, *arguments):
        return rig.start(["java", "-Xmx384m", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Djava.io.tmpdir={self.folder}",
                          f"-Dlog4j.configuration=file:{self.folder}/log4j.properties", "-cp", f"{rig.KAFKA}/*", *arguments],
                         self.folder / "broker.log", cwd=self.folder)

    def start(self):
        """Starts the broker, on the same port and log as before, and waits until it answers."""
        self._process = self._java("kafka.Kafka", self.folder / "server.properties")
        rig.wait_until(self._answers, lambda: f"the broker; its log ends with:\n{self._log_tail()}", 60)

    def _log_tail(self):
        return (self.folder / "broker.log").read_text(errors="replace")[-2000:]

    def _answers(self):
        if self._process.poll() is not None:
            raise AssertionError("the broker ended:\n" + self._log_tail())
        try:
            return AdminClient({"bootstrap.servers": self.address, "log_level": 0}).list_topics(timeout=1).brokers
        except Exception:
            return None

    def kill(self):
        """Takes the broker away as a power cut would; what producers were told is written stays."""
        self._process.kill()
        self._process.wait()

    def pause(self):
        """The broker answers nobody any more, but its connections stay."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self._process.pid, signal.SIGCONT)

    def throttle(self, bytes_per_second):
        """From now on no consumer gets more than so many bytes a second, also after a restart."""
        code = self._java("kafka.admin.ConfigCommand", "--bootstrap-server", self.address, "--alter", "--entity-type", "clients", "--entity-default",
                          "--add-config", f"consumer_byte_rate={bytes_per_second}").wait(60 * rig.PATIENCE)
        if code != 0:
            raise AssertionError("the broker took no quota:\n" + self._log_tail())

    def topic(self, name, partitions=1, **configuration):
        """Makes a topic whose name begins with `name`, is unique, and whose records are kept however old they are. Returns the name."""
        self._topics += 1
        full = f"{name}.{self._topics}"
        topic = NewTopic(full, num_partitions=partitions, replication_factor=1,
                         config={"retention.ms": "-1", "message.timestamp.type": "CreateTime", **configuration})
        admin = AdminClient({"bootstrap.servers": self.address})
        admin.create_topics([topic])[full].result(30)
        rig.wait_until(lambda: full in admin.list_topics(timeout=5).topics, "the topic " + full)
        return full

    def drop(self, topic):
        """Deletes a topic; the broker removes its files after the topic's file.delete.delay.ms."""
        admin = AdminClient({"bootstrap.servers": self.address})
        admin.delete_topics([topic])[topic].result(30)

    def send(self, records, **properties):
        """Writes Records and returns when the broker has acknowledged all of them."""
        failed = []
        producer = Producer({"bootstrap.servers": self.address, "linger.ms": 20, "compression.type": "lz4", "acks": "all",
                             "queue.buffering.max.messages": 500000, **properties})
        for record in records:
            while True:
                try:
                    producer.produce(record.topic, record.value, record.key, record.partition, headers=record.headers,
                                     timestamp=record.timestamp_ms, on_delivery=lambda error, _: error and failed.append(error))
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        producer.flush(60)
        if failed or len(producer):
            raise AssertionError(f"{len(failed) + len(producer)} records were not written: {failed[:1]}")


_shared = None


def shared():
    """One broker for all tests that do it no harm; topics keep them apart."""
    global _shared
    if _shared is None:
        _shared = Broker()
    return _shared
