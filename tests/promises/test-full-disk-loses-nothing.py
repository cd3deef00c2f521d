#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A full disk or an install that is not ours to write is told as what it is, before the first byte
where it can be known; the old version starts, and with room the next run goes on.

Small disks are mounted in a namespace of the test's own, so that they go with it.
"""

import errno
import json
import os
import signal
import unittest

import disks
import promise
from disks import MS_BIND, MS_NOEXEC, MS_RDONLY, MS_REMOUNT, mount
from promise import BLOCK, DONE, FAILED, LIBC, NOT_PERMITTED, NO_SPACE, noise

NOBODY = 65534

SIZE = 12 * BLOCK
DISK = 140 * BLOCK


WAS_ROOT = os.getuid() == 0
NO_NAMESPACE = disks.enter_namespace()


class Ballast:
    """A file that fills a disk."""

    def __init__(self, folder):
        self.path = folder / "ballast"

    def fill(self, leave=0):
        """What is free may get less before it is taken."""
        with open(self.path, "wb") as file:
            for _ in range(100):
                free = os.statvfs(self.path.parent)
                try:
                    os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leave)
                    return
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
        raise AssertionError("the disk fills faster than it can be filled")

    def remove(self):
        self.path.unlink()


class Disk(promise.Promise):
    """Version 1.0.0 is installed, and 1.1.0 is 12 MiB."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"share/file": "old\n"})
        many = {f"share/{number}": f"{number}\n" for number in range(300)}
        self.add("1.1.0", {"lib/big.bin": noise(SIZE, "new"), **many}, "--deltas", "0")


@unittest.skipIf(NO_NAMESPACE, NO_NAMESPACE)
class Full(Disk):
    """The install is on a disk of its own."""

    def mount_disk(self, server, options=f"size={DISK}"):
        (self.folder / "disk").mkdir()
        mount("none", self.folder / "disk", "tmpfs", 0, options)
        self.addCleanup(LIBC.umount2, os.fsencode(self.folder / "disk"), 2)
        self.ballast = Ballast(self.folder / "disk")
        return self.bundle("1.0.0", server.url, name="disk/install")

    def assert_room_helps(self, install):
        self.ballast.remove()
        install.onward("update", "--yes")
        self.assert_runs(install, "1.1.0")
        self.assert_is_version(install, "1.1.0")
        install.onward("verify")
        self.assertEqual(install.strays(), [])

    def assert_untouched(self, install):
        self.assertEqual(install.versions(), ["1.0.0"])
        for _ in range(2):
            self.assert_runs(install, "1.0.0")
        install.onward("verify")

    def test_before_the_first_byte(self):
        server = self.serve()
        install = self.mount_disk(server)
        self.ballast.fill(leave=70 * BLOCK)
        result = install.onward("update", "--yes", status=NO_SPACE)
        self.assertRegex(result.stderr,
                         r"needs [\d.]+.MB.* [\d.]+.MB are kept free.* [\d.]+.MB are free")
        self.assertLessEqual(server.bytes_of_packs(), BLOCK, "nothing but the pack's head")
        event = install.onward("update", "--yes", "--json", status=NO_SPACE).events()[-1]
        self.assertEqual(event["code"], "no-space")
        self.assert_untouched(install)
        self.assert_room_helps(install)

    def fill_during(self, leave, after):
        server = self.serve(rate=6_000_000)
        install = self.mount_disk(server)
        update = install.start_onward("update", "--yes", "--json")
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > after, "bytes came")
        update.stop()
        self.ballast.fill(leave)
        update.signal(signal.SIGCONT)
        result = update.wait()
        self.assertEqual(result.status, NO_SPACE, str(result))
        self.assertEqual(result.events()[-1]["code"], "no-space")
        self.assert_untouched(install)
        promise.wait_until(lambda: server.bytes_of_packs() >= after, "the server tells of the cut")
        before = server.bytes_of_packs()
        self.assert_room_helps(install)
        self.assertLessEqual(server.bytes_of_packs() - before, SIZE + 2 * BLOCK - after)

    def test_in_the_middle_of_the_download(self):
        self.fill_during(leave=BLOCK, after=4 * BLOCK)

    def test_while_files_are_put_in_place(self):
        self.fill_during(leave=6 * BLOCK, after=8 * BLOCK)

    def test_not_one_byte_left(self):
        server = self.serve()
        install = self.mount_disk(server)
        self.ballast.fill()
        self.assert_untouched(install)
        self.assertIn(install.onward("check", status=None).status, (DONE, NO_SPACE))
        self.assertIn("1.0.0", install.onward("status").stdout)
        install.onward("update", "--yes", status=NO_SPACE)
        self.assert_untouched(install)
        self.assert_room_helps(install)

    def test_a_version_on_trial_starts_on_a_full_disk(self):
        install = self.mount_disk(self.serve())
        install.onward("update", "--yes")
        self.ballast.fill()
        for _ in range(5):
            self.assert_runs(install, "1.1.0", "1.0.0")

    def test_room_for_bytes_but_not_for_files(self):
        install = self.mount_disk(self.serve(), f"size={DISK},nr_inodes=200")
        result = install.onward("update", "--yes", status=NO_SPACE)
        self.assertIn("files", result.stderr)
        self.assert_untouched(install)

    def test_a_read_only_disk(self):
        install = self.mount_disk(self.serve())
        disk = self.folder / "disk"
        mount(None, disk, None, MS_REMOUNT | MS_RDONLY, f"size={DISK}")
        self.assert_untouched(install)
        self.assertEqual(install.onward("check").stdout, "1.1.0\n", "there is news all the same")
        install.onward("update", "--yes", status=NOT_PERMITTED)
        self.assert_untouched(install)
        mount(None, disk, None, MS_REMOUNT, f"size={DISK}")
        install.onward("update", "--yes")
        self.assert_runs(install, "1.1.0")

    def assert_refused(self, install, server, status, sentence):
        """Up front: nothing was fetched, nothing was changed, and it says what to do."""
        before = server.bytes_of_packs()
        result = install.onward("update", "--yes", status=status)
        self.assertRegex(result.stderr, sentence)
        self.assertLessEqual(server.bytes_of_packs() - before, BLOCK)
        self.assertEqual(install.versions(), ["1.0.0"])

    def test_a_read_only_mount_of_the_folder(self):
        server = self.serve()
        install = self.mount_disk(server)
        mount(install.folder, install.folder, None, MS_BIND)
        mount(None, install.folder, None, MS_BIND | MS_REMOUNT | MS_RDONLY)
        self.assert_refused(install, server, NOT_PERMITTED, "mounted read-only; mount it for writ")
        self.assert_runs(install, "1.0.0")
        disks.unmount(install.folder)
        install.onward("update", "--yes")
        self.assert_runs(install, "1.1.0")

    def test_a_disk_from_which_nothing_may_be_started(self):
        server = self.serve()
        install = self.mount_disk(server)
        mount(None, self.folder / "disk", None, MS_REMOUNT | MS_NOEXEC, f"size={DISK}")
        self.assert_refused(install, server, NOT_PERMITTED, "noexec.*mount it without")
        mount(None, self.folder / "disk", None, MS_REMOUNT, f"size={DISK}")
        install.onward("update", "--yes")
        self.assert_runs(install, "1.1.0")

    def test_staging_on_another_mount(self):
        server = self.serve()
        install = self.mount_disk(server)
        (install.folder / "var/staging").mkdir(parents=True)
        (self.folder / "disk/elsewhere").mkdir()
        mount(self.folder / "disk/elsewhere", install.folder / "var/staging", None, MS_BIND)
        self.assert_refused(install, server, FAILED, "different file systems.*unmount")
        disks.unmount(install.folder / "var/staging")
        install.onward("update", "--yes")
        self.assert_runs(install, "1.1.0")

    def test_room_for_the_files_of_the_user(self):
        install = self.mount_disk(self.serve())
        config = install.folder / "onward.ini"
        config.write_text(config.read_text() + "Keep=data;\n")
        (install.version("1.0.0") / "data").mkdir()
        (install.version("1.0.0") / "data/film").write_bytes(bytes(16 * BLOCK))
        self.ballast.fill(leave=116 * BLOCK)
        install.onward("update", "--yes", status=NO_SPACE)
        (install.version("1.0.0") / "data/film").write_bytes(b"short")
        install.onward("update", "--yes")
        self.assertEqual((install.version("1.1.0") / "data/film").read_bytes(), b"short")


@unittest.skipIf(NO_NAMESPACE, NO_NAMESPACE)
class Overlay(Disk):
    """The install came with the image of the computer: it is the lower layer of an overlay, whose
    folders cannot be moved."""

    def install_below(self, *options):
        """Version 1.0.0 in the lower layer."""
        for name in ("lower", "layers", "merged"):
            (self.folder / name).mkdir()
        install = self.bundle("1.0.0", self.serve().url, *options, name="lower/install")
        try:
            mount("none", self.folder / "layers", "tmpfs", 0, f"size={4 * DISK}")
            self.addCleanup(disks.unmount, self.folder / "layers")
            for name in ("upper", "work"):
                (self.folder / "layers" / name).mkdir()
            layers = [f"{key}dir={self.folder / path}" for key, path in
                      (("lower", "lower"), ("upper", "layers/upper"), ("work", "layers/work"))]
            mount("none", self.folder / "merged", "overlay", 0, ",".join(layers))
        except OSError as error:
            self.skipTest(f"no overlay can be mounted here: {error}")
        self.addCleanup(disks.unmount, self.folder / "merged")
        install.folder = self.folder / "merged/install"
        install.launcher = install.folder / "app"
        return install

    def test_updates_and_removes_old_versions(self):
        self.add("1.2.0", {"share/file": "newest\n"}, "--deltas", "0")
        install = self.install_below()
        for version in ("1.1.0", "1.2.0"):
            install.onward("update", "--yes", "--to", version)
            self.assert_runs(install, version)
            self.assert_is_version(install, version)
            install.onward("mark-good")
        self.assertEqual(install.versions(), ["1.1.0", "1.2.0"])
        self.assertEqual(install.strays(), [])
        install.onward("rollback")
        self.assert_runs(install, "1.1.0")

    def test_what_must_stay_at_one_path_and_cannot_be_moved_is_told(self):
        install = self.install_below("--layout", "in-place")
        for _ in range(2):
            result = install.onward("update", "--yes", status=FAILED)
            self.assertIn("install the application elsewhere", result.stderr)
            self.assert_runs(install, "1.0.0")
            self.assert_is_version(install, "1.0.0")


class OfAnotherUser(Disk):
    """The install belongs to somebody else."""

    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.install = self.bundle("1.0.0", self.server.url)
        if WAS_ROOT and not promise.everybody_reaches(self.folder):
            self.skipTest("temporary files go where only root can enter")
        if WAS_ROOT:
            os.chown(self.folder / "home", NOBODY, NOBODY)
            self.install.tool = promise.copy_tool(self.folder / "tools")
            self.other = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        else:
            self.skipTest("another user's install needs another user: only root can try")

    def test_there_is_news_but_no_update(self):
        self.assertTrue(json.loads(self.install.onward("check", "--json").stdout)["may-update"])
        before = promise.snapshot(self.install.folder)
        news = self.install.onward("check", **self.other)
        self.assertEqual(news.stdout, "1.1.0\n")
        self.assertIn("this copy belongs to another user; root can update it", news.stderr)
        news = self.install.onward("check", "--json", **self.other).stdout
        self.assertFalse(json.loads(news)["may-update"], news)
        result = self.install.onward("update", "--yes", status=NOT_PERMITTED, **self.other)
        self.assertIn("this copy belongs to another user; root can update it", result.stderr)
        self.install.onward("rollback", status=None, **self.other)
        self.install.onward("prune", status=None, **self.other)
        self.install.onward("verify", **self.other)
        result = self.install.run("hello", **self.other)
        self.assertEqual(result.stdout, "1.0.0 hello\n")
        self.assertEqual(promise.snapshot(self.install.folder), before)
        self.assertEqual(self.server.bytes_of_packs(), 0)
        self.install.onward("update", "--yes")
        self.assertEqual(self.install.run("hello", **self.other).stdout, "1.1.0 hello\n")


if __name__ == "__main__":
    promise.main()
