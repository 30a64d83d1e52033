"""Records per second end to end, monitord against a bare consumer, on one broker and one pre-filled topic: ingest.py [RECORDS] [REPEATS] [WORKERS]

The topic: flat JSON, 20 numbers, 5 categories, ids, times, versions, predictions and scores, 600-680 bytes, lz4, 4 partitions, a day of traffic.
Both programs begin at offset 0 in every repeat. monitord's rate goes from the first progress that /api/v1/models shows to the last; it shows
progress when a checkpoint has made it durable, so start-up is left out and the wait for the last checkpoint is within; `busy` is the rate
without that last step, in which the topic ends. Checked: the counters,
and every feature's count and missing values over all closed windows, equal what was produced.
"""
import json
import sys
import time

import measuring
from measuring import START, check, cpu_seconds, median, rig

import broker
from daemon import Daemon

DAY = 86400
PARTITIONS = 4


def bare(kafka, topic, records):
    with measuring.Machine(kafka._process.pid) as machine:
        result = measuring.output([rig.BUILD / "bare_consumer", kafka.address, topic, PARTITIONS, records])
        others = machine.stop(result["cpu"])
    check("records of the bare consumer", result["records"], records)
    return {"rate": result["between"] / result["seconds"], "cpu_us": result["cpu"] / records * 1e6, "others": others}


def monitored(kafka, topic, baseline, filled, workers):
    records = filled["records"]
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
                time.sleep(0.02)
            others = machine.stop()
        threads = sorted(measuring.threads(pid).values(), reverse=True)
        rig.wait_until(lambda: len(daemon.windows("m0")) == 4, lambda: f"4 windows; there are {len(daemon.windows('m0'))}", 90)
        verify(daemon, filled)
        peak = measuring.memory(pid)[1]
        code, _ = daemon.stop()
        check("exit code of monitord", code, 0)
    (first, at_first, _), (before, at_before, _), (last, at_last, used) = seen[0], seen[-2], seen[-1]
    steps = [(t2 - t1, c2 - c1) for (t1, c1, _), (t2, c2, _) in zip(seen, seen[1:])]
    return {"rate": (at_last - at_first) / (last - first), "busy_rate": (at_before - at_first) / (before - first), "cpu_us": used / records * 1e6, "others": others, "peak": peak,
            "busiest": [round(t / records * 1e6, 2) for t in threads[:3]], "steps": [f"{count / seconds:,.0f} in {seconds:.1f} s" for seconds, count in steps]}


def verify(daemon, filled):
    shown, records = daemon.models()["m0"], filled["records"]
    check("counters", {key: shown[key] for key in ("received", "counted", "late", "rejected", "skipped", "duplicates")},
          {"received": records, "counted": records, "late": 0, "rejected": 0, "skipped": 0, "duplicates": 0})
    counts, missing = {}, {}
    for window in daemon.windows("m0"):
        for feature in window["features"]:
            counts[feature["name"]] = counts.get(feature["name"], 0) + feature["count"]
            missing[feature["name"]] = missing.get(feature["name"], 0) + feature["missing"]
    for name, expected in filled["missing"].items():
        check("missing values of " + name, missing[name], expected)
    for name, count in counts.items():
        check("count of " + name, count, records - PARTITIONS)


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 6_000_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    folder = rig.folder("ingest")
    training = measuring.training_file(folder / "m0.csv", 200_000)
    baseline = rig.build_baseline(training, folder / "m0-1.baseline.json", "--prediction", "prediction", "--score", "score", "--positive", "yes")
    kafka = broker.Broker()
    topic = kafka.topic("ingest", partitions=PARTITIONS)
    filled = measuring.fill(kafka, topic, records, "--partitions", PARTITIONS, "--span", DAY, "--ticks", START + DAY + 3600)
    print(f"{filled['records']:,} records of {filled['bytes'] / filled['records']:.0f} bytes, filled in {filled['seconds']:.1f} s", flush=True)
    bares, daemons = [], []
    for _ in range(repeats):
        bares.append(bare(kafka, topic, filled["records"]))
        daemons.append(monitored(kafka, topic, baseline, filled, workers))
        for name, result in (("bare consumer", bares[-1]), ("monitord", daemons[-1])):
            print(f"{name:14} {result['rate']:10,.0f} records/s, {result['cpu_us']:.2f} µs of CPU a record, others kept {result['others']:.2f} processors busy",
                  flush=True)
        print(f"{'':14} progress: {'; '.join(daemons[-1]['steps'])}; µs a record of the busiest threads: {daemons[-1]['busiest']}", flush=True)
    rate, bare_rate = median([d["rate"] for d in daemons]), median([b["rate"] for b in bares])
    busy = median([d["busy_rate"] for d in daemons])
    print(json.dumps({"workers": workers, "records_per_second": round(rate), "bare_records_per_second": round(bare_rate), "ratio": round(rate / bare_rate, 3),
                      "busy_records_per_second": round(busy), "busy_ratio": round(busy / bare_rate, 3),
                      "ratios": [round(d["rate"] / b["rate"], 3) for d, b in zip(daemons, bares)],
                      "cpu_us_per_record": round(median([d["cpu_us"] for d in daemons]), 2),
                      "bare_cpu_us_per_record": round(median([b["cpu_us"] for b in bares]), 2),
                      "peak_rss_mib": round(median([d["peak"] for d in daemons]) / 2**20)}))


main()
