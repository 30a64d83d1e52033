"""Alarms in a month without change, everybody's default settings: false_alarms.py [SEEDS] [SECONDS]

Traffic of quiet_traffic.py, 100 and 1,000 rows an hour, independent and AR(1) with 0.6, a training file of 20,000 rows. monitord: `baseline build`
and `replay` of the whole month, incidents that are told (warning and above) and alerts of any severity. A peer judges hour by hour, as many hours
as SECONDS of CPU allow; the hours with at least one flagged feature, as a share of 720, are its alarms of a month. The last lines are a table in
Markdown.
"""
import datetime
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import measuring  # noqa: E402
import quiet_traffic  # noqa: E402
from measuring import check, rig  # noqa: E402
from peers_at_hand import ENVIRONMENTS, SETTINGS, installed, versions  # noqa: E402

CELLS = [(rho, rows) for rho in (0.0, 0.6) for rows in (100, 1000)]
LIBRARIES = {"evidently": ("Evidently, DataDriftPreset: any column", "venv"), "whylogs": ("whylogs, DRIFT", "venv"),
             "scouter": ("scouter, PSI", "venv"), "adwin": ("river, ADWIN per number", "venv"), "kswin": ("river, KSWIN per number", "venv"),
             "nannyml": ("NannyML, univariate", "venv-nannyml")}
BUDGET = 1.0  # what monitord allows itself by default, a model and 30 days


def write_requests(frame, rows_an_hour, path):
    numbers, categories = quiet_traffic.NUMBERS, quiet_traffic.CATEGORIES
    line = ('{"id":"%d","model":"quiet","version":"1","timestamp":"%s","features":{' + ",".join(f'"{name}":%s' for name in numbers) + "," +
            ",".join(f'"{name}":"%s"' for name in categories) + "}}\n")
    stamps = quiet_traffic.times(quiet_traffic.START, len(frame), rows_an_hour)
    columns = [frame[name].to_list() for name in numbers + categories]
    with open(path, "w") as out:
        out.writelines(line % row for row in zip(range(len(frame)), stamps, *columns))


def ours(seed, rho, rows, folder):
    """Incidents told and alerts of `monitorctl replay`."""
    training = quiet_traffic.training(seed, rho)
    begin = quiet_traffic.START - (len(training) // rows + 1) * 3_600_000
    training.insert(0, "timestamp", quiet_traffic.times(begin, len(training), rows))
    training.to_csv(folder / "quiet.csv", index=False)
    baseline = rig.build_baseline(folder / "quiet.csv", folder / "quiet-1.baseline.json")
    write_requests(quiet_traffic.month(seed, rho, rows), rows, folder / "requests.jsonl")
    config = folder / "monitord.yaml"
    config.write_text(json.dumps({"state": "state", "kafka": {"brokers": "none"},
                                  "models": [{"name": "quiet", "baseline": str(baseline), "requests": {"topic": "quiet"}}]}))
    done = subprocess.run([rig.MONITORCTL, "replay", "--config", config, "--requests", folder / "requests.jsonl", "--json"],
                          capture_output=True, text=True, timeout=600)
    if done.returncode not in (0, 2):
        raise AssertionError(f"replay ended with {done.returncode}: {done.stderr}")
    found = json.loads(done.stdout)
    check("records counted", found["models"][0]["counted"], rows * quiet_traffic.HOURS)
    told = {alert["incident"] for alert in found["alerts"] if alert["severity"] != "info"}
    return {"told": len(told), "alerts": len(found["alerts"]), "hours": quiet_traffic.HOURS}


def judged(library, seed, rho, rows, seconds):
    python = ENVIRONMENTS / LIBRARIES[library][1] / "bin" / "python"
    return measuring.output([python, HERE / "judges.py", library, seed, rho, rows, seconds], env={**os.environ, **SETTINGS}, timeout=600)


def a_month(results, key):
    hours = sum(result["hours"] for result in results)
    return quiet_traffic.HOURS * sum(result[key] for result in results) / hours


def figure_text(value):
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def table(found, at_hand, seeds):
    print(f"\n{datetime.date.today()}, {seeds} months each; {versions()}.\n")
    heads = [f"{'independent' if rho == 0 else f'AR(1) {rho:g}'}, {rows:,} an hour" for rho, rows in CELLS]
    print(f"| alarms a month, nothing changes | {' | '.join(heads)} |\n|---{'|---' * len(heads)}|")

    def row(name, library, key):
        print(f"| {name} | {' | '.join(figure_text(a_month(found[library, cell], key)) for cell in CELLS)} |")

    row("monitord: incidents told", "ours", "told")
    row("monitord: alerts of any severity", "ours", "alerts")
    for library, (name, _) in LIBRARIES.items():
        if library not in at_hand:
            print(f"| {name}: its packages could not be installed |{' |' * len(CELLS)}")
            continue
        row(name, library, "flagged")
        if library == "evidently":
            row("Evidently: its verdict on all columns", library, "dataset")
    fewest = {library: min(sum(r["hours"] for r in found[library, cell]) for cell in CELLS) for library in at_hand}
    print("\nFewest hours that were judged for a figure: " + ", ".join(f"{library} {hours:,}" for library, hours in fewest.items()) + ".")


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    at_hand = [library for library, (_, environment) in LIBRARIES.items() if installed(environment)]
    found = {}
    for cell in CELLS:
        for seed in range(1, seeds + 1):
            for library in ("ours", *at_hand):
                result = ours(seed, *cell, rig.folder("quiet")) if library == "ours" else judged(library, seed, *cell, seconds)
                found.setdefault((library, cell), []).append(result)
                print(f"rho {cell[0]:g}, {cell[1]} an hour, seed {seed}, {library}: {result}", flush=True)
    table(found, at_hand, seeds)
    worst = max(a_month(found["ours", cell], "told") for cell in CELLS)
    measuring.figure("peers", "incidents told in a month without change, worst of four kinds of traffic", worst, BUDGET, "a month", at_least=False)


main()
