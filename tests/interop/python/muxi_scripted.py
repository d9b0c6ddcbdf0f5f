"""A server that answers from a script, for what a client makes of an answer that the local formation never gives."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from muxi_world import ADMIN, CLIENT

# Closes the connection without an answer.
LOST = None


def answer(body, status=200, **headers):
    return status, {"Content-Type": "application/json", **headers}, [json.dumps(body).encode()]


def events(*pieces):
    return 200, {"Content-Type": "text/event-stream; charset=utf-8"}, list(pieces)


@contextmanager
def scripted(world, *answers, **settings):
    """A client of a server that answers so, one request after the other, and the log of what is sent."""
    sent = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent.append((f"{self.command} {self.path}", dict(self.headers), body))
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

        do_GET = do_POST = do_PUT = do_DELETE = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield world.client(url=url, client_key=CLIENT, admin_key=ADMIN, **settings), sent
    finally:
        server.shutdown()
        server.server_close()
