"""An operator at work with monitorctl: acknowledge, silence, accept, approve, and the audit of it; refused without a token."""
import json
import unittest

import broker
import rig
import stream
from daemon import Daemon, model
from receiver import Receiver

STEP = 6 * stream.HOUR
TOKEN = "t0ken-of-the-test"


class ActionsTest(unittest.TestCase):
    def test_an_operator_at_work(self):
        kafka = broker.shared()
        baseline, _ = stream.make_baseline(rig.folder("actions"))
        topic = kafka.topic("actions", partitions=1)
        hooks, trainer = Receiver(), Receiver()
        token = rig.folder("token") / "token"
        token.write_text(TOKEN + "\n")
        with Daemon(kafka.address, [model("m", baseline, topic, step="6h", window="6h"), model("quiet", baseline, kafka.topic("actions-quiet"))],
                    api_token_file=str(token), notify=[{"webhook": {"url": hooks.url("/drift")}}],
                    retrain=[{"webhook": {"url": trainer.url("/train")}}]) as daemon:
            def ctl(*words, check=True, token=TOKEN, as_json=True):
                environment = {"PATH": "/usr/bin:/bin", "USER": "ann", **({"MONITORD_TOKEN": token} if token else {})}
                done = rig.run([rig.MONITORCTL, *words, "--url", f"http://127.0.0.1:{daemon.port}", *(["--json"] if as_json else [])], check=check, env=environment)
                return json.loads(done.stdout) if check and as_json else done

            silence = ctl("silence", "m", "--feature", "amount", "--for", "2h", "--comment", "tests")
            self.assertEqual((silence["model"], silence["feature"], silence["by"]), ("m", "amount", "ann"))
            kafka.send(stream.traffic(topic, 1, "m", 5 * 1000, 5 * STEP, shift=lambda share: 1.0 if share >= 2 / 5 else 0.0))
            rig.wait_until(lambda: any(alert["state"] == "firing" for alert in daemon.alerts()), "an alert")
            self.assertEqual(hooks.messages(), [], "it is silenced")

            ctl("silence", "--end", silence["id"][:8])
            fired = hooks.wait_for(lambda message: True, "what still fires when the silence ends").json
            self.assertEqual(fired["type"], "incident.firing")
            self.assertIn("awaits approval: monitorctl approve", fired["data"]["summary"])
            alert = fired["data"]["alerts"][0]["id"]

            for path in (f"/api/v1/alerts/{alert}/ack", f"/api/v1/alerts/{alert}/accept", "/api/v1/silences"):
                self.assertEqual(daemon.request(path, "POST")[0], 401)
                self.assertEqual(daemon.request(path, "POST", token="wrong")[0], 401)
            refused = ctl("ack", alert, check=False, token="")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("token", refused.stderr)

            self.assertTrue(ctl("ack", alert[:8], "--by", "bob", "--comment", "on it")["acknowledged"])
            self.assertTrue(ctl("accept", fired["data"]["incident"], "--comment", "prices rose")["alerts"][0]["accepted"])
            shown = ctl("explain", alert[:8], as_json=False).stdout
            self.assertIn("ack by bob: on it", shown)
            self.assertIn("accept by ann: prices rose", shown)
            self.assertIn("c = T/(X·w)", shown, "how the alarm was computed is kept after it is over")
            self.assertEqual(daemon.get(f"/api/v1/alerts/{alert}")["state"], "resolved", "recent traffic is the reference now")

            waiting = daemon.get("/api/v1/retrains")["retrains"]
            self.assertEqual([retrain["state"] for retrain in waiting], ["awaiting_approval"])
            self.assertEqual(trainer.messages(), [])
            self.assertEqual(ctl("approve", waiting[0]["id"][:8])["approved_by"], "ann")
            asked = trainer.wait_for(lambda message: True, "the request to train")
            self.assertEqual(asked.json["type"], "retrain.requested")
            self.assertEqual(asked.id[:16], waiting[0]["id"])
            rig.wait_until(lambda: daemon.get("/api/v1/retrains")["retrains"][0]["state"] == "accepted", "the trainer's answer")
            self.assertEqual(len(trainer.messages()), 1)

            # Everything is kept: a crash takes nothing back.
            daemon.kill()
            daemon.start()
            self.assertTrue(daemon.get(f"/api/v1/alerts/{alert}")["accepted"])
            self.assertEqual(len(daemon.get(f"/api/v1/alerts/{alert}")["actions"]), 2)
            self.assertEqual(daemon.get("/api/v1/retrains")["retrains"][0]["state"], "accepted")
            self.assertEqual(len(daemon.get("/api/v1/silences")["silences"]), 1)
            self.assertFalse(ctl("accept", alert[:8], "--undo", "--comment", "a mistake")["accepted"])
            self.assertIn("undo accept by ann: a mistake", ctl("explain", alert[:8], as_json=False).stdout)

    def test_the_outbox_and_a_sample_message(self):
        kafka = broker.shared()
        baseline, _ = stream.make_baseline(rig.folder("outbox"))
        hooks = Receiver()
        token = rig.folder("token") / "token"
        token.write_text(TOKEN)
        sink = rig.folder("command") / "messages"
        out = kafka.topic("outbox-alerts", partitions=1)
        with Daemon(kafka.address, [model("m", baseline, kafka.topic("outbox"))], api_token_file=str(token),
                    notify=[{"webhook": {"url": hooks.url("/drift")}}, {"command": ["/bin/sh", "-c", f"cat >> {sink}; echo >> {sink}"]},
                            {"kafka": {"topic": out}}]) as daemon:
            def ctl(*words, check=True):
                return rig.run([rig.MONITORCTL, *words, "--config", daemon.config_file], check=check)

            for target in ("webhook", "command", "kafka"):
                self.assertIn("took both messages", ctl("notify", "test", target).stdout)
            self.assertEqual([message.json["type"] for message in hooks.messages()], ["incident.firing", "incident.resolved"])
            self.assertEqual([json.loads(line)["type"] for line in sink.read_text().split("\n") if line], ["incident.firing", "incident.resolved"])
            copied = rig.run(["kcat", "-C", "-b", kafka.address, "-t", out, "-e", "-q", "-f", "%k %h %s\n"]).stdout.splitlines()
            self.assertEqual(len(copied), 2)
            self.assertTrue(copied[0].startswith("test id=") and "type=incident.firing" in copied[0])

            hooks.answers = [400, 410]
            failed = ctl("notify", "test", "webhook", check=False)
            self.assertEqual(failed.returncode, 1)
            self.assertIn("HTTP 400", failed.stderr)
            rig.wait_until(lambda: len(daemon.get("/api/v1/outbox", state="dead")["outbox"]) == 2, "two dead letters")
            dead = daemon.get("/api/v1/outbox", state="dead")["outbox"]
            self.assertIn("HTTP 410", dead[1]["error"])
            self.assertIn("HTTP 410", ctl("outbox", "list", "--state", "dead").stdout)
            # 410 has disabled the target; a reload tries it again, and what is dead can be sent again.
            daemon.hang_up()
            rig.wait_until(lambda: "reload" in daemon.log(), "the reload", 10)
            ctl("outbox", "retry", dead[0]["id"][:8])
            again = hooks.wait_for(lambda message: message.id == dead[0]["id"] and message.answered == 200, "the dead letter again")
            first = next(message for message in hooks.messages() if message.id == dead[0]["id"])
            self.assertEqual(again.body, first.body)
