"""Logs of SageMaker, KServe and Seldon through a real broker: every record of their `expected` files is counted once, with its features, though
halves of calls lie on different partitions and topics and the daemon is killed between them; and the same by replay."""
import base64
import collections
import gzip
import json
import math
import unittest

import broker
import rig
from daemon import Daemon, model
from records import Record, seconds_of

FORMATS = rig.DATA / "formats"
SENT = seconds_of("2013-03-02T06:00:00Z")  # later than every event of the files
LATER = seconds_of("2013-03-05T06:00:00Z")  # of the ticks that close what the files have
CODES = json.loads((FORMATS / "category_codes.json").read_text())
TRUTH = {"0": "ontime", "1": "late"}


def lines(name):
    return [json.loads(line) for line in open(FORMATS / name)]


def record(topic, partition, line):
    value = base64.b64decode(line["value"]) if line["encoding"] == "base64" else line["value"].encode()
    headers = line["headers"].items() if isinstance(line["headers"], dict) else line["headers"]
    return Record(topic, value, int(SENT * 1000), partition, line["key"], [(name, text.encode()) for name, text in headers])


class FormatsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = broker.shared()
        folder = rig.folder("formats")
        training = folder / "train.csv"
        training.write_bytes(gzip.decompress((rig.DATA / "flights" / "train.csv.gz").read_bytes()))
        cls.baseline = rig.build_baseline(training, folder / "flights-1.baseline.json", "--model", "flights")

    def watched(self, requests, labels):
        watched = model("flights", self.baseline, requests["topic"], version="1", positive="late", classes=["ontime", "late"], pane="5m",
                        step="1d", window="7d", allowed_lateness="10m", labels=labels)
        watched["requests"] = requests
        return watched

    def through_broker(self, watched, records, ticks, expected, orphans=(0, 0), joined=None):
        """Sends the records in three parts and kills the daemon after each of them; then everything must be there once. `ticks` come later than
        all of them, a row for each partition of the requests, so that steps close and halves have waited long enough."""
        rows = sum(each["rows"] for each in expected) + len({tick.partition for tick in ticks})
        with Daemon(self.kafka.address, [watched]) as daemon:
            third = len(records) // 3 + 1
            for at in range(0, len(records), third):
                self.kafka.send(records[at: at + third])
                rig.wait_until(lambda: daemon.get("/api/v1/models")["models"][0]["lag"] == 0, "everything to be read")
                daemon.kill()
                daemon.start()
            self.kafka.send(ticks)
            received = rows + sum(orphans)
            daemon.wait_received({"flights": received})
            shown = daemon.models()["flights"]
            self.assertEqual({key: shown[key] for key in ("counted", "late", "rejected", "skipped", "duplicates")},
                             {"counted": rows, "late": 0, "rejected": sum(orphans), "skipped": 0, "duplicates": 0})
            series = daemon.metrics()
            for reason, count in zip(("orphan_request", "orphan_response"), orphans):
                self.assertEqual(series[f'model_monitor_rejects_total{{model="flights",reason="{reason}"}}'], count, reason)
            if joined is not None:
                rig.wait_until(lambda: daemon.metrics().get('model_monitor_labels_total{model="flights",result="joined"}') == joined,
                               f"{joined} labels to be joined")
            self.windows_hold(daemon.wait_windows("flights", 1), expected)
        self.by_replay(watched, records + ticks, shown)

    def by_replay(self, watched, records, shown):
        """The same records as lines of a file, whole, as Kafka tools write them."""
        folder = rig.folder("replay")
        with open(folder / "requests.jsonl", "w") as out:
            for each in records:
                if each.topic not in (watched["requests"]["topic"], watched["requests"].get("responses")):
                    continue
                print(json.dumps({"key": each.key, "value": base64.b64encode(each.value).decode(), "encoding": "base64",
                                  "timestamp": each.timestamp_ms,
                                  "headers": [[name, text.decode()] for name, text in each.headers or []]}), file=out)
        config = folder / "monitord.yaml"
        config.write_text(json.dumps({"state": "state", "kafka": {"brokers": "none:1"}, "models": [watched]}))
        done = rig.run([rig.MONITORCTL, "replay", "--config", config, "--requests", folder / "requests.jsonl", "--json"])
        replayed = json.loads(done.stdout)["models"][0]
        self.assertEqual({key: replayed[key] for key in ("counted", "late", "rejected", "skipped")},
                         {key: shown[key] for key in ("counted", "late", "rejected", "skipped")})

    def windows_hold(self, windows, expected):
        """The features of all closed steps together are those of the expected rows."""
        self.assertTrue(windows)
        totals = collections.defaultdict(lambda: {"count": 0, "missing": 0, "sum": 0.0})
        for window in windows:
            for feature in window["features"]:
                total = totals[feature["name"]]
                total["missing"] += feature["missing"]
                total["count"] += feature["count"]
                if feature["mean"] is not None:
                    total["sum"] += feature["mean"] * (feature["count"] - feature["missing"])
        rows = [features for each in expected for features in each["features"] or [{}] * each["rows"]]
        for name, total in totals.items():
            values = [row.get(name) for row in rows]
            self.assertEqual(total["count"], len(values), name)
            self.assertEqual(total["missing"], sum(value is None for value in values), name)
            numbers = [value for value in values if isinstance(value, (int, float))]
            if numbers:
                self.assertTrue(math.isclose(total["sum"], sum(numbers), rel_tol=1e-9), name)

    @staticmethod
    def ticks(topics, partitions, headers, bodies):
        """A pair for each partition: request to the first topic, response to the last."""
        return [Record(topic, body.encode(), int(LATER * 1000), partition, f"tick-{partition}",
                       [(name, text.format(partition=partition, half=half).encode()) for name, text in headers])
                for partition in range(partitions) for topic, half, body in zip(topics, ("request", "response"), bodies)]

    def test_sagemaker(self):
        expected = lines("sagemaker_expected.jsonl")
        calls, truth = self.kafka.topic("captures", partitions=2), self.kafka.topic("truth")
        records = [Record(calls, line.encode(), int(SENT * 1000), at % 2)
                   for at, line in enumerate((FORMATS / "sagemaker_capture.jsonl").read_text().splitlines())]
        records += [Record(truth, line.encode(), int(SENT * 1000))
                    for line in (FORMATS / "sagemaker_ground_truth.jsonl").read_text().splitlines()]
        watched = self.watched({"topic": calls, "format": "sagemaker"},
                               {"topic": truth, "format": "sagemaker-ground-truth", "fields": {"values": {"label": TRUTH}}})
        tick = '{"captureData":{},"eventMetadata":{"eventId":"tick-%d","inferenceTime":"2013-03-05T06:00:00Z"}}'
        tick = tick.replace("{}", '{"endpointOutput":{"data":"0.5","encoding":"CSV"}}')
        self.through_broker(watched, records, [Record(calls, (tick % at).encode(), int(LATER * 1000), at) for at in range(2)], expected, joined=30)

    def test_kserve_in_both_modes(self):
        expected = [each for each in lines("kserve_expected.jsonl") if "orphan" not in each]
        headers = [("ce_type", "org.kubeflow.serving.inference.{half}"), ("ce_id", "tick-{partition}"), ("ce_time", "2013-03-05T06:00:00Z")]
        for mode in ("binary", "structured"):
            with self.subTest(mode=mode):
                topic = self.kafka.topic("events", partitions=3)
                records = [record(topic, at % 3, line) for at, line in enumerate(lines(f"kserve_{mode}.jsonl"))]
                watched = self.watched({"topic": topic, "format": "kserve", "fields": {"values": CODES}}, {"max_delay": "1d"})
                ticks = self.ticks([topic, topic], 3, headers, ['{"instances":[{}]}', '{"predictions":[0.5]}'])
                self.through_broker(watched, records, ticks, [each for each in expected if each["mode"] == "kafka-" + mode], orphans=(1, 1))

    def test_kserve_as_the_cloudevents_library_writes_it(self):
        """The events of the file in binary mode, by the library in both modes."""
        expected = [each for each in lines("kserve_expected.jsonl") if "orphan" not in each and each["mode"] == "kafka-binary"]
        headers = [("ce_type", "org.kubeflow.serving.inference.{half}"), ("ce_id", "tick-{partition}"), ("ce_time", "2013-03-05T06:00:00Z")]
        for mode in ("binary", "structured"):
            with self.subTest(mode=mode):
                written = rig.run_in_venv("write_cloudevents.py", [mode], (FORMATS / "kserve_binary.jsonl").read_text())
                topic = self.kafka.topic("events", partitions=3)
                records = [record(topic, at % 3, json.loads(line)) for at, line in enumerate(written.splitlines())]
                watched = self.watched({"topic": topic, "format": "kserve", "fields": {"values": CODES}}, {"max_delay": "1d"})
                ticks = self.ticks([topic, topic], 3, headers, ['{"instances":[{}]}', '{"predictions":[0.5]}'])
                self.through_broker(watched, records, ticks, expected, orphans=(1, 1))

    def test_seldon_1_with_feedback(self):
        expected = [each for each in lines("seldon_expected.jsonl") if each["file"] == "v1_kafka.jsonl"]
        topic = self.kafka.topic("seldon", partitions=3)
        records = [record(topic, at % 3, line) for at, line in enumerate(lines("seldon_v1.jsonl"))]
        watched = self.watched({"topic": topic, "format": "seldon-v1", "fields": {"values": {**CODES, "label": TRUTH}}}, {"max_delay": "1d"})
        headers = [("type", "io.seldon.serving.inference.{half}"), ("requestid", "tick-{partition}")]
        ticks = self.ticks([topic, topic], 3, headers, ['{"jsonData":{}}', '{"jsonData":{"score":0.5}}'])
        self.through_broker(watched, records, ticks, expected, joined=9)

    def test_seldon_2_on_two_topics(self):
        expected = [each for each in lines("seldon_expected.jsonl") if each["file"] == "v2_kafka.jsonl"]
        inputs, outputs = self.kafka.topic("inputs", partitions=2), self.kafka.topic("outputs", partitions=2)
        records = [record(outputs if line["topic"].endswith(".outputs") else inputs, at // 2 % 2, line)
                   for at, line in enumerate(lines("seldon_v2.jsonl"))]
        watched = self.watched({"topic": inputs, "responses": outputs, "format": "seldon-v2"}, {"max_delay": "1d"})
        tensor = '"name":"score","shape":[1,1],"datatype":"FP64","data":[0.5]'
        ticks = self.ticks([inputs, outputs], 2, [], ['{"inputs":[{%s}]}' % tensor, '{"outputs":[{%s}]}' % tensor])
        self.through_broker(watched, records, ticks, expected)
