"""An HTTP endpoint that keeps what it is sent, fails on demand, and checks Standard Webhooks signatures on its own."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

import rig


class Message:
    def __init__(self, method, path, headers, body, answered):
        self.method, self.path, self.headers, self.body, self.answered = method, path, headers, body, answered
        self.id = headers.get("webhook-id")

    @property
    def json(self):
        return json.loads(self.body)

    def signed_with(self, secret):
        """Whether the signature is right and its time is about now. `secret`: whsec_ and base64, or plain text."""
        key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
        timestamp = self.headers["webhook-timestamp"]
        content = f"{self.id}.{timestamp}.".encode() + self.body
        expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return abs(time.time() - int(timestamp)) < 120 and expected in self.headers["webhook-signature"].split(" ")


class Receiver:
    """Answers 200, or what `answers` holds for the next requests: numbers, or (number, headers). `reply`, if given, plays a service: it makes
    status and body of a request's method, path, headers and body."""

    def __init__(self, reply=None):
        self._lock = threading.Lock()
        self._messages = []
        self.answers = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.do_POST()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                with receiver._lock:
                    answer = receiver.answers.pop(0) if receiver.answers else 200
                    status, headers = answer if isinstance(answer, tuple) else (answer, {})
                    names = {name.lower(): value for name, value in self.headers.items()}
                    content = b"ok"
                    if reply is not None:
                        status, content = reply(self.command, self.path, names, body)
                    receiver._messages.append(Message(self.command, self.path, names, body, status))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.port = rig.free_port()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def messages(self, path=None):
        with self._lock:
            return [message for message in self._messages if path in (None, message.path)]

    def wait_for(self, condition, what, seconds=30):
        """Waits until `condition(message)` holds for a message and returns the first."""
        def first():
            return next((message for message in self.messages() if condition(message)), None)
        return rig.wait_until(first, lambda: f"{what}; there are {[(m.path, m.answered, m.body[:200]) for m in self.messages()]}", seconds)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
