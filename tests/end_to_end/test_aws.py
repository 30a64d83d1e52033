"""Requests to AWS as AWS checks them: the signature that botocore computes for the very request that came."""
import datetime
import json
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


STATUS = {"SageMaker.DescribePipelineExecution": {"PipelineExecutionStatus": "Succeeded"},
          "AWSStepFunctions.DescribeExecution": {"status": "FAILED", "error": "States.TaskFailed", "cause": "no data"}}
ARN = {"SageMaker.StartPipelineExecution": {"PipelineExecutionArn": "arn:aws:sagemaker:eu-central-1:1:pipeline/retrain/execution/abc"},
       "AWSStepFunctions.StartExecution": {"executionArn": "arn:aws:states:eu-central-1:1:execution:m:abc"}}


def play(method, path, headers, body):
    target = headers.get("x-amz-target", "")
    return 200, json.dumps({**ARN, **STATUS}[target]).encode()


def validate(service, operation, body):
    """Raises what botocore's own description of the service has against a request."""
    from botocore import loaders, model, validate
    description = model.ServiceModel(loaders.Loader().load_service_model(service, "service-2"))
    report = validate.ParamValidator().validate(json.loads(body), description.operation_model(operation).input_shape)
    if report.has_errors():
        raise AssertionError(f"{operation}: {report.generate_report()}")


class AwsTest(unittest.TestCase):
    def test_signed_as_botocore_signs(self):
        try:
            import botocore  # noqa: F401
        except ImportError:
            self.skipTest("python3-botocore is missing; ./dev test installs it")
        kafka = broker.shared()
        baseline, _ = stream.make_baseline(rig.folder("aws"))
        topic = kafka.topic("aws", partitions=1)
        aws = Receiver(play)
        keys = {"region": "eu-central-1", "access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
        with Daemon(kafka.address, [model("m", baseline, topic, step="6h", window="6h")],
                    retrain=[{"sagemaker": {**keys, "url": aws.url("/"), "pipeline": "retrain", "parameters": {"Model": "{model}"}}, "approve": "automatic"},
                             {"step_functions": {**keys, "url": aws.url("/"), "state_machine": "arn:aws:states:eu-central-1:1:stateMachine:m"},
                              "approve": "automatic"}]) as daemon:
            kafka.send(stream.traffic(topic, 1, "m", 5 * 1000, 5 * STEP, shift=lambda share: 1.0 if share >= 2 / 5 else 0.0))
            # The request, then the first look at what it started.
            for target, service, botocore_service in (("SageMaker.StartPipelineExecution", "sagemaker", "sagemaker"),
                                                      ("AWSStepFunctions.StartExecution", "states", "stepfunctions"),
                                                      ("SageMaker.DescribePipelineExecution", "sagemaker", "sagemaker"),
                                                      ("AWSStepFunctions.DescribeExecution", "states", "stepfunctions")):
                message = aws.wait_for(lambda message: message.headers.get("x-amz-target") == target, target)
                given = message.headers["authorization"]
                self.assertTrue(given.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), given)
                self.assertIn(f"/eu-central-1/{service}/aws4_request", given)
                self.assertEqual(given.split("Signature=")[1], signature_of(message, service))
                validate(botocore_service, target.split(".")[1], message.body)
                if "Describe" in target:
                    self.assertIn(json.loads(message.body), [{name: arn} for started in ARN.values() for name, arn in started.items()])

            def ended():
                retrains = daemon.get("/api/v1/retrains")["retrains"]
                return sorted((retrain["state"], retrain["run"], retrain["error"]) for retrain in retrains if "run_ended_at" in retrain)
            rig.wait_until(lambda: len(ended()) == 2, "the end of both runs")
            self.assertEqual(ended(), [("failed", "failed", "status FAILED: States.TaskFailed: no data"), ("succeeded", "succeeded", None)])
