# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks of a test's own: images in a file, whose power can be cut, and whatever else can be
mounted. They go with the test, whose mounts nobody else sees."""

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess

from promise import LIBC, wait_until

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_NOEXEC, MS_REMOUNT, MS_BIND = 0x1, 0x8, 0x20, 0x1000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
MNT_DETACH = 2
# EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN are one number; 2 is "without flushing the log".
SHUT_DOWN, WITHOUT_LOG_FLUSH = 0x8004587D, 2

# Nothing reaches the disk because time goes by.
OPTIONS = {"ext4": "loop,commit=600", "xfs": "loop"}
MAKERS = {"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q", "-f")}
SIZES = {"ext4": 192 << 20, "xfs": 320 << 20}


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(source, target, kind, flags, options=None):
    encoded = [None if value is None else os.fsencode(value)
               for value in (source, target, kind, options)]
    check(LIBC.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]))


def unmount(target):
    LIBC.umount2(os.fsencode(target), MNT_DETACH)


def enter_namespace():
    """Returns why nothing can be mounted, or nothing."""
    user, group = os.getuid(), os.getgid()
    try:
        if user == 0:
            check(LIBC.unshare(CLONE_NEWNS))
        else:
            check(LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS))
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                               ("gid_map", f"0 {group} 1")):
                with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                    file.write(text)
        mount(None, "/", None, MS_REC | MS_PRIVATE)
    except OSError as error:
        return f"no disk can be mounted here: {error}"
    return None


def run(*command):
    result = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        raise OSError(f"{' '.join(map(str, command))}: {result.stdout.strip()}")


class Image:
    """A file system in a file, mounted by a loop device."""

    def __init__(self, kind, folder):
        self.options = OPTIONS[kind]
        self.image = folder.with_suffix(".image")
        self.folder = folder
        maker = MAKERS[kind]
        if shutil.which(maker[0]) is None:
            raise OSError(f"{maker[0]} is not installed")
        folder.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(SIZES[kind])
        run(*maker, self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", self.options, self.image, self.folder)

    def unmount(self):
        """A child of another thread may hold what this one had open until it becomes a program."""
        wait_until(lambda: LIBC.umount2(os.fsencode(self.folder), 0) == 0, "the disk is let go")

    def cut(self):
        """As the power goes: what is not on the disk now never will be."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUT_DOWN, struct.pack("I", WITHOUT_LOG_FLUSH))
        finally:
            os.close(folder)

    def come_back(self):
        """As the computer starts again."""
        self.unmount()
        self.mount()

    def sync(self):
        run("sync", "-f", self.folder)

    def remove(self):
        unmount(self.folder)
        self.image.unlink(missing_ok=True)
