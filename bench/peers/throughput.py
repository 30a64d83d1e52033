"""Rows per second and core against what users would take instead, on the same records in one topic: throughput.py [RECORDS] [REPEATS]

In every round a bare consumer, monitord and each peer read from offset 0, one after the other. A peer that would take longer than about 20 s gets
a topic of fewer records, made in the same way. monitord's CPU seconds have its start in them, the peers' have not. Checked: each counted every record, and where it counts
them the missing values and categories as produced; medians are within 2 % (in rank) of the training file's, whose distribution the records
have, and the PSI by hand shows no drift. What a peer lost is said beside it.
The last lines are a table in Markdown. ./dev bench peers makes the virtual environments.
"""
import csv
import dataclasses
import datetime
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import measuring  # noqa: E402
import reading  # noqa: E402
from measuring import check, median, rig  # noqa: E402
from peers_at_hand import ENVIRONMENTS, SETTINGS, installed, versions  # noqa: E402

import broker  # noqa: E402

TARGET = 3.0
OURS, BARE = "monitord, all that it does", "bare consumer in C++, counts nothing"
# Ticks end the day for monitord; a peer may have read them in place of as many others.
TICKS = reading.PARTITIONS


@dataclasses.dataclass
class Peer:
    name: str
    script: str
    environment: str = "venv"
    options: tuple = ()
    most: int = 10**9  # records; so many take about 20 s

    def read(self, kafka, topic, records, training, folder):
        options = self.options
        if self.script == "with_scouter":
            options = (kafka.address, kafka.topic("scouter"))
        found = measuring.output([ENVIRONMENTS / self.environment / "bin" / "python", HERE / f"{self.script}.py", kafka.address, topic,
                                  reading.PARTITIONS, records, training, *options], cwd=folder, env={**os.environ, **SETTINGS})
        check("rows of " + self.name, found["rows"], records)
        return found


PEERS = [
    Peer("orjson + numpy, by hand", "by_hand", options=("orjson",)),
    Peer("msgspec with declared types + numpy, by hand", "by_hand", options=("msgspec",)),
    Peer("Polars, batches of 10,000, by hand", "by_hand", options=("polars",)),
    Peer("NannyML, windows of 10,000", "with_nannyml", "venv-nannyml", most=400_000),
    Peer("scouter, client only", "with_scouter", most=200_000),
    Peer("whylogs, batches of 10,000", "with_whylogs", most=200_000),
    Peer("river ADWIN, numbers only", "with_river", options=("ADWIN",), most=200_000),
    Peer("Evidently DataDriftPreset, windows of 10,000", "with_evidently", most=20_000),
    Peer("river KSWIN, numbers only", "with_river", options=("KSWIN",), most=3_000),
]


class Columns:
    """The training file, by which medians are judged."""

    def __init__(self, file):
        with open(file, newline="") as text:
            rows = list(csv.DictReader(text))
        self._sorted = {name: sorted(float(row[name]) for row in rows if row[name]) for name in rows[0] if name.startswith("number")}

    def check_median(self, name, value):
        """At most 52 % of training lie strictly below it and at least 48 % at or below it."""
        values = self._sorted[name]
        slack = 1e-9 * max(1, abs(value))
        below = sum(v < value - slack for v in values) / len(values)
        within = sum(v <= value + slack for v in values) / len(values)
        if below > 0.52 or within < 0.48:
            raise AssertionError(f"median of {name}: {value}, which {below:.1%} of training are below and {within:.1%} not above")


def verify(name, found, produced, columns):
    records = found["rows"]
    counted = found.get("counted", records)
    for feature, missing in found["missing"].items():
        if counted == records and abs(missing - produced["missing"][feature]) > TICKS:
            raise AssertionError(f"{name}, missing values of {feature}: {missing}, expected {produced['missing'][feature]}")
    for feature, count in found.get("categories", {}).items():
        check(f"{name}, values of {feature}", count, counted)
    for feature, value in found.get("medians", {}).items():
        columns.check_median(feature, value)
    for score in found.get("psi", []):  # nothing has changed
        if score > 0.01:
            raise AssertionError(f"{name}, PSI of {score}")


class Results:
    def __init__(self):
        self._rows = {}
        self._absent = []

    def add(self, name, records, core, wall, others, peak=None, said="", flagged=""):
        row = self._rows.setdefault(name, {"core": [], "wall": [], "peak": [], "records": records, "said": said})
        row["core"].append(core)
        row["wall"].append(wall)
        row["peak"].extend([peak] if peak else [])
        print(f"{name:46} {core:10,.0f} rows/s per core, {wall:10,.0f} rows/s; others kept {others:.2f} processors busy{said}{flagged}", flush=True)

    def absent(self, name):
        if name not in self._absent:
            self._absent.append(name)

    def core(self, name):
        return median(self._rows[name]["core"])

    def best_peer(self):
        return max((name for name in self._rows if name not in (OURS, BARE)), key=self.core)

    def print_table(self):
        print(f"\n{datetime.date.today()}, {processor()}, {os.cpu_count()} processors; {versions()}.\n")
        print("| | rows/s per core | rows/s | monitord is | memory | records |\n|---|---|---|---|---|---|")
        for name, row in self._rows.items():
            times = self.core(OURS) / self.core(name)
            ratio = "" if name == OURS else f"{times:,.{0 if times >= 100 else 1}f} ×"
            memory = f"{max(row['peak']) / 2**20:,.0f} MiB" if row["peak"] else ""
            print(f"| {name} | {self.core(name):,.0f} | {median(row['wall']):,.0f} | {ratio} | {memory} | {row['records']:,}{row['said']} |")
        for name in self._absent:
            print(f"| {name} | | | | | its packages could not be installed |")
        print()


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    folder = rig.folder("peers")
    training = measuring.training_file(folder / "m0.csv", 100_000)
    baseline, columns = reading.baseline(folder, training), Columns(training)
    kafka = broker.Broker()
    topics = {count: reading.filled(kafka, "peers", count) for count in {records, *(min(records, peer.most) for peer in PEERS)}}
    results = Results()
    for _ in range(repeats):
        topic, produced = topics[records]
        found = reading.bare(kafka, topic, produced["records"])
        results.add(BARE, produced["records"], 1e6 / found["cpu_us"], found["rate"], found["others"])
        found = reading.monitored(kafka, topic, baseline, produced)
        results.add(OURS, produced["records"], 1e6 / found["cpu_us"], found["rate"], found["others"], found["peak"])
        for peer in PEERS:
            if not installed(peer.environment):
                results.absent(peer.name)
                continue
            topic, produced = topics[min(records, peer.most)]
            with measuring.Machine(kafka._process.pid) as machine:
                found = peer.read(kafka, topic, produced["records"] - TICKS, training, folder)
                others = machine.stop(found["whole"])
            verify(peer.name, found, produced, columns)
            said = f", of which it counted {found['counted']:,}" if found.get("counted", found["rows"]) != found["rows"] else ""
            results.add(peer.name, found["rows"], found["rows"] / found["cpu"], found["rows"] / found["seconds"], others, found["peak"], said,
                        f"; flagged features: {found['alarms']}" if "alarms" in found else "")
    results.print_table()
    best = results.best_peer()
    measuring.figure("peers", f"rows/s per core, against {best}", results.core(OURS) / results.core(best), TARGET, "times")


main()
