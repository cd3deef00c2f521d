# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the unittest classes of the program that is running, and speaks TAP."""

import os
import sys
import unittest


class Result(unittest.TextTestResult):
    """Prints one line a test, and why it failed."""

    def stopTest(self, test):
        super().stopTest(test)
        reasons = [text for failed, text in self.failures + self.errors
                   if test in (failed, getattr(failed, "test_case", None))]
        skips = [reason for skipped, reason in self.skipped if skipped is test]
        print(f"{'not ok' if reasons else 'ok'} {self.testsRun} - {test.id().partition('.')[2]}"
              + (f" # SKIP {skips[0]}" if skips else ""))
        for line in "\n".join(reasons).splitlines():
            print("# " + line)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    print(f"1..{suite.countTestCases()}", flush=True)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        outcome = unittest.TextTestRunner(nowhere, resultclass=Result).run(suite)
    sys.exit(not outcome.wasSuccessful())
