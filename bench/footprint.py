"""What monitord takes from a machine: footprint.py [quiet] [pauses] [many]

  quiet   3 models of 25 features: resident memory without traffic, and what 1,000 records a second cost a processor, us and a bare consumer
  pauses  100 models of 50 features on 4 partitions, whose hourly steps all close at once: the longest time between two polls of a counter,
          and what checkpoints write; then a backlog of a day as fast as it goes, and a restart
  many    1,000 models of 50 features: memory without and with traffic

Without a word all three. Prints each figure with its target and their ratio (above 1 misses it). Checked: every model's counters equal what
was produced, and all steps close. Features are numbers and categories at 4 to 1; bytes written come from /proc/PID/io; gaps and checkpoints
from /metrics. Other programs on the machine make gaps longer; how many processors they kept busy is printed beside.
"""
import concurrent.futures
import sys
import time

import measuring
from measuring import START, check, rig

import broker
from daemon import Daemon

PARTITIONS = 4
HOUR = 3600
LIVE_SECONDS = 10  # of traffic around each end of a step
STEPS = 3


def shape(features):
    return "--numbers", features * 4 // 5, "--categories", features - features * 4 // 5


def mb(count):
    return round(count / 1e6, 1)


def show(what, figure, target, unit):
    print(f"{what}: {figure:.4g} {unit}, target {target:g} {unit}, ratio {figure / target:.2f}", flush=True)
    measuring.figure("footprint", what, figure, target, unit, at_least=False)


class Watch:
    """What the process used, wrote and committed from here to `stop`."""

    def __init__(self, daemon):
        self._daemon, self._machine = daemon, measuring.Machine(daemon.process.pid).__enter__()
        self._began, self._before = time.monotonic(), self._now()

    def _now(self):
        pid, metrics = self._daemon.process.pid, self._daemon.metrics()
        return (*measuring.written(pid), measuring.exact_cpu_seconds(pid), metrics["model_monitor_checkpoint_seconds_count"],
                metrics["model_monitor_checkpoint_seconds_sum"])

    def stop(self):
        seconds = time.monotonic() - self._began
        wrote, device, cpu, checkpoints, spent = (after - before for after, before in zip(self._now(), self._before))
        resident, peak = measuring.memory(self._daemon.process.pid)
        return {"seconds": round(seconds, 1), "cpu_percent": round(cpu / seconds * 100, 2), "written_mb_per_second": mb(wrote / seconds),
                "device_mb_per_second": mb(device / seconds), "checkpoints": int(checkpoints),
                "checkpoint_ms": round(spent / max(1, checkpoints) * 1e3, 1), "resident_mb": mb(resident), "peak_mb": mb(peak),
                "others_busy": round(self._machine.stop(), 2)}


def longest_gap_ms(daemon):
    return daemon.metrics()["model_monitor_poll_gap_longest_seconds"] * 1e3


class Fleet:
    """A daemon with `models` models of `features` features that all read one topic; hourly steps, closed at once."""

    def __init__(self, kafka, models, features, rows=3000):
        self.kafka, self.models, self._shape, self.sent = kafka, models, shape(features), 0
        folder = rig.folder("footprint")
        training = measuring.training_file(folder / "training.csv", rows, *self._shape)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            baselines = list(pool.map(lambda i: rig.build_baseline(training, folder / f"m{i}-1.baseline.json", "--model", f"m{i}", "--prediction",
                                                                   "prediction", "--score", "score", "--positive", "yes"), range(models)))
        self.topic = kafka.topic("footprint", partitions=PARTITIONS)
        self.daemon = Daemon(kafka.address, [{"name": f"m{i}", "baseline": str(file), "step": "1h", "window": "1d", "allowed_lateness": "1s",
                                              "requests": {"topic": self.topic}} for i, file in enumerate(baselines)])
        self.daemon.config["kafka"]["properties"] = {}
        self.daemon.write_config()

    def fill(self, records, *options):
        done = measuring.fill(self.kafka, self.topic, records, "--partitions", PARTITIONS, "--models", self.models, "--seed", self.sent + 2,
                              *self._shape, *options)
        self.sent += done["records"]
        return done

    def counters(self):
        return {name: (model["received"], model["counted"], model["duplicates"]) for name, model in self.daemon.models().items()}

    def wait(self):
        """Until all that was sent has been counted; each model has its even share."""
        rig.wait_until(lambda: sum(received for received, _, _ in self.counters().values()) == self.sent,
                       lambda: f"{self.sent} records; there are {sum(received for received, _, _ in self.counters().values())}", 600, 1)
        self.check()

    def check(self):
        share = self.sent // self.models
        check("counters", self.counters(), {f"m{i}": (share, share, 0) for i in range(self.models)})

    def live(self, rate, hour):
        """Traffic in real time, in the middle of which the step of every model ends."""
        end = START + HOUR * hour
        self.fill(rate * LIVE_SECONDS, "--rate", rate, "--from", end - LIVE_SECONDS // 2, "--span", LIVE_SECONDS)


class Bare:
    """A bare consumer of the topic, which reads on beside the daemon and does nothing else."""

    def __init__(self, fleet):
        self._process = rig.start([rig.BUILD / "bare_consumer", fleet.kafka.address, fleet.topic, PARTITIONS, 10**9], rig.folder("bare") / "log")

    def percent(self, watched):
        """Of a processor, while `watched` runs."""
        before, began = measuring.exact_cpu_seconds(self._process.pid), time.monotonic()
        watched()
        return (measuring.exact_cpu_seconds(self._process.pid) - before) / (time.monotonic() - began) * 100

    def stop(self):
        self._process.kill()
        self._process.wait()


def quiet(kafka):
    fleet = Fleet(kafka, 3, 25)
    with fleet.daemon:
        bare = Bare(fleet)
        time.sleep(5)
        watch = Watch(fleet.daemon)
        bare_idle = bare.percent(lambda: time.sleep(20))
        idle = watch.stop()
        print("idle", idle)
        show("idle daemon, 3 models of 25 features, resident", idle["resident_mb"], 20, "MB")
        rate, seconds = 1000, 30
        watch = Watch(fleet.daemon)
        bare_busy = bare.percent(lambda: fleet.fill(rate * seconds // 3 * 3, "--rate", rate, "--span", seconds))
        busy = watch.stop()
        bare.stop()
        print("1,000 records/s", busy)
        print(f"bare consumer: {bare_idle:.2f} % idle, {bare_busy - bare_idle:.2f} % beyond that at 1,000 records/s")
        show("1,000 records/s of 25 features, processor beyond idleness", busy["cpu_percent"] - idle["cpu_percent"], 0.2, "%")
        fleet.wait()


def pauses(kafka):
    fleet = Fleet(kafka, 100, 50)
    with fleet.daemon as daemon:
        time.sleep(3)
        print("idle, 100 models of 50 features:", mb(measuring.memory(daemon.process.pid)[0]), "MB resident")
        watch = Watch(daemon)
        fleet.fill(5000 * 20, "--rate", 5000, "--from", START + HOUR // 2, "--span", 20)
        even = watch.stop()
        print("5,000 records/s within a step", even)
        watch = Watch(daemon)
        for hour in range(1, STEPS + 1):
            fleet.live(5000, hour)
        fleet.wait()
        ends = watch.stop()
        print("5,000 records/s around ends of steps", ends)
        check("ends of windows", {value for name, value in daemon.metrics().items() if name.startswith("model_monitor_window_end_")},
              {float(START + HOUR * STEPS)})
        show("longest time between two polls", longest_gap_ms(daemon), 20, "ms")
        of_one_end = (ends["written_mb_per_second"] - even["written_mb_per_second"]) * ends["seconds"] / STEPS
        print(f"written for the end of a step of all models: {of_one_end:.1f} MB")
        show("written by checkpoints, on average over an hour", even["written_mb_per_second"] + of_one_end / HOUR, 2, "MB/s")

        watch = Watch(daemon)
        fleet.fill(400_000, "--from", START + HOUR * (STEPS + 1), "--span", 24 * HOUR)
        fleet.wait()
        print("a day of backlog", watch.stop(), "longest time between two polls since the start:", round(longest_gap_ms(daemon), 1), "ms")
        code, took = daemon.stop()
        check("exit code of monitord", code, 0)
        began = time.monotonic()
        daemon.start()
        print(f"stopped in {took:.2f} s, started again in {time.monotonic() - began:.2f} s;",
              mb(measuring.memory(daemon.process.pid)[0]), "MB resident")
        fleet.check()


def many(kafka):
    fleet = Fleet(kafka, 1000, 50)
    with fleet.daemon as daemon:
        time.sleep(5)
        print("idle, 1,000 models of 50 features:", mb(measuring.memory(daemon.process.pid)[0]), "MB resident")
        watch = Watch(daemon)
        for hour in range(1, STEPS + 1):
            fleet.live(5000, hour)
        live = watch.stop()
        fleet.wait()
        print("5,000 records/s", live, "longest time between two polls:", round(longest_gap_ms(daemon), 1), "ms")
        show("1,000 models of 50 features at 5,000 records/s, peak", measuring.memory(daemon.process.pid)[1] / 1e6, 1500, "MB")
        watch = Watch(daemon)
        fleet.fill(1_000_000, "--from", START + HOUR * (STEPS + 1), "--span", 24 * HOUR)
        fleet.wait()
        print("a day of backlog, 1,000,000 records", watch.stop())
        show("1,000 models of 50 features after a day of backlog, peak", measuring.memory(daemon.process.pid)[1] / 1e6, 1500, "MB")


def main():
    parts = {"quiet": quiet, "pauses": pauses, "many": many}
    kafka = broker.Broker()
    for name in sys.argv[1:] or parts:
        print(f"== {name}", flush=True)
        parts[name](kafka)


if __name__ == "__main__":
    main()
