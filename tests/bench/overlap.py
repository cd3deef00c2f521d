# SPDX-License-Identifier: LGPL-2.1-or-later
"""An update over a slow line against its two halves: the download alone, by the same engine, and an
update for which everything has been downloaded before.

The new version is made of libraries of this computer, packed as a publisher packs by default. The
line carries as much a second as applying takes in, which is when most can be saved; or a third of
that; or a third of it on each connection, of which the engine opens as many as help.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections import namedtuple

import costs
import servers
from costs import MIB

LIBRARIES = "/usr/lib/x86_64-linux-gnu"
Scale = namedtuple("Scale", "size rounds log")
FULL = Scale(size=64 * MIB, rounds=5, log="overlap.json")
SMOKE = Scale(size=2 * MIB, rounds=1, log="smoke.json")
# Options of the line, and the part of what applying takes in that it carries.
CASES = {"overlap": (["--shared"], 1), "overlap-slow": (["--shared"], 3),
         "overlap-lanes": ([], 3)}
DOWNLOAD, APPLY, UPDATE = "download alone", "apply alone", "update"


def make_tree(tree, size):
    """Libraries of @size bytes together, the largest left out: no file is more than a quarter."""
    os.makedirs(os.path.join(tree, "lib"))
    with os.scandir(LIBRARIES) as entries:
        found = sorted((entry.name, entry.stat().st_size) for entry in entries
                       if entry.is_file(follow_symlinks=False) and ".so" in entry.name)
    for name, length in found:
        if length <= min(size, FULL.size // 4):
            shutil.copyfile(os.path.join(LIBRARIES, name), os.path.join(tree, "lib", name))
            size -= length


class Release:
    """A repository with two versions, and an install of the first, brought back for each run."""

    def __init__(self, build, folder, size):
        self.build, self.folder = build, folder
        self.port = servers.free_port()
        self.repository = os.path.join(folder, "repository")
        self.tree = os.path.join(folder, "tree")
        self.kept, self.install = os.path.join(folder, "kept"), os.path.join(folder, "install")
        self.make(size)
        packs = os.path.join(self.repository, "packs")
        self.pack = max((os.path.join(packs, name) for name in os.listdir(packs)),
                        key=os.path.getsize)
        self.size = os.path.getsize(self.pack)
        self.digests = os.path.join(folder, "digests")
        with open(self.pack, "rb") as data, open(self.digests, "wb") as digests:
            while block := data.read(MIB):
                digests.write(hashlib.sha256(block).digest())

    def publish(self, *arguments):
        subprocess.run([os.path.join(self.build, "src/publish/onward-publish"), *arguments],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def make(self, size):
        os.makedirs(os.path.join(self.tree, "bin"))
        shutil.copy(shutil.which("true"), os.path.join(self.tree, "bin/app"))
        self.publish("init", self.repository, "--id", "org.example.App", "--name", "App",
                     "--command", "bin/app", "--keys", os.path.join(self.folder, "keys"),
                     "--no-passphrase")
        self.publish("add", self.repository, self.tree, "--version", "1.0.0")
        self.publish("bundle", self.repository, "--version", "1.0.0", "--repository",
                     f"http://127.0.0.1:{self.port}", "--output", self.kept + "/")
        make_tree(self.tree, size)
        self.publish("add", self.repository, self.tree, "--version", "1.1.0", "--deltas", "0")

    def bring_back(self, port, is_downloaded):
        """The first version again, with a repository behind @port."""
        shutil.rmtree(self.install, ignore_errors=True)
        shutil.copytree(self.kept, self.install, symlinks=True)
        with open(os.path.join(self.install, "onward.ini"), "r+", encoding="utf-8") as file:
            text = file.read().replace(f":{self.port}", f":{port}")
            file.seek(0)
            file.write(text)
        parts = os.path.join(self.install, "var/parts")
        os.makedirs(parts, exist_ok=True)
        if is_downloaded:
            shutil.copy(self.pack, parts)
        subprocess.run(["sync", "-f", self.folder], check=True)

    def command(self, tool, port):
        if tool == DOWNLOAD:
            return [os.path.join(self.build, "tests/bench/bench-fetch"),
                    f"http://127.0.0.1:{port}/packs/{os.path.basename(self.pack)}",
                    os.path.join(self.install, "var/parts/file"), str(self.size), self.digests]
        return ["sh", "-c", 'exec "$@" 2>/dev/null', "sh",
                os.path.join(self.build, "src/cli/onward"), "update", "--yes", "--install",
                self.install]

    def is_right(self, tool):
        if tool == DOWNLOAD:
            return costs.is_same(self.pack, os.path.join(self.install, "var/parts/file"))
        return subprocess.run(["diff", "-rq", self.tree, os.path.join(self.install, "current/")],
                              check=False, stdout=subprocess.DEVNULL).returncode == 0

    def run(self, tool, line=()):
        relay = servers.Relay(self.build, self.port, line)
        self.bring_back(relay.port, tool == APPLY)
        cost = costs.run(self.build, self.command(tool, relay.port), self.folder)
        cost.update(relay.end())
        cost["right"] = cost["status"] == 0 and self.is_right(tool)
        return cost


def show_overlap(case):
    """How much of what could be saved is: both halves at once take as long as the longer one."""
    pairs = list(zip(case.runs[DOWNLOAD], case.runs[APPLY], case.runs[UPDATE]))
    longer = [max(a["wall"], b["wall"]) for a, b, _ in pairs]
    both = [a["wall"] + b["wall"] for a, b, _ in pairs]
    case.runs = {**case.runs, "longer": [{"wall": wall} for wall in longer],
                 "both": [{"wall": wall} for wall in both]}
    over_longer, over_both = case.ratio(UPDATE, "longer"), case.ratio(UPDATE, "both")
    del case.runs["longer"], case.runs["both"]
    print(f"  the update over the longer of the two: {over_longer:.2f}; "
          f"over both together: {over_both:.2f}")


def measure(release, scale, name, rate, log):
    options, part = CASES[name]
    line = [*options, "--rate", str(int(rate / part))]
    where = "all connections" if options else "each connection"
    case = costs.Case(name, f"{release.size / MIB:.1f} MiB of a full pack, "
                            f"{rate / part / MIB:.1f} MiB a second on {where}")
    tools = (DOWNLOAD, APPLY, UPDATE)
    for number in range(scale.rounds):
        for tool in tools if number % 2 == 0 else reversed(tools):
            case.add(tool, release.run(tool, line))
    case.runs = {tool: case.runs[tool] for tool in tools}
    case.show()
    show_overlap(case)
    case.write(log)


def main(build, scale, cases=tuple(CASES)):
    """Every run is a line in a file in bench/ of @build."""
    os.umask(0o022)
    os.makedirs(os.path.join(build, "bench"), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.join(build, "bench")) as folder, \
            open(os.path.join(build, "bench", scale.log), "w", encoding="utf-8") as log:
        begin = time.perf_counter()
        release = Release(build, folder, scale.size)
        print(f"the release was made in {time.perf_counter() - begin:.0f} s")
        with servers.serve(build, release.repository, release.port):
            alone = min(release.run(APPLY)["wall"] for _ in range(3))
            for name in cases:
                measure(release, scale, name, release.size / alone, log)
