#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""When the power goes at any moment, what was not yet on the disk is lost, and still: the version
that `current` names is whole, it starts, the next run reaches the new one, and what was said to be
done is done.

A killed process loses nothing that it has written: these cuts are made to the disk itself, an image
of ext4 or XFS that is shut down without its log. To show that they find what they are for, calls
of fsync are left out in turn; every one has to be missed. Needs root; says so where it cannot be.

A sample by itself; ONWARD_TEST_STEPS=all cuts at every step, ONWARD_TEST_CUTS says how many times
more at random.
"""

import functools
import os
import threading
import unittest

import disks
import promise
from promise import DONE, NOTHING, snapshot
from steps import ALL, KILLED, InPlace, Place, Steps

CUTS = int(os.environ.get("ONWARD_TEST_CUTS", "0"))
POINTS = 3
NO_ROOT = None if os.getuid() == 0 else "only root can cut the power of a disk"
NO_NAMESPACE = NO_ROOT or disks.enter_namespace()

# Each leaves one kind of sync out: the scene, the calls, and on which file systems that is missed,
# when the power goes at the end or after one of the steps.
BOTH = ("ext4", "xfs")
MUTANTS = {
    "the staged files": ("update", "syncfs:*/var/staging", BOTH),
    "the receipt": ("update", "fsync:*/receipts/.onward-*", BOTH),
    "the trial": ("update", "fsync:*/var/.onward-*", BOTH),
    # A copy on XFS shares what is on the disk already.
    "the user's files": ("first update", "fsync:*/versions/*/data/.onward-*", ("ext4",)),
    "the journal": ("first check", "fsync:*/var/state.ini.*", BOTH),
    "the trusted metadata": ("first check", "fsync:*/var/trust/.onward-*", BOTH),
    "the way back": ("fall back", "fsync:*/install", BOTH),
    "the end of the trial": ("mark good", "fsync:*/var", BOTH),
    # One file is renamed over another: ext4 then writes the new one out by itself.
    "the count of starts": ("start on trial", "fsync:*/var/.trial.*", ("xfs",)),
    "why the launcher went back": ("fall back", "fsync:*/var/.reverted.*", BOTH),
    "the new launcher": ("prune", "fsync:*/install/.onward-*", ("xfs",)),
}
# In these a version lacks something, and may lack it until all is done.
INCOMPLETE = ("repair", "component add", "component remove")


class Cuts:
    """Each test has disks of one kind, one for each thread; for classes of Steps."""

    def setUp(self):
        super().setUp()
        self.trees = {version: snapshot(self.tree(version)) for version in ("1.0.0", "1.1.0",
                                                                            "1.2.0")}

    def disk(self, kind):
        if not hasattr(self.local, "disk"):
            folder = self.folder / f"disk-{threading.get_ident()}"
            self.local.disk = disks.Image(kind, folder)
            self.addCleanup(self.local.disk.remove)
        return self.local.disk

    def require(self, kind):
        try:
            self.disk(kind)
        except OSError as error:
            self.skipTest(f"no disk can be mounted here: {error}")

    def trust_is_whole(self, place, scene):
        """All that is stored is as it was before, or as the repository has it."""
        known = {facts for path, facts in snapshot(scene.state / "var").items()
                 if path.startswith("trust/")}
        known |= {(kind, 0o644, *content) for kind, _, *content in
                  snapshot(self.repository / "metadata").values()}
        found = snapshot(place.folder / "var/trust") if (place.folder / "var").is_dir() else {}
        broken = [path for path, (kind, mode, *content) in found.items()
                  if not path.startswith(".") and (kind, mode, *content) not in known
                  and (kind, 0o644, *content) not in known]
        return f"the stored metadata is damaged: {broken}" if broken else None

    def is_whole(self, place, scene):
        """What must hold before anything has mended it."""
        current = promise.current_version(place.folder)
        folder = promise.version_folder(place.folder, current)
        found = {path: facts for path, facts in snapshot(folder).items()
                 if not path.startswith(("data", promise.MARK))}
        if found != self.trees[current] and scene.name not in INCOMPLETE:
            return f"{current} is current and not whole"
        receipt = place.folder / "receipts" / current
        if scene.name != "repair" and not receipt.stat().st_size:
            return f"{current} has no receipt"
        on_trial = scene.name in ("update", "first update", "start on trial")
        trial = place.folder / "var/trial"
        if on_trial and current == "1.2.0" and (
                not trial.exists() or not trial.read_text().startswith(current)):
            return "the new version is not on trial"
        mine = folder / "data/mine.txt"
        if not mine.exists() or mine.read_text() != "mine\n":
            return "a file of the user's is lost"
        journal = place.folder / "var/state.ini"
        if journal.exists() and "Checksum=" not in journal.read_text(errors="replace"):
            return "the journal is damaged"
        return self.trust_is_whole(place, scene)

    def is_done(self, place, scene):
        """What was said to be done is on the disk."""
        current = promise.current_version(place.folder)
        ends = {"update": "1.2.0", "first update": "1.2.0", "roll back": "1.1.0",
                "mark good": "1.2.0", "fall back": "1.1.0", "fall back at once": "1.1.0"}
        if current != ends.get(scene.name, current):
            return f"it was done, and now {current} is current"
        if scene.name == "mark good" and (place.folder / "var/trial").exists():
            return "it was done, and now the version is on trial again"
        if place.run("verify").status != DONE:
            return "it was done, and now the version is damaged"
        return None

    def cut(self, scene, kind, when=None, number=0, *options):
        """The power goes at a step, or when all is done. Returns what is wrong after that."""
        disk = self.disk(kind)
        place = Place(self, scene, disk.folder / "install")
        disk.sync()
        if when is not None:
            options = (*options, when, number, "--cut", disk.folder)
        result, report = place.step(scene.command, *options)
        if result.status in (DONE, NOTHING):
            disk.cut()
        else:
            self.assertEqual(result.status, KILLED, str(result))
        disk.come_back()
        wrong = self.is_whole(place, scene)
        if wrong is None and result.status != KILLED:
            wrong = self.is_done(place, scene)
        wrong = wrong or place.judge()
        return wrong and f"{scene} on {kind}, cut {when} {number} ({report[-2:]}): {wrong}\n" + \
            place.describe()

    def points(self, scene):
        return [*super().points(scene), (None, 0)]

    def cut_everywhere(self, kind):
        self.require(kind)
        attempts = []
        for name in self.names:
            scene = self.scenes[name]
            self.rehearse(scene)
            attempts += [(scene, kind, *point) for point in self.choose(scene, POINTS)]
        scene = self.scenes["update"]
        attempts += [(scene, kind, *self.chance.choice(self.points(scene))) for _ in range(CUTS)]
        self.try_all([functools.partial(self.cut, *attempt) for attempt in attempts],
                     f"cut the power of {kind}")

    def test_ext4(self):
        self.cut_everywhere("ext4")

    def test_xfs(self):
        self.cut_everywhere("xfs")


@unittest.skipIf(NO_NAMESPACE, NO_NAMESPACE)
class PowerCuts(Cuts, Steps):
    """Side by side."""

    names = ("first update", "update", "roll back", "mark good", "start on trial", "fall back",
             "fall back at once", "update by the whole pack", "first check", "prune", *INCOMPLETE)

    def catch(self, kind, what):
        """Whether it is found out that a sync was left out."""
        name, skip, _ = MUTANTS[what]
        scene = self.scenes[name]
        if scene.reference is None:
            self.rehearse(scene)
        points = [(None, 0)] + [("--after", number) for number in range(len(scene.steps), 0, -1)
                                if scene.steps[number - 1].split()[2] in ("fsync", "rename")]
        for point in points:
            wrong = self.cut(scene, kind, *point, "--skip", skip)
            if wrong is not None:
                return wrong.splitlines()[0].split("): ")[-1]
        return None

    def catch_all(self, kind):
        self.require(kind)
        for what in (name for name, (*_, kinds) in MUTANTS.items() if kind in kinds):
            with self.subTest(left_out=what):
                found = self.catch(kind, what)
                print(f"# {what} not synced, on {kind}: {found}", flush=True)
                self.assertIsNotNone(found, "nobody has noticed")

    def test_what_is_not_synced_is_missed_on_ext4(self):
        self.catch_all("ext4")

    @unittest.skipUnless(ALL, "on ext4 it has been tried")
    def test_what_is_not_synced_is_missed_on_xfs(self):
        self.catch_all("xfs")


@unittest.skipIf(NO_NAMESPACE, NO_NAMESPACE)
class PowerCutsInPlace(InPlace, Cuts, Steps):
    """An application that must live at one path."""

    names = ("update", "roll back", "fall back", "fall back at once")



if __name__ == "__main__":
    promise.main()
