"""Requests to AWS as AWS checks them: the signature that botocore computes for the very request that came."""
import datetime
import unittest

import broker
import rig
import stream
from daemon import Daemon, model
from receiver import Receiver

STEP = 6 * stream.HOUR


def signature_of(message, service):
    """The Authorization header that botocore makes for the headers and the body that were received."""
    from botocore import auth, awsrequest, credentials
    signed = message.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    headers = {name: message.headers[name] for name in signed if name not in ("host", "x-amz-date")}
    request = awsrequest.AWSRequest("POST", f"http://{message.headers['host']}/", headers, message.body)
    signer = auth.SigV4Auth(credentials.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), service, "eu-central-1")
    when = datetime.datetime.strptime(message.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


class AwsTest(unittest.TestCase):
    def test_signed_as_botocore_signs(self):
        try:
            import botocore  # noqa: F401
        except ImportError:
            self.skipTest("python3-botocore is missing; ./dev test installs it")
        kafka = broker.shared()
        baseline, _ = stream.make_baseline(rig.folder("aws"))
        topic = kafka.topic("aws", partitions=1)
        aws = Receiver()
        keys = {"region": "eu-central-1", "access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
        with Daemon(kafka.address, [model("m", baseline, topic, step="6h", window="6h")],
                    retrain=[{"sagemaker": {**keys, "url": aws.url("/"), "pipeline": "retrain", "parameters": {"Model": "{model}"}}, "approve": "automatic"},
                             {"step_functions": {**keys, "url": aws.url("/"), "state_machine": "arn:aws:states:eu-central-1:1:stateMachine:m"},
                              "approve": "automatic"}]):
            kafka.send(stream.traffic(topic, 1, "m", 5 * 1000, 5 * STEP, shift=lambda share: 1.0 if share >= 2 / 5 else 0.0))
            for target, service in (("SageMaker.StartPipelineExecution", "sagemaker"), ("AWSStepFunctions.StartExecution", "states")):
                message = aws.wait_for(lambda message: message.headers.get("x-amz-target") == target, target)
                given = message.headers["authorization"]
                self.assertTrue(given.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), given)
                self.assertIn(f"/eu-central-1/{service}/aws4_request", given)
                self.assertEqual(given.split("Signature=")[1], signature_of(message, service))
