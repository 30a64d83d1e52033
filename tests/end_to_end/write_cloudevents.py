"""Events of tests/data/formats written anew by the `cloudevents` library, as Kafka messages; run by the Python of build/venv.

    write_cloudevents.py binary|structured < lines of kserve_binary.jsonl      → the same lines, by the library in that mode
"""
import base64
import json
import sys

from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from dateutil.parser import isoparse


def event_of(line):
    attributes = {name.removeprefix("ce_"): text for name, text in line["headers"].items()}
    attributes["datacontenttype"] = attributes.pop("content-type")
    attributes["time"] = isoparse(attributes["time"])
    value = base64.b64decode(line["value"]) if line["encoding"] == "base64" else line["value"].encode()
    return CloudEvent(attributes=attributes, data=json.loads(value))


def main():
    write = {"binary": kafka.to_binary, "structured": kafka.to_structured}[sys.argv[1]]
    for text in sys.stdin:
        message = write(event_of(json.loads(text)), JSONFormat())
        print(json.dumps({"key": message.key, "headers": {name: value.decode() for name, value in message.headers.items()},
                          "value": base64.b64encode(message.value).decode(), "encoding": "base64"}))


if __name__ == "__main__":
    main()
