#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""onward-stepper counts every change below a folder, in whatever thread or child, and stops, spoils
or leaves out exactly the one that it was told to.

The folder of the program is named by ONWARD_BUILD_ROOT.
"""

import errno
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "style"))
import tap  # noqa: E402

BUILD = pathlib.Path(os.environ.get("ONWARD_BUILD_ROOT", HERE.parent.parent / "build")).resolve()
STEPPER = BUILD / "tests/support/onward-stepper"
KILLED = 137

# Six steps, in a child each but for the second.
SCRIPT = """
import os, sys, threading
os.chdir(sys.argv[1])
child = os.fork()
if child == 0:
    open("a", "w").close()
    os._exit(0)
os.waitpid(child, 0)
def run():
    os.rename("a", "b")
    os.symlink("b", "c")
thread = threading.Thread(target=run)
thread.start()
thread.join()
file = os.open("b", os.O_WRONLY)
os.write(file, b"text")
os.fsync(file)
os.mkdir("d")
os.write(1, b"done")
"""
# Renames and opens in ways that not every kernel and disk knows, and says what came of each.
FEATURES = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, NOREPLACE, EXCHANGE, OPENAT2 = -100, 1, 2, 437
os.chdir(sys.argv[1])
os.mkdir("a"), os.mkdir("b"), os.rename("b", "c")
for call in (lambda: libc.renameat2(AT_FDCWD, b"a", AT_FDCWD, b"b", NOREPLACE),
             lambda: libc.renameat2(AT_FDCWD, b"b", AT_FDCWD, b"c", EXCHANGE),
             lambda: libc.syscall(OPENAT2, AT_FDCWD, b".", (ctypes.c_uint64 * 3)(0, 0, 8), 24),
             lambda: libc.openat(AT_FDCWD, b".", os.O_TMPFILE | os.O_WRONLY, 0o600)):
    print("yes" if call() >= 0 else ctypes.get_errno())
"""
NAMES = ["open a", "rename b", "symlink c", "write b", "fsync b", "mkdir d"]


@unittest.skipUnless(STEPPER.exists(), "there is no stepper for this machine")
class Stepper(unittest.TestCase):
    """Each test has a folder, and a program that makes six steps in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="onward-stepper-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.place = self.folder / "place"
        self.place.mkdir()

    def step(self, *options, below=None, command=None):
        report = self.folder / "report"
        command = command or [sys.executable, "-c", SCRIPT, self.place]
        result = subprocess.run([STEPPER, "--below", below or self.place, "--report", report,
                                 *map(str, options), "--", *command], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        return result, report.read_text().splitlines()

    def made(self):
        return sorted(os.listdir(self.place))

    def test_counts_threads_and_children(self):
        result, report = self.step("--list")
        self.assertEqual((result.returncode, result.stdout), (0, b"done"), result.stderr)
        steps = [line.split(" ", 2)[2].replace(f"{self.place}/", "") for line in report[:-1]]
        self.assertEqual(steps, NAMES)
        self.assertEqual(report[-1], "steps 6")

    def test_counts_nothing_elsewhere(self):
        _, report = self.step(below=self.folder / "plac")
        self.assertEqual(report, ["steps 0"])

    def test_counts_one_kind(self):
        result, report = self.step("--only", "fsync", "--before", 1)
        self.assertEqual((result.returncode, report), (KILLED, ["steps 1", "hit"]))
        self.assertEqual((self.place / "b").read_bytes(), b"text")

    def test_kills_before_and_after(self):
        wanted = [([], ["a"]), (["a"], ["b"]), (["b"], ["b", "c"]), (["b", "c"], ["b", "c"]),
                  (["b", "c"], ["b", "c"]), (["b", "c"], ["b", "c", "d"])]
        for number, (before, after) in enumerate(wanted, 1):
            for option, names in (("--before", before), ("--after", after)):
                with self.subTest(option=option, number=number):
                    result, report = self.step(option, number)
                    self.assertEqual((result.returncode, result.stdout), (KILLED, b""))
                    self.assertEqual(report, [f"steps {number}", "hit"])
                    self.assertEqual(self.made(), names)
                shutil.rmtree(self.place)
                self.place.mkdir()

    def test_lets_a_call_fail(self):
        result, report = self.step("--fail", 4, "--error", errno.ENOSPC)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"No space left", result.stderr)
        self.assertEqual((self.place / "b").read_bytes(), b"")
        self.assertIn(f"failed write {self.place}/b", report)

    def test_counts_reads_when_told_to(self):
        (self.place / "file").write_text("text")
        _, report = self.step("--reads", "--list", "--only", "read",
                              command=["cat", self.place / "file"])
        self.assertEqual(report, [f"step {n} read {self.place}/file" for n in (1, 2)] + ["steps 2"])
        result, _ = self.step("--reads", "--only", "open", "--fail", 1, "--error", errno.EMFILE,
                              command=["cat", self.place / "file"])
        self.assertIn(b"Too many open files", result.stderr)

    def test_lets_all_that_follow_fail(self):
        script = "for i in 1 2 3; do mkdir $0/$i; done"
        result, _ = self.step("--fail", 2, "--error", errno.EROFS, "--for-ever",
                              command=["sh", "-c", script, str(self.place)])
        self.assertEqual(result.stderr.count(b"Read-only"), 2)
        self.assertEqual(self.made(), ["1"])

    def test_refuses_what_not_every_disk_can_do(self):
        command = [sys.executable, "-c", FEATURES, self.place]
        result, _ = self.step("--plain", command=command)
        refusals = [errno.EINVAL, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP]
        self.assertEqual(result.stdout.split(), [str(number).encode() for number in refusals])
        shutil.rmtree(self.place)
        self.place.mkdir()
        result, _ = self.step(command=command)
        self.assertEqual(result.stdout.split()[:2], [b"yes", b"yes"])

    def test_leaves_calls_out(self):
        result, report = self.step("--skip", "rename:*/b")
        self.assertEqual(result.returncode, 1, "the file cannot be opened under its new name")
        self.assertIn("hit", report)
        self.assertEqual(self.made(), ["a", "c"])

    def test_says_how_it_ended(self):
        result, _ = self.step(command=["sh", "-c", "exit 7"])
        self.assertEqual(result.returncode, 7)
        result, _ = self.step(command=["sh", "-c", "kill -TERM $$"])
        self.assertEqual(result.returncode, 128 + 15)

    @unittest.skipIf(os.getuid() != 0, "only root can become somebody else")
    def test_runs_as_another_user(self):
        self.folder.chmod(0o755)
        result, _ = self.step("--user", 65534, command=["id", "-u"])
        self.assertEqual(result.stdout, b"65534\n")


if __name__ == "__main__":
    tap.main()
