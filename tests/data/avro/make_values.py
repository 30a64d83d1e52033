"""Writes values.json: Avro messages written by fastavro, and what they are read as (monitor/ingest/avro/avro_scalar.h).

    python3 -m venv v && v/bin/pip install fastavro==VERSION && v/bin/python make_values.py      (VERSION: tests/end_to_end/requirements.txt)

What is expected comes from the Python values, not from any decoder.
"""
import base64
import datetime
import decimal
import io
import json
import pathlib
import random
import uuid

import fastavro

D = decimal.Decimal
decimal.getcontext().prec = 100


def time_text(value):
    """As RFC 3339, with a fraction of three or six digits only where there is one."""
    text = value.replace(microsecond=0, tzinfo=None).isoformat()
    us = value.microsecond
    if us:
        text += f".{us // 1000:03d}" if us % 1000 == 0 else f".{us:06d}"
    return text


def record(*fields):
    return {"type": "record", "name": "R", "namespace": "a.b", "fields": [{"name": name, "type": kind} for name, kind in fields]}


def logical(kind, name, **more):
    return {"type": kind, "logicalType": name, **more}


def main():
    rng = random.Random(8)
    utc = datetime.timezone.utc
    cases = []

    def case(name, schema, value, expected, **options):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value, **options)
        cases.append({"name": name, "schema": schema, "message": base64.b64encode(out.getvalue()).decode(), "expected": expected})

    for number in (0, -1, 1, 63, 64, -64, -65, 2**31 - 1, -2**31, 2**53 + 1, 2**63 - 1, -2**63):
        case(f"long {number}", record(("x", "long")), {"x": number}, {"x": number})
    for number in (0.0, 0.1, -2.5, 1e300, 5e-324, 123456.789, 1 / 3):
        case(f"double {number}", record(("x", "double")), {"x": number}, {"x": number})
    case("float", record(("x", "float")), {"x": 0.10000000149011612}, {"x": 0.10000000149011612})
    case("texts", record(("a", "string"), ("b", "string")), {"a": 'quote " and \\ and \n', "b": "Zürich 🚲"},
         {"a": 'quote " and \\ and \n', "b": "Zürich 🚲"})
    case("bytes that are text", record(("x", "bytes")), {"x": "Zürich".encode()}, {"x": "Zürich"})
    case("bytes that are none", record(("x", "bytes")), {"x": b"\x00\xff\xe9a"}, {"x": "\x00ÿéa"})
    case("fixed", record(("x", {"type": "fixed", "name": "F", "size": 4})), {"x": b"ab\xfe!"}, {"x": "abþ!"})
    case("enum", record(("x", {"type": "enum", "name": "E", "symbols": ["late", "ontime"]})), {"x": "ontime"}, {"x": "ontime"})
    case("union", record(("a", ["null", "double"]), ("b", ["null", "double"]), ("c", ["string", "long", "boolean"])),
         {"a": None, "b": 1.5, "c": True}, {"a": None, "b": 1.5, "c": True})
    case("array and map", record(("a", {"type": "array", "items": "double"}), ("m", {"type": "map", "values": ["null", "long"]})),
         {"a": [1.5, 2.5], "m": {"k": 7, "n": None}}, {"a": [1.5, 2.5], "m": {"k": 7, "n": None}})
    case("empty array and map", record(("a", {"type": "array", "items": "double"}), ("m", {"type": "map", "values": "long"})),
         {"a": [], "m": {}}, {"a": [], "m": {}})
    point = {"type": "record", "name": "Point", "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "Point"]}]}
    case("a type within itself", record(("p", point), ("q", ["null", "a.b.Point"])),
         {"p": {"v": 1, "next": {"v": 2, "next": None}}, "q": {"v": 3, "next": None}},
         {"p": {"v": 1, "next": {"v": 2, "next": None}}, "q": {"v": 3, "next": None}})

    for text in ("0", "0.01", "-0.01", "12.34", "-12.34", "99999999999999999999.99", "-170141183460469231731687303715884105728.00", "1.28", "-1.28"):
        value = D(text).quantize(D("0.01"))
        expected = format(value, "f")
        case(f"decimal in bytes {text}", record(("x", logical("bytes", "decimal", precision=60, scale=2))), {"x": value}, {"x": expected})
        if abs(value) < 10**20:
            kind = {"type": "fixed", "name": "F", "size": 16, "logicalType": "decimal", "precision": 38, "scale": 2}
            case(f"decimal in fixed {text}", record(("x", kind)), {"x": value}, {"x": expected})
    case("decimal without scale", record(("x", logical("bytes", "decimal", precision=10))), {"x": D(-255)}, {"x": "-255"})
    for number in range(40):
        scale = rng.randrange(0, 30)
        value = D(rng.randrange(-10**rng.randrange(1, 60), 10**60)).scaleb(-scale)
        case(f"decimal at random {number}", record(("x", logical("bytes", "decimal", precision=76, scale=scale))), {"x": value},
             {"x": format(value, "f")})

    for day in ("2013-03-02", "1970-01-01", "1969-12-31", "2100-02-28"):
        case(f"date {day}", record(("x", logical("int", "date"))), {"x": datetime.date.fromisoformat(day)}, {"x": day})
    for text in ("06:00:00", "00:00:00.001000", "23:59:59.123000"):
        value = datetime.time.fromisoformat(text)
        expected = time_text(datetime.datetime.combine(datetime.date(2000, 1, 1), value))[11:]
        case(f"time-millis {text}", record(("x", logical("int", "time-millis"))), {"x": value}, {"x": expected})
    value = datetime.time(23, 59, 59, 123456)
    case("time-micros", record(("x", logical("long", "time-micros"))), {"x": value}, {"x": "23:59:59.123456"})
    for text in ("2013-03-02T06:00:00", "2013-03-02T06:00:00.250000", "1969-12-31T23:59:59.999000", "2200-01-01T00:00:00"):
        value = datetime.datetime.fromisoformat(text).replace(tzinfo=utc)
        for kind in ("timestamp-millis", "timestamp-micros"):
            case(f"{kind} {text}", record(("x", logical("long", kind))), {"x": value}, {"x": time_text(value) + "Z"})
        for kind in ("local-timestamp-millis", "local-timestamp-micros"):
            case(f"{kind} {text}", record(("x", logical("long", kind))), {"x": value.replace(tzinfo=None)}, {"x": time_text(value)})
    value = datetime.datetime(2013, 3, 2, 6, 0, 0, 123456, tzinfo=utc)
    case("microseconds", record(("x", logical("long", "timestamp-micros"))), {"x": value}, {"x": "2013-03-02T06:00:00.123456Z"})
    case("a time beyond nanoseconds", record(("x", logical("long", "timestamp-millis"))), {"x": 2**60}, {"x": 2**60})
    case("uuid", record(("x", logical("string", "uuid"))), {"x": uuid.UUID(int=0x1234567890ABCDEF)}, {"x": str(uuid.UUID(int=0x1234567890ABCDEF))})
    case("an unknown logical type", record(("x", logical("string", "colour"))), {"x": "red"}, {"x": "red"})
    case("a logical type on the wrong type", record(("x", logical("long", "date"))), {"x": 5}, {"x": 5})
    case("a union of logical types", record(("x", ["null", logical("long", "timestamp-millis")])),
         {"x": datetime.datetime(2013, 3, 2, tzinfo=utc)}, {"x": "2013-03-02T00:00:00Z"})

    for each in cases:  # numbers that a reader of JSON would round are compared as text
        each["exact"] = each["name"].startswith("decimal")
    here = pathlib.Path(__file__).parent
    (here / "values.json").write_text("[\n" + ",\n".join(json.dumps(each, ensure_ascii=True) for each in cases) + "\n]\n")


if __name__ == "__main__":
    main()
