#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A version that cannot start is replaced by the one before, is not offered again, and does not
stand in the way of its repair."""

import promise
from promise import FAILED, NOTHING, Program

EXITS_AT_ONCE = Program("#!/bin/sh\necho broken\nexit 1\n")
CRASHES = Program("#!/bin/sh\necho broken\nkill -SEGV $$\n")
NO_PROGRAM = Program("\x7fELF\x01\x02 nothing that a kernel runs")
NO_INTERPRETER = Program("#!/nonexistent/interpreter\n")


class ComesBack(promise.Promise):
    """Version 1.0.0 works."""

    def setUp(self):
        super().setUp()
        self.init()
        self.add("1.0.0", {})
        self.server = self.serve()
        self.install = self.bundle("1.0.0", self.server.url)

    def update_to(self, version, program=None):
        self.add(version, {"bin/app": program} if program else {"share/version": version})
        self.assertEqual(self.install.onward("check").stdout, version + "\n")
        self.install.onward("update", "--yes")
        self.assertEqual(self.install.current(), version)

    def assert_taken_back(self):
        """Version 1.0.0 runs again, what failed is known, and is offered to nobody."""
        self.assertEqual(self.install.current(), "1.0.0")
        for _ in range(4):
            self.assert_runs(self.install, "1.0.0")
        status = self.install.onward("status").stdout
        self.assertIn("2.0.0 did not start", status)
        self.assertNotIn("did not start", self.install.onward("status").stdout, "it is told once")
        self.assertEqual(self.install.onward("check", status=NOTHING).stdout, "")
        self.install.onward("update", "--yes", status=NOTHING)
        self.assert_runs(self.install, "1.0.0")
        self.install.onward("verify")

    def assert_repair_arrives(self):
        self.update_to("2.0.1")
        for _ in range(4):
            self.install.run()
            self.install.onward("mark-good")
        self.assert_runs(self.install, "2.0.1")
        self.assertLessEqual(len(self.install.versions()), 2)

    def start_three_times_in_vain(self, status):
        for _ in range(3):
            result = self.install.run()
            self.assertEqual((result.stdout, result.status), ("broken\n", status), str(result))
        self.assert_runs(self.install, "1.0.0")

    def test_a_version_that_ends_at_once_is_tried_three_times(self):
        self.update_to("2.0.0", EXITS_AT_ONCE)
        self.start_three_times_in_vain(1)
        self.assert_taken_back()
        self.assert_repair_arrives()

    def test_the_same_files_under_another_name_are_not_tried_again(self):
        self.update_to("2.0.0", EXITS_AT_ONCE)
        self.start_three_times_in_vain(1)
        self.assert_taken_back()
        self.add("2.0.1", {"bin/app": EXITS_AT_ONCE})
        self.server.settled_requests()
        before = self.server.bytes_of_packs()
        result = self.install.onward("update", "--yes", status=FAILED)
        self.assertIn("2.0.1: this version did not start on this computer before", result.stderr)
        self.install.onward("check", status=NOTHING)
        self.install.onward("update", "--yes", status=NOTHING)
        self.server.settled_requests()
        self.assertEqual(self.server.bytes_of_packs(), before)
        self.assert_runs(self.install, "1.0.0")
        self.update_to("2.0.2")
        self.assert_runs(self.install, "2.0.2")

    def test_a_version_that_crashes_is_tried_three_times(self):
        self.update_to("2.0.0", CRASHES)
        self.start_three_times_in_vain(-11)
        self.assert_taken_back()
        self.assert_repair_arrives()

    def test_a_version_that_is_no_program_is_taken_back_at_once(self):
        self.update_to("2.0.0", NO_PROGRAM)
        self.assert_runs(self.install, "1.0.0")
        self.assert_taken_back()
        self.assert_repair_arrives()

    def test_a_version_whose_interpreter_is_missing_is_taken_back_at_once(self):
        self.update_to("2.0.0", NO_INTERPRETER)
        self.assert_runs(self.install, "1.0.0")
        self.assert_taken_back()

    def test_a_supervised_version_that_fails_is_followed_by_the_old_one_in_the_same_start(self):
        self.install = self.bundle("1.0.0", self.server.url, "--supervise", name="supervised")
        self.update_to("2.0.0", CRASHES)
        self.assertEqual(self.install.run("hello").stdout, "broken\n1.0.0 hello\n")
        self.assert_taken_back()
        self.assert_repair_arrives()

    def test_a_version_that_lives_long_enough_is_good(self):
        self.install = self.bundle("1.0.0", self.server.url, "--good-after", "1", name="unaware")
        self.update_to("1.1.0")
        running = self.install.start("wait")
        running.wait_for_line(lambda line: line == b"1.1.0 wait\n", "the application runs")
        promise.wait_until(lambda: not (self.install.folder / "var/trial").exists(),
                           "the version is good")
        running.kill()
        for _ in range(4):
            self.assert_runs(self.install, "1.1.0")

    def test_nothing_goes_back_below_what_is_safe_unasked(self):
        self.add("2.0.0", {"bin/app": EXITS_AT_ONCE}, "--minimum", "1.5.0", "--reason", "Unsafe")
        self.install.onward("update", "--yes")
        for _ in range(5):
            result = self.install.run()
            self.assertEqual((result.stdout, result.status), ("broken\n", 1), str(result))
        self.assertIn("version 1.0.0 is not safe any more", result.stderr)
        for _ in range(2):
            self.assertIn("2.0.0 did not start", self.install.onward("status").stdout)
        self.assertEqual(self.install.current(), "2.0.0")
        self.assertIs(self.install.onward("status", "--json").events()[0]["safe"], True)
        self.assertIn("Version 1.0.0 is not safe any more", self.install.onward("rollback").stderr)
        self.assertIn("not safe any more", self.install.onward("status").stdout)
        self.assertIs(self.install.onward("status", "--json").events()[0]["safe"], False)
        self.assert_runs(self.install, "1.0.0")

    def test_where_nothing_is_safe_to_go_back_to_the_repair_arrives(self):
        self.add("2.0.0", {"bin/app": EXITS_AT_ONCE}, "--minimum", "1.5.0", "--reason", "Unsafe")
        self.install.onward("update", "--yes")
        for _ in range(4):
            self.install.run()
        self.assert_repair_arrives()

    def test_asked_for_once_more_it_is_taken_back_once_more(self):
        self.update_to("2.0.0", EXITS_AT_ONCE)
        for _ in range(2):
            self.start_three_times_in_vain(1)
            self.assertEqual(self.install.current(), "1.0.0")
            self.install.onward("rollback")
            self.assertEqual(self.install.current(), "2.0.0")

    def test_two_broken_versions_in_a_row_lead_back_to_the_one_that_worked(self):
        self.update_to("2.0.0", EXITS_AT_ONCE)
        self.install.run()
        self.update_to("2.0.1", EXITS_AT_ONCE)
        self.start_three_times_in_vain(1)
        self.assertEqual(self.install.current(), "1.0.0")
        self.assertNotIn("2.0.1", self.install.onward("check", status=None).stdout)

    def test_a_version_that_was_marked_good_stays(self):
        self.update_to("1.1.0")
        self.install.onward("mark-good")
        for _ in range(5):
            self.assert_runs(self.install, "1.1.0")
        self.assertFalse((self.install.folder / "var/trial").exists())

    def test_an_application_marks_itself_good_from_its_launcher(self):
        self.update_to("1.1.0")
        result = self.install.run("good")
        self.assertEqual((result.stdout, result.status), ("1.1.0 good\n", 0), str(result))
        for _ in range(5):
            self.assert_runs(self.install, "1.1.0")

    def test_a_version_marked_good_may_fail_later_and_stays(self):
        self.update_to("1.1.0")
        self.install.onward("mark-good")
        for _ in range(5):
            self.install.run("fails", env={"PATH": "/nonexistent"})
        self.assertEqual(self.install.current(), "1.1.0")

    def test_going_back_by_hand_needs_no_trial(self):
        self.update_to("1.1.0")
        self.install.onward("rollback")
        for _ in range(5):
            self.assert_runs(self.install, "1.0.0")


class ComesBackInPlace(ComesBack):
    """The same where all versions are started from one path."""

    def bundle(self, *arguments, **options):
        return super().bundle(*arguments, "--layout", "in-place", **options)


if __name__ == "__main__":
    promise.main()
