"""A broker that dies in the middle, and a partition far behind the others: neither is idleness, so nothing is lost to lateness."""
import time
import unittest

import broker
import rig
import stream
from daemon import Daemon, model

SPAN = 2 * 24 * stream.HOUR
IDLE_SECONDS = 0.5


class OutageTest(unittest.TestCase):
    def test_outage_and_backlog(self):
        kafka = broker.Broker()  # its own: it is going to die
        baseline, _ = stream.make_baseline(rig.folder("outage"))
        topic = kafka.topic("outage", partitions=2)
        # Partition 0 has a long backlog, partition 1 a few records of the same two days; it is read to its end at once.
        backlog = list(stream.traffic(topic, 1, "m", 50_000, SPAN, seed=1))
        few = list(stream.traffic(topic, 1, "m", 200, SPAN, seed=2))
        for record in few:
            record.partition = 1
        kafka.send(few)
        kafka.send(backlog, **{"batch.num.messages": 500})
        watched = model("m", baseline, topic, step="6h", window="6h", idle_after=f"{int(IDLE_SECONDS * 1000)}ms")
        daemon = Daemon(kafka.address, [watched])
        # In portions, and slowly, so that the backlog takes longer than `idle_after` many times and the broker can die in the middle of it.
        daemon.config["kafka"]["properties"].update({"fetch.message.max.bytes": "50000"})
        daemon.write_config()
        kafka.throttle(500_000)
        with daemon:
            rig.wait_until(lambda: daemon.models()["m"]["received"] > 2_000, "the first records")
            kafka.kill()
            before = daemon.models()["m"]["received"]
            self.assertLess(before, 45_000, "the backlog was read before the broker could die")
            died = time.monotonic()
            rig.wait_until(lambda: daemon.request("/readyz")[0] == 503, "/readyz to say that the broker is gone")
            time.sleep(max(0, died + 20 * IDLE_SECONDS - time.monotonic()))  # the outage itself: many times `idle_after`
            self.assertEqual(daemon.request("/healthz")[0], 200)
            kafka.start()
            later = stream.traffic(topic, 1, "m", 5_000, SPAN, seed=3, start=stream.START + SPAN)
            kafka.send(later)
            expected = len(backlog) + len(few) + 5_000
            daemon.wait_received({"m": expected}, 60)
            shown = daemon.models()["m"]
            self.assertEqual((shown["late"], shown["rejected"], shown["counted"]), (0, 0, expected))
            rig.wait_until(daemon.is_ready, "monitord to be ready again")
            self.assertEqual(daemon.metrics().get("model_monitor_records_lost_total", 0), 0)
        kafka.kill()
