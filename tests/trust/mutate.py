#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Takes every condition of verification out of the trust room, one at a time, and shows which test
falls. A mutation that no test notices survives, and is an error.

usage: mutate.py [--check] [NAME…]

--check only sees that every entry of the table still fits the source. NAME… runs only the mutations
whose names begin so.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TABLE = HERE / "mutations"
MINIMUM = 40
# What guards the room: all else is tried only when these say nothing.
SUITES = ("trust/", "core/json", "tuf-client/")
# A search without an end is a test that fell too.
LONGEST_TEST = 400


@dataclasses.dataclass
class Mutation:
    name: str
    path: str
    test: str
    old: list
    new: list

    def apply(self, text):
        return text.replace("\n".join(self.old), "\n".join(self.new))

    def count(self, text):
        return text.count("\n".join(self.old))


def read_table(text):
    """Returns the mutations of a table, in its order."""
    mutations = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("@"):
            fields = line[1:].split()
            if len(fields) != 3:
                raise ValueError(f"{number}: a mutation has a name, a file and a test")
            mutations.append(Mutation(*fields, [], []))
        elif line.startswith("-"):
            mutations[-1].old.append(line[1:])
        elif line.startswith("+"):
            mutations[-1].new.append(line[1:])
        elif line and not line.startswith("#"):
            raise ValueError(f"{number}: neither a mutation nor a note")
    return mutations


def find_stale(mutations, root):
    """Yields a sentence for every entry that no longer says something about the source."""
    names = [mutation.name for mutation in mutations]
    for mutation in mutations:
        path = root / mutation.path
        count = mutation.count(path.read_text()) if mutation.old and path.exists() else 0
        if count != 1:
            yield f"{mutation.name}: matches {count} times in {mutation.path} instead of once"
        if mutation.old == mutation.new:
            yield f"{mutation.name}: changes nothing"
        if names.count(mutation.name) > 1:
            yield f"{mutation.name}: is there twice"
    if len(mutations) < MINIMUM:
        yield f"there are {len(mutations)} mutations instead of {MINIMUM} at least"


def check(mutations):
    """One TAP line a mutation."""
    stale = list(find_stale(mutations, ROOT))
    print("1..1")
    for sentence in stale:
        print(f"# {sentence}")
    print("not ok 1" if stale else "ok 1", f"{len(mutations)} mutations fit the source")
    return 1 if stale else 0


def run(command, folder, **options):
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, errors="replace", **options)


class Scratch:
    """A copy of the tree, as it is now, with a build of its own."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "tree"
        self.build = pathlib.Path(folder) / "build"
        self._copy()
        self._must(["meson", "setup", str(self.build), str(self.root), "-Doptimization=0",
                    "-Ddebug=false", "-Dintrospection=false"])
        self.tests = self._find_tests()
        self.seconds = dict.fromkeys(self.tests, 0.0)

    def _copy(self):
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"], cwd=ROOT, check=True,
                                stdout=subprocess.PIPE).stdout
        for name in listed.decode().rstrip("\0").split("\0"):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)

    def _must(self, command):
        result = run(command, self.root)
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)}:\n{result.stdout[-4000:]}")
        return result.stdout

    def _introspect(self, what):
        return json.loads(self._must(["meson", "introspect", what, str(self.build)]))

    def _find_tests(self):
        """The tests that guard the room, by name, each with the files it needs."""
        files = {target["id"]: target["filename"] for target in self._introspect("--targets")}
        tests = {}
        for test in self._introspect("--tests"):
            if test["name"].startswith(SUITES) and not test["name"].endswith("/mutations"):
                test["needs"] = [os.path.relpath(name, self.build) for target in test["depends"]
                                 for name in files[target]]
                tests[test["name"]] = test
        return tests

    def fails(self, test):
        """Builds and runs one test."""
        built = run(["ninja", *test["needs"]], self.build)
        if built.returncode != 0:
            sys.exit(f"{test['name']} does not compile:\n{built.stdout[-4000:]}")
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=self.build) as folder:
            environment = {**os.environ, **test["env"], "TMPDIR": folder}
            try:
                result = run(test["cmd"], test["workdir"] or self.build, env=environment,
                             timeout=LONGEST_TEST)
            except subprocess.TimeoutExpired:
                return True
            finally:
                self.seconds[test["name"]] = time.monotonic() - began
        return result.returncode != 0 or "\nnot ok" in "\n" + result.stdout

    def find_fallen(self, first):
        """The name of the first test that falls, the quickest first; None when none does."""
        for name in sorted(self.tests, key=lambda name: (name != first, self.seconds[name], name)):
            if self.fails(self.tests[name]):
                return name
        return None

    def try_mutation(self, mutation):
        path = self.root / mutation.path
        text = path.read_text()
        path.write_text(mutation.apply(text))
        try:
            return self.find_fallen(mutation.test)
        finally:
            path.write_text(text)


def run_all(mutations):
    survivors = []
    with tempfile.TemporaryDirectory(prefix="onward-mutate-") as folder:
        scratch = Scratch(folder)
        unknown = {mutation.test for mutation in mutations} - set(scratch.tests)
        if unknown:
            sys.exit(f"no such test: {' '.join(sorted(unknown))}")
        fallen = scratch.find_fallen(None)
        if fallen is not None:
            sys.exit(f"{fallen} falls before anything is taken out")
        for mutation in mutations:
            fallen = scratch.try_mutation(mutation)
            print(f"{mutation.name:45} {fallen or 'SURVIVES'}", flush=True)
            if fallen is None:
                survivors.append(mutation.name)
    print(f"{len(mutations)} mutations, {len(survivors)} survive")
    return 1 if survivors else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()

    mutations = read_table(TABLE.read_text())
    if arguments.check:
        return check(mutations)
    stale = list(find_stale(mutations, ROOT))
    if stale:
        sys.exit("\n".join(stale))
    if arguments.names:
        mutations = [m for m in mutations if m.name.startswith(tuple(arguments.names))]
    return run_all(mutations)


if __name__ == "__main__":
    sys.exit(main())
