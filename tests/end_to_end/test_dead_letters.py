"""Rejected records are copied whole, and a steady trickle of them holds nothing back: neither what is counted beside them nor quiet partitions."""
import threading
import time
import unittest

import broker
import rig
import stream
from daemon import Daemon, model
from records import Record

PARTITIONS = 40
ROUND = 200
EVERY = 21  # of so many records one is none; every partition gets some


class DeadLettersTest(unittest.TestCase):
    def test_a_trickle_of_rejects_holds_nothing_back(self):
        kafka = broker.shared()
        folder = rig.folder("dead-letters")
        baseline, _ = stream.make_baseline(folder)
        topic, copies = kafka.topic("trickle", partitions=PARTITIONS), kafka.topic("trickle.rejects")
        records = []
        for i, record in enumerate(stream.traffic(topic, PARTITIONS, "m", 60 * ROUND, 6 * stream.HOUR)):
            bad = i % EVERY == 7
            records.append(Record(record.topic, b"no json %d" % i, record.timestamp_ms, record.partition) if bad else record)

        def trickle():
            for at in range(0, len(records), ROUND):
                kafka.send(records[at: at + ROUND])
                time.sleep(0.2)  # the pace of the trickle

        watched = model("m", baseline, topic, step="1h", window="1h", allowed_lateness="1m")
        with Daemon(kafka.address, [watched], dead_letters=copies) as daemon:
            sender = threading.Thread(target=trickle)
            sender.start()
            try:
                # While records still come: what came so far is counted, and the oldest steps close, for which every partition has to be handed over.
                rig.wait_until(lambda: daemon.models()["m"]["received"] >= 10 * ROUND, lambda: f"progress; there are {daemon.models()['m']['received']}", 30)
                rig.wait_until(lambda: len(daemon.windows("m")) >= 2, "the first steps to close", 30)
                self.assertTrue(sender.is_alive(), "all records had been sent before")
            finally:
                sender.join()
            daemon.wait_received({"m": len(records)})
            rejected = [f"no json {i}" for i in range(7, len(records), EVERY)]
            self.assertEqual(daemon.models()["m"]["rejected"], len(rejected))
            read = rig.run(["kcat", "-C", "-b", kafka.address, "-t", copies, "-e", "-q", "-f", "%s\n"]).stdout.splitlines()
        self.assertEqual(sorted(read), sorted(rejected))


if __name__ == "__main__":
    unittest.main()
