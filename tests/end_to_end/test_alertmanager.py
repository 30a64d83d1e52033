"""A real Alertmanager shows our alert firing, tells its own receiver, and resolves it when we do."""
import json
import unittest
import urllib.request

import broker
import rig
import stream
from daemon import Daemon, model
from receiver import Receiver

STEP = 6 * stream.HOUR


class AlertmanagerTest(unittest.TestCase):
    def test_fires_and_resolves(self):
        if not rig.ALERTMANAGER.exists():
            self.skipTest(f"{rig.ALERTMANAGER} is missing; ./dev test unpacks it")
        kafka = broker.shared()
        folder = rig.folder("alertmanager")
        baseline, _ = stream.make_baseline(folder)
        topic = kafka.topic("alertmanager", partitions=1)
        receiver, port = Receiver(), rig.free_port()
        (folder / "am.yml").write_text(json.dumps({
            "route": {"receiver": "hook", "group_by": ["model", "incident"], "group_wait": "1s", "group_interval": "1s", "repeat_interval": "1h"},
            "receivers": [{"name": "hook", "webhook_configs": [{"url": receiver.url("/am"), "send_resolved": True}]}]}))
        rig.start([rig.ALERTMANAGER, f"--config.file={folder / 'am.yml'}", f"--storage.path={folder / 'data'}",
                   f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="], folder / "am.log",
                  cwd=rig.ROOT / "build" / "tools")

        def alerts():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/alerts", timeout=5) as answer:
                    return json.load(answer)
            except OSError:
                return None

        rig.wait_until(lambda: alerts() == [], "Alertmanager to answer")
        watched = model("m", baseline, topic, step="6h", window="6h", owner="#team", runbook="https://wiki.example.com/m")
        with Daemon(kafka.address, [watched], notify=[{"alertmanager": {"url": f"http://127.0.0.1:{port}"}}]) as daemon:
            kafka.send(stream.traffic(topic, 1, "m", 5 * 1000, 5 * STEP, shift=lambda share: 1.0 if share >= 2 / 5 else 0.0))
            shown = rig.wait_until(alerts, "Alertmanager to show the alert")
            self.assertEqual(len(shown), 1)
            self.assertEqual(shown[0]["status"]["state"], "active")
            self.assertEqual((shown[0]["labels"]["alertname"], shown[0]["labels"]["model"], shown[0]["labels"]["severity"]),
                             ("ModelDataDrift", "m", "warning"))
            self.assertIn("amount", shown[0]["annotations"]["summary"])
            self.assertEqual(shown[0]["annotations"]["runbook_url"], "https://wiki.example.com/m")
            fired = receiver.wait_for(lambda message: message.json["status"] == "firing", "Alertmanager's own message").json
            # A restart of ours leaves the alert firing: it is sent again.
            before = alerts()[0]["endsAt"]
            daemon.kill()
            daemon.start()
            rig.wait_until(lambda: alerts() and alerts()[0]["endsAt"] > before, "the alert to be sent again")

            kafka.send(stream.traffic(topic, 1, "m", 8 * 1000, 8 * STEP, seed=5, start=stream.START + 5 * STEP))
            kafka.send(stream.ticks(topic, 1, "m", stream.START + 14 * STEP))
            resolved = receiver.wait_for(lambda message: message.json["status"] == "resolved", "Alertmanager to tell the end", 60).json
            self.assertEqual(resolved["alerts"][0]["fingerprint"], fired["alerts"][0]["fingerprint"])
            rig.wait_until(lambda: alerts() == [], "nothing to fire any more")
