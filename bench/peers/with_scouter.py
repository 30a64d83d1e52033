"""scouter's client: records are binned by its queue against a PSI profile of training and published to Kafka, as its documentation has it; the server,
which would add them up, is not counted. At the end its messages are read back: how many records its bins hold."""
import collections
import time

import harness
import orjson
import pandas as pd
from confluent_kafka import Consumer, TopicPartition
from harness import CATEGORIES, FEATURES, NUMBERS
from scouter import Drifter, Features, KafkaConfig, PsiDriftConfig, ScouterQueue


class Peer:
    batch = 1_000

    def __init__(self, training, address, topic):
        frame = pd.read_csv(training)[FEATURES].astype({name: float for name in NUMBERS})
        # Its profile wants a value everywhere.
        config = PsiDriftConfig(space="bench", name="m0", version="1.0.0", categorical_features=CATEGORIES)
        profile = Drifter().create_drift_profile(frame.dropna(), config)
        path = profile.save_to_json()
        self._address, self._topic, self._rows = address, topic, 0
        self._queue = ScouterQueue.from_path({"m0": path}, KafkaConfig(brokers=address, topic=topic), wait_for_startup=True)

    def take(self, messages):
        queue = self._queue["m0"]
        for message in messages:
            features = orjson.loads(message)["features"]
            queue.insert(Features({name: value for name, value in features.items() if value is not None}))
        self._rows += len(messages)

    def result(self):
        """Its shutdown does not wait for what is queued, so that is waited for here, until nothing has come for two seconds."""
        reader = Consumer({"bootstrap.servers": self._address, "group.id": "reader", "enable.auto.commit": False})
        published, since = 0, time.monotonic()
        while published < self._rows // 1000 and time.monotonic() < since + 2:
            now = reader.get_watermark_offsets(TopicPartition(self._topic, 0), 5)[1]
            if now > published:
                published, since = now, time.monotonic()
            time.sleep(0.05)
        self._queue.shutdown()
        reader.assign([TopicPartition(self._topic, 0, 0)])
        counted = collections.Counter()
        for message in reader.consume(published, 10):
            for record in orjson.loads(message.value())["records"]:
                counted[record["Psi"]["feature"]] += record["Psi"]["bin_count"]
        reader.close()
        rows = max(counted.values(), default=0)
        return {"counted": rows, "missing": {name: rows - counted[name] for name in NUMBERS}, "categories": {name: counted[name] for name in CATEGORIES}}


if __name__ == "__main__":
    harness.main(Peer)
