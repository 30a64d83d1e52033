"""200,000 records over four partitions, three models: nothing is lost, nothing counted twice, and the windows are what anybody can recompute."""
import json
import unittest

import broker
import rig
import stream
from daemon import Daemon, model
from records import seconds_of

SPAN = 3 * 24 * stream.HOUR
STEP = 6 * stream.HOUR
TICK = stream.START + SPAN + STEP  # its own step stays open


class CountsTest(unittest.TestCase):
    def test_counts_and_windows(self):
        kafka = broker.shared()
        folder = rig.folder("counts")
        baseline, training = stream.make_baseline(folder)
        shared, own = kafka.topic("shared", partitions=4), kafka.topic("own", partitions=4)
        sent, offline = {}, {}
        for name, topic, count in (("a", shared, 80_000), ("b", shared, 60_000), ("c", own, 60_000)):
            records = list(stream.traffic(topic, 4, name, count, SPAN, seed=ord(name), shift=lambda share: 0.5 if share > 0.5 else 0.0))
            records += stream.ticks(topic, 4, name, TICK)
            offline[name] = stream.Offline(training, STEP, 2)
            for record in records:
                row = json.loads(record.value)
                offline[name].add(seconds_of(row["timestamp"]), row["features"])
            sent.setdefault(topic, []).extend(records)
        # The first half is there before the daemon starts, the second arrives while it reads.
        for topic in sent:
            sent[topic].sort(key=lambda record: record.timestamp_ms)
            kafka.send(sent[topic][: len(sent[topic]) // 2])
        times = {"step": "6h", "window": "12h", "pane": "5m", "idle_after": "10s"}
        with Daemon(kafka.address, [model("a", baseline, shared, **times), model("b", baseline, shared, **times), model("c", baseline, own, **times)],
                    ingest={"workers": 2}) as daemon:
            for topic in sent:
                kafka.send(sent[topic][len(sent[topic]) // 2:])
            daemon.wait_received({"a": 80_004, "b": 60_004, "c": 60_004}, 60)
            for name, expected in (("a", 80_004), ("b", 60_004), ("c", 60_004)):
                shown = daemon.models()[name]
                self.assertEqual([shown[key] for key in ("counted", "late", "rejected", "skipped", "duplicates")], [expected, 0, 0, 0, 0], name)
                self.assertEqual([version["counted"] for version in shown["versions"]], [expected])
                self.check_windows(daemon.wait_windows(name, SPAN // STEP), offline[name].windows(before=TICK), name)
            self.assertEqual(daemon.models()["a"]["versions"][0]["baseline"]["rows"], len(training))

    def check_windows(self, windows, expected, name):
        self.assertEqual([seconds_of(window["end"]) for window in windows], list(expected), name)
        for i, window in enumerate(windows):
            end = seconds_of(window["end"])
            self.assertEqual(window["partial"], i == 0)
            self.assertEqual(seconds_of(window["start"]), end - 2 * STEP)
            figures = {feature["name"]: feature for feature in window["features"]}
            self.assertEqual(set(figures), set(stream.FEATURES))
            for feature, (count, missing, psi) in expected[end].items():
                with self.subTest(model=name, end=window["end"], feature=feature):
                    self.assertEqual((figures[feature]["count"], figures[feature]["missing"]), (count, missing))
                    self.assertAlmostEqual(figures[feature]["psi"], psi, delta=1e-9)
            self.assertEqual(window["count"], expected[end]["plan"][0])
