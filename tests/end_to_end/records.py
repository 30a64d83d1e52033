"""Records as producers write them, and times as they are written."""
import dataclasses
import datetime
import json
from typing import Optional


@dataclasses.dataclass
class Record:
    topic: str
    value: Optional[bytes]
    timestamp_ms: int
    partition: int = 0
    key: Optional[str] = None
    headers: Optional[list] = None


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def request(topic, partition, seconds, model, id, features, version=None, **more):
    """One inference in the project's flat JSON, with its Kafka timestamp equal to its own."""
    record = {"id": id, "model": model, "timestamp": rfc3339(seconds), "features": features, **more}
    if version is not None:
        record["version"] = version
    return Record(topic, json.dumps(record, separators=(",", ":")).encode(), int(seconds * 1000), partition)
