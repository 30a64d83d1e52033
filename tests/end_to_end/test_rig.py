"""The rig itself: what is written to the broker can be read again by somebody else's client, and survives the broker's death."""
import json
import unittest
import unittest.mock
import urllib.error
import urllib.request

import broker
import records
import rig
from receiver import Receiver


class RigTest(unittest.TestCase):
    def test_the_broker_keeps_what_it_acknowledged(self):
        mine = broker.Broker()
        topic = mine.topic("smoke", partitions=2)
        mine.send([records.request(topic, i % 2, 1362096000 + i, "m", f"r{i}", {"x": i}) for i in range(1000)])
        mine.send([records.Record(topic, None, 1362096000000, 1, "key", [("name", "text")])])
        mine.kill()
        mine.start()
        for partition, expected in ((0, 500), (1, 501)):
            read = rig.run(["kcat", "-C", "-b", mine.address, "-t", topic, "-p", partition, "-e", "-q", "-J"]).stdout.splitlines()
            self.assertEqual(len(read), expected)
        last = json.loads(read[-1])
        self.assertEqual((last["ts"], last["key"], last["payload"], last["headers"]), (1362096000000, "key", None, ["name", "text"]))
        mine.kill()

    def test_the_receiver_checks_signatures_by_itself(self):
        receiver = Receiver()
        receiver.answers = [500]
        # The example of the Standard Webhooks documentation, and a body that somebody changed.
        headers = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
                   "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
        for body, answer in ((b'{"test": 2432232314}', 500), (b'{"test": 2432232315}', 200)):
            try:
                status = urllib.request.urlopen(urllib.request.Request(receiver.url("/hook"), body, headers)).status
            except urllib.error.HTTPError as error:
                status = error.code
            self.assertEqual(status, answer)
        good, bad = receiver.messages("/hook")
        with unittest.mock.patch("time.time", lambda: 1614265330):
            self.assertTrue(good.signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            self.assertFalse(bad.signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            self.assertFalse(good.signed_with("another secret"))
        self.assertFalse(good.signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))  # years later
        receiver.close()
