"""NannyML: a calculator fitted on training with its default methods, windows of 10,000 records as data frames."""
import harness
import nannyml
import orjson
import pandas as pd
from harness import CATEGORIES, FEATURES, NUMBERS


class Peer:
    batch = 10_000

    def __init__(self, training):
        reference = pd.read_csv(training)[FEATURES].astype({name: float for name in NUMBERS})
        self._calculator = nannyml.UnivariateDriftCalculator(column_names=FEATURES, chunk_size=self.batch).fit(reference)
        self._missing, self._present, self._alarms = pd.Series(0, NUMBERS), pd.Series(0, CATEGORIES), 0

    def take(self, messages):
        frame = pd.DataFrame([orjson.loads(message)["features"] for message in messages], columns=FEATURES).astype({name: float for name in NUMBERS})
        self._missing += frame[NUMBERS].isna().sum()
        self._present += frame[CATEGORIES].count()
        found = self._calculator.calculate(frame).filter(period="analysis").to_df()
        self._alarms += int(found.xs("alert", axis=1, level=2).to_numpy().sum())

    def result(self):
        return {"missing": self._missing.to_dict(), "categories": self._present.to_dict(), "alarms": self._alarms}


if __name__ == "__main__":
    harness.main(Peer)
