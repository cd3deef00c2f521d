#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two updaters never work on one install, and what runs is never removed."""

import os
import signal

import promise
from promise import BLOCK, BUSY, DONE, FAILED, NOTHING, noise

# How often several updaters begin at once; ONWARD_ROUNDS=200 for the whole of it.
ROUNDS = int(os.environ.get("ONWARD_ROUNDS", "4"))
UPDATERS = 8


class OneUpdater(promise.Promise):
    """Version 1.1.0 takes two seconds to arrive."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve(rate=2_000_000)
        self.install = self.bundle("1.0.0", self.server.url)

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"lib/big.bin": b"small once"})
        self.add("1.1.0", {"lib/big.bin": noise(4 * BLOCK, "new")}, "--deltas", "0")

    def start_update(self):
        update = self.install.start_onward("update", "--yes", "--json")
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > 0, "bytes have come")
        return update

    def test_a_second_one_is_told_that_the_install_is_busy(self):
        update = self.start_update()
        # It holds the install however long the others take.
        update.signal(signal.SIGSTOP)
        for verb in (("update", "--yes"), ("check",), ("rollback",), ("prune",)):
            result = self.install.onward(*verb, status=BUSY)
            self.assertEqual(result.stdout, "")
            self.assertIn("another updater", result.stderr.lower(), str(result))
        event = self.install.onward("update", "--yes", "--json", status=BUSY).events()[-1]
        self.assertEqual((event["event"], event["code"]), ("error", "busy"))
        self.assertIn("1.0.0", self.install.onward("status").stdout)
        self.assert_runs(self.install, "1.0.0")
        update.signal(signal.SIGCONT)
        self.assertEqual(update.wait().status, DONE)
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0")

    def test_the_lock_goes_with_an_updater_that_was_killed(self):
        self.start_update().kill()
        self.install.onward("update", "--yes")
        self.assert_runs(self.install, "1.1.0")

    def test_of_many_at_once_each_ends_well_or_is_told(self):
        updates = [self.install.start_onward("update", "--yes") for _ in range(5)]
        results = [update.wait() for update in updates]
        statuses = sorted(result.status for result in results)
        self.assertEqual(statuses[0], DONE, "\n".join(map(str, results)))
        self.assertTrue(set(statuses) <= {DONE, NOTHING, BUSY}, "\n".join(map(str, results)))
        self.assertEqual(statuses.count(DONE), 1)
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0")
        self.assertEqual(self.install.strays(), [])

    def test_two_installs_do_not_hinder_each_other(self):
        other = self.bundle("1.0.0", self.server.url, name="other")
        update = self.start_update()
        other.onward("update", "--yes")
        self.assert_runs(other, "1.1.0")
        self.assertEqual(update.wait().status, DONE)


class ManyAtOnce(promise.Promise):
    """A release so small that those who come later find it installed."""

    def setUp(self):
        super().setUp()
        self.init()
        self.add("1.0.0", {"share/file": "old\n", "lib/same.bin": noise(10000, "same")})
        self.server = self.serve()
        self.fresh = self.bundle("1.0.0", self.server.url, name="fresh")
        self.add("1.1.0", {"share/file": "new\n", "lib/same.bin": noise(10000, "same")})

    def switches(self, install):
        log = (install.folder / "var/update.log").read_text()
        return log.count("applying → applied")

    def race(self, install, beside):
        """Returns how many of all updaters say that they have updated."""
        updates = [install.start_onward("update", "--yes") for _ in range(UPDATERS)]
        others = [install.start_onward(verb) for verb in beside]
        self.assert_runs(install, "1.0.0", "1.1.0")
        results = [update.wait() for update in updates]
        statuses = [result.status for result in results]
        told = "\n".join(map(str, results))
        self.assertLessEqual(set(statuses), {DONE, NOTHING, BUSY}, told)
        for other in others:
            self.assertIn(other.wait().status, (DONE, NOTHING, BUSY))
        return statuses.count(DONE)

    def assert_switched_once(self, beside=()):
        for number in range(ROUNDS):
            install = self.fresh.copy(f"round-{number}")
            done = self.race(install, beside)
            # With other verbs at work all of them may have been told to come back later.
            if done == 0 and beside:
                install.onward("update", "--yes")
                done = 1
            self.assertEqual(done, 1)
            self.assertEqual(self.switches(install), 1)
            self.assert_runs(install, "1.1.0")
            self.assert_is_version(install, "1.1.0")
            self.assertEqual(install.versions(), ["1.0.0", "1.1.0"])
            self.assertEqual(install.strays(), [])
            self.assertEqual(install.onward("update", "--yes", status=NOTHING).stdout, "")

    def test_a_release_is_switched_to_exactly_once(self):
        self.assert_switched_once()

    def test_a_release_is_switched_to_exactly_once_amid_other_verbs(self):
        self.assert_switched_once(("check", "prune", "mark-good", "verify", "status"))


class WhatRuns(promise.Promise):
    """Versions that follow each other while the first one runs."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve()
        self.install = self.bundle("1.0.0", self.server.url)

    def make_versions(self):
        self.init()
        for number in range(4):
            self.add(f"1.{number}.0", {"share/file": f"{number}\n"})

    def update_to(self, version):
        self.install.onward("update", "--yes", "--to", version)
        self.assert_runs(self.install, version)
        self.install.onward("mark-good")

    def test_a_running_version_is_never_removed(self):
        running = self.install.start("load")
        running.wait_for_line(lambda line: line == b"1.0.0 load\n", "the application runs")
        for number in range(1, 4):
            self.update_to(f"1.{number}.0")
            self.install.onward("prune")
            self.assertTrue(running.is_running())
            self.assert_is_version(self.install, "1.0.0")
        self.assertEqual(self.install.versions(), ["1.0.0", "1.2.0", "1.3.0"])
        running.process.stdin.write(b"\n")
        running.process.stdin.flush()
        result = running.wait()
        self.assertEqual((result.status, result.stdout), (DONE, "1.0.0 load\n0\n"),
                         "what it loads late is its own")
        self.install.onward("prune")
        self.assertEqual(self.install.versions(), ["1.2.0", "1.3.0"])
        self.assertEqual(self.install.strays(), [])

    def test_what_runs_is_named(self):
        self.assertNotIn("is open", self.install.onward("status").stdout)
        running = self.install.start("wait")
        running.wait_for_line(lambda line: line == b"1.0.0 wait\n", "the application runs")
        self.update_to("1.1.0")
        self.assertIn(f"Version 1.0.0 is open: app (process {running.process.pid})\n",
                      self.install.onward("status").stdout)
        events = self.install.onward("status", "--json").events()
        self.assertIn({"event": "running", "version": "1.0.0", "process": running.process.pid,
                       "name": "app"}, events)
        running.kill()
        self.assertNotIn("is open", self.install.onward("status").stdout)

    def test_two_versions_stay_so_that_one_can_go_back(self):
        for number in range(1, 4):
            self.update_to(f"1.{number}.0")
            self.assertEqual(len(self.install.versions()), 2)
        self.assertEqual(self.install.onward("rollback").stdout, "1.2.0\n")
        self.assert_runs(self.install, "1.2.0")
        self.install.onward("verify")

    def test_there_is_nothing_to_go_back_to_at_first(self):
        result = self.install.onward("rollback", status=FAILED)
        self.assertIn("No other version", result.stderr)
        self.assert_runs(self.install, "1.0.0")


if __name__ == "__main__":
    promise.main()
