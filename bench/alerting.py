"""Does a backlog of messages to troubled targets slow ingestion? alerting.py [RECORDS] [PAIRS] [MESSAGES]

monitord reads one pre-filled topic from offset 0, in turn without targets and with five: one that takes a message every 20 ms, one that takes a
second, one that fails, one that answers nothing until the time-out, one where nobody listens. MESSAGES sample messages wait in the outbox when
reading begins, so every lane of the delivery is busy or backed up all the time. The model is added by a reload once they wait. Rates go from the
first progress that /api/v1/models shows to the last. Checked: every record is counted, messages were delivered meanwhile, and some still wait.
Target: ratio of the medians of 0.95 or more. Receivers live in this process, on the same processors: beside each rate stands what the receivers,
monitord and everybody together took of them, since reading gets only what is left.
"""
import concurrent.futures
import json
import sys
import time

import measuring
from measuring import START, check, median, rig

import broker
from chaos import ChaosReceiver
from daemon import Daemon

TOKEN = "t0ken-of-the-bench"


def delivered(daemon):
    return sum(value for name, value in daemon.metrics().items() if name.startswith("model_monitor_notifications_total") and 'result="delivered"' in name)


def rate(kafka, topic, baseline, records, targets, messages, token):
    def model(name, source):
        return {"name": name, "baseline": str(baseline), "requests": {"topic": source}, "window": "6h", "step": "6h"}

    notify = [{"name": name, "webhook": {"url": url}} for name, url in targets.items()]
    daemon = Daemon(kafka.address, [model("idle", "nothing")], notify=notify, api_token_file=str(token))
    daemon.config["kafka"]["properties"] = {}
    daemon.write_config()
    with daemon:
        with concurrent.futures.ThreadPoolExecutor(32) as pool:  # each asks for two messages
            for i in range(messages // 2 if targets else 0):
                pool.submit(daemon.request, f"/api/v1/targets/{list(targets)[i % len(targets)]}/test", "POST", TOKEN)
        before = delivered(daemon)
        daemon.config["models"].append(model("m0", topic))
        daemon.write_config()
        daemon.hang_up()
        rig.wait_until(lambda: "m0" in daemon.models(), "the reload")
        seen, deadline = [], time.monotonic() + 300
        machine, own, pid = measuring.Machine().__enter__(), time.process_time(), daemon.process.pid
        began, used = time.monotonic(), measuring.cpu_seconds(pid)
        while not seen or seen[-1][1] < records:
            received = daemon.models()["m0"]["received"]
            if received and (not seen or received != seen[-1][1]):
                seen.append((time.monotonic(), received))
            if time.monotonic() > deadline:
                raise AssertionError(f"monitord received {received} of {records}")
            time.sleep(0.05)
        seconds = time.monotonic() - began
        shares = {"receivers": (time.process_time() - own) / seconds, "monitord": (measuring.cpu_seconds(pid) - used) / seconds, "all": machine.stop()}
        check("records counted", daemon.models()["m0"]["counted"], records)
        if targets:
            waiting = sum(value for name, value in daemon.metrics().items() if name.startswith("model_monitor_outbox_pending"))
            check("delivery was at work from the first record to the last", delivered(daemon) > before and waiting > 0, True)
    (first, at_first), (last, at_last) = seen[0], seen[-1]
    print(f"{'with targets' if targets else 'without':14} {(at_last - at_first) / (last - first):12,.0f} records/s, processors kept busy: "
          + ", ".join(f"{name} {share:.2f}" for name, share in shares.items()), flush=True)
    return (at_last - at_first) / (last - first)


def main():
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    messages = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    folder = rig.folder("alerting")
    token = folder / "token"
    token.write_text(TOKEN)
    training = measuring.training_file(folder / "m0.csv", 200_000)
    baseline = rig.build_baseline(training, folder / "m0-1.baseline.json", "--prediction", "prediction", "--score", "score", "--positive", "yes")
    kafka = broker.Broker()
    topic = kafka.topic("alerting", partitions=4)
    filled = measuring.fill(kafka, topic, records, "--partitions", 4, "--span", 86400, "--ticks", START + 86400 + 3600)
    receivers = {"good": ChaosReceiver(pause=0.02), "slow": ChaosReceiver(["drip"]), "failing": ChaosReceiver([500, "reset", 503]), "silent": ChaosReceiver(always="hang")}
    targets = {name: receiver.url for name, receiver in receivers.items()}
    targets["nobody"] = f"http://127.0.0.1:{rig.free_port()}/hook"
    alone, stormy = [], []
    for pair in range(pairs):
        order = [(alone, {}), (stormy, targets)]
        for rates, kinds in order if pair % 2 == 0 else reversed(order):
            rates.append(rate(kafka, topic, baseline, filled["records"], kinds, messages, token))
    print(json.dumps({"without": round(median(alone)), "with": round(median(stormy)), "ratio": round(median(stormy) / median(alone), 3)}))


main()
