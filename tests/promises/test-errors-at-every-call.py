#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whichever call fails, and with whatever error: the updater says what is wrong, or does without;
it never crashes, hangs or believes that it is done. The old or the new version starts, the next run
reaches the new one, and nothing is left lying about. The launcher starts the application whatever
fails.

A sample by itself; ONWARD_TEST_STEPS=all lets every single call fail (`./dev crash`).
"""

import errno
import functools
import os

import promise
from promise import DONE, NOTHING
from steps import ALL, EveryScene, InPlace, InTwoSteps, Place, Steps, SwitchScenes

POINTS = 5
# The first two at each call; the others where all are tried, but for reads: there every seventh.
ALWAYS = (errno.ENOSPC, errno.EIO)
AT_TIMES = (errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EMFILE, errno.EINTR, errno.ENOMEM)
OF_READS = (errno.EIO, errno.EMFILE, errno.EACCES, errno.EINTR, errno.ENOMEM)
STATUSES = range(1, 9)
# What is said instead of what the system says.
IN_WORDS = {errno.EACCES: "another user", errno.EROFS: "mounted read-only"}


class Errors:
    """Each scene is tried with one call that fails, or with all calls from one on; for classes of
    Steps."""

    def fail_at(self, scene, number, error, *options):
        place = Place(self, scene, self.here())
        result, report = place.step(scene.command, "--fail", number, "--error", error, *options)
        failed = next((line for line in report if line.startswith("failed ")), "nothing")
        wrong = self.judge_end(scene, place, result, error) or place.judge()
        return wrong and (f"{scene}: {errno.errorcode[error]} at {number} {' '.join(options)} "
                          f"({failed}): {wrong}\n{result}\n{place.describe()}")

    @staticmethod
    def judge_end(scene, place, result, error):
        """What is wrong with how the command itself ended, or None."""
        says = os.strerror(error), IN_WORDS.get(error, os.strerror(error))
        if result.status in (DONE, NOTHING):
            is_done = scene.command[0] != "update" or \
                promise.current_version(place.folder) == scene.end
            return None if is_done else "it believes that it is done"
        if scene.command[0] == "launch" and result.status == promise.OWN_FAILURE:
            return None
        if not any(words in result.stderr for words in says):
            return "it does not say what the system said"
        if scene.command[0] != "launch" and result.status not in STATUSES:
            return "it ended in no good way"
        return None

    def attempts(self, scene, errors, *options):
        numbers = sorted({number for _, number in self.choose(scene, len(self.points(scene)))})
        return [functools.partial(self.fail_at, scene, number, error, *options)
                for position, error in enumerate(errors) for number in numbers
                if error in ALWAYS or (number + position) % 7 == 0 or
                (ALL and "--reads" not in options)]

    def sweep(self, name):
        scene = self.scenes[name]
        self.rehearse(scene)
        attempts = self.attempts(scene, ALWAYS + AT_TIMES)
        attempts += self.attempts(scene, (errno.ENOSPC, errno.EROFS), "--for-ever")
        self.try_all(self.sample(attempts, POINTS), f"let a call of “{name}” fail")


class ErrorsAtEveryCall(EveryScene, Errors, Steps):
    """Side by side: what changes the disk fails."""


class Reads(Errors):
    """Whatever opens, reads, lists, maps, locks or looks at something fails as well."""

    def sweep(self, name):
        scene = self.scenes[name]
        self.rehearse(scene)
        place = Place(self, scene, self.folder / "rehearsal")
        _, report = place.step(scene.command, "--list", "--reads")
        scene.steps = [line for line in report if line.startswith("step ")]
        place.remove()
        self.try_all(self.sample(self.attempts(scene, OF_READS, "--reads"), POINTS),
                     f"let any call of “{name}” fail")


class ErrorsAtEveryRead(EveryScene, Reads, Steps):
    """Side by side."""


class ErrorsAtEveryReadInPlace(SwitchScenes, Reads, Steps):
    """An application that must live at one path."""

    layout = "in-place"


class ErrorsInPlace(InPlace, SwitchScenes, Errors, Steps):
    """An application that must live at one path."""


class ErrorsInTwoSteps(InTwoSteps, SwitchScenes, Errors, Steps):
    """The same where folders cannot be exchanged."""


if __name__ == "__main__":
    promise.main()
