# SPDX-License-Identifier: LGPL-2.1-or-later
"""A new version brought into an install against other tools that share unchanged files by links.

Every tool has the old version and what is new on the disk already, leaves the whole new version
beside the old one, and is given the same check: what changed has the new bytes, all else is a link.
Tools take turns in alternating order. What is written waits in memory unless a tool syncs, so each
other tool is also run with a sync of the file system at its end, which ours always does.
"""

import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
from collections import namedtuple

import costs
from costs import MIB

OURS = "onward, verified, synced"
OLD, NEW = "1.0.0", "2.0.0"
CONFIG = "[Application]\nId=org.example.App\nName=App\nCommand=bin/app\nRepository=file:///none\n"
# How many files, and their bytes together.
Scale = namedtuple("Scale", "application small rounds log")
FULL = Scale(application=(10_000, 1024 * MIB), small=(100_000, 400 * MIB), rounds=5,
             log="install.json")
SMOKE = Scale(application=(300, MIB), small=(400, MIB), rounds=1, log="smoke.json")
FILES_A_FOLDER = 100
LONG_AGO = 1_000_000_000
# One file in so many is changed, a tenth of its bytes in the middle.
CHANGED_EVERY = 100

RSYNC = 'rsync -a {option} --link-dest="$1" "$2/" "$3/"'
# It has to be told what changed: less than that cannot be done.
COPY = ('cp -al "$1" "$3" && cd "$2" && '
        'xargs -0 cp -a --parents --remove-destination -t "$3" < "$4"')
SYNC = ' && sync -f "$3"'
PEERS = {
    "rsync --link-dest": RSYNC.format(option=""),
    "rsync, sync -f": RSYNC.format(option="") + SYNC,
    "rsync --checksum, sync -f": RSYNC.format(option="--checksum") + SYNC,
    "cp -al": COPY,
    "cp -al, sync -f": COPY + SYNC,
}
SYNC_CALL = re.compile(r"\b(?:fsync|fdatasync|syncfs|sync)\(.*<([0-9.]+)>$", re.MULTILINE)


def sizes(count, total, spread):
    """Sizes that are together about @total: many small files and few large ones."""
    shares = [random.lognormvariate(0, spread) for _ in range(count)]
    scale = total / sum(shares)
    return [max(64, int(share * scale)) for share in shares]


class Application:
    """Two versions of a made application below @folder, an install of the old one, and the pack
    that leads to the new one."""

    def __init__(self, build, folder, count, total, spread):
        self.build, self.folder = build, folder
        self.install = os.path.join(folder, "install")
        self.old = os.path.join(self.install, "versions", OLD)
        self.new = os.path.join(folder, "new")
        self.output = os.path.join(folder, "output")
        self.list = os.path.join(folder, "changed")
        random.seed(count)
        self.make_old(sizes(count, total, spread))
        subprocess.run(["cp", "-a", self.old, self.new], check=True)
        self.changed = set(self.names[CHANGED_EVERY // 2::CHANGED_EVERY])
        self.make_new()
        self.make_install()

    def make_old(self, all_sizes):
        self.names = [f"{number // FILES_A_FOLDER:04}/{number:06}"
                      for number in range(len(all_sizes))]
        for name, size in zip(self.names, all_sizes):
            path = os.path.join(self.old, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(random.randbytes(size))
            # rsync looks at whole seconds.
            os.utime(path, (LONG_AGO, LONG_AGO))

    def make_new(self):
        for name in self.changed:
            with open(os.path.join(self.new, name), "r+b") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(size // 2)
                file.write(random.randbytes(size // 10 + 1))
        with open(self.list, "wb") as file:
            file.write(b"".join(name.encode() + b"\0" for name in self.changed))

    def make_install(self):
        packs = os.path.join(self.folder, "packs")
        for name in (packs, os.path.join(self.install, "receipts")):
            os.mkdir(name)
        with open(os.path.join(self.install, "onward.ini"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        self.pack = json.loads(subprocess.run(
            [self.program(), "pack", self.old, self.new,
             os.path.join(self.install, "receipts", OLD), packs],
            check=True, stdout=subprocess.PIPE).stdout)
        self.forget_new()

    def program(self):
        return os.path.join(self.build, "tests/bench/bench-install")

    def command(self, tool):
        if tool == OURS:
            return [self.program(), "run", self.install, self.pack["pack"], str(self.pack["head"]),
                    NEW]
        return ["sh", "-c", PEERS[tool], "sh", self.old, self.new, self.output, self.list]

    def forget_new(self):
        """Back to the old version alone, all of it on the disk."""
        for name in ("versions/" + NEW, "var"):
            shutil.rmtree(os.path.join(self.install, name), ignore_errors=True)
        shutil.rmtree(self.output, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.install, "receipts", NEW))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.install, "current"))
        os.symlink("versions/" + OLD, os.path.join(self.install, "current"))
        os.mkdir(os.path.join(self.install, "var"))
        subprocess.run(["sync", "-f", self.folder], check=True)

    def is_right(self, tool):
        """Whether @tool made the new version, sharing with the old one what did not change."""
        made = os.path.join(self.install, "current") if tool == OURS else self.output
        return all(costs.is_same(os.path.join(self.new, name), os.path.join(made, name))
                   if name in self.changed
                   else os.path.samefile(os.path.join(self.old, name), os.path.join(made, name))
                   for name in self.names)

    def run(self, tool):
        cost = costs.run(self.build, self.command(tool), self.folder)
        cost["right"] = cost["status"] == 0 and self.is_right(tool)
        self.forget_new()
        return cost

    def count_syncs(self, tool):
        """How often @tool asks for something to be on the disk, and the seconds that it waits."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as log:
            subprocess.run(["strace", "-f", "--seccomp-bpf", "-qq", "-T", "-o", log.name,
                            "-e", "trace=fsync,fdatasync,syncfs,sync", *self.command(tool)],
                           check=False, stdout=subprocess.DEVNULL)
            waits = [float(seconds) for seconds in SYNC_CALL.findall(log.read())]
        self.forget_new()
        return {"syncs": len(waits), "sync_wall": sum(waits)}


def tools():
    """Ours and those others that are installed."""
    return [OURS] + [tool for tool in PEERS if shutil.which(tool.split()[0].rstrip(","))]


COLUMNS = (("private MiB", "private", ".1f"), ("syncs", "syncs", ".0f"),
           ("s in them", "sync_wall", ".3f"))


def compare(case, application, rounds):
    for number in range(-1, rounds):
        for tool in tools() if number % 2 == 0 else reversed(tools()):
            cost = application.run(tool)
            if number >= 0:
                case.add(tool, cost)
            else:
                case.runs[tool] = []
    if shutil.which("strace"):
        for tool in tools():
            case.runs[tool][-1].update(application.count_syncs(tool))
    else:
        case.notes.append("strace is not installed: syncs were not counted")
    # In the order in which they are named.
    case.runs = {tool: case.runs[tool] for tool in tools()}


def show_goals(case):
    for tool in PEERS:
        if tool in case.runs and tool.startswith("rsync"):
            costs.show_goal(f"wall over {tool}", case.ratio(OURS, tool), 1.3)
    costs.show_goal("MiB of private memory", case.median(OURS, "private"), 64)


def measure(build, folder, scale, name, count, total, spread):
    with tempfile.TemporaryDirectory(dir=folder, prefix="onward-bench-") as work:
        application = Application(build, work, count, total, spread)
        changed = len(application.changed)
        title = (f"{total // MIB} MiB in {count} files, {changed} of them changed, "
                 "old version in the cache")
        case = costs.Case(name, title,
                          ["Ours reads and verifies every byte of the new version; the others take "
                           "what has the same size and time, except with --checksum."], COLUMNS)
        compare(case, application, scale.rounds)
        case.show()
        show_goals(case)
        return case


CASES = {
    "application": lambda build, folder, scale: measure(build, folder, scale, "application",
                                                        *scale.application, 1.5),
    "small": lambda build, folder, scale: measure(build, folder, scale, "small", *scale.small, 0.5),
}


def file_system(folder):
    described = subprocess.run(["findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", folder], check=False,
                               stdout=subprocess.PIPE, text=True).stdout.split()
    return " on ".join(described) or "unknown"


def main(build, scale, cases=tuple(CASES), folder=None):
    """Runs @cases in @folder; every run is a line in a file in bench/ of @build."""
    os.umask(0o022)
    os.makedirs(os.path.join(build, "bench"), exist_ok=True)
    folder = folder or os.path.join(build, "bench")
    print(f"in {folder}, file system: {file_system(folder)}")
    if not shutil.which("rsync"):
        print("not installed and left out: rsync")
    with open(os.path.join(build, "bench", scale.log), "w", encoding="utf-8") as log:
        for name in cases:
            CASES[name](build, folder, scale).write(log)
