"""Evidently: the preset for data drift with its defaults on windows of 10,000 records, against all of the training file."""
import harness
import orjson
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
from harness import CATEGORIES, FEATURES, NUMBERS

DEFINITION = DataDefinition(numerical_columns=NUMBERS, categorical_columns=CATEGORIES)


class Peer:
    batch = 10_000

    def __init__(self, training):
        self._reference = Dataset.from_pandas(pd.read_csv(training)[FEATURES], data_definition=DEFINITION)
        self._report = Report([DataDriftPreset()])
        self._missing, self._present, self._drifted = pd.Series(0, NUMBERS), pd.Series(0, CATEGORIES), 0

    def take(self, messages):
        frame = pd.DataFrame([orjson.loads(message)["features"] for message in messages], columns=FEATURES).astype({name: float for name in NUMBERS})
        self._missing += frame[NUMBERS].isna().sum()
        self._present += frame[CATEGORIES].count()
        found = self._report.run(Dataset.from_pandas(frame, data_definition=DEFINITION), self._reference).dict()
        self._drifted += found["metrics"][0]["value"]["count"]

    def result(self):
        return {"missing": self._missing.to_dict(), "categories": self._present.to_dict(), "alarms": int(self._drifted)}


if __name__ == "__main__":
    harness.main(Peer)
