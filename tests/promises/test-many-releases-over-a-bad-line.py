#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Release after release arrives over a line that answers every other request with an error, breaks
off in the middle of answers, and with an updater that is killed: each is reached, and hardly more
bytes come than over a good line.

ONWARD_TEST_SEED repeats what happened in an earlier run; ONWARD_ROUNDS says how many releases.
"""

import os
import random
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import promise
from promise import BLOCK, DONE, NETWORK, NOTHING, noise

RELEASES = int(os.environ.get("ONWARD_ROUNDS", "4"))
SEED = os.environ.get("ONWARD_TEST_SEED") or str(random.SystemRandom().randrange(1 << 32))
FAST = {"ONWARD_TEST_BACKOFF_MS": "20"}
ASKED = ("Range", "If-Range", "If-None-Match", "If-Modified-Since")
TOLD = ("ETag", "Last-Modified", "Content-Range", "Accept-Ranges", "Content-Type")


class BadLine(ThreadingHTTPServer):
    """Stands between an updater and a server, and breaks what passes."""

    daemon_threads = True

    def __init__(self, test, origin, errors, halves):
        super().__init__(("127.0.0.1", 0), Passing)
        self.origin, self.errors, self.halves = origin, errors, halves
        self.chance = random.Random(SEED)
        self.bytes_of_packs = 0
        self.broken = 0
        self.url = f"http://127.0.0.1:{self.server_port}/"
        thread = threading.Thread(target=self.serve_forever)
        thread.start()
        test.addCleanup(thread.join)
        test.addCleanup(self.server_close)
        test.addCleanup(self.shutdown)

    def breaks(self, likelihood):
        is_broken = self.chance.random() < likelihood
        self.broken += is_broken
        return is_broken


class Passing(BaseHTTPRequestHandler):
    """One answer that passes, or does not."""

    def do_GET(self):  # noqa: N802 (the name is given)
        if self.server.breaks(self.server.errors):
            self.send_error(self.server.chance.choice((500, 502, 504)))
            return
        headers = {name: self.headers[name] for name in ASKED if name in self.headers}
        request = urllib.request.Request(self.server.origin.rstrip("/") + self.path,
                                         headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=promise.TIMEOUT) as answer:
                self.pass_on(answer)
        except urllib.error.HTTPError as answer:
            self.pass_on(answer)

    def pass_on(self, answer):
        body = answer.read()
        self.send_response(answer.status)
        for name in TOLD:
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        if answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if len(body) > BLOCK and self.server.breaks(self.server.halves):
            body = body[:len(body) // 2]
            self.close_connection = True
        try:
            self.wfile.write(body)
        except OSError:
            return
        self.server.bytes_of_packs += len(body) if self.path.startswith("/packs/") else 0

    def log_message(self, *arguments):
        """Says nothing: the test tells what matters."""


class BadLineUpdates(promise.Promise):
    """Each release changes one file of 3 MiB wholly, and a small one."""

    def setUp(self):
        super().setUp()
        print(f"# ONWARD_TEST_SEED={SEED}")
        self.chance = random.Random(SEED)
        self.init()
        self.release(0)
        self.server = self.serve()

    def release(self, number):
        self.add(f"1.{number}.0", {"lib/new": noise(3 * BLOCK, number), "share/file": f"{number}\n",
                                   "lib/same": noise(BLOCK, "same")}, "--deltas", "1")

    def kill_sometimes(self, install):
        while self.chance.random() < 0.3:
            running = install.start_onward("update", "--yes", env=FAST)
            time.sleep(self.chance.uniform(0, 0.2))
            self.assertIn(running.kill().status, (DONE, NOTHING, NETWORK, -9))

    def update_to(self, install, version):
        """As a timer does: a server that could not be asked is asked again later."""
        result = None
        while result is None or result.status == NETWORK:
            result = install.onward("update", "--yes", status=None, env=FAST)
        self.assertIn(result.status, (DONE, NOTHING), str(result))
        self.assert_runs(install, version)
        self.assert_is_version(install, version)
        install.onward("mark-good")
        self.assertEqual(install.strays(), [], str(result))

    def test_each_is_reached_with_hardly_more_bytes(self):
        good = BadLine(self, self.server.url, errors=0, halves=0)
        bad = BadLine(self, self.server.url, errors=0.5, halves=0.5)
        at_ease = self.bundle("1.0.0", good.url, name="at-ease")
        install = self.bundle("1.0.0", bad.url)
        for number in range(1, RELEASES + 1):
            self.release(number)
            with self.subTest(release=number, seed=SEED):
                self.update_to(at_ease, f"1.{number}.0")
                self.kill_sometimes(install)
                self.update_to(install, f"1.{number}.0")
        ratio = bad.bytes_of_packs / good.bytes_of_packs
        print(f"# {bad.broken} answers broken, {ratio:.2f} of the bytes of a good line")
        self.assertGreater(bad.broken, RELEASES)
        self.assertLessEqual(ratio, 1.3)


if __name__ == "__main__":
    promise.main()
