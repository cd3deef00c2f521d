#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Killed before or after any single change to the disk, and killed again while it recovers: the old
or the new version starts, the next run reaches the new one by itself, and the install ends exactly
as if nothing had happened.

A sample by itself; ONWARD_TEST_STEPS=all tries every step, ONWARD_TEST_PAIRS says how many pairs,
ONWARD_TEST_JOBS how many at a time (`./dev crash` does it all).
"""

import functools
import os

import promise
from steps import (ALL, KILLED, EveryScene, InPlace, InTwoSteps, Place, Steps, SwitchScenes,
                   compare)

POINTS = 8
PAIRS = int(os.environ.get("ONWARD_TEST_PAIRS", "5000" if ALL else "40"))


class Killed:
    """Each scene is killed in turn; for classes of Steps."""

    def kill(self, scene, when, number):
        place = Place(self, scene, self.here())
        result, _ = place.step(scene.command, when, number)
        if result.status not in (KILLED, 0, 3):
            return f"{scene} {when} {number}: {result}"
        return self.told(scene, f"{when} {number}", place.judge(), place)

    @staticmethod
    def told(scene, what, wrong, place):
        number = int(what.split()[1])
        step = scene.steps[number - 1] if number <= len(scene.steps) else "?"
        return wrong and f"{scene}, killed {what} ({step}): {wrong}\n{place.describe()}"

    def sweep(self, name):
        scene = self.scenes[name]
        steps = self.rehearse(scene)
        self.try_all([functools.partial(self.kill, scene, *point)
                      for point in self.choose(scene, POINTS)], f"killed in “{name}” ({steps})")

    def kill_twice(self, scene, first, second):
        place = Place(self, scene, self.here())
        place.step(scene.command, *first)
        place.step(scene.finish, *second)
        return self.told(scene, f"{first[0]} {first[1]} and {second[0]} {second[1]}",
                         place.judge(), place)

    def test_killed_again_while_it_recovers(self):
        scenes = [self.scenes[name] for name in self.killed_twice]
        for scene in scenes:
            self.rehearse(scene)
        pairs = []
        for _ in range(self.pairs):
            scene = self.chance.choice(scenes)
            most = len(scene.steps)
            pairs.append((scene, *((self.chance.choice(("--before", "--after")),
                                    self.chance.randint(1, limit)) for limit in (most, most))))
        self.try_all([functools.partial(self.kill_twice, *pair) for pair in pairs], "killed twice")


class KilledAtEveryStep(EveryScene, Killed, Steps):
    """Side by side."""

    killed_twice = ("update", "first update", "roll back", "prune", "repair",
                    "update by the whole pack")
    pairs = PAIRS

    def test_staging_goes_on(self):
        """Nine tenths of the files are there: only the rest is made."""
        scene = self.scenes["update by the whole pack"]
        self.rehearse(scene)

        def made(report):
            return [line for line in report if line.startswith("step ")
                    and line.split()[2] in ("open", "link") and "/var/staging/1.2.0/" in line]
        files = made(scene.steps)
        at = int(files[len(files) * 9 // 10].split()[1])
        place = Place(self, scene, self.folder / "resumed")
        _, begun = place.step(scene.command, "--list", "--before", at)
        self.assertGreater(len(made(begun)), len(files) // 2)
        result, report = place.step(scene.finish, "--list")
        self.assertEqual(result.status, 0, str(result))
        # Those that were at work, on two threads, are made anew.
        self.assertLessEqual(len(made(report)), len(files) - len(made(begun)) + 3)
        self.assertIsNone(place.launch({scene.end}))
        self.assertIsNone(compare(scene.reference, place.listing()))


class KilledInPlace(InPlace, SwitchScenes, Killed, Steps):
    """An application that must live at one path."""

    killed_twice = ("update", "first update", "roll back", "fall back")
    pairs = PAIRS // 4


class KilledInTwoSteps(InTwoSteps, SwitchScenes, Killed, Steps):
    """The same where folders cannot be exchanged."""

    killed_twice = ("update", "roll back", "fall back")
    pairs = PAIRS // 4


if __name__ == "__main__":
    promise.main()
