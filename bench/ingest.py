"""Records per second end to end, monitord against a bare consumer, on one broker and one pre-filled topic: ingest.py [RECORDS] [REPEATS] [KIND …]

The topic: flat JSON, 20 numbers, 5 categories, ids, times, versions, predictions and scores, 600-680 bytes, lz4, 4 partitions, a day of traffic.
KIND: flat; python (all digits of a double, as Python writes them); odd (one record in ten is changed, odd_record.h); wide (80 numbers and 20
categories, a quarter of the records); workers (flat, two counters). All of them if none is given. 20,000,000 records, as many as take 20 s or
more, and up to 10 GB of disk until a kind is done.
Both programs begin at offset 0 in every repeat. monitord's rate goes from the first progress that /api/v1/models shows to the last; it shows
progress when a checkpoint has made it durable, so start-up is left out and the wait for the last checkpoint is within; `busy` is the rate
without that last step, in which the topic ends. Checked: the counters,
and every feature's count and missing values over all closed windows, equal what was produced.
"""
import json
import sys

import measuring
import reading
from measuring import median, rig

import broker

TARGETS = {"flat": 0.6, "python": 0.45, "odd": 0.5, "workers": 0.6, "wide": None}  # of the bare consumer's rate
SHAPES = {"wide": ("--numbers", 80, "--categories", 20), "python": ("--long-numbers", 1)}
FEATURES = {"wide": 100}


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    values = {}
    kafka = broker.Broker()
    for kind in sys.argv[3:] or TARGETS:
        values[kind] = measure(kafka, kind, records // 4 if kind == "wide" else records, repeats)
    if "wide" in values and "flat" in values:
        measuring.figure("ingest", "feature values a second, at 100 features to at 25", values["wide"] / values["flat"], 1, "")


def measure(kafka, kind, records, repeats):
    """Prints what was measured; returns the feature values that monitord counted a second."""
    folder = rig.folder("ingest-" + kind)
    shape = SHAPES.get(kind, ())
    baseline = reading.baseline(folder, measuring.training_file(folder / "m0.csv", 200_000, *shape))
    topic, filled = reading.filled(kafka, kind, records, *shape, *(("--odd", 1) if kind == "odd" else ()))
    workers = 2 if kind == "workers" else 1
    print(f"{kind}: {filled['records']:,} records of {filled['bytes'] / filled['records']:.0f} bytes, filled in {filled['seconds']:.1f} s", flush=True)
    bares, daemons = [], []
    for _ in range(repeats):
        bares.append(reading.bare(kafka, topic, filled["records"]))
        daemons.append(reading.monitored(kafka, topic, baseline, filled, workers))
        for name, result in (("bare consumer", bares[-1]), ("monitord", daemons[-1])):
            print(f"{name:14} {result['rate']:10,.0f} records/s, {result['cpu_us']:.2f} µs of CPU a record, others kept {result['others']:.2f} processors busy",
                  flush=True)
        print(f"{'':14} progress: {'; '.join(daemons[-1]['steps'])}; µs a record of the busiest threads: {daemons[-1]['busiest']}", flush=True)
    kafka.drop(topic)
    rate, bare_rate = median([d["rate"] for d in daemons]), median([b["rate"] for b in bares])
    busy = median([d["busy_rate"] for d in daemons])
    print(json.dumps({"kind": kind, "workers": workers, "records_per_second": round(rate), "bare_records_per_second": round(bare_rate), "ratio": round(rate / bare_rate, 3),
                      "busy_records_per_second": round(busy), "busy_ratio": round(busy / bare_rate, 3),
                      "ratios": [round(d["rate"] / b["rate"], 3) for d, b in zip(daemons, bares)],
                      "cpu_us_per_record": round(median([d["cpu_us"] for d in daemons]), 2),
                      "bare_cpu_us_per_record": round(median([b["cpu_us"] for b in bares]), 2),
                      "peak_rss_mib": round(median([d["peak"] for d in daemons]) / 2**20)}))
    if TARGETS[kind]:
        measuring.figure("ingest", f"rate of monitord to that of a bare consumer, {kind}", rate / bare_rate, TARGETS[kind], "")
    return rate * FEATURES.get(kind, 25)


main()
