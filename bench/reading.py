"""One reading of a filled topic from offset 0: by the bare consumer, or by monitord, whose counts are checked against what was produced."""
import time

import measuring
from measuring import START, check, cpu_seconds, rig

from daemon import Daemon

DAY = 86400
PARTITIONS = 4


def filled(kafka, name, records, *options):
    """A topic of a day's traffic, and what fill_topic said of it."""
    topic = kafka.topic(name, partitions=PARTITIONS, **{"file.delete.delay.ms": "1000"})  # large; whoever drops it wants the space
    return topic, measuring.fill(kafka, topic, records, "--partitions", PARTITIONS, "--span", DAY, "--ticks", START + DAY + 3600, *options)


def baseline(folder, training):
    return rig.build_baseline(training, folder / "m0-1.baseline.json", "--prediction", "prediction", "--score", "score", "--positive", "yes")


def bare(kafka, topic, records):
    with measuring.Machine(kafka._process.pid) as machine:
        result = measuring.output([rig.BUILD / "bare_consumer", kafka.address, topic, PARTITIONS, records])
        others = machine.stop(result["cpu"])
    check("records of the bare consumer", result["records"], records)
    return {"rate": result["between"] / result["seconds"], "cpu_us": result["cpu"] / records * 1e6, "others": others}


def monitored(kafka, topic, baseline, produced, workers=1):
    records = produced["records"]
    model = {"name": "m0", "baseline": str(baseline), "requests": {"topic": topic}, "window": "6h", "step": "6h"}
    daemon = Daemon(kafka.address, [model], ingest={"workers": workers})
    daemon.config["kafka"]["properties"] = {}
    daemon.write_config()
    with daemon:
        pid = daemon.process.pid
        with measuring.Machine(kafka._process.pid, pid) as machine:
            seen, deadline = [], time.monotonic() + 180
            while not seen or seen[-1][1] < records:
                received = daemon.models()["m0"]["received"]
                if received and (not seen or received != seen[-1][1]):
                    seen.append((time.monotonic(), received, cpu_seconds(pid)))
                if time.monotonic() > deadline:
                    raise AssertionError(f"monitord received {received} of {records}")
                time.sleep(0.1)  # more often, asking would take a part of the processors that counts
            others = machine.stop()
        threads = sorted(measuring.threads(pid).values(), reverse=True)
        rig.wait_until(lambda: len(daemon.windows("m0")) == 4, lambda: f"4 windows; there are {len(daemon.windows('m0'))}", 90)
        verify(daemon, produced)
        peak = measuring.memory(pid)[1]
        code, _ = daemon.stop()
        check("exit code of monitord", code, 0)
    if len(seen) < 3:
        raise AssertionError(f"monitord read {records} records in {len(seen)} checkpoints, too few for a rate; take more records")
    (first, at_first, _), (before, at_before, _), (last, at_last, used) = seen[0], seen[-2], seen[-1]
    steps = [(t2 - t1, c2 - c1) for (t1, c1, _), (t2, c2, _) in zip(seen, seen[1:])]
    return {"rate": (at_last - at_first) / (last - first), "busy_rate": (at_before - at_first) / (before - first), "cpu_us": used / records * 1e6, "others": others, "peak": peak,
            "busiest": [round(t / records * 1e6, 2) for t in threads[:3]], "steps": [f"{count / seconds:,.0f} in {seconds:.1f} s" for seconds, count in steps]}


def verify(daemon, produced):
    shown, records = daemon.models()["m0"], produced["records"]
    check("counters", {key: shown[key] for key in ("received", "counted", "late", "rejected", "skipped", "duplicates")},
          {"received": records, "counted": records, "late": 0, "rejected": 0, "skipped": 0, "duplicates": 0})
    counts, missing = {}, {}
    for window in daemon.windows("m0"):
        for feature in window["features"]:
            counts[feature["name"]] = counts.get(feature["name"], 0) + feature["count"]
            missing[feature["name"]] = missing.get(feature["name"], 0) + feature["missing"]
    for name, expected in produced["missing"].items():
        check("missing values of " + name, missing[name], expected)
    for name, count in counts.items():
        check("count of " + name, count, records - PARTITIONS)
