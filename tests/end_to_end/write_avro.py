"""Writes messages of Avro as producers do; run by the Python of build/venv, which has the libraries.

    write_avro.py fastavro|confluent REGISTRY_URL USER:PASSWORD < {"subject", "schema", "id", "records": […]}      → one base64 line a record

fastavro: the registry's five bytes and fastavro's own. confluent: confluent-kafka's AvroSerializer, which registers the schema.
Records: {"$ms": n} stands for a time, as these libraries want it.
"""
import base64
import datetime
import io
import json
import struct
import sys


def told(value):
    if isinstance(value, dict):
        if "$ms" in value:
            return datetime.datetime.fromtimestamp(value["$ms"] / 1000, datetime.timezone.utc)
        return {name: told(each) for name, each in value.items()}
    return value


def by_fastavro(asked):
    import fastavro
    schema = fastavro.parse_schema(json.loads(asked["schema"]))
    for record in asked["records"]:
        out = io.BytesIO(struct.pack(">bI", 0, asked["id"]))
        out.seek(5)
        fastavro.schemaless_writer(out, schema, told(record))
        yield out.getvalue()


def by_confluent(asked, url, credentials):
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.avro import AvroSerializer
    from confluent_kafka.serialization import MessageField, SerializationContext
    client = SchemaRegistryClient({"url": url, "basic.auth.user.info": credentials})
    serializer = AvroSerializer(client, asked["schema"])
    for record in asked["records"]:
        yield serializer(told(record), SerializationContext(asked["subject"].removesuffix("-value"), MessageField.VALUE))


def main():
    library, url, credentials = sys.argv[1:]
    asked = json.load(sys.stdin)
    for message in by_fastavro(asked) if library == "fastavro" else by_confluent(asked, url, credentials):
        print(base64.b64encode(message).decode())


if __name__ == "__main__":
    main()
