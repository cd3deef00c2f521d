# SPDX-License-Identifier: LGPL-2.1-or-later
"""A web server whose mood tests change while it runs."""

import http.server
import re
import threading
import time

PIECE = 32 * 1024


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer_busy(self, seconds):
        self.send_response(503)
        self.send_header("Retry-After", str(seconds))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def begin(self, path):
        """The head of the answer; returns the bytes that follow it."""
        content = path.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start, end = 0, len(content)
        if wanted:
            start = int(wanted[1])
            end = min(int(wanted[2]) + 1, end) if wanted[2] else end
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        return content[start:end]

    def do_GET(self):
        server = self.server
        path = server.folder / self.path.lstrip("/")
        with server.lock:
            server.asked.append(self.path)
        if server.moody in self.path and server.mood == "busy":
            self.answer_busy(server.retry_after)
            return
        if not path.is_file():
            self.send_error(404)
            return
        while server.moody in self.path and server.mood == "silent":
            time.sleep(0.02)
        rest = self.begin(path)
        while rest and self.may_go_on():
            self.wfile.write(rest[:PIECE])
            rest = rest[PIECE:]
        if rest:
            self.close_connection = True

    def may_go_on(self):
        """Whether the connection lives; slowly, or not at all for a while."""
        server = self.server
        if server.moody not in self.path:
            return True
        if server.mood == "slow":
            time.sleep(PIECE / server.rate)
        while server.mood == "stalled":
            time.sleep(0.02)
        return server.mood not in ("broken", "busy")


class MoodyServer(http.server.ThreadingHTTPServer):
    """Serves a folder. Its mood is for the paths with @moody in them: "good", "slow" (@rate bytes a
    second), "silent" (no answer), "stalled" (no further byte), "busy" (503, Retry-After), "broken"
    (connections end)."""

    daemon_threads = True

    def __init__(self, folder, moody="/packs/"):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.moody = moody
        self.mood = "good"
        self.rate = 1_000_000
        self.retry_after = 120
        self.asked = []
        self.lock = threading.Lock()
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def end(self):
        self.mood = "broken"
        self.shutdown()
        self.server_close()
