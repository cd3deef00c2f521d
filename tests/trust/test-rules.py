#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of rules in src/trust/README.md names tests that exist, for every section of the client
workflow."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/style"))
import tap  # noqa: E402

README = ROOT / "src/trust/README.md"
# The client workflow of specification 1.0.34; 5.3.1 and 5.7.1 say what follows from the others.
SECTIONS = ({"5.1", "5.2"}
            | {f"5.3.{number}" for number in range(2, 13)}
            | {f"5.4.{number}" for number in ("1", "2", "3.1", "3.2", "4", "5")}
            | {f"5.5.{number}" for number in range(1, 8)}
            | {f"5.6.{number}" for number in ("1", "2", "3", "4", "5", "6", "7", "7.1", "7.2")}
            | {"5.7.2", "5.7.3"})


def read_rows():
    """The sections, and the tests, of each row."""
    rows = []
    for line in README.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and re.match(r"[45]\.\d", cells[0]):
            rows.append((cells[0].split(", "), re.findall(r"`([^`]+)`", cells[2])))
    return rows


class Rules(unittest.TestCase):
    def test_every_section_has_a_test(self):
        named = {section for sections, tests in read_rows() if tests for section in sections}
        self.assertEqual(SECTIONS - named, set())

    def test_every_test_exists(self):
        c_tests = "".join(path.read_text() for path in (ROOT / "tests/trust").glob("test-*.c"))
        python = "".join(path.read_text() for path in (ROOT / "tests/tuf-client").glob("test-*.py"))
        for sections, tests in read_rows():
            for test in tests:
                with self.subTest(test, sections=sections):
                    self.assertTrue(f'("{test}",' in c_tests if test.startswith("/")
                                    else f"def {test}(self" in python)


if __name__ == "__main__":
    tap.main()
