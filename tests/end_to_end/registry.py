"""A schema registry for tests: what Confluent's API has for serializers and readers, in memory, over HTTP. It can be taken away and brought
back at the same address, wants HTTP Basic where it is told to, and counts what it is asked."""
import base64
import http.server
import json
import re
import threading
import urllib.parse

import rig


class Registry:
    def __init__(self, user=None, password=None):
        self.port = rig.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.credentials = base64.b64encode(f"{user}:{password}".encode()).decode() if user else None
        self.schemas = []  # id - 1 → {"schema", "schemaType", "references"}
        self.subjects = {}  # subject → ids
        self.asked = []
        self.server = None
        self.start()

    def start(self):
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"  # a connection that is kept open would outlive stop()

            def answer(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                path = urllib.parse.unquote(urllib.parse.urlparse(self.path).path)
                registry.asked.append((self.command, path))
                if registry.credentials and self.headers.get("Authorization") != "Basic " + registry.credentials:
                    return self.answer(401, {"error_code": 401, "message": "Unauthorized"})
                return self.answer(*registry.respond(self.command, path, body))

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def register(self, subject, schema, kind="AVRO", references=()):
        """The id of a schema, the same for the same one."""
        entry = {"schema": schema, "schemaType": kind, "references": list(references)}
        if entry not in self.schemas:
            self.schemas.append(entry)
        number = self.schemas.index(entry) + 1
        ids = self.subjects.setdefault(subject, [])
        if number not in ids:
            ids.append(number)
        return number

    def respond(self, method, path, body):
        if found := re.fullmatch(r"/schemas/ids/(\d+)", path):
            number = int(found[1])
            if number > len(self.schemas):
                return 404, {"error_code": 40403, "message": f"Schema {number} not found"}
            entry = self.schemas[number - 1]
            answer = {"schema": entry["schema"]}  # as Confluent's: AVRO and no references are not said
            if entry["schemaType"] != "AVRO":
                answer["schemaType"] = entry["schemaType"]
            if entry["references"]:
                answer["references"] = entry["references"]
            return 200, answer
        if found := re.fullmatch(r"/subjects/(.+)/versions/(\d+)", path):
            ids = self.subjects.get(found[1], [])
            if int(found[2]) > len(ids):
                return 404, {"error_code": 40402, "message": "Version not found"}
            return 200, {"subject": found[1], "version": int(found[2]), "id": ids[int(found[2]) - 1], **self.schemas[ids[int(found[2]) - 1] - 1]}
        if (found := re.fullmatch(r"/subjects/(.+)/versions", path)) and method == "POST":
            number = self.register(found[1], body["schema"], body.get("schemaType", "AVRO"), body.get("references") or ())
            return 200, {"id": number, "version": self.subjects[found[1]].index(number) + 1, **self.schemas[number - 1]}
        if (found := re.fullmatch(r"/subjects/([^/]+)", path)) and method == "POST":
            for version, number in enumerate(self.subjects.get(found[1], []), 1):
                if self.schemas[number - 1]["schema"] == body["schema"]:
                    return 200, {"subject": found[1], "id": number, "version": version, **self.schemas[number - 1]}
            return 404, {"error_code": 40403, "message": "Schema not found"}
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}
