#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""While a publisher publishes release after release, and while an upload brings the files in any
order, no client raises an alarm, none ends with a mixed tree, and each reaches the last release."""

import os
import random
import shutil
import threading
import time

import promise
from promise import DONE, FAILED, NETWORK, NOTHING, noise

# How many releases are published; ONWARD_ROUNDS=1000 for the whole of it.
RELEASES = int(os.environ.get("ONWARD_ROUNDS", "6"))
SEED = os.environ.get("ONWARD_TEST_SEED") or str(random.SystemRandom().randrange(1 << 32))
CLIENTS = 3
FAST = {"ONWARD_TEST_BACKOFF_MS": "20"}


class Client:
    """An install that asks for updates again and again while others publish."""

    def __init__(self, test, install):
        self.test, self.install = test, install
        self.results = []
        self.problem = None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.is_over.is_set():
                self.update()
        except BaseException as problem:  # told by the test, which is another thread
            self.problem = problem

    def update(self):
        install = self.install
        self.results.append(install.onward("update", "--yes", "--retries", "0", status=None,
                                           env=FAST))
        self.test.assert_is_version(install, install.current())
        install.onward("mark-good", status=None)

    def end(self):
        self.is_over.set()
        self.thread.join()
        if self.problem is not None:
            raise self.problem


class Publishing(promise.Promise):
    """Releases of two files that change and one that does not."""

    def setUp(self):
        super().setUp()
        print(f"# ONWARD_TEST_SEED={SEED}")
        self.chance = random.Random(SEED)
        self.init()
        self.release(0)

    def release(self, number):
        self.add(f"1.{number}.0", {"share/file": f"{number}\n", "lib/new": noise(40_000, number),
                                   "lib/same": noise(40_000, "same")})

    def run_clients(self, url, publish):
        """Lets clients update while publish(number) brings each release out; what they said."""
        clients = [Client(self, self.bundle("1.0.0", url, name=f"install-{number}"))
                   for number in range(CLIENTS)]
        for client in clients:
            client.thread.start()
        try:
            for number in range(1, RELEASES + 1):
                publish(number)
        finally:
            for client in clients:
                client.end()
        for client in clients:
            client.install.onward("update", "--yes", status=None, env=FAST)
            self.assert_runs(client.install, f"1.{RELEASES}.0")
            self.assert_is_version(client.install, f"1.{RELEASES}.0")
            self.assertEqual(client.install.strays(), [])
        return [result for client in clients for result in client.results]

    def assert_statuses(self, results, *allowed):
        wrong = [str(result) for result in results if result.status not in allowed]
        self.assertEqual(wrong, [])
        self.assertIn(DONE, [result.status for result in results], "a client updated meanwhile")

    def test_what_the_web_server_reads_may_change_under_it(self):
        server = self.serve()
        results = self.run_clients(server.url, self.release)
        self.assert_statuses(results, DONE, NOTHING)

    def upload(self, web):
        """Brings what is new, file by file, in an order that is nobody's; each file at once."""
        files = [path for path in self.repository.rglob("*") if path.is_file() and not (
            (web / path.relative_to(self.repository)).exists() and
            (web / path.relative_to(self.repository)).read_bytes() == path.read_bytes())]
        self.chance.shuffle(files)
        for path in files:
            target = web / path.relative_to(self.repository)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, web / "arriving")
            os.rename(web / "arriving", target)
            # A client asks for something between two files.
            time.sleep(0.02)

    def test_an_upload_may_bring_the_files_in_any_order(self):
        web = self.folder / "web"
        shutil.copytree(self.repository, web)
        server = self.serve(web)

        def publish(number):
            self.release(number)
            self.upload(web)
        results = self.run_clients(server.url, publish)
        # What is announced and not there yet is what it is: missing.
        for result in results:
            if result.status == FAILED:
                self.assertIn("status 404", result.stderr)
        self.assert_statuses(results, DONE, NOTHING, NETWORK, FAILED)


if __name__ == "__main__":
    promise.main()
