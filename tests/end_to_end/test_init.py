"""A new user's first minutes: `init` looks at a topic of each format and drafts a configuration; `try` understands every record of it, and the daemon
starts with it. Neither leaves a trace at the broker."""
import gzip
import json
import time
import unittest

from confluent_kafka import OFFSET_INVALID, Consumer, TopicPartition

import broker
import rig
import test_formats
from daemon import Daemon
from records import Record

FORMATS = rig.DATA / "formats"
HOUSING = rig.DATA / "california_housing"
NOW_MS = int(time.time() * 1000) - 3_600_000


def unpacked(file):
    return gzip.decompress(file.read_bytes()).decode()


class InitTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = broker.shared()
        folder = rig.folder("init")
        cls.flights, cls.housing = folder / "flights.csv", folder / "housing.csv"
        cls.flights.write_text(unpacked(rig.DATA / "flights" / "train.csv.gz"))
        cls.housing.write_text(unpacked(HOUSING / "reference.csv.gz"))
        cls.requests = [json.loads(line) for line in unpacked(HOUSING / "requests.jsonl.gz").splitlines()]

    def init(self, training, topic, *options, code=0):
        """The folder that `init` wrote, and what it said, as one line."""
        out = rig.folder("drafted")
        done = rig.run([rig.MONITORCTL, "init", training, "--brokers", self.kafka.address, "--topic", topic, "--out", out, *options], check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return out, " ".join((done.stdout + done.stderr).split())

    def tried(self, out, *options, code=0):
        done = rig.run([rig.MONITORCTL, "try", "--config", out / "monitord.yaml", "--json", *options], check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def fits(self, out, counted, **more):
        """Every record is counted and every feature matched; the configuration passes the check."""
        rig.run([rig.MONITORCTL, "config", "check", out / "monitord.yaml"])
        tried = self.tried(out)
        self.assertEqual([each["name"] for each in tried["features"] if not each["matched"]], [])
        expected = {"counted": counted, "rejected": 0, "late": 0, "skipped": 0, "duplicates": 0, **more}
        self.assertEqual({key: tried[key] for key in expected}, expected)
        return tried

    def send(self, topic, values, partitions=1, keys=None, began_ms=NOW_MS):
        self.kafka.send([Record(topic, json.dumps(value).encode() if not isinstance(value, bytes) else value, began_ms + at * 100, at % partitions,
                                keys[at] if keys else None) for at, value in enumerate(values)])

    def test_our_own_json_with_labels_and_a_daemon_beside_it(self):
        topic, labels = self.kafka.topic("housing.requests", partitions=3), self.kafka.topic("housing.labels")
        self.send(topic, self.requests, 3)
        self.send(labels, [json.loads(line) for line in unpacked(HOUSING / "labels.jsonl.gz").splitlines()])
        out, said = self.init(self.housing, topic, "--labels-topic", labels)
        self.assertIn("JSON as monitord expects it", said)
        self.assertNotIn("fields", (out / "monitord.yaml").read_text())
        tried = self.fits(out, len(self.requests))
        ids = {each["id"] for each in self.requests}
        known = sum(json.loads(line)["id"] in ids for line in unpacked(HOUSING / "labels.jsonl.gz").splitlines())
        self.assertEqual(tried["labels"]["joined"], known)
        self.assertGreater(known, 500)
        effects = {each["name"]: (each["effect_low"], each["effect_high"]) for each in tried["features"]}
        self.assertGreater(effects["Latitude"][0], 0.25)  # the source is ordered by place
        self.assertLess(effects["Population"][1], 0.25)

        group = Consumer({"bootstrap.servers": self.kafka.address, "group.id": "monitord"})
        committed = group.committed([TopicPartition(topic, each) for each in range(3)], timeout=30)
        self.assertEqual([each.offset for each in committed], [OFFSET_INVALID] * 3)
        group.close()
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["california_housing-1.baseline.json", "monitord.yaml"])

        daemon = Daemon(self.kafka.address, [])
        text = (out / "monitord.yaml").read_text().replace("california_housing-1", str(out / "california_housing-1"))
        daemon.config_file.write_text(f"listen: 127.0.0.1:{daemon.port}\n" + text)
        with daemon:
            daemon.wait_received({"california_housing": len(self.requests)})
            self.assertEqual(daemon.models()["california_housing"]["counted"], tried["counted"])

    def test_every_format_by_name(self):
        expected = test_formats.lines("sagemaker_expected.jsonl")
        calls, truth = self.kafka.topic("captures", partitions=2), self.kafka.topic("truth")
        sent = int(test_formats.SENT * 1000)
        self.send(calls, [line.encode() for line in (FORMATS / "sagemaker_capture.jsonl").read_text().splitlines()], 2, began_ms=sent)
        self.send(truth, [line.encode() for line in (FORMATS / "sagemaker_ground_truth.jsonl").read_text().splitlines()], began_ms=sent)
        out, said = self.init(self.flights, calls, "--labels-topic", truth, "--model", "flights")
        for line in ("format: sagemaker  ", "format: sagemaker-ground-truth", 'values: {label: {"0": ontime, "1": late}}'):
            self.assertIn(line, (out / "monitord.yaml").read_text())
        self.assertIn("the labels 0 and 1 of the traffic mean ontime and late", said)
        self.assertEqual(self.fits(out, sum(each["rows"] for each in expected))["labels"]["joined"], 30)

        expected = test_formats.lines("kserve_expected.jsonl")
        for mode in ("binary", "structured"):
            with self.subTest(mode=mode):
                topic = self.kafka.topic("events", partitions=3)
                self.kafka.send([test_formats.record(topic, at % 3, line) for at, line in enumerate(test_formats.lines(f"kserve_{mode}.jsonl"))])
                out, _ = self.init(self.flights, topic)
                rows = sum(each["rows"] for each in expected if each["mode"] == "kafka-" + mode and "orphan" not in each)
                tried = self.fits(out, rows, rejected=2)
                self.assertEqual({each["reason"] for each in tried["rejects"]}, {"orphan_request", "orphan_response"})

        expected = test_formats.lines("seldon_expected.jsonl")
        topic = self.kafka.topic("seldon", partitions=3)
        self.kafka.send([test_formats.record(topic, at % 3, line) for at, line in enumerate(test_formats.lines("seldon_v1.jsonl"))])
        out, _ = self.init(self.flights, topic)
        tried = self.fits(out, sum(each["rows"] for each in expected if each["file"] == "v1_kafka.jsonl"))
        self.assertEqual(tried["labels"]["joined"], 9)  # feedback

        inputs, outputs = self.kafka.topic("inputs", partitions=2), self.kafka.topic("outputs", partitions=2)
        self.kafka.send([test_formats.record(outputs if line["topic"].endswith(".outputs") else inputs, at // 2 % 2, line)
                         for at, line in enumerate(test_formats.lines("seldon_v2.jsonl"))])
        out, said = self.init(self.flights, inputs, code=2)
        self.assertIn("--responses-topic", said)
        out, _ = self.init(self.flights, inputs, "--responses-topic", outputs)
        self.fits(out, sum(each["rows"] for each in expected if each["file"] == "v2_kafka.jsonl"))

    def test_anybodys_json(self):
        """Names in another case, a pattern of time, JSON in a text, other messages on the topic, an id in the key."""
        topic = self.kafka.topic("foreign", partitions=2)
        values, keys = [], []
        for at, each in enumerate(self.requests[:400]):
            time_text = f"{each['timestamp'][8:10]}/{each['timestamp'][5:7]}/{each['timestamp'][:4]} {each['timestamp'][11:19]}"
            body = {"x": {name.lower(): value for name, value in each["features"].items()}}
            values.append({"kind": "prediction", "when": {"time": time_text}, "body": json.dumps(body),
                           "out": [{"prob": each["score"], "class": each["prediction"]}]})
            keys.append(each["id"])
            if at % 10 == 0:
                values.append({"kind": "heartbeat"})
                keys.append(None)
        self.send(topic, values, 2, keys)
        out, said = self.init(self.housing, topic)
        self.assertIn("40 of 440 messages have no features and another `kind`", said)
        self.assertIn("medinc is MedInc", said)
        drafted = (out / "monitord.yaml").read_text()
        for line in ("where: {kind: prediction}", "decode: {body: json}", 'time_format: "%d/%m/%Y %H:%M:%S"', "id: $key", 'score: "out[0].prob"'):
            self.assertIn(line, drafted)
        self.assertEqual(self.fits(out, 400, skipped=40)["with_id"], 400)

    def test_rows_and_pairs(self):
        rows, pairs = self.kafka.topic("rows"), self.kafka.topic("pairs")
        chunks = [self.requests[at:at + 4] for at in range(0, 400, 4)]
        self.send(rows, [{"call": chunk[0]["id"], "instances": [list(each["features"].values()) for each in chunk],
                          "predictions": [each["score"] for each in chunk]} for chunk in chunks])
        out, said = self.init(self.housing, rows)
        self.assertIn("order of the training file", said)
        self.fits(out, 400)
        self.send(pairs, [{"uuid": each["id"], "inputs": [{"key": name, "val": value} for name, value in each["features"].items()],
                           "y_pred": each["prediction"], "y_pred_proba": each["score"]} for each in self.requests[:300]])
        out, _ = self.init(self.housing, pairs)
        self.assertIn("{path: inputs, name: key, value: val}", (out / "monitord.yaml").read_text())
        self.fits(out, 300)

    def test_what_cannot_be_read_says_what_it_is(self):
        avro = self.kafka.topic("avro")
        self.send(avro, [b"\x00\x00\x00\x00\x2a\x02\x08abcd"] * 5)
        self.assertIn("schema 42", self.init(self.housing, avro, code=1)[1])
        other = self.kafka.topic("other")
        self.send(other, [{"id": str(at), "sensor": at} for at in range(10)])
        self.assertIn("nothing in the messages is called like a column", self.init(self.housing, other, code=1)[1])

    def test_files_are_not_overwritten(self):
        topic = self.kafka.topic("twice")
        self.send(topic, self.requests[:50])
        out, _ = self.init(self.housing, topic)
        before = (out / "monitord.yaml").read_bytes()
        again = [rig.MONITORCTL, "init", self.housing, "--brokers", self.kafka.address, "--topic", topic, "--out", out, "--model", "other"]
        done = rig.run(again, check=False)
        self.assertEqual((done.returncode, (out / "monitord.yaml").read_bytes()), (1, before))
        self.assertIn("--force", done.stderr)
        rig.run([*again, "--force"])
        self.assertNotEqual((out / "monitord.yaml").read_bytes(), before)

    def test_nothing_to_read_is_said_with_what_to_do(self):
        topic, empty = self.kafka.topic("old"), self.kafka.topic("empty")
        self.send(topic, self.requests[:50])
        out, _ = self.init(self.housing, topic)

        def fault(*options, config=None):
            file = out / "changed.yaml"
            file.write_text(config or (out / "monitord.yaml").read_text())
            done = rig.run([rig.MONITORCTL, "try", "--config", file, *options], check=False)
            self.assertEqual(done.returncode, 1, done.stdout)
            return done.stderr
        drafted = (out / "monitord.yaml").read_text()
        self.assertRegex(fault("--last", "1s"), "has no record since .*; its newest one is of 20")
        self.assertIn("is empty (1 partition)", fault(config=drafted.replace(topic, empty)))
        self.assertIn(f"near are: {topic}", fault(config=drafted.replace(f"topic: {topic}", f"topic: {topic}x")))
        began = time.monotonic()
        self.assertRegex(fault(config=drafted.replace(self.kafka.address, "127.0.0.1:1")), "no answer from 127.0.0.1:1 within 10 s: .*refused")
        self.assertLess(time.monotonic() - began, 20 * rig.PATIENCE)
