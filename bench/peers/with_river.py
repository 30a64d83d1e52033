"""river: one detector per number, each with its defaults, fed value by value as its documentation has it; categories it has no detector for."""
import harness
import orjson
from harness import NUMBERS
from river import drift


class Peer:
    batch = 1_000

    def __init__(self, training, detector):
        self._detectors = {name: getattr(drift, detector)() for name in NUMBERS}
        self._missing, self._alarms = dict.fromkeys(NUMBERS, 0), 0

    def take(self, messages):
        for message in messages:
            features = orjson.loads(message)["features"]
            for name, detector in self._detectors.items():
                value = features[name]
                if value is None:
                    self._missing[name] += 1
                    continue
                detector.update(value)
                if detector.drift_detected:
                    self._alarms += 1

    def result(self):
        return {"missing": self._missing, "alarms": self._alarms}


if __name__ == "__main__":
    harness.main(Peer)
