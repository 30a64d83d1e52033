"""Topics of Avro, written by fastavro and by confluent-kafka's serializer with a schema registry: every record counts as the same record in
JSON does, though its schema changes in the middle of the stream and the registry is away while monitord is killed; and the same by replay."""
import base64
import csv
import gzip
import itertools
import json
import unittest

import broker
import rig
from daemon import Daemon, model
from records import Record, request, seconds_of
from registry import Registry

FIRST = seconds_of("2013-03-01T00:00:00Z")
LATER = seconds_of("2013-03-20T00:00:00Z")
NUMBERS = ["distance", "seats", "plane_age", "temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
TEXTS = ["carrier", "origin", "dest"]
USER, PASSWORD = "monitord", "s3cret"


def schema_of(version):
    """Version 2 has the features in another order, one of them as an enum, one more, and the score further up."""
    numbers = [{"name": name, "type": ["null", "double"]} for name in NUMBERS]
    texts = [{"name": name, "type": "string"} for name in TEXTS]
    hour = {"name": "hour", "type": "int"}
    if version == 2:
        days = {"type": "enum", "name": "Day", "symbols": ["sat", "sun", "mon", "tue", "wed", "thu", "fri"]}
        numbers = numbers[::-1] + [{"name": "gate", "type": ["null", "string"]}]
        weekday = {"name": "weekday", "type": days}
    else:
        weekday = {"name": "weekday", "type": "string"}
    features = {"type": "record", "name": "Features", "fields": [weekday, *numbers, hour, *texts]}
    score = {"name": "score", "type": "float" if version == 1 else "double"}
    fields = [{"name": "id", "type": "string"}, {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
              {"name": "features", "type": features}, {"name": "prediction", "type": "string"}]
    fields.insert(4 if version == 1 else 1, score)
    return json.dumps({"type": "record", "name": "Flight", "namespace": "air", "fields": fields})


def flights(count):
    """Rows of the training file as records of JSON, six minutes apart."""
    with gzip.open(rig.DATA / "flights" / "train.csv.gz", "rt") as file:
        for at, row in enumerate(itertools.islice(csv.DictReader(file), count)):
            features = {name: float(row[name]) if row[name] else None for name in NUMBERS}
            features.update({name: row[name] for name in [*TEXTS, "weekday"]}, hour=int(row["hour"]))
            yield {"id": f"f{at}", "seconds": FIRST + 360 * at, "features": features, "prediction": row["prediction"],
                   "score": at % 64 / 64}


def as_avro(registry, topic, version, records, library):
    """The records as messages, by one of the libraries; the schema is in the registry then."""
    number = registry.register(topic + "-value", schema_of(version))
    asked = {"subject": topic + "-value", "schema": schema_of(version), "id": number,
             "records": [{**record, "at": {"$ms": int(record["seconds"] * 1000)}} for record in records]}
    for record in asked["records"]:
        del record["seconds"]
        if version == 2:
            record["features"] = {**record["features"], "gate": "B4"}
    written = rig.run_in_venv("write_avro.py", [library, registry.url, f"{USER}:{PASSWORD}"], json.dumps(asked))
    return [base64.b64decode(line) for line in written.split()]


class AvroTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = broker.shared()
        folder = rig.folder("avro")
        training = folder / "train.csv"
        training.write_bytes(gzip.decompress((rig.DATA / "flights" / "train.csv.gz").read_bytes()))
        cls.baselines = {name: rig.build_baseline(training, folder / f"{name}-1.baseline.json", "--model", name) for name in ("json", "avro", "flat")}
        (folder / "registry-password").write_text(PASSWORD + "\n")
        cls.password = folder / "registry-password"

    def watched(self, name, requests, **more):
        watched = model(name, self.baselines[name], requests["topic"], version="1", positive="late", pane="5m", step="1d", window="1d",
                        allowed_lateness="1h", **more)
        watched["requests"] = requests
        return watched

    def registry_of(self, registry):
        return {"url": registry.url + "/", "user": USER, "password_file": str(self.password)}

    def test_a_schema_that_changes_while_the_registry_is_away(self):
        registry = Registry(USER, PASSWORD)
        self.addCleanup(registry.stop)
        plain, binary = self.kafka.topic("plain"), self.kafka.topic("binary", partitions=2)
        rows = list(flights(400))
        halves = rows[:200], rows[200:]
        tick = {**rows[0], "id": "tick", "seconds": LATER}

        def in_json(records):
            return [request(plain, 0, row["seconds"], "json", row["id"], row["features"], prediction=row["prediction"], score=row["score"])
                    for row in records]

        def in_avro(version, records, library, partition):
            messages = as_avro(registry, binary, version, records, library)
            return [Record(binary, message, int(row["seconds"] * 1000), partition) for row, message in zip(records, messages)]

        first = in_avro(1, halves[0], "confluent", 0)
        changed = in_avro(2, halves[1][:100], "fastavro", 0) + in_avro(1, halves[1][100:150], "fastavro", 0) + \
            in_avro(2, halves[1][150:], "confluent", 0)
        cached = in_avro(1, [{**row, "id": "again-" + row["id"]} for row in halves[0][-9:]], "confluent", 1)
        ticks = in_avro(2, [tick], "fastavro", 0) + in_avro(1, [{**tick, "id": "tick-1"}], "fastavro", 1)
        models = [self.watched("json", {"topic": plain}),
                  self.watched("avro", {"topic": binary, "format": "avro", "fields": {"timestamp": "at"}})]
        with Daemon(self.kafka.address, models, schema_registry=self.registry_of(registry)) as daemon:
            self.kafka.send(in_json(halves[0]) + first)
            daemon.wait_received({"json": 200, "avro": 200})
            registry.stop()
            self.kafka.send(in_json(halves[1]) + changed)
            # The other topic goes on; the first record of the unknown schema waits, through a crash too.
            daemon.wait_received({"json": 400, "avro": 200})
            rig.wait_until(lambda: "the schema registry cannot be asked" in daemon.log(), "the outage to be logged")
            daemon.kill()
            daemon.start()
            # A schema that was met before needs no registry.
            self.kafka.send(cached)
            daemon.wait_received({"json": 400, "avro": 209})
            self.assertEqual(daemon.models()["avro"]["lag"], 200)
            self.assertEqual(daemon.models()["avro"]["rejected"], 0)
            registry.start()
            daemon.wait_received({"avro": 409})
            self.kafka.send(in_json([tick]) + ticks)
            daemon.wait_received({"json": 401, "avro": 411})
            shown = daemon.models()
            self.assertEqual([shown["avro"][key] for key in ("counted", "late", "rejected", "skipped")], [411, 0, 0, 0])
            days = {name: rig.wait_until(lambda: [w for w in daemon.windows(name)][:2] if len(daemon.windows(name)) >= 2 else None, "two days")
                    for name in ("json", "avro")}
            of = {name: next(w for w in windows if w["start"] == "2013-03-02T00:00:00Z") for name, windows in days.items()}
            self.assertEqual(of["avro"]["count"], 160)
            self.assertEqual(len(of["avro"]["features"]), len(of["json"]["features"]))
            for mine, other in zip(of["avro"]["features"], of["json"]["features"]):
                for key in ("name", "count", "missing", "mean", "psi"):
                    self.assertEqual(mine[key], other[key], (mine["name"], key))
            self.assertEqual(len([path for _, path in registry.asked if path == "/schemas/ids/1"]), 1, "a schema is fetched once")
        self.by_replay(models[1], registry, first + changed + cached + ticks, shown["avro"])

    def by_replay(self, watched, registry, records, shown):
        folder = rig.folder("replay")
        with open(folder / "requests.jsonl", "w") as out:
            for each in records:
                print(json.dumps({"key": each.key, "value": base64.b64encode(each.value).decode(), "encoding": "base64",
                                  "timestamp": each.timestamp_ms}), file=out)
        config = folder / "monitord.yaml"
        config.write_text(json.dumps({"state": "state", "kafka": {"brokers": "none:1"}, "models": [watched],
                                      "schema_registry": self.registry_of(registry)}))
        done = rig.run([rig.MONITORCTL, "replay", "--config", config, "--requests", folder / "requests.jsonl", "--json"])
        replayed = json.loads(done.stdout)["models"][0]
        # Partition 1's come behind all others where all is one file.
        self.assertEqual(replayed["counted"] + replayed["late"], shown["counted"])
        self.assertEqual(replayed["rejected"], 0)
        self.assertFalse((folder / "state").exists(), "a replay writes nothing")

    def test_what_cannot_be_read_says_what_it_is(self):
        registry = Registry(USER, PASSWORD)
        self.addCleanup(registry.stop)
        topic, truth, flat = self.kafka.topic("odd"), self.kafka.topic("truth"), self.kafka.topic("flat")
        row = next(flights(1))
        good = as_avro(registry, topic, 1, [row], "confluent")[0]
        proto = registry.register("p", 'syntax = "proto3"; message M {}', "PROTOBUF")
        behind = registry.register("j", "{}", "JSON")
        point = registry.register("point", json.dumps({"type": "record", "name": "Truth", "fields": [{"name": "label", "type": "string"}]}))
        truths = registry.register("truth", json.dumps(
            {"type": "record", "name": "T", "fields": [{"name": "id", "type": "string"}, {"name": "outcome", "type": "Truth"},
                                                       {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}}]}),
            references=[{"name": "Truth", "subject": "point", "version": 1}])
        self.assertEqual(point, truths - 1)

        def prefixed(number, body):
            return b"\0" + number.to_bytes(4, "big") + body

        def long(value):
            value, out = value << 1, b""
            while value >= 0x80:
                value, out = value >> 7, out + bytes([value & 0x7F | 0x80])
            return out + bytes([value])

        json_row = json.dumps({"id": "j", "at": int(FIRST * 1000), "features": row["features"], "prediction": "late", "score": 0.5}).encode()
        values = [good, prefixed(proto, b"\x0a\x01a"), prefixed(99, b"abc"), good[:-1], prefixed(behind, json_row), json_row, b"\xff\xfe\x01\x02"]
        label = long(2) + b"f0" + long(4) + b"late" + long(int((FIRST + 60) * 1_000_000))
        watched = [self.watched("avro", {"topic": topic, "format": "avro", "fields": {"timestamp": "at"}},
                                labels={"topic": truth, "format": "avro", "fields": {"label": "outcome.label", "timestamp": "at",
                                                                                     "where": {"outcome.label": {"not": "cancelled"}}}}),
                   self.watched("flat", {"topic": flat})]
        cancelled = long(2) + b"f1" + long(9) + b"cancelled" + long(int((FIRST + 60) * 1_000_000))
        with Daemon(self.kafka.address, watched, schema_registry=self.registry_of(registry)) as daemon:
            now = int((FIRST + 100) * 1000)
            self.kafka.send([Record(topic, value, now) for value in values] + [Record(flat, good, now)] +
                            [Record(truth, prefixed(truths, each), now) for each in (label, cancelled)])
            daemon.wait_received({"avro": 7, "flat": 1})
            series = daemon.metrics()
            for reason, count in (("schema", 2), ("avro", 1), ("encoding", 1), ("json", 0)):
                self.assertEqual(series[f'model_monitor_rejects_total{{model="avro",reason="{reason}"}}'], count, reason)
            self.assertEqual(daemon.models()["avro"]["counted"], 3)
            hints = {reject["hint"] for reject in daemon.get("/api/v1/rejects")["rejects"]}
            self.assertEqual(hints, {f"schema id {proto}: Protobuf is not supported", "schema id 99: it is not in the registry",
                                     "the bytes are not of schema id 1", None,
                                     "Avro or Protobuf, schema id 1; `format: avro` reads Avro"})
            printed = rig.run([rig.MONITORCTL, "rejects", "--url", f"http://127.0.0.1:{daemon.port}"]).stdout
            self.assertIn("Protobuf is not supported", printed)
            # A schema in parts, one of them by reference; what `where:` leaves out is counted.
            rig.wait_until(lambda: daemon.metrics().get('model_monitor_labels_total{model="avro",result="joined"}') == 1, "the label to be joined")
            rig.wait_until(lambda: daemon.models()["avro"]["labels"]["skipped"] == 1, "the label that is left out to be counted")
            self.assertEqual(daemon.metrics()['model_monitor_labels_total{model="avro",result="skipped"}'], 1)
            self.assertIn("1 skipped", rig.run([rig.MONITORCTL, "status", "--url", f"http://127.0.0.1:{daemon.port}"]).stdout)
