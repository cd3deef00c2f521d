#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The closing line counts every test once, and a test that broke off as failed."""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import summary  # noqa: E402
import tap  # noqa: E402

# Result of the test, its output, and what it counts as: passed, failed, skipped.
CASES = [
    ("OK", "1..3\nok 1 a\nok 2 b # SKIP no\nok 3 c\n", (2, 0, 1)),
    ("FAIL", "1..2\nok 1 a\nnot ok 2 b\n", (1, 1, 0)),
    ("OK", "1..1\nnot ok 1 a # TO" "DO later\n", (0, 0, 1)),
    ("SKIP", "1..0 # SKIP no display\n", (0, 0, 1)),
    # A crash after the first of three; a plan that was not kept; no time left.
    ("ERROR", "1..3\nok 1 a\n", (1, 1, 0)),
    ("ERROR", "1..3\nok 1 a\nok 2 b\n", (2, 1, 0)),
    ("TIMEOUT", "", (0, 1, 0)),
    # Tests that speak no TAP.
    ("OK", "fine\n", (1, 0, 0)),
    ("FAIL", "bad\n", (0, 1, 0)),
    ("SKIP", "", (0, 0, 1)),
    ("OK", None, (1, 0, 0)),
]


def run(tests, *arguments, log=True):
    """Returns the exit status and the last line for a build that ran @tests."""
    with tempfile.TemporaryDirectory() as build:
        if log:
            logs = os.path.join(build, "meson-logs")
            os.mkdir(logs)
            with open(os.path.join(logs, "testlog.json"), "w", encoding="utf-8") as file:
                for result, output in tests:
                    file.write(json.dumps({"name": "x", "result": result, "stdout": output}) + "\n")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = summary.main([*arguments, build])
        return status, said.getvalue().splitlines()[-1]


class Summary(unittest.TestCase):
    # Every kind of outcome counts as what it is.
    def test_counts(self):
        for result, output, expected in CASES:
            with self.subTest(result=result, output=output):
                status, line = run([(result, output)])
                self.assertEqual(line, "%d passed, %d failed, %d skipped" % expected)
                self.assertEqual(status, 1 if expected[1] > 0 or expected[0] == 0 else 0)

    # All tests of a run add up.
    def test_sum(self):
        self.assertEqual(run([(result, output) for result, output, _ in CASES]),
                         (1, "8 passed, 5 failed, 4 skipped"))

    # A run that left no log, or ran nothing, is no success; nor is a build that broke.
    def test_nothing_ran(self):
        self.assertEqual(run([], log=False), (1, "0 passed, 1 failed, 0 skipped"))
        self.assertEqual(run([]), (1, "0 passed, 0 failed, 0 skipped"))
        self.assertEqual(run([("OK", "")], "--broken", "gcc"), (1, "1 passed, 1 failed, 0 skipped"))


if __name__ == "__main__":
    tap.main()
