"""Records per second end to end, monitord against a bare consumer, on one broker and one pre-filled topic: ingest.py [RECORDS] [REPEATS] [WORKERS]

The topic: flat JSON, 20 numbers, 5 categories, ids, times, versions, predictions and scores, 600-680 bytes, lz4, 4 partitions, a day of traffic.
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

TARGET = 0.6  # of the bare consumer's rate


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 6_000_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    folder = rig.folder("ingest")
    baseline = reading.baseline(folder, measuring.training_file(folder / "m0.csv", 200_000))
    kafka = broker.Broker()
    topic, filled = reading.filled(kafka, "ingest", records)
    print(f"{filled['records']:,} records of {filled['bytes'] / filled['records']:.0f} bytes, filled in {filled['seconds']:.1f} s", flush=True)
    bares, daemons = [], []
    for _ in range(repeats):
        bares.append(reading.bare(kafka, topic, filled["records"]))
        daemons.append(reading.monitored(kafka, topic, baseline, filled, workers))
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
    measuring.figure("ingest", "rate of monitord to that of a bare consumer", rate / bare_rate, TARGET, "")


main()
