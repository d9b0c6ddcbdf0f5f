"""A server that answers from a script, for what a client makes of an answer that the local backend never gives."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import m8tes

JSON = {"Content-Type": "application/json"}
EVENTS = {"Content-Type": "text/event-stream; charset=utf-8"}
# Closes the connection without an answer.
LOST = None


def answer(body, status=200, **headers):
    return status, {**JSON, **headers}, [json.dumps(body).encode()]


def refusal(status, **headers):
    return answer({"error": {"message": "no", "code": status}}, status, **headers)


def run(status="running", **more):
    return {"id": 42, "status": status, "created_at": "2026-11-01T09:00:00Z", "output": "o", **more}


def frames(*frames, headers=EVENTS):
    """A stream of events. A frame is JSON, or the bytes that are sent."""
    return 200, headers, [frame if isinstance(frame, bytes) else b"data: %s\n\n" % json.dumps(frame).encode() for frame in frames]


class Sent:
    """A request."""

    def __init__(self, handler):
        self.line = f"{handler.command} {handler.path.removeprefix('/api/v2')}"
        self.headers = handler.headers
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.body = json.loads(body) if body.startswith(b"{") else None


class Log(list):
    """What is sent to a server at this host."""

    host = None


@contextmanager
def scripted(*answers):
    """A client of a server that answers so, one request after the other, and the log of what is sent."""
    sent = Log()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def handle_any(self):
            sent.append(Sent(self))
            self.close_connection = True
            next_answer = answers[min(len(sent), len(answers)) - 1]
            if next_answer is LOST:
                return
            status, headers, pieces = next_answer
            self.send_response(status)
            for name, value in {**headers, "Connection": "close", "Transfer-Encoding": "chunked"}.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in [*pieces, b""]:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    sent.host = f"http://127.0.0.1:{server.server_port}"
    try:
        yield m8tes.M8tes(api_key="m8_key", base_url=f"{sent.host}/api/v2"), sent
    finally:
        server.shutdown()
        server.server_close()
