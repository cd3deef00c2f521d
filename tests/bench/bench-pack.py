#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures full packs of real packages against archives, and checks that each comes back.

usage: bench-pack.py BUILD [NAME…]

The packages are the newer ones of delta-pairs.txt; what is downloaded is kept in BUILD/bench-delta.
Ours is unpacked as an update does it, every file verified and on the disk in the end; the others
only write it. Memory is that of the largest process; of ours, also what is private, without mapped
files. Seconds of the processor are told beside those of the clock, since other work on the machine
does not change them.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import costs
import pairs

CONFIG = "[Application]\nId=org.example.App\nName=App\nCommand=bin/app\nRepository=file:///none\n"
VERSION = "1.0.0"
OURS, GOAL = "onward", "tar | xz -9"
PEERS = {
    GOAL: ("xz -9 -T1", "xz -d"),
    "tar | zstd -19 --long": ("zstd -qq -19 --long", "zstd -qq -d --long"),
}
PACK = 'tar -C "$1" --sort=name --owner=0 --group=0 -cf - . | {} > "$2"'
UNPACK = '{} < "$1" | tar -C "$2" -xf -'


def run(build, *command):
    cost = costs.run(build, [str(word) for word in command], None)
    if cost["status"] != 0:
        raise RuntimeError(f"{command[0]} failed with {cost['status']}")
    return cost


def make_install(folder):
    """An install without a version."""
    for name in ("versions", "receipts", "var"):
        (folder / name).mkdir(parents=True)
    (folder / "onward.ini").write_text(CONFIG)


def show_one_core(build, make, install):
    """What unpacking costs where no second frame can be read beside the first."""
    make_install(install)
    cost = run(build, "taskset", "-c", "0", build / "tests/bench/bench-install", "run", install,
               make["pack"], make["head"], VERSION)
    print(f"  unpacked on one core in {cost['wall']:.2f} s, with {cost['private']:.0f} MB private",
          flush=True)


def onward(build, tree, work):
    """Size, cost of making, cost of unpacking, and where it came out."""
    program, packs, install = build / "tests/bench/bench-install", work / "packs", work / "install"
    packs.mkdir()
    make_install(install)
    make = run(build, program, "full", tree, packs)
    unpack = run(build, program, "run", install, make["pack"], make["head"], VERSION)
    show_one_core(build, make, work / "one-core")
    return os.path.getsize(make["pack"]), make, unpack, install / "versions" / VERSION


def archive(build, tree, work, tool):
    pack, unpack = PEERS[tool]
    file, output = work / "archive", work / "output"
    output.mkdir()
    make = run(build, "sh", "-c", PACK.format(pack), "sh", tree, file)
    return (file.stat().st_size, make,
            run(build, "sh", "-c", UNPACK.format(unpack), "sh", file, output), output)


def check(tree, output):
    if subprocess.run(["diff", "-r", "--no-dereference", tree, output], check=False,
                      stdout=subprocess.DEVNULL).returncode != 0:
        raise RuntimeError(f"{tree} did not come back")


def copy(tree, folder):
    """@tree by links, without symbolic ones to elsewhere in a system, which no release has."""
    subprocess.run(["cp", "-al", tree, folder], check=True)
    for path in folder.rglob("*"):
        if path.is_symlink() and os.path.isabs(os.readlink(path)):
            path.unlink()
    return folder


def tools():
    """Ours and those others that are installed."""
    return [OURS] + [tool for tool in PEERS if shutil.which(tool.split()[2])]


def show(tool, size, make, unpack):
    private = f", {unpack['private']:.0f} private" if "private" in unpack else ""
    print(f"  {tool:22} {size:12,} bytes   make {make['wall']:7.1f} s, {make['cpu']:6.1f} of the"
          f" processor, {make['memory']:5.0f} MB   unpack {unpack['wall']:6.2f} s,"
          f" {unpack['cpu']:5.2f}, {unpack['memory']:5.0f} MB{private}", flush=True)


def measure(build, name, tree, folder):
    """The bytes that each tool needs for @tree; works below @folder."""
    sizes = {}
    print(f"\n{name}", flush=True)
    for tool in tools():
        with tempfile.TemporaryDirectory(dir=folder) as work:
            args = build, copy(tree, pathlib.Path(work, "tree")), pathlib.Path(work)
            sizes[tool], make, unpack, output = (onward(*args) if tool == OURS
                                                 else archive(*args, tool))
            check(args[1], output)
        show(tool, sizes[tool], make, unpack)
    if GOAL in sizes:
        print(f"  {sizes[OURS] / sizes[GOAL]:.4f} of {GOAL}", flush=True)
    return sizes


def main(build, *names):
    # The others take long for the largest.
    costs.MOST_SECONDS = 2 * 60 * 60
    build = pathlib.Path(build).resolve()
    store = build / "bench-delta"
    missed = []
    for name, source, package, _, new in pairs.read(names):
        tree = store / name / "new"
        try:
            pairs.fetch(build / "tests/bench/bench-delta", source, package, new, tree)
        except (subprocess.CalledProcessError, ValueError, OSError) as error:
            print(f"\n{name}: not to be had: {error}")
            continue
        sizes = measure(build, name, tree, store)
        if sizes[OURS] >= sizes.get(GOAL, sys.maxsize):
            missed.append(name)
    print(f"\ngoal, smaller than {GOAL}: {'missed by ' + ', '.join(missed) if missed else 'met'}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
