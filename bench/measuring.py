"""What the benches share: the tests' broker and daemon, the fast producer, what a process used, and how busy the machine was."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "end_to_end"))

import rig  # noqa: E402

START = 1793491200  # 2026-11-01T00:00:00Z, a multiple of a day
_TICK = os.sysconf("SC_CLK_TCK")


def output(arguments, timeout=300, **options):
    """Runs a program that prints one line of JSON at its end."""
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=timeout, **options)
    if done.returncode != 0:
        raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def training_file(path, rows, *shape):
    with open(path, "wb") as out:
        subprocess.run([str(a) for a in (rig.BUILD / "fill_topic", "--csv", rows, *shape)], stdout=out, check=True)
    return path


def fill(broker, topic, records, *options):
    return output([rig.BUILD / "fill_topic", "--brokers", broker.address, "--topic", topic, "--records", records, "--from", START, *options])


def cpu_seconds(pid, thread=None):
    """User and system time of a process or of one of its threads."""
    path = f"/proc/{pid}/stat" if thread is None else f"/proc/{pid}/task/{thread}/stat"
    fields = pathlib.Path(path).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def threads(pid):
    """CPU seconds by thread."""
    return {int(thread): cpu_seconds(pid, thread) for thread in os.listdir(f"/proc/{pid}/task")}


def exact_cpu_seconds(pid):
    """As the scheduler counts them, which misses nothing between two ticks of its clock; of the threads that live."""
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def memory(pid):
    """Resident memory now and at its peak, in bytes."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(status[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))


def written(pid):
    """Bytes that the process gave to write calls (wchar) and that went to the device (write_bytes)."""
    io = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(io["wchar"]), int(io["write_bytes"])


class Machine:
    """How many of the processors' seconds others than `pids` used while the block ran."""

    def __init__(self, *pids):
        self._pids = pids

    @staticmethod
    def _busy():
        fields = [int(f) for f in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return (sum(fields) - fields[3] - fields[4]) / _TICK

    def __enter__(self):
        self._began, self._before = time.monotonic(), self._busy() - sum(cpu_seconds(pid) for pid in self._pids)
        return self

    def stop(self, ours=0.0):
        """`ours`: seconds used by processes that have ended since. Returns the processors that others kept busy on average."""
        now = self._busy() - sum(cpu_seconds(pid) for pid in self._pids) - ours
        return max(0.0, now - self._before) / (time.monotonic() - self._began)

    def __exit__(self, *_):
        pass


def median(values):
    return statistics.median(values)


def check(what, found, expected):
    if found != expected:
        raise AssertionError(f"{what}: {found}, expected {expected}")


def figure(bench, what, measured, target, unit, at_least=True):
    """The line by which ./dev bench makes its table; `target` None where there is none."""
    kept = None if target is None else (measured >= target if at_least else measured <= target)
    print(json.dumps({"bench": bench, "figure": what, "measured": float(f"{measured:.4g}"), "target": target, "unit": unit,
                      "limit": "least" if at_least else "most", "kept": kept}, ensure_ascii=False), flush=True)
