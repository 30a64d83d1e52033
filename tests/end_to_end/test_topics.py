"""A topic that changes under the daemon: new partitions are read from their beginning, a recreated topic is a gap that is told."""
import unittest

import confluent_kafka.admin

import broker
import rig
import stream
from daemon import Daemon, model

DAY = 24 * stream.HOUR


class TopicsTest(unittest.TestCase):
    def setUp(self):
        self.kafka = broker.shared()
        self.admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": self.kafka.address})
        self.baseline, _ = stream.make_baseline(rig.folder("topics"))

    def done(self, futures):
        for future in futures.values():
            future.result(timeout=20)

    def test_partitions_added_while_running_are_read_from_their_beginning(self):
        topic = self.kafka.topic("growing", partitions=1)
        self.kafka.send(stream.traffic(topic, 1, "m", 2_000, DAY, seed=1))
        # `latest` holds for the first start of the topic only: nothing of partition 0, everything of the later ones.
        watched = model("m", self.baseline, topic, step="1d", window="1d")
        watched["requests"]["start"] = "latest"
        with Daemon(self.kafka.address, [watched]) as daemon:
            rig.wait_until(daemon.is_ready, "monitord to be ready")
            self.done(self.admin.create_partitions([confluent_kafka.admin.NewPartitions(topic, 3)]))
            later = list(stream.traffic(topic, 2, "m", 3_000, DAY, seed=2, start=stream.START + DAY))
            for record in later:
                record.partition += 1
            rig.wait_until(lambda: len(self.admin.list_topics(topic, timeout=10).topics[topic].partitions) == 3, "the broker to have them")
            self.kafka.send(later)
            daemon.wait_received({"m": len(later)})
            self.assertEqual(daemon.models()["m"]["counted"], len(later))

    def test_a_recreated_topic_is_a_gap_and_not_a_continuation(self):
        topic = self.kafka.topic("reborn", partitions=1)
        self.kafka.send(stream.traffic(topic, 1, "m", 1_000, DAY, seed=3))
        daemon = Daemon(self.kafka.address, [model("m", self.baseline, topic, step="1d", window="1d")])
        with daemon:
            daemon.wait_received({"m": 1_000})
            daemon.stop()
            self.done(self.admin.delete_topics([topic]))
            rig.wait_until(lambda: topic not in self.admin.list_topics(timeout=10).topics, "the topic to be gone")
            rig.wait_until(self.created(topic), "the topic to be there again")
            # As many records as before and more: only their bytes tell that it is another log.
            self.kafka.send(stream.traffic(topic, 1, "m", 1_500, DAY, seed=4, start=stream.START + DAY))
            daemon.start()
            daemon.wait_received({"m": 2_500})
            alerts = [alert for alert in daemon.alerts() if alert["monitor"].startswith("log_gap:")]
            self.assertEqual(len(alerts), 1, alerts)
            self.assertEqual((alerts[0]["severity"], alerts[0]["cause"]), ("critical", "broken_pipeline"))

    def created(self, topic):
        def attempt():
            try:
                self.done(self.admin.create_topics([confluent_kafka.admin.NewTopic(topic, 1, 1, config={"retention.ms": "-1"})]))
                return True
            except confluent_kafka.KafkaException:
                return False  # still being deleted

        return attempt


if __name__ == "__main__":
    unittest.main()
