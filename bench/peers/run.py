"""Rows per second and core against what users would take instead, on the same records in one topic: run.py [RECORDS] [REPEATS]

In every round a bare consumer, monitord and each peer read from offset 0, one after the other. A peer that would take longer than about 20 s gets
a topic of fewer records, made in the same way. Checked: each counted every record, and where it counts them the missing values and categories as
produced, and medians within 2 % (in rank) of the training file's, whose distribution the records have. What a peer lost is said beside it.
The last lines are a table in Markdown. ./dev bench peers makes the virtual environments.
"""
import csv
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
from peers_at_hand import ENVIRONMENTS, SETTINGS  # noqa: E402

import broker  # noqa: E402

TARGET = 3.0
OURS, BARE = "monitord, all that it does", "bare consumer in C++, counts nothing"
# Ticks end the day for monitord; a peer may have read them in place of as many others.
TICKS = reading.PARTITIONS
# name, script, options, environment, share of the records
PEERS = [
    ("orjson + numpy, by hand", "by_hand", ["orjson"], "venv", 1),
    ("msgspec with declared types + numpy, by hand", "by_hand", ["msgspec"], "venv", 1),
    ("Polars, batches of 10,000, by hand", "by_hand", ["polars"], "venv", 1),
    ("NannyML, windows of 10,000", "with_nannyml", [], "venv-nannyml", 5),
    ("scouter, client only", "with_scouter", ["address", "topic"], "venv", 10),
    ("whylogs, batches of 10,000", "with_whylogs", [], "venv", 10),
    ("river ADWIN, numbers only", "with_river", ["ADWIN"], "venv", 10),
    ("river KSWIN, numbers only", "with_river", ["KSWIN"], "venv", 400),
    ("Evidently DataDriftPreset, windows of 10,000", "with_evidently", [], "venv", 100),
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


def read_by(peer, kafka, topics, training, folder):
    name, script, options, environment, share = peer
    topic, produced = topics[share]
    records = produced["records"] - TICKS
    given = {"address": kafka.address, "topic": kafka.topic("scouter") if "topic" in options else None}
    options = [given.get(option) or option for option in options]
    found = measuring.output([ENVIRONMENTS / environment / "bin" / "python", HERE / f"{script}.py", kafka.address, topic, reading.PARTITIONS,
                              records, training, *options], cwd=folder, env={**os.environ, **SETTINGS})
    check("rows of " + name, found["rows"], records)
    return found


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


def table(rows, ours):
    print(f"\n{datetime.date.today()}, {processor()}, {os.cpu_count()} processors.\n")
    print("| | rows/s per core | rows/s | monitord is | memory | records |\n|---|---|---|---|---|---|")
    for name, row in rows.items():
        core = median(row["core"])
        ratio = "" if name == OURS else f"{ours / core:,.1f} ×"
        memory = f"{max(row['peak']) / 2**20:,.0f} MiB" if row["peak"] else ""
        print(f"| {name} | {core:,.0f} | {median(row['wall']):,.0f} | {ratio} | {memory} | {row['records']:,}{row['note']} |")
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
    topics = {}
    for share in sorted({peer[-1] for peer in PEERS}):
        # Whole batches, and never less than one window of 10,000 or, for river, what its detectors keep.
        topics[share] = reading.filled(kafka, f"share{share}", max(records // share, 20_000 if share <= 100 else 5_000))
    rows = {}

    def note(name, records, core, wall, others, peak=None, said=""):
        row = rows.setdefault(name, {"core": [], "wall": [], "peak": [], "records": records, "note": said})
        row["core"].append(core), row["wall"].append(wall), row["peak"].extend([peak] if peak else [])
        print(f"{name:46} {core:10,.0f} rows/s per core, {wall:10,.0f} rows/s; others kept {others:.2f} processors busy{said}", flush=True)

    topic, produced = topics[1]
    for _ in range(repeats):
        found = reading.bare(kafka, topic, produced["records"])
        note(BARE, produced["records"], 1e6 / found["cpu_us"], found["rate"], found["others"])
        found = reading.monitored(kafka, topic, baseline, produced)
        note(OURS, produced["records"], 1e6 / found["cpu_us"], found["rate"], found["others"], found["peak"])
        for peer in PEERS:
            with measuring.Machine(kafka._process.pid) as machine:
                found = read_by(peer, kafka, topics, training, folder)
                others = machine.stop(found["whole"])
            verify(peer[0], found, topics[peer[-1]][1], columns)
            counted = found.get("counted", found["rows"])
            said = "" if counted == found["rows"] else f", of which it counted {counted:,}"
            note(peer[0], found["rows"], found["rows"] / found["cpu"], found["rows"] / found["seconds"], others, found["peak"], said)
    ours = median(rows[OURS]["core"])
    table(rows, ours)
    best = max((median(row["core"]), name) for name, row in rows.items() if name not in (OURS, BARE))
    print(json.dumps({"rows_per_second_and_core": {name: round(median(row["core"])) for name, row in rows.items()}, "best": best[1]}))
    measuring.figure("peers", f"rows/s per core, against {best[1]}", ours / best[0], TARGET, "times")


main()
