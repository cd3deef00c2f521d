#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change of the keys that is killed at any change to the disk alarms nobody, and is finished, or
never was, with the next `onward-publish refresh`; any other command says so.

A sample by itself; ONWARD_TEST_STEPS=all tries every step.
"""

import os
import random
import re
import shutil

from promise import BUILD, DONE, FAILED, NOTHING, PUBLISH, UNTRUSTED, Promise, main, noise

STEPPER = BUILD / "tests/support/onward-stepper"
KILLED = 137
POINTS = 6
ALL = os.environ.get("ONWARD_TEST_STEPS") == "all"
SEED = os.environ.get("ONWARD_TEST_SEED") or str(random.SystemRandom().randrange(1 << 32))


class CutOff(Promise):
    """A repository with a release, an install of it, and a place where both are tried on."""

    def setUp(self):
        super().setUp()
        self.chance = random.Random(SEED)
        self.place = self.folder / "place"
        self.in_common(self.make_base)

    def make_base(self):
        print(f"# ONWARD_TEST_SEED={SEED}")
        self.repository = self.folder / "base/repository"
        self.init()
        self.add("1.0.0", {"data": noise(20_000, 1)})

    def reset(self):
        """The repository and its keys as they were, and an install that has checked once."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.folder / "base", self.place)
        self.repository = self.place / "repository"
        ini = self.repository / "publish.ini"
        ini.write_text(ini.read_text().replace(str(self.folder / "base"), str(self.place)))
        shutil.rmtree(self.folder / "install", ignore_errors=True)
        install = self.bundle("1.0.0", self.repository.as_uri())
        install.onward("check", status=NOTHING)
        return install

    def step(self, words, *options, status):
        return self.run_tool([STEPPER, "--below", self.place, *options, "--", PUBLISH, *words],
                             status=status)

    def count(self, words):
        """How many steps the whole change takes, and at which one its root is there."""
        self.reset()
        report = self.folder / "report"
        self.step(words, "--report", report, "--list", status=DONE)
        lines = report.read_text(errors="replace").splitlines()
        steps = [line for line in lines if line.startswith("step ")]
        roots = [number for number, line in enumerate(steps, 1) if ".root.json" in line]
        return len(steps), roots[0] if roots else 1

    def sweep(self, *words):
        command = [self.place / "repository" if word == "REPO" else word for word in words]
        steps, first_root = self.count(command)
        points = range(1, steps + 1)
        if not ALL:
            points = sorted(self.chance.sample(range(1, first_root + 1), 2)
                            + self.chance.sample(range(first_root + 1, steps + 1), POINTS))
        for number in points:
            with self.subTest(command=words, step=number, seed=SEED):
                self.try_at(command, number)

    def try_at(self, command, number):
        install = self.reset()
        self.step(command, "--before", str(number), status=KILLED)
        self.assert_waits(install)
        self.assert_says_what_to_do()
        self.publish("refresh", self.repository)
        self.publish("verify", self.repository)
        install.onward("check", status=NOTHING)
        tree = self.tree("1.0.0")
        self.publish("add", self.repository, tree, "--version", "1.1.0", "--compression", "zstd")
        install.onward("check", status=DONE)

    def assert_waits(self, install):
        """Who checks now may find nothing, but no tampering."""
        result = install.onward("check", status=None)
        self.assertNotEqual(result.status, UNTRUSTED, str(result))
        self.assertNotIn("tamper", result.stderr)

    def assert_says_what_to_do(self):
        """Whatever cannot go on names the command that helps."""
        for words in (("verify", self.repository),
                      ("withdraw", self.repository, "--version", "1.0.0"),
                      ("doctor", self.repository)):
            result = self.publish(*words, status=None)
            if re.search("was cut off", result.stdout + result.stderr):
                self.assertEqual(result.status, FAILED, str(result))
                self.assertIn(f"run “onward-publish refresh {self.repository}”",
                              result.stdout + result.stderr)
            elif words[0] != "doctor":
                self.assertEqual(result.status, DONE, str(result))

    def test_replace_online(self):
        self.sweep("key", "replace", "REPO", "online")

    def test_replace_root(self):
        self.sweep("key", "replace", "REPO", "root", "--lost")

    def test_split(self):
        self.sweep("key", "split", "REPO")

    def test_rotate(self):
        self.sweep("rotate", "REPO")


if __name__ == "__main__":
    main()
