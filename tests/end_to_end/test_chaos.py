"""Messages to five targets, three of them troubled or slow but alive, one gone (410), one with a wrong TLS certificate, while monitord is
killed again and again: every message reaches every healthy target, under one id, in order, with a signature that the standardwebhooks
library verifies.

CHAOS_MESSAGES=10000 is the full size; bench/README.md has what it came to.
"""
import json
import os
import random
import threading
import time
import unittest

import broker
import rig
import stream
from chaos import ChaosReceiver
from daemon import Daemon, model

MESSAGES = int(os.environ.get("CHAOS_MESSAGES", 500))  # over all targets
TARGETS = 5
SECRET = "whsec_bW9uaXRvcmQgdGVzdCBzZWNyZXQgMDEyMzQ1Njc4OQ=="
MINUTE = 60
RUN = 12  # records of a minute; seven faulty ones are enough to fire, seven good ones to resolve
RETRY_AFTER = 8


class ChaosTest(unittest.TestCase):
    def test_every_message_arrives_once_in_order(self):
        webhook = rig.standardwebhooks().Webhook(SECRET)
        seed = int(os.environ.get("SEED", random.randrange(1_000_000)))
        print(f"SEED={seed}", end=" ", flush=True)

        def signed(headers, body):
            webhook.verify(body, headers)  # throws what the library throws
            try:
                webhook.verify(body + b" ", headers)
            except Exception:
                return True
            return False

        kafka = broker.shared()
        folder = rig.folder("chaos")
        baseline, _ = stream.make_baseline(folder)
        topic = kafka.topic("chaos", partitions=1)
        rig.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=elsewhere.example.com",
                 "-keyout", folder / "key.pem", "-out", folder / "cert.pem"])
        per_target = MESSAGES // TARGETS
        targets = {
            "calm": ChaosReceiver(accepts=signed),
            "flaky": ChaosReceiver(["hang", 500, "reset", (429, RETRY_AFTER), "cut", 503], every=max(20, per_target // 30), accepts=signed),
            "slow": ChaosReceiver(["drip"], every=10, accepts=signed),
            "gone": ChaosReceiver(always=410),
            "forged": ChaosReceiver(certificate=(folder / "cert.pem", folder / "key.pem")),
        }
        healthy = ("calm", "flaky", "slow")
        notify = [{"name": name, "webhook": {"url": receiver.url, "secret": SECRET}} for name, receiver in targets.items()]
        kills = []
        with Daemon(kafka.address, [model("m", baseline, topic, pane="1m", step="7d", window="7d", allowed_lateness="0s")], notify=notify) as daemon:
            feeder = Feeder(kafka, topic, seed, lambda: self.told(targets["calm"]))
            moment = random.Random(seed)
            while len(targets["calm"].taken) < per_target:
                time.sleep(moment.uniform(1, 4))  # the random moment itself
                daemon.kill()
                kills.append(time.monotonic())
                daemon.start(ready=False)
            incidents = feeder.finish()
            rig.wait_until(daemon.is_ready, "monitord to be ready after the last crash")
            daemon.wait_received({"m": feeder.sent}, 120)

            def outbox(name, **query):
                return daemon.get("/api/v1/outbox", target=name, limit=100_000, **query)["outbox"]

            def all_settled():
                return not any(outbox(name, state="pending") for name in (*healthy, "gone"))
            rig.wait_until(lambda: len([alert for alert in daemon.alerts() if alert["state"] == "resolved"]) == min(incidents, 10000), "the end of all alerts", 60)
            rig.wait_until(all_settled, lambda: str({name: len(outbox(name, state="pending")) for name in targets}), 600, 1)

            for name in healthy:
                receiver = targets[name]
                rows = outbox(name, state="delivered")
                self.assertEqual(outbox(name, state="dead"), [], name)
                self.assertEqual(list(receiver.taken), [row["id"] for row in rows], f"{name}: all of them, each once, in order")
                self.assertEqual((receiver.refused, receiver.twice), ([], []), f"{name}: refused by the signature's library; one id with two bodies")
                self.assertEqual(len(set(receiver.taken.values())), len(rows), f"{name}: one message under two ids")
                self.check_told(receiver, incidents)
            done = [fault for _, _, fault in targets["flaky"].tries if fault != 200]
            self.check_retry_after(targets["flaky"].tries, kills)

            self.assertEqual(outbox("gone", state="delivered"), [])
            self.assertTrue(all("HTTP 410" in row["error"] for row in outbox("gone", state="dead")))
            self.assertLessEqual(len(targets["gone"].tries), 2 * (len(kills) + 1), "a target that is gone is left alone")
            self.assertEqual((outbox("forged", state="delivered"), targets["forged"].tries), ([], []))
            waiting = outbox("forged", state="pending")
            self.assertIn("certificate", waiting[0]["error"])
            written = sum(len(outbox(name, state=state)) for name in targets for state in ("delivered", "dead", "pending"))
            self.assertGreaterEqual(written, MESSAGES)
            print(f"{written} messages, {incidents} incidents, {len(kills)} kills, {len(done)} faults, "
                  f"{sum(len(targets[name].tries) - len(targets[name].taken) for name in healthy)} repeated tries", end=" ", flush=True)
        for receiver in targets.values():
            receiver.close()

    def told(self, receiver):
        """How many incidents a receiver has been told of."""
        incidents = set()
        for body in map(json.loads, list(receiver.taken.values())):
            data = body["data"]
            incidents.update([each["incident"] for each in data["incidents"]] if body["type"] == "incident.digest" else [data["incident"]])
        return len(incidents)

    def check_told(self, receiver, incidents):
        """Every incident begins once and ends once, in this order, whatever was killed in between."""
        lives = {}
        for body in map(json.loads, receiver.taken.values()):
            if body["type"] == "incident.digest":  # of a start that had to catch up
                for incident in body["data"]["incidents"]:
                    lives.setdefault(incident["incident"], []).extend(("incident.firing", "incident.resolved")[:1 + (incident["state"] == "resolved")])
                self.assertEqual(body["data"]["more_incidents"], 0)
            else:
                lives.setdefault(body["data"]["incident"], []).append(body["type"])
        self.assertEqual(set(map(tuple, lives.values())), {("incident.firing", "incident.resolved")})
        self.assertEqual(len(lives), incidents)

    def check_retry_after(self, tries, kills):
        """The wait that the receiver asked for, unless monitord was killed before it had kept the answer."""
        for at, id, fault in tries:
            if isinstance(fault, tuple):
                again = next(later for later, other, _ in tries if other == id and later > at)
                killed = any(at <= kill < at + 3 * rig.PATIENCE for kill in kills)
                self.assertTrue(killed or again - at >= RETRY_AFTER - 0.5, f"{again - at:.1f} s after 429")


class Feeder(threading.Thread):
    """Minutes of records, in every second of which a feature is missing, until `finish`: every two minutes are an incident. Stays at most
    AHEAD incidents ahead of those that `told()` says a receiver knows: a digest lists no more than a message has room for, and how many come
    together while monitord starts again depends on the machine."""

    AHEAD = 20

    def __init__(self, kafka, topic, seed, told):
        super().__init__(daemon=True)
        self._kafka, self._topic, self._rng, self._stop_now, self._told = kafka, topic, random.Random(seed), threading.Event(), told
        self._minute, self.sent = 0, 0
        self.start()

    def _send(self, minutes):
        records = []
        for _ in range(minutes):
            blank = ("plan",) if self._minute % 2 == 0 else ()
            for i in range(RUN):
                seconds = stream.START + self._minute * MINUTE + i
                records.append(stream.request(self._topic, 0, seconds, "m", f"m-{self._minute}-{i}", stream.features(self._rng, blank=blank)))
            self._minute += 1
        self._kafka.send(records)
        self.sent += len(records)

    def run(self):
        while not self._stop_now.wait(0.15):
            if self._minute // 2 < self._told() + self.AHEAD:
                self._send(2)

    def finish(self):
        """Stops, closes the last minute, and returns how many incidents there were."""
        self._stop_now.set()
        self.join()
        incidents = self._minute // 2
        self._kafka.send(stream.ticks(self._topic, 1, "m", stream.START + (self._minute + 1) * MINUTE))
        self.sent += 1
        return incidents
