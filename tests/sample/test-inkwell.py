#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Inkwell promises beside an ordinary update.

usage: test-inkwell.py BUILD-FOLDER FOLDER-OF-TAP
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import processes
import screen as screens
import shop
import trees

BUILD = sys.argv[1]
sys.path.insert(1, sys.argv[2])
import tap  # noqa: E402 (the path must be known first)

REASON = "The service for shared pages has moved; 1.0.0 cannot find it."


class Inkwell(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        trees.THESAURUS_SIZE = 50_000  # nobody waits for a download here
        cls.folder = tempfile.mkdtemp(prefix="onward-inkwell-")
        cls.screen = screens.Screen(cls.folder)
        cls.store = shop.Shop(BUILD, cls.folder, lambda text: None)
        cls.store.open()
        cls.store.add("1.0.0")
        cls.store.serve(50_000_000)

    @classmethod
    def tearDownClass(cls):
        cls.store.stop_serving()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def tearDown(self):
        for folder in (self.store.install, self.folder):
            for pid in processes.running_below(folder):
                self.end(pid)
        shutil.rmtree(self.store.install, ignore_errors=True)

    def end(self, pid):
        os.kill(pid, 15)
        screens.wait_for("a program to end", lambda: (
            processes.reap(), processes.program(pid) == "")[1], 10)

    def start(self):
        """Starts a fresh or an old install; returns Inkwell's process, with its window shown."""
        if not os.path.exists(self.store.install):
            self.store.bundle("1.0.0")
        self.store.start_application()
        pid = screens.wait_for("Inkwell", lambda: self.store.running("inkwell"), 10)
        self.await_text(pid, "Version 1.0.0")
        return pid

    def await_text(self, pid, text):
        screens.wait_for(f"“{text}”",
                         lambda: any(text in shown for shown in self.screen.texts(pid)), 20)

    def menu(self, pid):
        self.screen.click(pid, "Menu")
        screens.wait_for("the menu", lambda: "Quit" in self.names(pid), 10)
        return self.names(pid)

    def names(self, pid):
        return [name for _, name, _ in self.screen.read(pid)]

    def checks(self):
        """How often the install's log tells of a check that has ended."""
        path = os.path.join(self.store.install, "var", "update.log")
        if not os.path.exists(path):
            return 0
        with open(path, encoding="utf-8") as file:
            return sum("checking → " in line for line in file)

    def test_1_without_its_launcher_it_has_no_updates(self):
        program = os.path.join(self.store.trees["1.0.0"], "bin", "inkwell")
        pid = subprocess.Popen([program]).pid
        self.await_text(pid, "Version 1.0.0")
        self.assertNotIn("Check for Updates…", self.menu(pid))
        self.assertTrue(self.screen.is_editable(pid, "Page"))

    def test_2_with_nothing_new_it_stays_quiet(self):
        pid = self.start()
        self.assertIn("Check for Updates…", self.menu(pid))
        screens.wait_for("a check", lambda: self.checks() == 1, 15)
        time.sleep(0.5)
        self.assertNotIn("Update…", self.names(pid))

    def test_3_later_is_remembered_over_a_restart(self):
        self.store.add("1.1.0")
        pid = self.start()
        self.await_text(pid, "A new version is available: Inkwell 1.1.0")
        self.screen.click(pid, "Later")
        screens.wait_for("the bar to go", lambda: "Update…" not in self.names(pid), 5)
        self.end(pid)

        before = self.checks()
        pid = self.start()
        screens.wait_for("another check", lambda: self.checks() > before, 15)
        time.sleep(0.5)
        self.assertNotIn("Update…", self.names(pid))

    def test_4_a_forced_release_leaves_the_page_to_be_read_only(self):
        self.store.add("2.0.0", "--minimum", "1.1.0", "--reason", REASON)
        pid = self.start()
        self.assertTrue(self.screen.is_editable(pid, "Page"))
        self.await_text(pid, "This version can only read.")
        self.assertFalse(self.screen.is_editable(pid, "Page"))
        self.assertNotIn("Later", self.screen.names(pid, "push button"))

        updater = screens.wait_for("the updater", lambda: self.store.running("onward-updater"), 10)
        self.await_text(updater, REASON)
        self.screen.click(updater, "Quit Inkwell")
        screens.wait_for("both to end", lambda: (
            processes.reap(), not processes.running_below(self.store.install))[1], 10)


def main():
    if screens.is_inside():
        screens.enter()
        try:
            tap.main()
        finally:
            processes.end_all()

    reason = screens.find_missing()
    if reason is not None:
        print(f"1..0 # SKIP {reason}")
        sys.exit(0)
    with tempfile.NamedTemporaryFile() as log:
        sys.exit(screens.run_inside([os.path.abspath(__file__), *sys.argv[1:]], log.name))


if __name__ == "__main__":
    main()
