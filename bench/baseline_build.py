"""Speed and peak memory of `monitorctl baseline build` on a wide CSV file, beside other tools: baseline_build.py [ROWS] [REPEATS] [PEER …]

The file: make_wide_csv.py, 28 columns, a million rows. In each repetition every tool makes what it has for a baseline of it in a process of
its own: ours on two cores and on one, then the peers (all of PEERS unless named; `none` for ours alone). They are installed at the first run,
with the versions of peer_baseline*.txt, into build/. Their times leave the import out, ours are those of the whole program.
Checked against Polars (without it, but for bins and quartiles, against a plain reading of the file): rows, and every column's missing values, range,
mean, counts in bins and quartiles, or the counts of its most frequent names. One core's baseline is the same as two cores'.
"""
import collections
import csv
import json
import math
import os
import subprocess
import sys
import time

import measuring
from measuring import check, median, rig

PEERS = {"polars": "peer_baseline", "duckdb": "peer_baseline", "pandas": "peer_baseline", "whylogs": "peer_baseline", "nannyml": "peer_baseline_nannyml"}
COLUMNS = 28


def python_of(pinned):
    """A Python with the libraries of PINNED.txt, or None where they cannot be had."""
    folder, wanted = rig.ROOT / "build" / pinned, measuring.HERE / (pinned + ".txt")
    python, installed = folder / "bin" / "python", folder / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted.read_text():
        try:
            subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", folder], check=True)
            subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", wanted], check=True)
        except subprocess.CalledProcessError as error:
            print(f"the libraries of {wanted.name} cannot be installed: {error}")
            return None
        installed.write_text(wanted.read_text())
    return python


def measure(arguments, printed):
    """Runs a program; its seconds, CPU seconds and peak memory. What it prints goes to the file `printed`."""
    arguments = [str(argument) for argument in arguments]
    with measuring.Machine() as machine:
        began = time.monotonic()
        child = os.posix_spawn(arguments[0], arguments, os.environ,
                               file_actions=[(os.POSIX_SPAWN_OPEN, 1, str(printed), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)])
        _, status, used = os.wait4(child, 0)
        seconds = time.monotonic() - began
        others = machine.stop(used.ru_utime + used.ru_stime)
    check("exit code of " + " ".join(arguments[:3]), os.waitstatus_to_exitcode(status), 0)
    return {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024, "others": others}


def ours(file, out, cores):
    affinity = ["/usr/bin/taskset", "-c", ",".join(map(str, sorted(os.sched_getaffinity(0))[:cores]))]
    return measure([*affinity, rig.MONITORCTL, "baseline", "build", file, "-o", out, "--json"], out.with_suffix(".json"))


def peer(name, python, file, folder):
    printed = folder / f"{name}.json"
    result = measure([python, measuring.HERE / "peer_baseline.py", name, file, folder / f"{name}.out"], printed)
    return result | {key: value for key, value in json.loads(printed.read_text()).items() if key in ("seconds", "cpu")}


def readable(report):
    return {key: value for key, value in json.loads(report.read_text()).items() if key != "created"}


def verify(file, rows, baseline):
    check("rows", baseline["rows"], rows)
    columns = {column["name"]: column for column in [*baseline["features"], baseline["label"]]}
    with open(file, newline="") as text:
        reader = csv.reader(text)
        names = next(reader)
        check("columns", sorted(columns), sorted(names))
        for name, cells in zip(names, zip(*reader)):
            found, given = columns[name], [cell for cell in cells if cell]
            check("missing of " + name, found["missing"], rows - len(given))
            if found["type"] == "numeric":
                values = [float(cell) for cell in given]
                check("range of " + name, (found["min"], found["max"]), (min(values), max(values)))
                mean = math.fsum(values) / len(values)
                if abs(found["mean"] - mean) > 1e-9 * max(1, abs(mean)):
                    raise AssertionError(f"mean of {name}: {found['mean']}, expected {mean}")
            else:
                counts = collections.Counter(given)
                for top in found["top"]:
                    check(f"count of {name} {top['name']}", top["count"], counts[top["name"]])


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    names = sys.argv[3:] or list(PEERS)
    pythons = {name: python_of(PEERS[name]) for name in names if name != "none"}
    folder = rig.folder("baseline")
    file, out = folder / "wide.csv", folder / "wide.baseline"
    subprocess.run(["/usr/bin/python3", measuring.HERE / "make_wide_csv.py", file, str(rows)], check=True)
    megabytes = file.stat().st_size / 1e6
    results = collections.defaultdict(list)
    for _ in range(repeats):
        results["monitorctl, 1 core"].append(ours(file, out, 1))
        one_core = readable(out.with_suffix(".json"))
        results["monitorctl"].append(ours(file, out, 2))
        check("the baseline made on two cores", readable(out.with_suffix(".json")), one_core)
        for name, python in pythons.items():
            if python is not None:
                results[name].append(peer(name, python, file, folder))
    if pythons.get("polars"):
        subprocess.run([pythons["polars"], measuring.HERE / "peer_baseline.py", "agree", file, out.with_suffix(".json")], check=True)
    else:
        verify(file, rows, one_core)
    print(f"{megabytes:.0f} MB, {rows} rows of {COLUMNS} columns, medians of {repeats}; others kept "
          f"{median([r['others'] for all_ in results.values() for r in all_]):.2f} processors busy")
    best = {key: median([r[key] for r in results["monitorctl"]]) for key in ("seconds", "cpu", "peak")}
    print("| | seconds | CPU seconds | peak memory MB | CPU seconds to ours |\n|---|---|---|---|---|")
    for name, all_ in results.items():
        seconds, cpu, peak = (median([r[key] for r in all_]) for key in ("seconds", "cpu", "peak"))
        print(f"| {name} | {seconds:.2f} | {cpu:.2f} | {peak / 1e6:.0f} | {cpu / best['cpu']:.2f} |")
    print(json.dumps({"rows": rows, "columns": COLUMNS, "megabytes": round(megabytes, 1), "mb_per_second": round(megabytes / best["seconds"], 1),
                      "mb_per_cpu_second": round(megabytes / best["cpu"], 1), "peak_rss_mib": round(best["peak"] / 2**20)}))
    measuring.figure("baseline_build", f"{rows:,} rows of {COLUMNS} columns", megabytes / best["cpu"], None, "MB a CPU second")
    one, two = median([r["seconds"] for r in results["monitorctl, 1 core"]]), best["seconds"]
    measuring.figure("baseline_build", "one core to two", one / two, 1.7, "times as fast")
    measuring.figure("baseline_build", "peak memory", best["peak"] / 1e6, 268, "MB", at_least=False)
    for name, target in (("polars", 1), ("duckdb", 4)):
        if results[name]:
            measuring.figure("baseline_build", f"CPU seconds of {name}", median([r["cpu"] for r in results[name]]) / best["cpu"], target, "times ours")


main()
