#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The preferences as people and screen readers meet them.

usage: test-preferences.py PREVIEW LOCALE-FOLDER STYLE-FOLDER
"""

import os
import subprocess
import sys
import unittest

PREVIEW, LOCALES, STYLE = (os.path.abspath(path) for path in sys.argv[1:4])
sys.path.insert(0, STYLE)
sys.dont_write_bytecode = True

import desktop  # noqa: E402

desktop.enter()
ATSPI = desktop.load_atspi()
del sys.argv[1:]

import tap  # noqa: E402
from preview import Preview  # noqa: E402

NBSP = "\u00a0"


class Preferences(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager = desktop.start_window_manager()
        cls.preview = Preview(ATSPI, PREVIEW, LOCALES)
        cls.preview.show("up-to-date")

    @classmethod
    def tearDownClass(cls):
        cls.preview.close()
        if cls.manager:
            cls.manager.terminate()
            cls.manager.wait()

    def open(self, choice="stable"):
        tree = self.preview.tree
        self.preview.say("preferences " + choice, "shown preferences")
        desktop.wait_for(lambda: tree.find("Preferences", "dialog"), "for the preferences")
        return tree

    def close(self, tree):
        dialog = tree.find("Preferences", "dialog")
        tree.press(next(w for w in tree.widgets(dialog) if w.get_name() == "Close"))
        self.preview.hear("closed ")

    def choose(self, tree, label, item):
        """Opens the choice that has @label, as a screen reader finds it, and takes @item."""
        label = desktop.wait_for(lambda: next(
            (w for w in tree.all("label") if tree.text(w) == label), None), "for " + label)
        choice = next(relation.get_target(0) for relation in label.get_relation_set()
                      if relation.get_relation_type() == ATSPI.RelationType.LABEL_FOR)
        tree.press(choice)
        tree.press(desktop.wait_for(lambda: next(
            (w for w in tree.widgets(choice, False) if w.get_name() == item), None), "for " + item))

    def test_the_menu_leads_to_them(self):
        tree = self.preview.tree
        tree.press(tree.find("Menu", "toggle button"))
        tree.press(desktop.wait_for(lambda: tree.find("Preferences"), "for the menu"))
        self.assertEqual(self.preview.hear("intent "), "preferences 0")

    def test_every_choice_counts_at_once(self):
        tree = self.open()
        for label, item, setting in (
                ("Check automatically", "Never", "check-interval 'never'"),
                ("Check automatically", "Weekly", "check-interval 'weekly'"),
                ("Limit speed", f"500{NBSP}kB/s", "limit-rate 500000"),
                ("Limit speed", "No limit", "limit-rate 0")):
            self.choose(tree, label, item)
            self.assertEqual(self.preview.hear("setting "), setting)
        for name, setting in (
                ("Download and install updates automatically", "download-automatically true"),
                ("Download on metered networks, too", "use-metered true")):
            tree.press(tree.find(name, "check box"))
            self.assertEqual(self.preview.hear("setting "), setting)
        self.choose(tree, "Release channel", "Beta")
        self.assertEqual(self.preview.hear("channel "), "beta")
        self.assertIn("Going back to Stable waits for the next stable release", tree.texts())
        self.close(tree)

    def test_what_was_chosen_is_shown(self):
        tree = self.open("nightly 2.4.0 2.3.0")
        names = [w.get_name() for w in tree.all("combo box")]
        self.assertIn("nightly", names)
        self.assertIn("2.4.0, 2.3.0", tree.texts())
        tree.press(tree.find("Reset", "push button"))
        self.assertEqual(self.preview.hear("reset "), "skipped")
        self.close(tree)
        tree = self.open()
        self.assertIn("None", tree.texts())
        self.assertFalse(tree.has(tree.find("Reset", "push button"), "SENSITIVE"))
        self.close(tree)

    def test_it_fits_a_narrow_screen(self):
        tree = self.open("beta 2.4.0 2.3.0 2.2.0 2.1.0")
        self.preview.say("size 320 300", "resized")
        dialog = tree.find("Preferences", "dialog")
        left, _, width, _ = tree.place(dialog)
        self.assertLessEqual(width, 360)
        for widget in tree.widgets(dialog):
            x, _, wide, _ = tree.place(widget)
            self.assertGreaterEqual(x, left, widget.get_name())
            self.assertLessEqual(x + wide, left + width, widget.get_name())
        self.close(tree)

    def type(self, keys):
        subprocess.run(["xdotool", "key", keys], check=True)

    def test_they_have_keys(self):
        if self.manager is None:
            self.skipTest("openbox or xdotool is not installed")
        tree = self.preview.tree
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name",
                        "Software Update", "windowactivate", "--sync"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        desktop.wait_for(lambda: tree.has(tree.all("frame")[0], "ACTIVE"), "for the focus")
        self.type("ctrl+comma")
        self.assertEqual(self.preview.hear("intent "), "preferences 0")
        self.type("F10")
        desktop.wait_for(lambda: tree.find("Preferences"), "for the menu")
        self.type("Escape")
        desktop.wait_for(lambda: not tree.find("Preferences"), "for its end")
        self.open()
        desktop.wait_for(lambda: tree.has(tree.find("Preferences", "dialog"), "ACTIVE"))
        for keys in ("alt+d", "alt+m"):
            self.type(keys)
            self.preview.hear("setting ")
        self.type("Escape")
        self.preview.hear("closed ")
        self.assertNotIn("intent", self.preview.listen())


tap.main()
