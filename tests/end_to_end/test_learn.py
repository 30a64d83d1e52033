"""A model without training data: its baseline is learnt from its traffic, by monitorctl for a time range and by the daemon as it comes."""
import collections
import itertools
import json
import random
import time
import unittest

import broker
import rig
import stream
from daemon import Daemon
from records import Record, rfc3339, seconds_of

DAY = 24 * stream.HOUR


def scored(topic, partitions, count, span, seed=2, start=stream.START, power=1.0):
    """Requests with predictions and scores; the smaller the power, the larger the scores."""
    rng = random.Random(seed)
    for i, record in enumerate(stream.traffic(topic, partitions, "m", count, span, seed, start)):
        row = json.loads(record.value)
        row["score"] = round(rng.random() ** power, 4)
        row["prediction"] = "yes" if row["score"] > 0.5 else "no"
        record.value = json.dumps(row).encode()
        yield record


class LearnTest(unittest.TestCase):
    def test_a_time_range(self):
        """The rows of a day, with the labels that came for them, are the baseline of a file of the same rows."""
        kafka = broker.shared()
        folder = rig.folder("learn")
        requests, truth = kafka.topic("learn"), kafka.topic("truth")
        records = list(scored(requests, 1, 6000, 3 * DAY))
        rows = [json.loads(record.value) for record in records]
        labels = {row["id"]: "yes" if i % 3 else "no" for i, row in enumerate(rows) if i % 10}
        # Records that nobody understands, and one that comes twice.
        kafka.send(records + [Record(requests, b"{", records[-1].timestamp_ms), records[2500]])
        kafka.send([Record(truth, json.dumps({"id": id, "timestamp": rfc3339(stream.START + 4 * DAY), "label": label}).encode(),
                           (stream.START + 4 * DAY) * 1000) for id, label in labels.items()])
        config = folder / "c.yaml"
        config.write_text(json.dumps({"kafka": {"brokers": kafka.address}, "models": [
            {"name": "m", "baseline": "learn", "requests": {"topic": requests}, "labels": {"topic": truth}}]}))
        begin, end = stream.START + DAY, stream.START + 2 * DAY
        learnt, built = folder / "learnt.baseline.json", folder / "built.baseline.json"
        told = rig.run([rig.MONITORCTL, "baseline", "learn", "m", "--config", config, "--from", rfc3339(begin), "--to", rfc3339(end),
                        "-o", learnt]).stdout
        expected = [row for row in rows if begin <= seconds_of(row["timestamp"]) < end]
        self.assertEqual(len(expected), 2000)
        self.assertIn(f"gave 2,000 rows, {sum(row['id'] in labels for row in expected):,} with a label", told)
        self.assertIn("1 not understood", told)
        self.assertIn("1 with an id that was there before", told)
        lines = folder / "rows.jsonl"
        with open(lines, "w") as out:
            for row in expected:
                row = {key: row[key] for key in ("id", "timestamp", "features", "prediction", "score")}
                if row["id"] in labels:
                    row["label"] = labels[row["id"]]
                out.write(json.dumps(row) + "\n")
        rig.build_baseline(lines, built, "--model", "m")
        self.assertIn("the same bins and counts", rig.run([rig.MONITORCTL, "baseline", "diff", learnt, built]).stdout)
        none = rig.run([rig.MONITORCTL, "baseline", "learn", "m", "--config", config, "--from", "2030-01-01", "-o", folder / "no"], check=False)
        self.assertEqual(none.returncode, 1)
        self.assertIn("there is no row to learn from", none.stderr)

    def test_the_daemon_learns_once_through_kill_9(self):
        kafka = broker.shared()
        topic = kafka.topic("learnlive", partitions=3)
        records = sorted(scored(topic, 3, 9000, 6 * DAY), key=lambda record: record.timestamp_ms)
        config = {"name": "m", "baseline": "learn", "learn": {"for": "2d", "rows": 4000}, "requests": {"topic": topic}, "idle_after": "1s",
                  "step": "1d", "window": "1d"}
        with Daemon(kafka.address, [config]) as daemon:
            kafka.send(records[:2000])

            def learning():
                return daemon.models()["m"]["learning"]

            rig.wait_until(lambda: learning() and learning()["rows"] == 2000, lambda: f"2,000 rows; there are {learning()}", 40)
            status = rig.run([rig.MONITORCTL, "status", "--config", daemon.config_file]).stdout
            self.assertIn("learns its baseline from live traffic: 2,000 rows of at least 4,000", status)
            daemon.kill()
            kafka.send(records[2000:4500])
            daemon.start()
            # In the middle of everything that comes next: reading again, the second pass, taking it over.
            for after in (0.3, 1.0):
                time.sleep(after)
                daemon.kill()
                daemon.start()
            kafka.send(records[4500:])
            rig.wait_until(lambda: daemon.models()["m"]["learning"] is None, "the baseline", 60)
            daemon.wait_received({"m": 9000}, 60)
            files = list((daemon.folder / "state" / "baselines" / "m").glob("*.baseline.json"))
            self.assertEqual(len(files), 1)
            learnt = json.loads(files[0].read_text())
            # All records up to a moment, each once.
            per_second = collections.Counter(record.timestamp_ms // 1000 for record in records)
            cumulated = set(itertools.accumulate(per_second[second] for second in sorted(per_second)))
            self.assertGreaterEqual(learnt["rows"], 4000)
            self.assertIn(learnt["rows"], cumulated)
            self.assertLess(learnt["rows"], 4100)  # whole hours
            kafka.send(stream.ticks(topic, 3, "m", stream.START + 8 * DAY))
            windows = daemon.wait_windows("m", 6)
            self.assertEqual({feature["name"] for feature in windows[0]["features"]}, set(stream.FEATURES))
            self.assertIsNotNone(windows[0]["prediction"])
            self.assertIsNotNone(windows[0]["score"])
            self.assertEqual([alert for alert in daemon.alerts() if alert["cause"] == "data_drift"], [])

    def test_what_a_baseline_lacks_is_learnt_through_kill_9(self):
        """A baseline of training data without predictions gets them from the first week, and they are watched from then on."""
        kafka = broker.shared()
        topic = kafka.topic("learnparts", partitions=3)
        records = sorted(scored(topic, 3, 12000, 8 * DAY), key=lambda record: record.timestamp_ms)
        first_week = sum(record.timestamp_ms < (stream.START + 7 * DAY) * 1000 for record in records)
        folder = rig.folder("parts")
        file, _ = stream.make_baseline(folder)
        built = file.read_bytes()
        config = {"name": "m", "baseline": str(file), "requests": {"topic": topic}, "idle_after": "1s", "step": "6h", "window": "1d"}
        with Daemon(kafka.address, [config]) as daemon:
            kafka.send(records[:8000])

            def learning():
                return daemon.models()["m"]["learning"]

            def learnt():
                return daemon.get("/api/v1/baselines/m")["baselines"][0]["learnt"]

            rig.wait_until(lambda: learning() and learning()["rows"] == 8000, lambda: f"8,000 rows; there are {learning()}", 40)
            self.assertEqual(learning()["parts"], ["prediction", "score"])
            status = rig.run([rig.MONITORCTL, "status", "--config", daemon.config_file]).stdout
            self.assertIn("learns what its baseline lacks (prediction, score) from live traffic: 8,000 rows of at least 10,000", status)
            self.assertEqual(learnt(), {})
            daemon.kill()
            kafka.send(records[8000:])
            daemon.start()
            # In the middle of everything that comes next: reading again, the second pass, taking it over.
            for after in (0.3, 1.0):
                time.sleep(after)
                daemon.kill()
                daemon.start()
            rig.wait_until(learnt, "predictions and scores in the baseline", 60)
            self.assertEqual(set(learnt()), {"prediction", "score"})
            self.assertEqual(learnt()["score"], learnt()["prediction"])
            self.assertIn("traffic of 2024-01-01 00:00 UTC to 2024-01-07 23:", learnt()["score"])
            kept = list((daemon.folder / "state" / "learning").glob("parts-m/*.baseline.json"))
            self.assertEqual(len(kept), 1)
            completed = json.loads(kept[0].read_text())
            for part in ("prediction", "score"):
                self.assertEqual(completed[part]["count"], first_week)  # each record once
            self.assertEqual(completed["features"], json.loads(built)["features"])
            self.assertEqual(file.read_bytes(), built)
            shown = rig.run([rig.MONITORCTL, "baseline", "show", kept[0]]).stdout
            self.assertIn("not of the training data, but learnt from live traffic", shown)
            rig.wait_until(lambda: learning() is None, "the learning to end", 40)

            # A restart finds it there and learns nothing again.
            daemon.kill()
            daemon.start()
            kafka.send(scored(topic, 3, 6000, 4 * DAY, 5, stream.START + 8 * DAY))
            daemon.wait_received({"m": 18000}, 60)
            self.assertIsNone(learning())
            self.assertEqual(json.loads(kept[0].read_text()), completed)
            self.assertEqual([alert for alert in daemon.alerts() if alert["cause"] in ("data_drift", "prediction_drift")], [])
            kafka.send(scored(topic, 3, 6000, 4 * DAY, 6, stream.START + 12 * DAY, power=0.6))
            drift = rig.wait_until(lambda: [a for a in daemon.alerts() if a["cause"] == "prediction_drift"],
                                   "the drift of predictions", 60)[0]
            version = daemon.models()["m"]["versions"][0]
            self.assertEqual(set(version["baseline"]["learnt"]), {"prediction", "score"})
            told = rig.run([rig.MONITORCTL, "explain", drift["id"], "--config", daemon.config_file]).stdout
            self.assertIn("but what was learnt from live traffic of 2024-01-01", " ".join(told.split()))
            self.assertEqual([alert for alert in daemon.alerts() if alert["cause"] == "data_drift"], [])
