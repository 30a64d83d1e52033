"""A retraining is followed to its end: Airflow 3 is asked how the DAG run stands, through kill -9, and its failure is told."""
import json
import re
import unittest

import broker
import rig
import stream
from daemon import Daemon, model
from receiver import Receiver

STEP = 6 * stream.HOUR
RUNS = "/api/v2/dags/retrain_m/dagRuns"


class Airflow:
    """As strict as Airflow 3's API is about what it is asked."""

    def __init__(self):
        self.runs = {}
        self.faults = []

    def __call__(self, method, path, headers, body):
        if headers.get("authorization") != "Bearer t0ken":
            return 401, b"{}"
        if method == "POST" and path == RUNS:
            asked = json.loads(body)
            if set(asked) != {"dag_run_id", "conf", "note", "logical_date"} or asked["logical_date"] is not None:
                self.faults.append(asked)
                return 422, b"{}"
            if asked["dag_run_id"] in self.runs:
                return 409, b"{}"
            self.runs[asked["dag_run_id"]] = "running"
            return 200, json.dumps({"dag_run_id": asked["dag_run_id"], "state": "queued"}).encode()
        at = re.fullmatch(RUNS + r"/([^/]+)(/taskInstances\?state=failed&limit=5)?", path)
        if method != "GET" or body or at is None or at[1] not in self.runs:
            self.faults.append((method, path))
            return 404, b"{}"
        if at[2]:
            return 200, json.dumps({"task_instances": [{"task_id": "fit", "state": "failed"}], "total_entries": 1}).encode()
        return 200, json.dumps({"dag_run_id": at[1], "state": self.runs[at[1]]}).encode()


class RetrainRunsTest(unittest.TestCase):
    def test_a_run_is_followed_to_its_end(self):
        kafka = broker.shared()
        baseline, _ = stream.make_baseline(rig.folder("runs"))
        topic = kafka.topic("runs", partitions=1)
        airflow = Airflow()
        service, hooks = Receiver(airflow), Receiver()
        with Daemon(kafka.address, [model("m", baseline, topic, step="6h", window="6h")], notify=[{"webhook": {"url": hooks.url("/drift")}}],
                    retrain=[{"airflow": {"url": service.url(""), "dag": "retrain_m", "token": "t0ken"}, "approve": "automatic"}]) as daemon:
            kafka.send(stream.traffic(topic, 1, "m", 5 * 1000, 5 * STEP, shift=lambda share: 1.0 if share >= 2 / 5 else 0.0))

            def retrain():
                found = daemon.get("/api/v1/retrains")["retrains"]
                return found[0] if found else {}
            rig.wait_until(lambda: retrain().get("run") == "running", lambda: f"the run to be seen: {retrain()}")
            self.assertEqual(retrain()["state"], "accepted")
            daemon.kill()
            looks = len([message for message in service.messages() if message.method == "GET"])
            daemon.start()
            rig.wait_until(lambda: len([m for m in service.messages() if m.method == "GET"]) > looks, "a look after the restart")
            self.assertEqual(retrain()["state"], "accepted")
            for run in airflow.runs:
                airflow.runs[run] = "failed"
            rig.wait_until(lambda: retrain()["state"] == "failed", lambda: f"the failure: {retrain()}")
            self.assertEqual((retrain()["run"], retrain()["error"]), ("failed", "failed in task fit"))
            told = hooks.wait_for(lambda message: message.json["type"] == "retrain.outcome", "the message about it").json["data"]
            self.assertIn("did not succeed: failed in task fit", told["summary"])
            self.assertEqual(daemon.metrics()['model_monitor_retrains_total{target="retrain",result="failed"}'], 1)
            shown = rig.run([rig.MONITORCTL, "retrains", "--url", f"http://127.0.0.1:{daemon.port}"]).stdout
            self.assertIn("failed in task fit", shown)
            self.assertEqual((airflow.faults, len(airflow.runs)), ([], 1))
