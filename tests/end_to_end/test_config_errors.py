"""What keeps monitord from starting is said in one clear message, with file, line and key where there is one, and exit code 1."""
import json
import os
import sqlite3
import unittest

import rig
import stream
from daemon import Daemon, model

NOWHERE = "127.0.0.1:1"  # no test here needs a broker


class ConfigErrorsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.baseline, _ = stream.make_baseline(rig.folder("config-errors"))

    def daemon(self, **of_model):
        return Daemon(NOWHERE, [{**model("m", self.baseline, "t"), **of_model}])

    def refused(self, daemon, *expected, check=True):
        """Runs it to its end; every text of `expected` stands in the one line that it says."""
        for arguments in ([["--check"]] if check else []) + [[]]:
            done = rig.run([rig.MONITORD, "--config", daemon.config_file, *arguments], check=False)
            self.assertEqual(done.returncode, 1, done)
            faults = [line for line in done.stderr.splitlines() if line.strip()]
            self.assertEqual(len(faults), 1, done.stderr)
            for text in expected:
                self.assertIn(text, faults[0])

    def place(self, daemon, key):
        """file:line of a key, as the message must name it."""
        lines = daemon.config_file.read_text().splitlines()
        return f"{daemon.config_file}:{1 + next(i for i, line in enumerate(lines) if line.strip().startswith(json.dumps(key)))}: "

    def test_unknown_key(self):
        daemon = self.daemon(setp="1d")
        self.refused(daemon, self.place(daemon, "setp") + "models[0].setp: unknown key", "did you mean `step`?")

    def test_wrong_unit(self):
        daemon = self.daemon(window="7 days")
        self.refused(daemon, self.place(daemon, "window") + "models[0].window: `7 days` is no duration", "7d")

    def test_missing_baseline(self):
        daemon = self.daemon(baseline="nowhere.json")
        self.refused(daemon, self.place(daemon, "baseline") + "models[0].baseline: there is no ", "nowhere.json", "monitorctl baseline build")

    def test_baseline_that_is_none(self):
        daemon = self.daemon(baseline="empty.json")
        (daemon.folder / "empty.json").write_text("{}")
        self.refused(daemon, "empty.json")

    def test_step_that_is_no_multiple_of_pane(self):
        daemon = self.daemon(step="7m", window="70m")
        self.refused(daemon, self.place(daemon, "step") + "models[0].step: `step` (7m)", "no multiple of `pane` (5m)")

    def test_missing_file_and_missing_argument(self):
        daemon = self.daemon()
        daemon.config_file.unlink()
        self.refused(daemon, str(daemon.config_file), "No such file or directory")
        done = rig.run([rig.MONITORD], check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--config is missing", done.stderr)

    def test_a_sound_file_passes_the_check_without_a_broker(self):
        self.assertEqual(rig.run([rig.MONITORD, "--config", self.daemon().config_file, "--check"]).returncode, 0)

    def test_unwritable_state_folder(self):
        daemon = self.daemon()
        daemon.config["state"] = "/proc/monitord" if os.geteuid() == 0 else "/monitord"
        daemon.write_config()
        self.refused(daemon, daemon.config["state"], check=False)

    def test_state_folder_that_is_a_file(self):
        daemon = self.daemon()
        (daemon.folder / "state").write_text("")
        self.refused(daemon, str(daemon.folder / "state"), check=False)

    def test_locked_state_folder(self):
        daemon = self.daemon()
        daemon.start(ready=False)
        try:
            rig.wait_until(lambda: self.alive(daemon), "the first monitord")
            second = self.daemon()
            second.config["state"] = str(daemon.folder / "state")
            second.write_config()
            self.refused(second, str(daemon.folder / "state"), check=False)
            self.assertTrue(self.alive(daemon))
        finally:
            daemon.kill()

    @staticmethod
    def alive(daemon):
        try:
            return daemon.request("/healthz")[0] == 200
        except OSError:
            return False

    def test_state_of_a_newer_version(self):
        daemon = self.daemon()
        daemon.start(ready=False)
        rig.wait_until(lambda: self.alive(daemon), "monitord")
        self.assertEqual(daemon.stop()[0], 0)
        database = daemon.folder / "state" / "monitord.db"
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA user_version = 9999")
        connection.close()
        self.refused(daemon, str(daemon.folder / "state"), "9999", check=False)
        with sqlite3.connect(database) as connection:
            self.assertEqual(connection.execute("PRAGMA user_version").fetchone(), (9999,))
        connection.close()
