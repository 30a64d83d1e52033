"""The last step of a nightly training: the new version's baseline is pushed, in force without a restart, kept, and taken back."""
import json
import unittest

import broker
import rig
import stream
from daemon import Daemon, model

TOKEN = "t0ken-of-the-test"


class BaselinesTest(unittest.TestCase):
    def test_push_list_and_roll_back(self):
        kafka = broker.shared()
        folder = rig.folder("baselines")
        first, _ = stream.make_baseline(folder)
        moved = folder / "moved.csv"
        lines = (folder / "m.csv").read_text().splitlines()
        at = lines[0].split(",").index("amount")
        rows = [line.split(",") for line in lines[1:]]
        for row in rows:
            row[at] = str(float(row[at]) + 10) if row[at] else ""
        moved.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n")
        second = rig.build_baseline(moved, folder / "m-2.baseline.json", "--model", "m", "--version", "2", "--categorical", "plan",
                                    "--numeric", "amount,fee,age")
        token = folder / "token"
        token.write_text(TOKEN)
        with Daemon(kafka.address, [model("m", first, kafka.topic("baselines"))], api_token_file=str(token)) as daemon:
            def ctl(*words, check=True):
                return rig.run([rig.MONITORCTL, "baseline", *words, "--config", daemon.config_file], check=check, env={"PATH": "/usr/bin:/bin", "USER": "ann"})

            def versions():
                listed = json.loads(ctl("list", "m", "--json").stdout)["baselines"]
                return {one["version"]: (one["source"], one["newest"]) for one in listed}

            before = versions()
            self.assertEqual(list(before.values()), [("file", True)])
            path = "/api/v1/baselines/m/2"
            self.assertEqual(daemon.request(path, "PUT", body={})[0], 401)
            self.assertEqual(daemon.request(path, "PUT", token=TOKEN, body={})[0], 400)
            self.assertEqual(daemon.request("/api/v1/baselines/m/3", "PUT", token=TOKEN, body=json.loads(second.read_text()))[0], 400)
            self.assertEqual(daemon.request("/api/v1/baselines/nobody/2", "PUT", token=TOKEN, body={})[0], 404)
            self.assertEqual(versions(), before)

            told = ctl("push", second).stdout
            self.assertIn("its training data moved: amount (PSI", told)
            self.assertNotIn("fee", told)
            self.assertIn("already", ctl("push", second).stdout)
            after = versions()
            self.assertEqual(after["2"], ("pushed", True))
            daemon.kill()
            daemon.start()
            self.assertEqual(versions(), after)

            self.assertIn("2's baseline is taken back", ctl("rollback", "m").stdout)
            self.assertEqual(versions(), before)
            refused = ctl("rollback", "m", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("was pushed", refused.stderr)
            daemon.hang_up()

            def audit():
                return [(one["action"], one["model"], one["subject"], one["by"]) for one in daemon.get("/api/v1/audit")["audit"]]
            rig.wait_until(lambda: len(audit()) == 3, lambda: f"three things in the audit: {audit()}")
            self.assertEqual(audit()[:2], [("baseline_push", "m", "2", "ann"), ("baseline_rollback", "m", "2", "ann")])
            self.assertEqual((audit()[2][0], audit()[2][2]), ("reload", str(daemon.config_file)))
            self.assertIn("baseline rollback", rig.run([rig.MONITORCTL, "audit", "--config", daemon.config_file]).stdout)
