"""A team that leaves SageMaker Model Monitor: its files become a baseline that watches, and what is found goes out in its layout."""
import json
import unittest

import broker
import rig
import stream
from daemon import Daemon, model

DAY = 24 * stream.HOUR


class SageMakerTest(unittest.TestCase):
    def test_in_and_out(self):
        kafka = broker.shared()
        folder = rig.folder("sagemaker")
        trained, _ = stream.make_baseline(folder)
        rig.run([rig.MONITORCTL, "baseline", "export", "sagemaker", trained, "-o", folder])
        imported = folder / "m-1.baseline.json"
        rig.run([rig.MONITORCTL, "baseline", "import", "sagemaker", folder / "statistics.json", folder / "constraints.json", "--model", "m",
                 "-o", imported, "--rules", folder / "rules.yaml"])
        same = rig.run([rig.MONITORCTL, "drift", "--baseline", imported, folder / "m.csv", "--json"])
        self.assertEqual(json.loads(same.stdout)["verdict"], "ok")
        topic = kafka.topic("sagemaker")
        # From the middle on `amount` has moved and `fee` is gone.
        traffic = stream.traffic(topic, 1, "m", 20_000, 4 * DAY, shift=lambda share: 3 if share >= 0.5 else 0,
                                 blank=lambda share: ("fee",) if share >= 0.5 else ())
        kafka.send([*traffic, *stream.ticks(topic, 1, "m", stream.START + 4 * DAY + 3600)])
        with Daemon(kafka.address, [model("m", imported, topic, step="1d", window="1d")]) as daemon:
            daemon.wait_windows("m", 4)

            def violations(code):
                file = folder / "constraint_violations.json"
                done = rig.run([rig.MONITORCTL, "violations", "m", "--format", "sagemaker", "-o", file, "--config", daemon.config_file],
                               check=False)
                self.assertEqual(done.returncode, code, done.stderr)
                return json.loads(file.read_text())

            found = violations(2)
            self.assertEqual(set(found), {"violations"})
            for violation in found["violations"]:
                self.assertEqual(set(violation), {"feature_name", "constraint_check_type", "description"})
            checks = {violation["feature_name"]: violation["constraint_check_type"] for violation in found["violations"]}
            self.assertEqual(checks, {"amount": "baseline_drift_check", "fee": "missing_column_check"})
            unknown = rig.run([rig.MONITORCTL, "violations", "m", "--format", "csv", "--config", daemon.config_file], check=False)
            self.assertEqual(unknown.returncode, 1)
            self.assertIn("the only format is sagemaker", unknown.stderr)
