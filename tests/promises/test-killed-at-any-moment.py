#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whenever the updater is killed, the old or the new version starts, the next run reaches the new
one, and nothing is left lying about.

ONWARD_TEST_SEED repeats the moments of an earlier run; ONWARD_TEST_ROUNDS makes more of them.
"""

import os
import random
import time

import promise
from promise import DONE, NOTHING, Link, noise

ROUNDS = int(os.environ.get("ONWARD_TEST_ROUNDS", "60"))
SEED = os.environ.get("ONWARD_TEST_SEED") or str(random.SystemRandom().randrange(1 << 32))
FAST = {"ONWARD_TEST_BACKOFF_MS": "20"}


def files(seed, count):
    """Many small files, so that there is much to do beside the download."""
    tree = {f"share/{number // 40}/{number}.txt": f"{seed} {number}\n" * 20
            for number in range(count)}
    return {**tree, "lib/big.bin": noise(700_000, seed), "lib/shared.bin": noise(400_000, "shared"),
            "lib/link": Link("big.bin")}


class Killed(promise.Promise):
    """Version 1.0.0 is installed, 1.1.0 arrives in about half a second."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve(rate=3_000_000, latency=2)
        self.pristine = self.bundle("1.0.0", self.server.url, "--keep", "data", name="pristine")
        (self.pristine.version("1.0.0") / "data").mkdir()
        (self.pristine.version("1.0.0") / "data/mine.txt").write_text("mine\n")
        self.chance = random.Random(SEED)

    def make_versions(self):
        print(f"# ONWARD_TEST_SEED={SEED}")
        self.init()
        self.add("1.0.0", files("old", 300), "--deltas", "0")
        self.add("1.1.0", files("new", 300), "--deltas", "0")

    def measure(self):
        """How long a whole update takes, and a run of it that ended well."""
        install = self.pristine.copy("measured")
        begin = time.monotonic()
        install.onward("update", "--yes", env=FAST)
        duration = time.monotonic() - begin
        self.assert_reached(install)
        return duration

    def finish(self, install):
        """One more run, which is left alone, reaches the new version, if none did before."""
        result = install.onward("update", "--yes", status=None, env=FAST)
        journal = install.folder / "var/state.ini"
        self.assertIn(result.status, (DONE, NOTHING),
                      f"{result}\n{journal.exists() and journal.read_text()}")
        self.assert_reached(install)

    def assert_reached(self, install):
        self.assert_runs(install, "1.1.0")
        self.assert_is_version(install, "1.1.0", beside=("data",))
        self.assertEqual((install.version("1.1.0") / "data/mine.txt").read_text(), "mine\n")
        install.onward("verify")
        install.onward("check", status=NOTHING)
        self.assertEqual(install.versions(), ["1.0.0", "1.1.0"])
        self.assertEqual(install.strays(), [])

    def kill_after(self, install, delay, *command):
        """Whether the command was still at work."""
        running = install.start_onward(*command, env=FAST)
        time.sleep(delay)
        result = running.kill()
        self.assertIn(result.status, (DONE, NOTHING, -9), str(result))
        return result.status == -9

    def test_while_it_checks_and_updates(self):
        duration = self.measure()
        moments = [self.chance.uniform(0, duration * 1.1) for _ in range(ROUNDS)]
        killed, number, install = 0, 0, self.pristine.copy("install-0")
        for count, moment in enumerate(moments):
            verb = ("check",) if self.chance.random() < 0.15 else ("update", "--yes")
            limit = min(moment, 0.05) if verb == ("check",) else moment
            with self.subTest(round=count, moment=round(limit, 4), verb=verb[0], seed=SEED):
                killed += self.kill_after(install, limit, *verb)
                before = install
                if self.assert_runs(install, "1.0.0", "1.1.0") == "1.1.0" or \
                        self.chance.random() < 0.2:
                    number += 1
                    install = self.pristine.copy(f"install-{number}")
                    self.finish(before)
        self.finish(install)
        print(f"# killed {killed} of {ROUNDS} runs in {number + 1} installs, {duration:.2f} s each")
        self.assertGreater(killed, ROUNDS // 4)

    def test_again_and_again_on_one_install(self):
        duration = self.measure()
        install = self.pristine.copy("install")
        for count in range(ROUNDS // 3):
            moment = self.chance.uniform(0, duration * 0.5)
            with self.subTest(round=count, moment=round(moment, 4), seed=SEED):
                self.kill_after(install, moment, "update", "--yes")
                if self.assert_runs(install, "1.0.0", "1.1.0") == "1.1.0":
                    install.onward("mark-good")
        self.finish(install)

    def test_while_it_goes_back(self):
        install = self.pristine.copy("install")
        install.onward("update", "--yes", env=FAST)
        install.onward("mark-good")
        for count in range(ROUNDS // 3):
            moment = self.chance.uniform(0, 0.03)
            with self.subTest(round=count, moment=round(moment, 4), seed=SEED):
                self.kill_after(install, moment, "rollback")
                if self.assert_runs(install, "1.0.0", "1.1.0") == "1.1.0":
                    install.onward("mark-good")
                install.onward("verify")
        self.finish(install)


if __name__ == "__main__":
    promise.main()
