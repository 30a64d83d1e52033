"""monitord as an operator runs it: a configuration file, a process, an address."""
import json
import re
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import rig


class Daemon:
    """`models` and `more` are the configuration as values; JSON is YAML, so that is how they are written."""

    def __init__(self, brokers, models, **more):
        self.folder = rig.folder("daemon")
        self.config_file = self.folder / "monitord.yaml"
        self.log_file = self.folder / "monitord.log"
        self.port = rig.free_port()
        self.process = None
        self.config = {"listen": f"127.0.0.1:{self.port}", "state": "state",
                       "kafka": {"brokers": brokers, "properties": {"fetch.wait.max.ms": "20", "reconnect.backoff.max.ms": "500"}},
                       "models": models, **more}
        self.write_config()

    def write_config(self):
        self.config_file.write_text(json.dumps(self.config, indent=1))

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.kill()
        if kind is not None and self.log_file.exists():
            print(f"\n--- the log of monitord ends with:\n{self.log_file.read_text(errors='replace')[-3000:]}", flush=True)

    def start(self, ready=True):
        self.process = rig.start([rig.MONITORD, "--config", self.config_file], self.log_file, cwd=self.folder)
        if ready:
            rig.wait_until(self.is_ready, lambda: "monitord to be ready: " + self.log(), 30)
        return self

    def log(self):
        return self.log_file.read_text(errors="replace")[-2000:]

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """SIGTERM. Returns the exit code and the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(30 * rig.PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError("monitord did not stop") from None
        return code, time.monotonic() - began

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def request(self, path, method="GET", token=None, body=None):
        """Status and text of one HTTP request."""
        headers = {"Authorization": "Bearer " + token} if token else {}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def is_ready(self):
        if not self.running():
            raise AssertionError(f"monitord ended with {self.process.returncode}: {self.log()}")
        try:
            return self.request("/readyz")[0] == 200
        except OSError:
            return False

    def get(self, path, **query):
        status, text = self.request(path + ("?" + urllib.parse.urlencode(query) if query else ""))
        if status != 200:
            raise AssertionError(f"{path} answered {status}: {text}")
        return json.loads(text)

    def models(self):
        return {model["name"]: model for model in self.get("/api/v1/models")["models"]}

    def windows(self, model, **query):
        return self.get(f"/api/v1/models/{urllib.parse.quote(model)}/windows", limit=10000, **query)["windows"]

    def alerts(self):
        return self.get("/api/v1/alerts", limit=10000)["alerts"]

    def metrics(self):
        """Every series of /metrics by its full text."""
        series = {}
        for line in self.request("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, value = re.fullmatch(r"(\S+?(?:\{.*\})?) (\S+)(?: \d+)?", line).groups()
                series[name] = float(value)
        return series

    def wait_received(self, expected, seconds=40):
        """Waits until every model in `expected` has received that many records, committed."""
        def received():
            return {name: model["received"] for name, model in self.models().items() if name in expected}
        rig.wait_until(lambda: received() == expected, lambda: f"{expected} records; there are {received()}", seconds, 0.1)

    def wait_windows(self, model, steps, seconds=40):
        """Waits until `steps` steps of the model have closed and returns them."""
        rig.wait_until(lambda: len(self.windows(model)) >= steps, lambda: f"{steps} windows of {model}; there are {len(self.windows(model))}",
                       seconds, 0.1)
        return self.windows(model)


def model(name, baseline, topic, **more):
    """A model's configuration with the short idleness that tests need."""
    return {"name": name, "baseline": str(baseline), "requests": {"topic": topic}, "idle_after": "1s", **more}
