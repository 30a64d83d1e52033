"""Every message of tests/data/bad, through a real broker: each ends in the counters that its README expects, its neighbours are counted."""
import base64
import collections
import gzip
import json
import unittest

import broker
import rig
from daemon import Daemon, model
from records import Record, request, seconds_of

BAD = rig.DATA / "bad"
TICK = seconds_of("2013-03-20T00:00:00Z")


class BadRecordsTest(unittest.TestCase):
    def test_every_case_ends_in_its_counter(self):
        kafka = broker.shared()
        folder = rig.folder("bad")
        training = folder / "train.csv"
        training.write_bytes(gzip.decompress((rig.DATA / "flights" / "train.csv.gz").read_bytes()))
        baseline = rig.build_baseline(training, folder / "flights-1.baseline.json", "--model", "flights")
        requests, labels = kafka.topic("flights.requests"), kafka.topic("flights.labels")
        cases = [json.loads(line) for line in open(BAD / "bad_records.jsonl")]
        topics = {"requests": requests, "labels": labels}
        # `leap_second` is of 2015, so far ahead that all before it goes out of what history keeps. It and what follows come after a look.
        last = next(i for i, case in enumerate(cases) if case["case"] == "leap_second")
        kafka.send(self.record(case, topics[case["topic"]]) for case in cases[:last])
        sound = json.loads(base64.b64decode(next(case for case in cases if case["case"] == "good")["value_base64"]))
        watched = model("flights", baseline, requests, version="1", positive="late", pane="5m", step="1d", window="1d", allowed_lateness="10m",
                        labels={"topic": labels, "max_delay": "14d", "early_ttl": "1d"})
        expected = json.load(open(BAD / "totals.json"))["requests"]
        with Daemon(kafka.address, [watched]) as daemon:
            of_flights, of_nobody = expected["models"]["flights"], expected["models"][""]
            after = sum(case["topic"] == "requests" for case in cases[last:])
            daemon.wait_received({"flights": of_flights["received"] - after, "": of_nobody["received"]})
            # A sound record of a later day closes the days before, so that what was counted per feature can be read. It counts as one more.
            kafka.send([request(requests, 0, TICK, "flights", "tick", sound["features"], prediction=sound["prediction"], score=sound["score"])])
            rig.wait_until(lambda: sum(window["count"] for window in daemon.windows("flights")) == expected["counted"] - 1, "every day to close")
            self.check_features(daemon.windows("flights"), expected)
            kafka.send(self.record(case, topics[case["topic"]]) for case in cases[last:])
            of_flights["received"] += 1
            of_flights["counted"] += 1
            expected["versions"]["1"] += 1
            daemon.wait_received({"flights": of_flights["received"], "": of_nobody["received"]})
            self.check_counters(daemon, expected)
            self.assertTrue(daemon.running())

    @staticmethod
    def record(case, topic):
        value = None if case["value_base64"] is None else base64.b64decode(case["value_base64"])
        headers = [tuple(header) for header in case["headers"]] if "headers" in case else None
        return Record(topic, value, case["kafka_timestamp"], 0, case.get("key"), headers)

    def check_counters(self, daemon, expected):
        metrics = daemon.metrics()
        for name, counters in expected["models"].items():
            shown = daemon.models()[name]
            for key in ("received", "counted", "late", "rejected", "duplicates"):
                self.assertEqual(shown[key], counters[key], (name, key))
            for result in ("counted", "late", "rejected"):
                self.assertEqual(metrics.get(f'model_monitor_records_total{{model="{name}",result="{result}"}}', 0), counters[result])
            rejects = {series.split('reason="')[1].rstrip('"}'): value for series, value in metrics.items()
                       if series.startswith("model_monitor_rejects_total") and f'model="{name}"' in series and value > 0}
            self.assertEqual(rejects, counters["rejects"], name)
        counted = collections.Counter()
        for version in daemon.models()["flights"]["versions"]:
            counted[version["version"]] += version["counted"]
        self.assertEqual(counted, expected["versions"])

    def check_features(self, windows, expected):
        effects, extra, variants = collections.defaultdict(collections.Counter), 0, collections.Counter()
        for window in windows:
            extra += window.get("extra", 0)
            variants[window["variant"] or ""] += window["count"]
            columns = window["features"] + [dict(window[key], name=key) for key in ("prediction", "score")]
            for column in columns:
                for effect in ("missing", "unseen", "type_faults"):
                    effects[column["name"]][effect] += column[effect]
        shown = {name: {effect: count for effect, count in counts.items() if count} for name, counts in effects.items()}
        self.assertEqual({name: counts for name, counts in shown.items() if counts}, expected["features"])
        variants[""] += 1  # leap_second comes later
        self.assertEqual(variants, expected["variants"])
        self.assertEqual(extra, expected["extra"])
