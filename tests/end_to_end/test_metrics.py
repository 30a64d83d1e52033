"""The daemon towards its operator: metrics that promtool accepts, health, reload, stop."""
import subprocess
import unittest

import broker
import rig
import stream
from daemon import Daemon, model

STEP = 6 * stream.HOUR


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = broker.shared()
        cls.baseline, _ = stream.make_baseline(rig.folder("metrics"))

    def filled_topic(self):
        topic = self.kafka.topic("metrics", partitions=2)
        self.kafka.send(stream.traffic(topic, 2, "m", 4_000, 4 * STEP))
        self.kafka.send(stream.ticks(topic, 2, "m", stream.START + 5 * STEP))
        return topic

    def test_metrics_health_reload_and_stop(self):
        topic = self.filled_topic()
        daemon = Daemon(self.kafka.address, [model("m", self.baseline, topic, step="6h", window="12h")])
        with daemon:
            daemon.wait_received({"m": 4_002})
            daemon.wait_windows("m", 4)
            self.check_metrics(daemon)
            self.assertEqual((daemon.request("/healthz")[0], daemon.request("/readyz")[0]), (200, 200))
            self.check_reload(daemon)
            code, seconds = daemon.stop()
            self.assertEqual(code, 0)
            self.assertLess(seconds, 5 * rig.PATIENCE)
            # What was committed is there at once after the next start.
            daemon.start()
            self.assertEqual(daemon.models()["m"]["received"], 4_002)
            self.assertEqual(len(daemon.windows("m")), 4)
            self.assertEqual(daemon.stop()[0], 0)

    def check_metrics(self, daemon):
        status, text = daemon.request("/metrics")
        self.assertEqual(status, 200)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))
        metrics = daemon.metrics()
        self.assertEqual(metrics['model_monitor_records_total{model="m",result="counted"}'], 4_002)
        self.assertEqual(metrics["model_monitor_config_reload_success"], 1)
        self.assertTrue(any(name.startswith("model_monitor_feature_psi{") and 'feature="amount"' in name for name in metrics))
        for partition in (0, 1):
            name = f'model_monitor_consumer_lag_records{{topic="{daemon.config["models"][0]["requests"]["topic"]}",partition="{partition}"}}'
            rig.wait_until(lambda: daemon.metrics().get(name) == 0, name + " to be 0")

    def check_reload(self, daemon):
        """A faulty file changes nothing but the metric; a sound one adds its model without losing a count."""
        models = daemon.config["models"]
        daemon.config["models"] = [dict(models[0], pane="7m")]
        daemon.write_config()
        daemon.hang_up()
        rig.wait_until(lambda: daemon.metrics()["model_monitor_config_reload_success"] == 0, "the reload to be refused")
        self.assertEqual(daemon.models()["m"]["received"], 4_002)
        other = self.filled_topic()
        daemon.config["models"] = models + [model("n", self.baseline, other)]
        daemon.write_config()
        daemon.hang_up()
        rig.wait_until(lambda: daemon.metrics()["model_monitor_config_reload_success"] == 1, "the reload to be taken over")
        rig.wait_until(lambda: "n" in daemon.models(), "the new model")
        self.assertEqual(daemon.models()["m"]["received"], 4_002)
        daemon.wait_received({"n": 0, "m": 4_002}, 10)  # its records name the model m, which is not of this topic
        rig.wait_until(lambda: daemon.models().get("", {}).get("rejected") == 4_002, "the records of a model that the topic does not have")

    def test_an_unreachable_broker_is_told_and_survived(self):
        daemon = Daemon("127.0.0.1:1", [model("m", self.baseline, "nowhere")])
        daemon.start(ready=False)

        def told():
            try:
                status, text = daemon.request("/readyz")
                return status == 503 and text
            except OSError:
                return None
        self.assertTrue(rig.wait_until(told, "/readyz to say that it is not ready"))
        self.assertEqual(daemon.request("/healthz")[0], 200)
        code, seconds = daemon.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5 * rig.PATIENCE)
