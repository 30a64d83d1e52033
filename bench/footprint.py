"""Memory of monitord with many models, and what its checkpoints write: footprint.py [MODELS] [FEATURES] [SECONDS]

100 models of 50 features (40 numbers, 10 categories) on one topic of 4 partitions. Idle: after the start, before any record. Then traffic at a
steady rate in real time for SECONDS (5-minute panes, 1-day steps, as by default); bytes written come from /proc/PID/io. Then the same models
catch up on a day of backlog, as fast as it goes. Checked: every model's counters equal what was produced.
"""
import json
import sys
import time

import measuring
from measuring import START, check, rig

import broker
from daemon import Daemon

PARTITIONS = 4
RATE = 5000
BACKLOG = 400_000


def shown(daemon):
    return {name: (model["received"], model["counted"], model["duplicates"]) for name, model in daemon.models().items()}


def mib(count):
    return round(count / 2**20, 1)


class Watch:
    """What the process wrote, used and committed from here to `stop`."""

    def __init__(self, daemon):
        self._daemon, self._began = daemon, time.monotonic()
        self._before = self._now()

    def _now(self):
        pid = self._daemon.process.pid
        metrics = self._daemon.metrics()
        return (*measuring.written(pid), measuring.cpu_seconds(pid), metrics["model_monitor_checkpoint_seconds_count"],
                metrics["model_monitor_checkpoint_seconds_sum"])

    def stop(self):
        seconds = time.monotonic() - self._began
        wrote, device, cpu, checkpoints, spent = (after - before for after, before in zip(self._now(), self._before))
        resident, peak = measuring.memory(self._daemon.process.pid)
        return {"seconds": round(seconds, 1), "written_kb_per_second": round(wrote / seconds / 1e3, 1),
                "device_kb_per_second": round(device / seconds / 1e3, 1), "checkpoints": int(checkpoints),
                "checkpoint_ms": round(spent / max(1, checkpoints) * 1e3, 1), "cpu_percent": round(cpu / seconds * 100, 1),
                "rss_mib": mib(resident), "peak_mib": mib(peak)}


def wait_received(daemon, expected, seconds=120):
    rig.wait_until(lambda: sum(received for received, _, _ in shown(daemon).values()) == expected,
                   lambda: f"{expected} records; there are {sum(received for received, _, _ in shown(daemon).values())}", seconds, 0.1)


def main():
    models = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    features = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    shape = ("--numbers", features * 4 // 5, "--categories", features - features * 4 // 5)
    folder = rig.folder("footprint")
    training = measuring.training_file(folder / "m.csv", 50_000, *shape)
    baselines = []
    for i in range(models):
        baselines.append(rig.build_baseline(training, folder / f"m{i}-1.baseline.json", "--model", f"m{i}", "--prediction", "prediction",
                                            "--score", "score", "--positive", "yes"))
    kafka = broker.Broker()
    topic = kafka.topic("footprint", partitions=PARTITIONS)
    configured = [{"name": f"m{i}", "baseline": str(file), "requests": {"topic": topic}} for i, file in enumerate(baselines)]
    daemon = Daemon(kafka.address, configured)
    daemon.config["kafka"]["properties"] = {}
    daemon.write_config()
    results = {"models": models, "features": features}
    with daemon:
        time.sleep(2)
        watch = Watch(daemon)
        time.sleep(8)
        results["idle"] = watch.stop()
        print("idle", results["idle"], flush=True)

        watch = Watch(daemon)
        live = measuring.fill(kafka, topic, RATE * seconds, "--partitions", PARTITIONS, "--models", models, "--rate", RATE, "--span", seconds,
                              *shape)
        results["traffic"] = {"records_per_second": round(live["records"] / live["seconds"]), **watch.stop()}
        print("traffic", results["traffic"], flush=True)
        wait_received(daemon, live["records"])

        watch = Watch(daemon)
        backlog = measuring.fill(kafka, topic, BACKLOG, "--partitions", PARTITIONS, "--models", models, "--span", 86400,
                                 "--seed", 3, *shape)
        wait_received(daemon, live["records"] + backlog["records"])
        results["backlog"] = watch.stop()
        print("backlog", results["backlog"], flush=True)
        total = live["records"] + backlog["records"]
        check("counters", shown(daemon), {f"m{i}": (total // models, total // models, 0) for i in range(models)})
        time.sleep(5)
        results["after"] = {"rss_mib": mib(measuring.memory(daemon.process.pid)[0])}
        code, took = daemon.stop()
        check("exit code of monitord", code, 0)
        results["stopped_in_seconds"] = round(took, 2)
        began = time.monotonic()
        daemon.start()
        results["restarted_in_seconds"] = round(time.monotonic() - began, 2)
        results["after_restart"] = {"rss_mib": mib(measuring.memory(daemon.process.pid)[0])}
        check("counters after the restart", shown(daemon), {f"m{i}": (total // models, total // models, 0) for i in range(models)})
    results["state_mib"] = mib(sum(file.stat().st_size for file in (daemon.folder / "state").rglob("*") if file.is_file()))
    print(json.dumps(results))


main()
