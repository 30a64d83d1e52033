"""What every end-to-end test needs: folders, free ports, waiting for conditions, children that never outlive the run."""
import atexit
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MONITORD_BUILD", ROOT / "build" / "release"))
KAFKA = pathlib.Path(os.environ.get("MONITORD_KAFKA", ROOT / "build" / "kafka")) / "libs"
DATA = ROOT / "tests" / "data"
MONITORD = BUILD / "monitord"
MONITORCTL = BUILD / "monitorctl"
ALERTMANAGER = pathlib.Path(shutil.which("prometheus-alertmanager") or ROOT / "build" / "tools" / "usr" / "bin" / "prometheus-alertmanager")
# Sanitizers make everything slower; conditions may take that much longer.
PATIENCE = 4.0 if BUILD.name in ("asan", "tsan") else 1.0

_libc = ctypes.CDLL(None, use_errno=True)
_folder = None
_ports = set()
_children = []


def folder(name):
    """A fresh folder below this run's temporary folder, which is removed at the end (kept with KEEP=1)."""
    global _folder
    if _folder is None:
        _folder = pathlib.Path(tempfile.mkdtemp(prefix="monitord-e2e-"))
        if not os.environ.get("KEEP"):
            atexit.register(shutil.rmtree, _folder, True)
    return pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=_folder))


def free_port():
    """A loopback port that nobody listens on now and that this run has not given away before. Below the kernel's ephemeral range (32768 on),
    so that no outgoing connection takes it between here and its use."""
    while True:
        port = 20000 + int.from_bytes(os.urandom(2), "big") % 10000
        if port in _ports:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _ports.add(port)
        return port


class TimeOut(AssertionError):
    pass


def wait_until(condition, what, seconds=30.0, every=0.05):
    """Calls `condition` until it gives something true and returns that. `what` says what was waited for; it may be a function."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeOut(f"waited {seconds * PATIENCE:.0f} s for {what() if callable(what) else what}")
        time.sleep(every)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: also when this process is killed


def start(arguments, log, **options):
    """Starts a child that writes to the file `log` and dies with this process at the latest."""
    with open(log, "ab") as out:
        child = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 preexec_fn=_die_with_parent, **options)
    _children.append(child)
    return child


@atexit.register
def _end_children():
    for child in _children:
        if child.poll() is None:
            child.kill()
            child.wait()


def run(arguments, check=True, **options):
    """Runs a program to its end and returns it with its output as text."""
    done = subprocess.run([str(a) for a in arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60 * PATIENCE, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def run_in_venv(script, arguments, text):
    """Runs a script of this folder by the Python that ./dev test makes for libraries of PyPI; `text` is its input, what it prints the result."""
    done = subprocess.run([ROOT / "build" / "venv" / "bin" / "python", pathlib.Path(__file__).parent / script, *arguments], input=text,
                          capture_output=True, text=True, timeout=60 * PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"{script} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def standardwebhooks():
    """The library of that name, from the virtual environment that ./dev test makes."""
    for folder in (ROOT / "build" / "venv").glob("lib/python3*/site-packages"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    import standardwebhooks
    return standardwebhooks


def build_baseline(csv, out, *options):
    """The baseline of a training file, made as a user makes it."""
    run([MONITORCTL, "baseline", "build", csv, "-o", out, *options])
    return out
