"""Incidents on real recordings with default settings, each held against what is known to have happened.

usage: bench/real_data.py --monitorctl build/release/monitorctl --data DIR [--list]

DIR has a folder for each recording: elec2, flights (train.csv, requests.jsonl, labels.jsonl) and california_housing
(reference.csv and the same). Nothing of them is part of this repository. An incident of `warning` and above is useful
where it overlaps a known event or is the standing drift that the recording is known for; --list prints all of them.
Times of elec2 are moved by 1,044 weeks: records from before 2000 are not taken.
"""
import argparse
import datetime
import json
import pathlib
import subprocess
import tempfile

SHIFT = datetime.timedelta(weeks=1044)

# What is known: (first day, last day, causes that tell of it, what it was); from each recording's own notes.
FEED, DRIFT, QUALITY = "broken_pipeline", ("data_drift", "prediction_drift"), ("quality_loss",)
KNOWN = {
    "elec2": [
        ("1996-12-05", "1998-12-06", DRIFT, "price and demand are off from the first day: another season than training"),
        ("1997-05-05", "1998-12-06", (FEED,), "vicprice, vicdemand come alive, transfer jumps; a week later it varies"),
        ("1997-02-20", "1998-05-07", QUALITY, "the long bad time"),
        ("1998-06-01", "1998-12-06", QUALITY, "worse months after it"),
    ],
    "flights": [
        ("2013-03-01", "2013-12-31", ("data_drift",), "the season"),
        ("2013-04-25", "2013-05-07", ("prediction_drift",), "the score drifts on calm spring days"),
        ("2013-03-06", "2013-03-10", QUALITY, "nor'easter"),
        ("2013-04-10", "2013-04-21", QUALITY, "storms"),
        ("2013-04-21", "2013-04-29", QUALITY, "unpaid leave of air-traffic controllers"),
        ("2013-05-23", "2013-05-26", QUALITY, "thunderstorms"),
        ("2013-06-13", "2013-07-13", QUALITY, "thunderstorms, a closed runway"),
        ("2013-07-22", "2013-07-26", QUALITY, "storms, an accident"),
        ("2013-08-22", "2013-08-23", (FEED,), "gap in the weather feed"),
        ("2013-09-02", "2013-09-02", (FEED,), "gap in the weather feed"),
        ("2013-09-12", "2013-09-15", QUALITY, "thunderstorms"),
        ("2013-10-25", "2013-10-26", (FEED,), "gap in the weather feed"),
        ("2013-11-02", "2013-11-04", (FEED,), "gap in the weather feed"),
        ("2013-12-05", "2013-12-20", QUALITY, "fog, snow and ice"),
        ("2013-12-30", "2014-01-01", (FEED,), "the weather feed stops for good"),
    ],
    "california_housing": [
        ("2021-06-01", "2022-05-09", DRIFT + QUALITY, "ordered by place: drifts from training in nearly every stretch"),
    ],
}
# Those that a monitor has to find; the others only explain incidents.
MUST = {"elec2": [0, 1, 2], "flights": [0, 2, 4, 8, 14], "california_housing": [0]}
MODELS = {
    "elec2": ("train.csv", [], "positive: UP"),
    "flights": ("train.csv", [], "positive: late"),
    "california_housing": ("reference.csv", ["--prediction", "y_pred", "--score", "y_pred_proba", "--label", "clf_target"],
                           'positive: "1"'),
}


def moved(source, target):
    """Copies JSON lines with their times moved by SHIFT."""
    with open(source) as lines, open(target, "w") as out:
        for line in lines:
            record = json.loads(line)
            time = datetime.datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00")) + SHIFT
            record["timestamp"] = time.isoformat().replace("+00:00", "Z")
            out.write(json.dumps(record, separators=(",", ":")) + "\n")
    return target


def replay(monitorctl, data, name, work):
    train, options, positive = MODELS[name]
    baseline = work / f"{name}.baseline.json"
    subprocess.run([monitorctl, "baseline", "build", data / name / train, "--model", name, *options, "-o", baseline],
                   check=True, stdout=subprocess.DEVNULL)
    config = work / f"{name}.yaml"
    config.write_text(f"state: {work}/state\nkafka: {{brokers: none}}\nmodels:\n"
                      f"  - {{name: {name}, baseline: {baseline}, {positive}, requests: {{topic: r}}, labels: {{topic: l}}}}\n")
    files = {kind: data / name / f"{kind}.jsonl" for kind in ("requests", "labels")}
    if name == "elec2":
        files = {kind: moved(file, work / f"{kind}.jsonl") for kind, file in files.items()}
    with open(files["requests"]) as lines:
        times = [json.loads(line)["timestamp"] for line in lines]
    found = json.loads(subprocess.run([monitorctl, "replay", "--config", config, "--requests", files["requests"],
                                       "--labels", files["labels"], "--json"], check=True, capture_output=True).stdout)
    months = (day(times[-1]) - day(times[0])).days / 30.4
    return found["alerts"], found["messages"], months


def day(text):
    return datetime.date.fromisoformat(text[:10])


def incidents(alerts, name):
    """One row per incident of warning and above: first and last day, cause, monitors, known events that it tells of."""
    shift = SHIFT if name == "elec2" else datetime.timedelta()
    grouped = {}
    for alert in alerts:
        grouped.setdefault(alert["incident"], []).append(alert)
    rows = []
    for members in grouped.values():
        if all(alert["severity"] == "info" for alert in members):
            continue
        first = min(day(alert["started_at"]) for alert in members) - shift
        ends = [alert["resolved_at"] for alert in members]
        last = datetime.date.max if None in ends else max(day(end) for end in ends) - shift
        tells = [i for i, (begin, end, causes, _) in enumerate(KNOWN[name])
                 if members[0]["cause"] in causes and first <= day(end) and last >= day(begin)]
        rows.append((first, last, members[0]["cause"], sorted({alert["monitor"] for alert in members}), tells))
    return sorted(rows)


def a_month(messages, months):
    """What people are told, and beside the updates how many changes of incidents there were."""
    rate = {who: {kind: count / months for kind, count in counts.items()} for who, counts in messages.items()}
    opened, updated, resolved = (rate["people"].get(f"incident.{kind}", 0) for kind in ("firing", "updated", "resolved"))
    return f"{opened:.1f}, {updated:.1f} ({rate['every_change'].get('incident.updated', 0):.1f}), {resolved:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monitorctl", required=True, type=pathlib.Path)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    print("| recording | months | incidents of `warning` and above | a month | useful | known events found | messages a month: opened, "
          "updated (of all changes), resolved |")
    print("|---|---|---|---|---|---|---|")
    details = []
    for name in KNOWN:
        with tempfile.TemporaryDirectory() as work:
            alerts, messages, months = replay(arguments.monitorctl.resolve(), arguments.data.resolve(), name, pathlib.Path(work))
        rows = incidents(alerts, name)
        useful = sum(1 for row in rows if row[4])
        told = {i for row in rows for i in row[4]}
        print(f"| {name} | {months:.1f} | {len(rows)} | {len(rows) / months:.1f} | {useful} | "
              f"{sum(1 for i in MUST[name] if i in told)} of {len(MUST[name])} | {a_month(messages, months)} |")
        for first, last, cause, monitors, tells in rows:
            story = "; ".join(KNOWN[name][i][3] for i in tells) or "-"
            details.append(f"{name}  {first} to {'open' if last == datetime.date.max else last}  {cause}  "
                           f"{', '.join(monitors[:4])}{' …' if len(monitors) > 4 else ''}  [{story}]")
    if arguments.list:
        print("\n" + "\n".join(details))


main()
