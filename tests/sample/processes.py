# SPDX-License-Identifier: LGPL-2.1-or-later
"""Keeps every process in sight that was started here, also what those have started and left."""

import ctypes
import os
import signal
import time

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """From now on a descendant whose parent ends becomes a child of this process."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def parents():
    """{process: its parent}, of all that run."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            found[int(name)] = int(parent)
    return found


def descendants():
    parent_of = parents()
    found = {os.getpid()}
    while grown := {p for p, parent in parent_of.items() if parent in found} - found:
        found |= grown
    return found - {os.getpid()}


def program(pid):
    """The path of the program that runs as @pid, or "" when it has ended."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def running_below(folder):
    """The processes whose program lies below @folder."""
    folder = os.path.realpath(folder) + "/"
    return [pid for pid in parents() if program(pid).startswith(folder)]


def end_all(patience=3.0):
    """Ends every descendant: politely at first, then surely. Returns those that had to be asked."""
    asked = descendants()
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience
        for pid in descendants():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        while descendants() and time.monotonic() < deadline:
            reap()
            time.sleep(0.02)
    reap()
    return asked
