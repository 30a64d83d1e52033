"""whylogs: batches as data frames into one profile (its quick way; row by row it is ten times slower), drift scores against training's profile at the end."""
import harness
import orjson
import pandas as pd
from harness import CATEGORIES, FEATURES, NUMBERS
from whylogs.core import DatasetProfile
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores


class Peer:
    batch = 10_000

    def __init__(self, training):
        self._reference, self._profile = DatasetProfile(), DatasetProfile()
        self._reference.track(pd.read_csv(training)[FEATURES].astype({name: float for name in NUMBERS}))

    def take(self, messages):
        frame = pd.DataFrame([orjson.loads(message)["features"] for message in messages], columns=FEATURES)
        self._profile.track(frame.astype({name: float for name in NUMBERS}))

    def result(self):
        view = self._profile.view()
        scores = calculate_drift_scores(target_view=view, reference_view=self._reference.view(), with_thresholds=True)
        summary = view.to_pandas()
        return {"missing": {name: int(summary["counts/null"][name]) for name in NUMBERS},
                "categories": {name: int(summary["counts/n"][name]) for name in CATEGORIES},
                "medians": {name: float(summary["distribution/median"][name]) for name in NUMBERS},
                "alarms": sum(1 for score in scores.values() if score and score["drift_category"] == "DRIFT")}


if __name__ == "__main__":
    harness.main(Peer)
