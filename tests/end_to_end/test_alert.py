"""From drifted records to somebody's endpoint: firing, retried, resolved, Slack, and a request to train again."""
import unittest

import broker
import rig
import stream
from daemon import Daemon, model
from receiver import Receiver

SECRET = "whsec_bW9uaXRvcmQgdGVzdCBzZWNyZXQgMDEyMzQ1Njc4OQ=="
STEP = 6 * stream.HOUR


class AlertTest(unittest.TestCase):
    def test_the_life_of_an_alert(self):
        kafka = broker.shared()
        baseline, _ = stream.make_baseline(rig.folder("alert"))
        topic = kafka.topic("alerts", partitions=2)
        hooks, slack, trainer = Receiver(), Receiver(), Receiver()
        hooks.answers = [500]
        # Ten quiet steps, of which eight teach how much steps vary, two with `amount` a whole standard deviation higher, eight quiet ones.
        kafka.send(stream.traffic(topic, 2, "m", 20 * 1000, 20 * STEP, shift=lambda share: 1.0 if 10 / 20 <= share < 12 / 20 else 0.0))
        kafka.send(stream.ticks(topic, 2, "m", stream.START + 21 * STEP))
        watched = model("m", baseline, topic, step="6h", window="6h", owner="#team", runbook="https://wiki.example.com/m")
        with Daemon(kafka.address, [watched], external_url="https://monitor.example.com",
                    notify=[{"webhook": {"url": hooks.url("/drift"), "secret": SECRET}}, {"slack": {"url": slack.url("/slack")}}],
                    retrain=[{"webhook": {"url": trainer.url("/train"), "secret": SECRET}, "approve": "automatic"}]) as daemon:
            first = hooks.wait_for(lambda message: True, "the first delivery")
            self.assertEqual(first.answered, 500)
            # The second try comes 5 s later.
            again = hooks.wait_for(lambda message: message.answered == 200 and message.id == first.id, "the second try")
            self.assertEqual(again.body, first.body)
            self.assertTrue(first.signed_with(SECRET) and again.signed_with(SECRET))
            self.assertFalse(again.signed_with("another secret"))
            self.assertEqual(again.headers["content-type"].split(";")[0], "application/json")
            self.check_firing(again.json)

            resolved = hooks.wait_for(lambda message: message.json["type"] == "incident.resolved", "the end of the incident", 40)
            self.assertEqual(resolved.json["data"]["incident"], again.json["data"]["incident"])
            self.assertTrue(resolved.signed_with(SECRET))
            self.assertNotEqual(resolved.id, again.id)
            self.assertEqual([alert["state"] for alert in resolved.json["data"]["alerts"]], ["resolved"] * len(resolved.json["data"]["alerts"]))

            asked = trainer.wait_for(lambda message: True, "the request to train again")
            self.assertTrue(asked.signed_with(SECRET))
            self.assertEqual(asked.json["type"], "retrain.requested")
            self.assertEqual((asked.json["data"]["model"], asked.json["data"]["cause"]), ("m", "data_drift"))

            told = slack.wait_for(lambda message: True, "the message to Slack").json
            self.assertIn("text", told)
            self.assertTrue(0 < len(told["blocks"]) <= 50)
            self.assertIn("amount", str(told))

            shown = [alert for alert in daemon.alerts() if alert["feature"] == "amount"]
            self.assertEqual({alert["state"] for alert in shown}, {"resolved"})
            self.assertIn(again.json["data"]["alerts"][0]["id"], {alert["id"] for alert in shown})
            rig.wait_until(lambda: not sum(v for k, v in daemon.metrics().items() if k.startswith("model_monitor_outbox_pending")), "an empty outbox")
            self.assertEqual(len({message.id for message in hooks.messages()}), 2)
            self.assertEqual(len(trainer.messages()), 1)

    def check_firing(self, body):
        self.assertEqual(set(body), {"type", "timestamp", "data"})
        self.assertEqual(body["type"], "incident.firing")
        data = body["data"]
        self.assertEqual(set(data), {"incident", "model", "version", "variant", "cause", "severity", "summary", "began_at", "owner", "runbook", "url",
                                     "context", "alerts", "more", "likely", "because", "else", "retrain"})
        self.assertEqual((data["model"], data["cause"], data["owner"], data["runbook"], data["more"]),
                         ("m", "data_drift", "#team", "https://wiki.example.com/m", 0), data["summary"])
        self.assertTrue(data["url"].startswith("https://monitor.example.com"))
        alert = data["alerts"][0]
        for key in ("id", "incident", "model", "version", "variant", "monitor", "feature", "cause", "severity", "state", "began_at", "started_at",
                    "resolved_at", "summary", "value", "baseline", "threshold", "effect", "evidence", "count", "acknowledged", "url", "likely",
                    "because", "else", "retrain", "change", "where", "effect_low", "effect_high", "psi", "psi_low", "steps"):
            self.assertIn(key, alert)
        self.assertIn("amount", data["likely"])
        self.assertEqual((alert["feature"], alert["state"], alert["started_at"]), ("amount", "firing", "2024-01-03T12:00:00Z"))
        self.assertGreaterEqual(alert["evidence"], 1)
        self.assertAlmostEqual(alert["effect"], 1.0, delta=0.25)
        self.assertEqual(alert["severity"], "warning")
        self.assertIn("amount", alert["summary"])
