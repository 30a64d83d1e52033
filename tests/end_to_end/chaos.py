"""A receiver of webhooks that misbehaves as networks and services do, and keeps what it did to whom."""
import http.server
import socket
import ssl
import struct
import threading
import time

import rig

HANG = 25  # seconds; a try ends after 20


class ChaosReceiver:
    """Does to the first try of every `every`-th message what `faults` says in turn: a number (status), (429, seconds), "reset", "hang",
    "cut" (a body shorter than promised) or "drip" (a good answer, byte by byte). Everything else is taken with 200. `always`: that answer to all.
    `accepts(headers, body)` is asked about every request before it is taken."""

    def __init__(self, faults=(), every=1, always=None, accepts=lambda headers, body: True, certificate=None):
        self._lock = threading.Lock()
        self._faults, self._every, self._always, self._accepts = list(faults), every, always, accepts
        self._seen = {}  # id → its fault or None
        self.tries = []  # (monotonic seconds, id, what was done)
        self.taken = {}  # id → body, in the order of the first 200
        self.refused = []  # ids that `accepts` did not accept
        self.twice = []  # ids that came with two bodies
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                receiver._answer(self, {name.lower(): value for name, value in self.headers.items()}, body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass  # connections that a kill -9 cut

        self.port = rig.free_port()
        self._server = Server(("127.0.0.1", self.port), Handler)
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self.scheme = "https"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"

    def _answer(self, handler, headers, body):
        id = headers["webhook-id"]
        with self._lock:
            if not self._accepts(headers, body):
                self.refused.append(id)
            first = id not in self._seen
            if first:
                turn, rest = divmod(len(self._seen), self._every)
                self._seen[id] = self._faults[turn % len(self._faults)] if self._faults and rest == self._every - 1 else None
            fault = self._always or (self._seen[id] if first else None)
            self.tries.append((time.monotonic(), id, fault or 200))
            if fault in (None, "drip") and self.taken.setdefault(id, body) != body:
                self.twice.append(id)
        if fault == "hang":
            time.sleep(HANG)
        elif fault == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
        elif fault == "cut":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok")
        if fault in ("hang", "reset", "cut"):
            handler.close_connection = True
            return
        status = fault[0] if isinstance(fault, tuple) else fault if isinstance(fault, int) else 200
        handler.send_response(status)
        if isinstance(fault, tuple):
            handler.send_header("retry-after", str(fault[1]))
        handler.send_header("content-length", "2")
        handler.end_headers()
        for byte in (b"o", b"k"):
            if fault == "drip":
                time.sleep(0.5)
            handler.wfile.write(byte)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
