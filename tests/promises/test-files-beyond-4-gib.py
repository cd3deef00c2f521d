#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file of more than 4 GiB that changed at its beginning, beyond 2 GiB and beyond 4 GiB is updated
by what changed in it: few bytes come, neither the publisher nor the updater needs memory for more
than a part of it, and where it is zeros it takes no space. Not with sanitizers, which make it take
minutes.
"""

import os
import pathlib
import random
import re
import tempfile
import time
import unittest

import promise
from promise import DONE, PUBLISH, SANITIZED, Running, app

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SIZE = 4 * GIB + 100 * MIB
PLACES = (5 * MIB, 2 * GIB + 3 * MIB, 4 * GIB + 50 * MIB)
FILLED = 256 * KIB
# The most private memory: mapped files do not count.
MAKER, UPDATER = 2700 * MIB, 64 * MIB
LONG = 240


def measure(folder):
    """The space that a folder's files take."""
    return sum(os.lstat(os.path.join(parent, name)).st_blocks * 512
               for parent, _, names in os.walk(folder) for name in names)


def write_huge(path, changed):
    """Mostly zeros, with something at each place, in which some bytes changed."""
    path.parent.mkdir(parents=True)
    with open(path, "wb") as file:
        file.truncate(SIZE)
        for seed, place in enumerate(PLACES):
            content = bytearray(random.Random(seed).randbytes(FILLED))
            if changed:
                content[1000::20011] = bytes(len(content[1000::20011]))
            file.seek(place)
            file.write(content)


def read_huge(folder):
    """The file's size, and what is at each place: its digest the updater has checked."""
    with open(folder / "huge", "rb") as file:
        return [os.fstat(file.fileno()).st_size,
                *(os.pread(file.fileno(), FILLED, place) for place in PLACES)]


class Huge(promise.Promise):
    """The folder is on a disk: memory is what this is about."""

    def setUp(self):
        self.addCleanup(setattr, promise, "find_place", promise.find_place)
        promise.find_place = tempfile.gettempdir
        super().setUp()

    def add_huge(self, version, changed):
        tree = self.tree(version)
        write_huge(tree / "huge", changed)
        promise.make_tree(tree / "bin", {"app": app(version)})
        return self.watch(Running(self, [PUBLISH, "add", self.repository, tree,
                                         "--version", version, "--compression", "zstd"]))

    def watch(self, running):
        """Waits until it is done; the most private memory that it had meanwhile."""
        status = pathlib.Path(f"/proc/{running.process.pid}/status")
        end = time.monotonic() + LONG
        peak = 0
        while running.is_running() and time.monotonic() < end:
            found = re.search(r"RssAnon:\s+(\d+)", status.read_text())
            peak = max(peak, int(found[1]) * KIB if found else 0)
            time.sleep(0.02)
        self.assertEqual(running.wait().status, DONE, str(running.wait()))
        return peak

    @unittest.skipIf(SANITIZED, "it takes too long with sanitizers")
    def test_updated_by_what_changed(self):
        self.init()
        self.add_huge("1.0.0", False)
        maker = self.add_huge("2.0.0", True)
        server = self.serve()
        install = self.bundle("1.0.0", server.url)
        updater = self.watch(install.start_onward("update", "--yes"))
        self.assert_runs(install, "2.0.0")
        self.assertEqual(*map(read_huge, (install.version("2.0.0"), self.tree("2.0.0"))))
        self.assertLess(server.bytes_of_packs(), 16 * KIB)
        self.assertLess(measure(install.folder), 8 * MIB)
        self.assertLess(measure(self.repository), 4 * MIB)
        self.assertLess(maker, MAKER)
        self.assertLess(updater, UPDATER)


if __name__ == "__main__":
    promise.main()
