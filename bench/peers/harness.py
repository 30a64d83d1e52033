"""One reading of a topic by a peer: NAME.py BROKER TOPIC PARTITIONS RECORDS TRAINING_CSV [options of the peer]

A peer is a class with `batch`, the messages that it wants at a time, and three functions: `__init__(training, *options)` reads its reference from
the training file, `take(messages)` gets a list of bytes, `result()` ends the last window and says what was found. Measured is from the first
request to Kafka to the end of `result`: CPU seconds of the whole process (librdkafka's threads too) and wall time. Imports and the reference are
left out, in the peers' favour. One line of JSON at the end: rows, seconds, cpu, `whole` (CPU with what is left out), peak memory in bytes and what
`result` gave: `missing` by number, and where the peer has them `categories` (values counted), `medians`, `psi`, `alarms` (flagged features, summed
over windows; of river detections) and `counted`, the records that arrived where that is told elsewhere.
"""
import json
import pathlib
import sys
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

NUMBERS = [f"number_{i:02d}" for i in range(20)]
CATEGORIES = [f"category_{i}" for i in range(5)]
FEATURES = NUMBERS + CATEGORIES
# As monitord and the bare consumer set librdkafka (monitor/ingest/kafka/kafka_client.cc).
FETCH = {"queued.min.messages": 1000000, "queued.max.messages.kbytes": 65536, "fetch.queue.backoff.ms": 5, "fetch.min.bytes": 65536,
         "fetch.wait.max.ms": 100, "fetch.message.max.bytes": 4194304, "check.crcs": True}
GIVE_UP = 300.0


def messages(broker, topic, partitions, records, batch):
    """The values of `records` messages of a topic, in lists of `batch`."""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "peer", "enable.auto.commit": False, **FETCH})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    waiting, got, deadline = [], 0, time.monotonic() + GIVE_UP
    while got < records:
        for message in consumer.consume(min(batch - len(waiting), records - got), 0.1):
            if message.error():
                raise KafkaException(message.error())
            waiting.append(message.value())
            got += 1
        if len(waiting) == batch:
            yield waiting
            waiting = []
        if time.monotonic() > deadline:
            raise SystemExit(f"{got} of {records} records came in {GIVE_UP:.0f} s")
    if waiting:
        yield waiting
    consumer.close()


def peak_memory():
    """Not by getrusage, whose figure begins with that of the process that started this one."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main(peer_class):
    broker, topic, partitions, records, training, *options = sys.argv[1:]
    peer = peer_class(training, *options)
    rows, began, before = 0, time.monotonic(), time.process_time()
    for batch in messages(broker, topic, int(partitions), int(records), peer.batch):
        peer.take(batch)
        rows += len(batch)
    found = peer.result()
    cpu = time.process_time()
    print(json.dumps({"rows": rows, "seconds": time.monotonic() - began, "cpu": cpu - before, "whole": cpu,
                      "peak": peak_memory(), **found}))
