#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sums up test runs of meson into one line: "N passed, N failed, N skipped".

usage: summary.py [--broken NAME]... BUILD-FOLDER...

Every TAP subtest counts as one; a test that speaks no TAP counts as one; a test that crashed, ran
out of time or broke off counts as failed, as does a build named with --broken. What failed is
shown first.
"""

import argparse
import json
import os
import re
import sys

POINT = re.compile(r"^(not )?ok\b(.*)$")
DIRECTIVE = re.compile(r"(?<!\\)#\s*(skip|todo)", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)\s*(#\s*skip)?", re.IGNORECASE)
SHOWN_LINES = 150


def count_tap(output):
    """Returns (passed, failed, skipped), or None when the output is not TAP."""
    counts = [0, 0, 0]
    is_tap = False
    for line in output.splitlines():
        plan = PLAN.match(line)
        point = POINT.match(line)
        if plan:
            is_tap = True
            if plan.group(1) == "0":
                counts[2] += 1
        elif point:
            is_tap = True
            if DIRECTIVE.search(point.group(2)):
                counts[2] += 1
            else:
                counts[1 if point.group(1) else 0] += 1
    return counts if is_tap else None


def count_test(test):
    result = test.get("result", "ERROR")
    counts = count_tap(test.get("stdout") or "")
    if counts is None:
        counts = [0, 0, 0]
        if result == "SKIP":
            counts[2] = 1
        elif result in ("OK", "EXPECTEDFAIL"):
            counts[0] = 1
    if result not in ("OK", "EXPECTEDFAIL", "SKIP") and counts[1] == 0:
        counts[1] = 1
    return counts


def show(build, test):
    print(f"\n---- {build}: {test['name']}: {test.get('result')}, "
          f"status {test.get('returncode')}, {test.get('duration', 0):.1f} s")
    print("     " + " ".join(test.get("command", [])))
    for stream in ("stdout", "stderr"):
        lines = (test.get(stream) or "").splitlines()
        if len(lines) > SHOWN_LINES:
            print(f"     … {len(lines) - SHOWN_LINES} lines of {stream} left out")
        for line in lines[-SHOWN_LINES:]:
            print("    | " + line)


def read_log(build):
    path = os.path.join(build, "meson-logs", "testlog.json")
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            return [json.loads(line) for line in log if line.strip()]
    except (OSError, ValueError) as error:
        print(f"\n---- {build}: no test results: {error}")
        return None


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--broken", action="append", default=[])
    parser.add_argument("builds", nargs="+")
    options = parser.parse_args(arguments)
    total = [0, 0, 0]

    for build in options.builds:
        tests = read_log(build)
        if tests is None:
            total[1] += 1
            continue
        for test in tests:
            counts = count_test(test)
            if counts[1] > 0:
                show(build, test)
            total = [a + b for a, b in zip(total, counts)]
    for name in options.broken:
        print(f"\n---- the build with {name} failed, see above")
        total[1] += 1

    print("\n%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] > 0 or total[0] == 0 else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
