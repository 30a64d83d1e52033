"""Speed and peak memory of `monitorctl baseline build` on a wide CSV file: baseline_build.py [ROWS] [REPEATS]

The file: make_wide_csv.py, 28 columns, a million rows. Checked against a plain reading of the file: rows, and every column's missing values,
smallest and largest value, mean, or the counts of its most frequent names.
"""
import collections
import csv
import json
import math
import os
import sys
import time

import measuring
from measuring import check, median, rig

COLUMNS = 28


def build(file, out):
    """Seconds, CPU seconds and peak memory of one build, and the baseline's readable part."""
    arguments = [str(rig.MONITORCTL), "baseline", "build", str(file), "-o", str(out), "--json"]
    report = out.with_suffix(".json")
    with measuring.Machine() as machine:
        began = time.monotonic()
        child = os.posix_spawn(arguments[0], arguments, os.environ,
                               file_actions=[(os.POSIX_SPAWN_OPEN, 1, str(report), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)])
        _, status, used = os.wait4(child, 0)
        seconds = time.monotonic() - began
        others = machine.stop(used.ru_utime + used.ru_stime)
    check("exit code of monitorctl", os.waitstatus_to_exitcode(status), 0)
    return {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024, "others": others}, json.loads(report.read_text())


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
    folder = rig.folder("baseline")
    file = folder / "wide.csv"
    rig.run([sys.executable, measuring.HERE / "make_wide_csv.py", file, rows])
    megabytes = file.stat().st_size / 1e6
    results = []
    for _ in range(repeats):
        result, baseline = build(file, folder / "wide.baseline")
        results.append(result)
        print(f"{megabytes:.0f} MB in {result['seconds']:.2f} s ({result['cpu']:.2f} s of CPU): {megabytes / result['seconds']:.1f} MB/s, "
              f"peak {result['peak'] / 2**20:.0f} MiB; others kept {result['others']:.2f} processors busy", flush=True)
    verify(file, rows, baseline)
    print(json.dumps({"rows": rows, "columns": COLUMNS, "megabytes": round(megabytes, 1),
                      "mb_per_second": round(megabytes / median([r["seconds"] for r in results]), 1),
                      "mb_per_cpu_second": round(megabytes / median([r["cpu"] for r in results]), 1),
                      "peak_rss_mib": round(max(r["peak"] for r in results) / 2**20)}))
    measuring.figure("baseline_build", f"{rows:,} rows of {COLUMNS} columns", megabytes / median([r["cpu"] for r in results]), None, "MB a CPU second")


main()
