"""How many hours of a quiet month a library flags with its default settings: judges.py LIBRARY SEED RHO ROWS_AN_HOUR SECONDS

One line of JSON: hours judged until SECONDS of CPU were used (at least one), those with at least one feature flagged, features flagged, and
hours with the verdict on the whole data set where the library has one.
"""
import json
import sys
import time

import quiet_traffic
from quiet_traffic import CATEGORIES, HOURS, NUMBERS

FEATURES = NUMBERS + CATEGORIES


class Windows:
    """Judges hour after hour while there is time; `flagged(frame)` gives the number of flagged features and the verdict on all of them, or None."""

    def __init__(self, flagged):
        self._flagged = flagged

    def judge(self, month, rows, deadline):
        hours = [self._flagged(month.iloc[:rows])]
        while len(hours) < HOURS and time.process_time() < deadline:
            at = len(hours) * rows
            hours.append(self._flagged(month.iloc[at:at + rows].reset_index(drop=True)))
        return hours


def evidently(training, rows):
    """The tests that DataDriftPreset chooses, called directly: its report says the same, which the first hour checks, and takes fifteen times as long."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.legacy.calculations.stattests import get_stattest
    from evidently.legacy.core import ColumnType
    from evidently.presets import DataDriftPreset
    types = {**dict.fromkeys(NUMBERS, ColumnType.Numerical), **dict.fromkeys(CATEGORIES, ColumnType.Categorical)}
    definition = DataDefinition(numerical_columns=NUMBERS, categorical_columns=CATEGORIES)
    hours = []

    def flagged(window):
        count = 0
        for name, kind in types.items():
            test = get_stattest(training[name], window[name], kind.value, None)
            count += bool(test(training[name], window[name], kind, None).drifted)
        if not hours:
            value = Report([DataDriftPreset()]).run(*(Dataset.from_pandas(f, data_definition=definition) for f in (window, training))).dict()["metrics"][0]["value"]
            if value["count"] != count:
                raise AssertionError(f"Evidently's report flags {value['count']} features, its tests {count}")
        hours.append(count)
        return count, count >= len(types) / 2
    return Windows(flagged)


def whylogs(training, rows):
    from whylogs.core import DatasetProfile
    from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

    def view(frame):
        profile = DatasetProfile()
        profile.track(frame)
        return profile.view()
    reference = view(training)

    def flagged(window):
        scores = calculate_drift_scores(target_view=view(window), reference_view=reference, with_thresholds=True)
        return sum(1 for score in scores.values() if score and score["drift_category"] == "DRIFT"), None
    return Windows(flagged)


def scouter(training, rows):
    """The threshold is applied as its server does by default: chi-square at 5 %, the baseline taken for exact, features with more than ten rows a bin."""
    import scipy.stats
    from scouter import Drifter, PsiDriftConfig
    drifter = Drifter()
    config = PsiDriftConfig(space="bench", name="quiet", version="1.0.0", categorical_features=CATEGORIES)
    profile = drifter.create_drift_profile(training, config)
    bins = {name: len(feature["bins"]) for name, feature in json.loads(profile.model_dump_json())["features"].items()}

    def flagged(window):
        found = drifter.compute_drift(window, profile).features
        return sum(1 for name, value in found.items() if rows > 10 * bins[name] and value > scipy.stats.chi2.ppf(0.95, bins[name] - 1) / rows), None
    return Windows(flagged)


class NannyMl:
    """Wants the whole month at once, in chunks of an hour."""

    def __init__(self, training, rows):
        import nannyml
        self._calculator = nannyml.UnivariateDriftCalculator(column_names=FEATURES, chunk_size=rows).fit(training)

    def judge(self, month, rows, deadline):
        found = self._calculator.calculate(month).filter(period="analysis").to_df()
        return [(int(count), None) for count in found.xs("alert", axis=1, level=2).to_numpy().sum(axis=1)]


class River:
    """A detector per number; it needs no training."""

    def __init__(self, detector):
        from river import drift
        self._detectors = {name: getattr(drift, detector)() for name in NUMBERS}

    def judge(self, month, rows, deadline):
        hours = []
        while len(hours) < HOURS and (not hours or time.process_time() < deadline):
            window, flags = month.iloc[len(hours) * rows:(len(hours) + 1) * rows], 0
            for name, detector in self._detectors.items():
                fired = False
                for value in window[name].to_list():
                    detector.update(value)
                    fired = fired or detector.drift_detected
                flags += fired
            hours.append((flags, None))
        return hours


JUDGES = {"evidently": evidently, "whylogs": whylogs, "scouter": scouter, "nannyml": NannyMl, "adwin": lambda *_: River("ADWIN"), "kswin": lambda *_: River("KSWIN")}


def main():
    library, seed, rho, rows, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    judge = JUDGES[library](quiet_traffic.training(seed, rho), rows)
    month = quiet_traffic.month(seed, rho, rows)
    hours = judge.judge(month, rows, time.process_time() + seconds)
    print(json.dumps({"hours": len(hours), "flagged": sum(1 for flags, _ in hours if flags), "flags": int(sum(flags for flags, _ in hours)),
                      "dataset": None if hours[0][1] is None else sum(1 for _, all_of_it in hours if all_of_it)}))


main()
