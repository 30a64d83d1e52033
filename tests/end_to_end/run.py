"""Runs every end-to-end test (or those that are named: run.py test_counts test_alert.AlertTest) and says how long each took."""
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import rig  # noqa: E402


class Result(unittest.TextTestResult):
    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.stream.writeln(f"    {time.monotonic() - self.began:.1f} s")


def main():
    for needed in (rig.MONITORD, rig.MONITORCTL, rig.KAFKA):
        if not needed.exists():
            sys.exit(f"{needed} is missing; ./dev test makes it")
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(sys.argv[1:]) if len(sys.argv) > 1 else loader.discover(str(HERE), "test_*.py")
    return not unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite).wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
