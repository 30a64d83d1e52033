"""Does a storm of messages to troubled targets slow ingestion? alerting.py [RECORDS] [PAIRS] [MESSAGES]

monitord reads one pre-filled topic from offset 0, in turn without targets and with five: one that takes everything, one that is slow (0.2 s an
answer), one that fails at random, one that answers nothing until the time-out, one where nobody listens. During the second kind MESSAGES sample
messages are asked for, so every lane of the delivery is busy or backed up all the time. Rates go from the first progress that /api/v1/models
shows to the last. Checked: every record is counted, and the good target got its messages. Target: ratio of the medians of 0.95 or more.
"""
import concurrent.futures
import json
import sys
import threading
import time

import measuring
from measuring import START, check, median, rig


import broker
from chaos import ChaosReceiver
from daemon import Daemon

TOKEN = "t0ken-of-the-bench"


def rate(kafka, topic, baseline, records, targets, messages, token):
    model = {"name": "m0", "baseline": str(baseline), "requests": {"topic": topic}, "window": "6h", "step": "6h"}
    notify = [{"name": name, "webhook": {"url": url}} for name, url in targets.items()]
    daemon = Daemon(kafka.address, [model], notify=notify, api_token_file=str(token))
    daemon.config["kafka"]["properties"] = {}
    daemon.write_config()
    with daemon:
        done = threading.Event()

        def storm():
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for i in range(messages // 2):  # each asks for two
                    if done.is_set():
                        return
                    name = list(targets)[i % len(targets)]
                    pool.submit(daemon.request, f"/api/v1/targets/{name}/test", "POST", TOKEN)
                    time.sleep(0.005)
        storms = threading.Thread(target=storm, daemon=True)
        if targets:
            storms.start()
        seen, deadline = [], time.monotonic() + 300
        while not seen or seen[-1][1] < records:
            received = daemon.models()["m0"]["received"]
            if received and (not seen or received != seen[-1][1]):
                seen.append((time.monotonic(), received))
            if time.monotonic() > deadline:
                raise AssertionError(f"monitord received {received} of {records}")
            time.sleep(0.02)
        done.set()
        check("records counted", daemon.models()["m0"]["counted"], records)
    (first, at_first), (last, at_last) = seen[0], seen[-1]
    return (at_last - at_first) / (last - first)


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    messages = int(sys.argv[3]) if len(sys.argv) > 3 else 2_000
    folder = rig.folder("alerting")
    token = folder / "token"
    token.write_text(TOKEN)
    training = measuring.training_file(folder / "m0.csv", 200_000)
    baseline = rig.build_baseline(training, folder / "m0-1.baseline.json", "--prediction", "prediction", "--score", "score", "--positive", "yes")
    kafka = broker.Broker()
    topic = kafka.topic("alerting", partitions=4)
    filled = measuring.fill(kafka, topic, records, "--partitions", 4, "--span", 86400, "--ticks", START + 86400 + 3600)
    good = ChaosReceiver()
    receivers = {"good": good, "slow": ChaosReceiver(["drip"]), "failing": ChaosReceiver([500, "reset", 503]), "silent": ChaosReceiver(always="hang")}
    targets = {name: receiver.url for name, receiver in receivers.items()}
    targets["nobody"] = f"http://127.0.0.1:{rig.free_port()}/hook"
    alone, stormy = [], []
    for pair in range(pairs):
        order = [(alone, {}), (stormy, targets)]
        for rates, kinds in order if pair % 2 == 0 else reversed(order):
            rates.append(rate(kafka, topic, baseline, filled["records"], kinds, messages, token))
            print(f"{'with targets' if kinds else 'without':14} {rates[-1]:12,.0f} records/s", flush=True)
    if not good.taken:
        raise AssertionError("the good target got nothing")
    print(json.dumps({"without": round(median(alone)), "with": round(median(stormy)), "ratio": round(median(stormy) / median(alone), 3),
                      "delivered_to_the_good_target": len(good.taken)}))


main()
