"""Labels of real flights: the daemon's cohorts equal a dictionary's, through twenty crashes; and labels that are pushed instead of streamed."""
import csv
import datetime
import gzip
import json
import os
import random
import subprocess
import threading
import time
import unittest

import broker
import rig
from daemon import Daemon, model
from records import Record, seconds_of

DATA = rig.ROOT / "tests/data/flights"
KILLS = 20
TOKEN = "labels-token"


def lines(name):
    with gzip.open(DATA / name, "rt") as file:
        return [line.rstrip("\n") for line in file]


def baseline():
    folder = rig.folder("labels")
    train = folder / "train.csv"
    train.write_bytes(gzip.decompress((DATA / "train.csv.gz").read_bytes()))
    return rig.build_baseline(train, folder / "flights-1.baseline.json", "--model", "flights", "--positive", "late")


def spread(topic, texts, partitions):
    """Records over partitions by their id, with Kafka times of their own."""
    for text in texts:
        record = json.loads(text)
        yield Record(topic, text.encode(), int(seconds_of(record["timestamp"]) * 1000), hash(record["id"]) % partitions)


def by_dictionary(requests, labels):
    """What every day's cohort must be, from the files alone."""
    truth = {}
    for text in labels:
        label = json.loads(text)
        truth[label["id"]] = label["label"]
    days = {}
    for text in requests:
        record = json.loads(text)
        day = days.setdefault(record["timestamp"][:10], {"predictions": 0, "labels": 0, "right": 0, "scores": []})
        day["predictions"] += 1
        label = truth.get(record["id"])
        if label is None:
            continue
        day["labels"] += 1
        day["right"] += label == record["prediction"]
        day["scores"].append((record["score"], label == "late"))
    return days


def auc(scores):
    positive = [score for score, late in scores if late]
    negative = [score for score, late in scores if not late]
    wins = sum((p > n) + (p == n) / 2 for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


class LabelsTest(unittest.TestCase):
    def flights(self, requests, labels=None, **more):
        return model("flights", self.file, requests, version="1", labels={**({"topic": labels} if labels else {}), "max_delay": "14d"}, positive="late",
                     step="1d", window="7d", idle_after="5s", **more)

    def setUp(self):
        self.file = baseline()
        self.kafka = broker.shared()

    def assert_equals_dictionary(self, quality, expected):
        self.assertEqual(quality["task"], "binary")
        shown = {cohort["start"][:10]: cohort for cohort in quality["cohorts"]}
        self.assertEqual(set(shown), set(expected))
        for day, figures in expected.items():
            cohort = shown[day]
            self.assertEqual((cohort["predictions"], cohort["labels"]), (figures["predictions"], figures["labels"]), day)
            if figures["labels"]:
                self.assertAlmostEqual(cohort["metrics"]["accuracy"]["value"], figures["right"] / figures["labels"], delta=1e-12)

    def quality(self, daemon, **query):
        return daemon.get("/api/v1/models/flights/quality", limit=1000, **query)

    def test_killed_twenty_times(self):
        seed = int(os.environ.get("SEED", random.randrange(1_000_000)))
        print(f"SEED={seed}", end=" ", flush=True)
        requests, labels = lines("requests.jsonl.gz"), lines("labels.jsonl.gz")
        topics = {"requests": self.kafka.topic("labels-requests", partitions=4), "labels": self.kafka.topic("labels-labels", partitions=3)}
        expected = by_dictionary(requests, labels)
        streams = {"requests": list(spread(topics["requests"], requests, 4)), "labels": list(spread(topics["labels"], labels, 3))}

        def feed(kind):
            records, portions = streams[kind], 60
            size = len(records) // portions + 1
            for at in range(0, len(records), size):
                self.kafka.send(records[at: at + size])
                time.sleep(0.15)

        with Daemon(self.kafka.address, [self.flights(topics["requests"], topics["labels"])]) as daemon:
            # Labels begin before the requests do, end before they end, and both go on through the crashes.
            feeders = [threading.Thread(target=feed, args=(kind,), daemon=True) for kind in ("labels", "requests")]
            for feeder in feeders:
                feeder.start()
            moment = random.Random(seed)
            for _ in range(KILLS):
                time.sleep(moment.uniform(0.05, 0.8))  # the random moment itself
                daemon.kill()
                daemon.start(ready=False)
            for feeder in feeders:
                feeder.join()
            rig.wait_until(daemon.is_ready, "monitord to be ready after the last crash")
            joined = sum(day["labels"] for day in expected.values())
            rig.wait_until(lambda: (self.quality(daemon).get("labels") or {}).get("joined") == joined,
                           lambda: f"{joined} labels to be joined: {self.quality(daemon).get('labels')}")
            daemon.wait_received({"flights": len(requests)}, 60)
            quality = self.quality(daemon)
            self.assert_equals_dictionary(quality, expected)
            counts = quality["labels"]
            self.assertEqual(sum(counts.values()), len(labels), counts)
            series = daemon.metrics()
            self.assertEqual(series['model_monitor_labels_total{model="flights",result="joined"}'], joined)
            self.assertEqual(series['model_monitor_labels_waiting{model="flights"}'], counts["waiting"])
            april = next(cohort for cohort in quality["cohorts"] if cohort["start"].startswith("2013-04-24"))
            self.assertAlmostEqual(april["metrics"]["auc"]["value"], auc(expected["2013-04-24"]["scores"]), delta=0.02)
            told = [alert for alert in daemon.alerts() if alert["cause"] == "quality_loss"]
            self.assertTrue(any("2013-04-18" <= alert["started_at"][:10] <= "2013-04-28" for alert in told), told)

    def test_pushed_labels(self):
        requests, labels = lines("requests.jsonl.gz")[:2000], lines("labels.jsonl.gz")
        ids = {json.loads(text)["id"] for text in requests}
        labels = [json.loads(text) for text in labels if json.loads(text)["id"] in ids]
        topic = self.kafka.topic("labels-pushed", partitions=2)
        folder = rig.folder("pushed")
        (folder / "token").write_text(TOKEN)
        self.kafka.send(list(spread(topic, requests, 2)))
        with Daemon(self.kafka.address, [self.flights(topic)], api_token_file=str(folder / "token")) as daemon:
            daemon.wait_received({"flights": len(requests)}, 60)
            with open(folder / "labels.csv", "w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(["timestamp", "id", "label", "source"])
                for label in labels:
                    writer.writerow([label["timestamp"], label["id"], label["label"], "warehouse"])
                writer.writerow([labels[0]["timestamp"], "", "late", "warehouse"])
            push = [rig.MONITORCTL, "labels", "push", folder / "labels.csv", "--model", "flights", "--url", f"http://127.0.0.1:{daemon.port}", "--json"]
            refused = subprocess.run(push, capture_output=True, text=True)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("token", refused.stderr)
            first = json.loads(subprocess.run([*push, "--token-file", folder / "token"], capture_output=True, text=True, check=True).stdout)
            self.assertEqual(first, {"received": len(labels) + 1, "joined": len(labels), "corrected": 0, "duplicate": 0, "unmatched": 0, "late": 0,
                                     "unsampled": 0, "waiting": 0, "skipped": 0, "rejected": 1})
            # What was answered is durable.
            daemon.kill()
            daemon.start()
            self.assert_equals_dictionary(self.quality(daemon), by_dictionary(requests, [json.dumps(label) for label in labels]))
            again = json.loads(subprocess.run([*push, "--token-file", folder / "token"], capture_output=True, text=True, check=True).stdout)
            # Predictions of more than max_delay before the newest label are no longer kept.
            self.assertEqual((again["joined"], again["corrected"], again["duplicate"] + again["unmatched"]), (0, 0, len(labels)))
            self.assertGreater(again["duplicate"], 300)
            self.assert_equals_dictionary(self.quality(daemon), by_dictionary(requests, [json.dumps(label) for label in labels]))
            text = subprocess.run([rig.MONITORCTL, "quality", "flights", "--url", f"http://127.0.0.1:{daemon.port}"], capture_output=True, text=True, check=True).stdout
            self.assertIn("positive class late", text)
            self.assertIn("accuracy", text)


if __name__ == "__main__":
    unittest.main()
