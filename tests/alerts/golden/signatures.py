#!/usr/bin/env python3
"""Signatures of Standard Webhooks 1.0.0 by Python's own hmac; writes signatures.json beside itself.

The first case is the one that the specification's reference libraries test themselves with.
"""
import base64
import hashlib
import hmac
import json
import pathlib

CASES = [
    (["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'),
    (["a plain secret with blanks"], "0123456789abcdef0123456789abcdef", 1366588800, '{"type":"incident.firing"}'),
    (["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "gr\u00fcn"], "m1", 1, "K\u00e4se \u2603 \U0001f9c0"),
    (["whsec_c2hvcnQ"], "unpadded", 4102444800, ""),
    (["k" * 200], "a key longer than a block of the hash", 0, "x" * 1000),
]


def key_of(secret):
    if not secret.startswith("whsec_"):
        return secret.encode()
    text = secret[len("whsec_"):].rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def sign(secrets, message_id, timestamp, body):
    content = f"{message_id}.{timestamp}.{body}".encode()
    macs = (hmac.new(key_of(secret), content, hashlib.sha256).digest() for secret in secrets)
    return " ".join("v1," + base64.b64encode(mac).decode() for mac in macs)


if __name__ == "__main__":
    assert sign(*CASES[0]) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    rows = [
        {"secrets": secrets, "id": message_id, "timestamp": timestamp, "body": body,
         "signature": sign(secrets, message_id, timestamp, body)}
        for secrets, message_id, timestamp, body in CASES
    ]
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n")
