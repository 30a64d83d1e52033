"""kill -9 at 20 random moments of a stream: counts, windows and alerts are those of a run that nobody disturbed, and so is what people are
told: every incident begins and ends once for them, by messages of its own or in the digest of a start that had to catch up."""
import json
import os
import random
import threading
import time
import unittest

import broker
import rig
import stream
from daemon import Daemon, model
from receiver import Receiver

KILLS = 20
STEP = 6 * stream.HOUR
SPAN = 3 * 24 * stream.HOUR
COUNT = 60_000


class CrashTest(unittest.TestCase):
    def test_killed_twenty_times(self):
        seed = int(os.environ.get("SEED", random.randrange(1_000_000)))
        print(f"SEED={seed}", end=" ", flush=True)
        kafka = broker.shared()
        baseline, _ = stream.make_baseline(rig.folder("crash"))
        topic = kafka.topic("crash", partitions=4)
        receiver = Receiver()
        records = list(stream.traffic(topic, 4, "m", COUNT, SPAN, shift=lambda share: 1.0 if 0.3 < share < 0.6 else 0.0,
                                      blank=lambda share: ("plan",) if 0.7 < share < 0.75 else ()))
        records += stream.ticks(topic, 4, "m", stream.START + SPAN + STEP)

        def daemon(path):
            return Daemon(kafka.address, [model("m", baseline, topic, step="6h", window="12h", idle_after="20s")],
                          external_url="https://monitor.example.com", notify=[{"webhook": {"url": receiver.url(path)}}],
                          retrain=[{"webhook": {"url": receiver.url(path + "/train")}, "approve": "automatic"}])

        disturbed = daemon("/disturbed")
        feeder = Feeder(kafka, records)
        watcher = CounterWatcher(disturbed)
        with disturbed:
            random_moment = random.Random(seed)
            for _ in range(KILLS):
                time.sleep(random_moment.uniform(0.05, 1.2))  # the random moment itself
                disturbed.kill()
                disturbed.start(ready=False)
            feeder.join()
            rig.wait_until(disturbed.is_ready, "monitord to be ready after the last crash")
            disturbed_end = self.end_of(disturbed, receiver, "/disturbed")
            watcher.stop()
        self.assertEqual(watcher.steps_back, [])
        self.assertGreater(watcher.seen, 20)

        with daemon("/calm") as calm:
            calm_end = self.end_of(calm, receiver, "/calm")
        self.maxDiff = 4000
        self.assertEqual(disturbed_end["told"], calm_end["told"])
        for what, expected in calm_end.items():
            self.assertEqual(strip_moments(disturbed_end[what]), strip_moments(expected), what)
        self.assert_close(disturbed_end["windows"], calm_end["windows"])
        self.assertTrue(calm_end["alerts"] and calm_end["told"])

    def end_of(self, daemon, receiver, path):
        """Everything that must not depend on crashes."""
        daemon.wait_received({"m": COUNT + 4}, 60)
        windows = daemon.wait_windows("m", SPAN // STEP)
        rig.wait_until(lambda: self.ends_told(daemon, receiver, path), "every incident to end and its end to be told")
        shown = daemon.models()["m"]
        bodies = {}
        for message in receiver.messages():
            if message.path.startswith(path):
                key = (message.path[len(path):], message.id)
                self.assertEqual(bodies.setdefault(key, message.body), message.body, "one id, two bodies")
        return {"counts": {key: shown[key] for key in ("received", "counted", "late", "rejected", "skipped", "duplicates")}, "windows": windows,
                "alerts": sorted(daemon.alerts(), key=lambda alert: alert["id"]), "told": self.told(bodies.values())}

    def told(self, bodies):
        """By incident, whether its beginning and its end were told; each once, the end last."""
        lives = {}
        for body in map(json.loads, bodies):
            if body["type"] == "incident.digest":
                for incident in body["data"]["incidents"]:
                    lives.setdefault(incident["incident"], []).extend(("begin", "end")[:1 + (incident["state"] == "resolved")])
            elif body["type"] in ("incident.firing", "incident.resolved"):
                lives.setdefault(body["data"]["incident"], []).append("begin" if body["type"] == "incident.firing" else "end")
        for incident, life in lives.items():
            self.assertEqual(life, ["begin", "end"], incident)
        return set(lives)

    @staticmethod
    def ends_told(daemon, receiver, path):
        told = [message.json for message in receiver.messages() if message.path.startswith(path)]
        over = {body["data"]["incident"] for body in told if body["type"] == "incident.resolved"}
        over |= {incident["incident"] for body in told if body["type"] == "incident.digest" for incident in body["data"]["incidents"]
                 if incident["state"] == "resolved"}
        return over and {alert["incident"] for alert in daemon.alerts()} == over

    def assert_close(self, left, right):
        for a, b in zip(left, right):
            for one, other in zip(a["features"], b["features"]):
                for key in ("mean", "std", "wasserstein"):
                    if one[key] is not None:
                        self.assertAlmostEqual(one[key], other[key], delta=1e-9 * max(1, abs(one[key])))


def strip_moments(value):
    """Moments depend on the order of additions in their last bits; everything else must be equal."""
    if isinstance(value, dict):
        return {key: strip_moments(inner) for key, inner in value.items() if key not in ("mean", "std", "wasserstein")}
    return [strip_moments(inner) for inner in value] if isinstance(value, list) else value


class Feeder(threading.Thread):
    """Sends the records in small portions for as long as the crashes last."""

    def __init__(self, kafka, records, portions=100, seconds=15):
        super().__init__(daemon=True)
        self._kafka, self._records, self._portions, self._pause = kafka, records, portions, seconds / portions
        self.start()

    def run(self):
        size = len(self._records) // self._portions + 1
        for at in range(0, len(self._records), size):
            self._kafka.send(self._records[at: at + size])
            time.sleep(self._pause)


class CounterWatcher(threading.Thread):
    """Polls /metrics through all the crashes and notes every counter that is smaller than it was."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self._daemon, self._stop_now, self._last = daemon, threading.Event(), {}
        self.steps_back, self.seen = [], 0
        self.start()

    def run(self):
        while not self._stop_now.wait(0.02):
            try:
                series = self._daemon.metrics()
            except (OSError, AttributeError, ValueError):
                continue  # it is down
            self.seen += 1
            for name, value in series.items():
                if "_total" in name.split("{")[0]:
                    if value < self._last.get(name, 0):
                        self.steps_back.append((name, self._last[name], value))
                    self._last[name] = value

    def stop(self):
        self._stop_now.set()
        self.join()
