#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""While somebody waits, reconnecting never gives up: the same run ends well once the server is
back. Scripts that cannot wait say how often to try."""

import promise
from promise import BLOCK, DONE, NETWORK, noise

FAST = {"ONWARD_TEST_BACKOFF_MS": "100"}


class GoesOn(promise.Promise):
    """Version 1.1.0 is 6 MiB on a line of 3 MB a second, so that there is time to break it."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve(rate=3_000_000)
        self.install = self.bundle("1.0.0", self.server.url)

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"lib/big.bin": b"small once"})
        self.add("1.1.0", {"lib/big.bin": noise(6 * BLOCK, "new")}, "--deltas", "0")

    def start_and_break(self, *options, env=None):
        update = self.install.start_onward("update", "--yes", "--json", *options, env=env or FAST)
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > BLOCK, "bytes came")
        self.server.kill()
        return update

    def test_the_same_run_ends_well(self):
        update = self.start_and_break()
        status = update.wait_for_status(lambda status: status.get("state") == "reconnecting" and
                                        "retry-in" in status, "it waits for the next try")
        self.assertIn("problem", status)
        self.assertTrue(update.is_running())
        self.assert_runs(self.install, "1.0.0")
        server = self.serve(port=self.server.port)
        result = update.wait()
        self.assertEqual(result.status, DONE, str(result))
        self.assertEqual(result.events()[-1], {"event": "updated", "version": "1.1.0"})
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0")
        server.end()
        self.assertLess(server.bytes_of_packs(), 6 * BLOCK, "what had come was not asked for again")

    def test_it_does_not_give_up_after_many_tries(self):
        update = self.start_and_break(env={"ONWARD_TEST_BACKOFF_MS": "1"})
        tries = []

        def is_another_try(line):
            tries.append(b"reconnecting" in line)
            return sum(tries) > 40
        update.wait_for_line(is_another_try, "it has tried again and again")
        self.serve(port=self.server.port)
        self.assertEqual(update.wait().status, DONE)
        self.assert_runs(self.install, "1.1.0")

    def test_waits_are_real_seconds_that_double(self):
        update = self.start_and_break(env={"ONWARD_TEST_BACKOFF_MS": "1000"})
        waits = []

        def is_longer_wait(line):
            wait = promise.json.loads(line).get("retry-in")
            if wait is not None and wait not in waits:
                waits.append(wait)
            return len(waits) > 1 and waits[-1] > waits[0]
        update.wait_for_line(is_longer_wait, "it waits longer")
        self.assertLessEqual(waits[0], 1)
        self.serve(port=self.server.port)
        self.assertEqual(update.wait().status, DONE)

    def test_a_script_says_how_often_to_try(self):
        update = self.start_and_break("--retries", "2")
        result = update.wait()
        self.assertEqual(result.status, NETWORK, str(result))
        self.assertEqual(result.events()[-1]["event"], "error")
        self.assert_runs(self.install, "1.0.0")
        server = self.serve(port=self.server.port)
        self.install.onward("update", "--yes", "--retries", "2")
        self.assert_runs(self.install, "1.1.0")
        server.end()
        self.assertLess(server.bytes_of_packs(), 6 * BLOCK, "what had come was not asked for again")

    def test_a_check_says_at_once_that_there_is_no_server(self):
        self.server.kill()
        for verb in (("check",), ("update", "--yes", "--retries", "0"), ("notes",)):
            result = self.install.onward(*verb, status=NETWORK, timeout=20)
            self.assertNotEqual(result.stderr, "")
        self.serve(port=self.server.port)
        self.install.onward("check")


if __name__ == "__main__":
    promise.main()
