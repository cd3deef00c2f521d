#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures deltas of real packages against other tools, and checks that each comes back.

usage: bench-delta.py BUILD [NAME…]

The pairs are in delta-pairs.txt; what is downloaded is kept in BUILD/bench-delta. A tool for single
files works on each changed file that has an old one of the same path, else on the file alone;
"tree" is all changed files as one. Seconds of the processor are told beside those of the clock,
since other work on the machine does not change them. A pair that is made here is for time and
memory: it is given to nobody else.
"""

import hashlib
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import costs
import pairs

# Some of the others take long, also on a machine with nothing else to do.
costs.MOST_SECONDS = 2 * 60 * 60
# What we do is done so often, and the median is told; the others do it once.
ROUNDS = 3


class Cost:
    """What commands took together: seconds, of the clock and of the processor, and the memory of
    the largest in MB, all of it and what is private."""

    def __init__(self, build):
        self.build = build
        self.seconds = self.processor = self.memory = self.private = 0.0

    def run(self, *command):
        cost = costs.run(self.build, [str(word) for word in command], None)
        self.seconds += cost["wall"]
        self.processor += cost["cpu"]
        self.memory = max(self.memory, cost["memory"])
        self.private = max(self.private, cost.get("private", 0))
        if cost["status"] != 0:
            raise RuntimeError(f"{command[0]} failed with {cost['status']}")


def digests(folder):
    """Path → digest of every file with content."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).digest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and path.stat().st_size > 0}


def changed(mine, other):
    """The paths whose content the other tree does not have, each content once."""
    seen = set(other.values())
    return [path for path, digest in mine.items()
            if digest not in seen and not seen.add(digest)]


class Pair:
    def __init__(self, name, folder, is_made):
        self.name = name
        self.folder = folder
        self.is_made = is_made
        old, new = digests(folder / "old"), digests(folder / "new")
        self.old = changed(old, new)
        self.new = changed(new, old)
        self.files = [(folder / "old" / path if path in old else None, folder / "new" / path)
                      for path in self.new]
        self.size = sum(path.stat().st_size for _, path in self.files)

    def write_list(self, side, path):
        path.write_text("".join(f"{self.folder / side / name}\n" for name in getattr(self, side)))

    def join(self, side, path):
        with open(path, "wb") as output:
            for name in getattr(self, side):
                output.write((self.folder / side / name).read_bytes())


def median(rounds):
    """The cost in the middle, of each kind by itself."""
    cost = Cost(rounds[0].build)
    for name in ("seconds", "processor", "memory", "private"):
        setattr(cost, name, statistics.median(getattr(each, name) for each in rounds))
    return cost


def onward(pair, work, build):
    program = build / "tests/bench/bench-delta"
    old, new, delta = work / "old", work / "new", work / "delta"
    pair.write_list("old", old)
    pair.write_list("new", new)
    makes, applies = [Cost(build) for _ in range(ROUNDS)], [Cost(build) for _ in range(ROUNDS)]
    for make, apply in zip(makes, applies):
        make.run(program, "make", old, new, delta)
        apply.run(program, "apply", old, new, delta)
    Cost(build).run(program, "check", old, new, delta)
    return delta.stat().st_size, median(makes), median(applies)


def zstd(old, new, delta, output, make, apply):
    size = str(max(27, max(old.stat().st_size, new.stat().st_size).bit_length()))
    make.run("zstd", "-qq", "-f", "-19", f"--long={min(31, int(size))}", f"--patch-from={old}", new,
             "-o", delta)
    apply.run("zstd", "-qq", "-f", "-d", "--memory=2048MB", f"--patch-from={old}", delta, "-o",
              output)


def bsdiff(old, new, delta, output, make, apply):
    make.run("bsdiff", old, new, delta)
    apply.run("bspatch", old, output, delta)


def xdelta3(old, new, delta, output, make, apply):
    window = max(1 << 20, old.stat().st_size + 4096)
    make.run("xdelta3", "-9", "-D", "-f", "-S", "lzma", "-B", window, "-e", "-s", old, new, delta)
    apply.run("xdelta3", "-D", "-f", "-B", window, "-d", "-s", old, delta, output)


def rdiff(old, new, delta, output, make, apply):
    signature = delta.with_suffix(".signature")
    make.run("rdiff", "-f", "signature", old, signature)
    make.run("rdiff", "-f", "delta", signature, new, delta)
    apply.run("rdiff", "-f", "patch", old, delta, output)


def by_file(tool):
    def measure(pair, work, build):
        make, apply, size = Cost(build), Cost(build), 0
        empty, delta, output = work / "empty", work / "delta", work / "output"
        empty.write_bytes(b"")
        for old, new in pair.files:
            if old is None:
                make.run("zstd", "-qq", "-f", "-19", new, "-o", delta)
            else:
                tool(old, new, delta, output, make, apply)
                if output.read_bytes() != new.read_bytes():
                    raise RuntimeError(f"{new} did not come back")
            size += delta.stat().st_size
        return size, make, apply
    return measure


def by_tree(tool):
    def measure(pair, work, build):
        make, apply = Cost(build), Cost(build)
        old, new, delta, output = (work / name for name in ("old", "new", "delta", "output"))
        pair.join("old", old)
        pair.join("new", new)
        tool(old, new, delta, output, make, apply)
        if output.read_bytes() != new.read_bytes():
            raise RuntimeError("the tree did not come back")
        return delta.stat().st_size, make, apply
    return measure


TOOLS = {
    "onward": onward,
    "bsdiff": by_file(bsdiff),
    "xdelta3 -9": by_file(xdelta3),
    "zstd --patch-from": by_file(zstd),
    "zstd, tree": by_tree(zstd),
    "rdiff": by_file(rdiff),
}


def measure(pair, build):
    print(f"\n{pair.name}: {len(pair.new)} new files of {pair.size:,} bytes", flush=True)
    best = ours = None
    for name, tool in TOOLS.items():
        if pair.is_made and name != "onward":
            continue
        with tempfile.TemporaryDirectory(dir=pair.folder) as work:
            try:
                size, make, apply = tool(pair, pathlib.Path(work), build)
            except RuntimeError as error:
                print(f"  {name:18} {error}", flush=True)
                if name == "onward":
                    raise
                continue
        if name == "onward":
            ours = size
        else:
            best = size if best is None else min(best, size)
        print(f"  {name:18} {size:12,} bytes   make {make.seconds:7.1f} s, {make.processor:6.1f} of"
              f" the processor, {make.memory:5.0f} MB   apply {apply.seconds:6.2f} s,"
              f" {apply.processor:5.2f}, {apply.memory:5.0f} MB", flush=True)
        if name == "onward":
            print(f"  {'':18} applied at {pair.size / 1e6 / max(apply.processor, 0.001):.0f} MB of"
                  f" output a second of one core, with {apply.private:.0f} MB of private memory")
    if best is not None:
        print(f"  {ours / best:.3f} of the best other", flush=True)
    return ours, best


def main(build, *names):
    build = pathlib.Path(build).resolve()
    store = build / "bench-delta"
    total, best_total = 0, 0
    for name, source, package, old, new in pairs.read(names):
        try:
            program = build / "tests/bench/bench-delta"
            pairs.fetch(program, source, package, old, store / name / "old")
            pairs.fetch(program, source, package, new, store / name / "new")
        except (subprocess.CalledProcessError, ValueError, OSError) as error:
            print(f"\n{name}: not to be had: {error}")
            shutil.rmtree(store / name, ignore_errors=True)
            continue
        ours, best = measure(Pair(name, store / name, source == "made"), build)
        if best is not None:
            total, best_total = total + ours, best_total + best
    if best_total:
        print(f"\ntogether {total:,} bytes: {total / best_total:.3f} of the best other for each")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
