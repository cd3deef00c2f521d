#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The updater's window as people and screen readers meet it: every screen, by its accessible names.

usage: test-window.py PREVIEW LOCALE-FOLDER STYLE-FOLDER
With ONWARD_TEST_SHOTS=FOLDER a picture of every screen is left there.
"""

import os
import re
import subprocess
import sys
import time
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

DAY = 24 * 60 * 60
NBSP = "\u00a0"
# The buttons of errors, the default one, and what Escape means: nothing helps, trying helps, or
# only time may help.
CLOSE = ("Close", "Close", "close")
TRY_AGAIN = ("Close|Try Again", "Try Again", "close")
STOP = ("Try Again|Close", "Close", "close")
# Screen: title, buttons from the start to the end, default, what Esc asks for.
SCREENS = {
    "checking": ("Checking for updates…", "Cancel", None, "close"),
    "available": ("Inkwell 2.4.0 is available",
                  "Skip This Version|Remind Me Later|Install Update", "Install Update", "remind"),
    "available-security": ("Inkwell 2.4.0 is available",
                           "Remind Me Later|Install Update", "Install Update", "remind"),
    "available-metered": ("Inkwell 2.4.0 is available",
                          "Skip This Version|Download Anyway|Remind Me Later", "Remind Me Later",
                          "remind"),
    "forced": ("Inkwell must be updated", "Quit Inkwell|Update Now", "Update Now",
               "quit-application"),
    "low-battery": ("Battery Is Low (14 %)", "Install Anyway|Later", "Later", "close"),
    "low-battery-forced": ("Battery Is Low (14 %)", "Quit Inkwell|Install Anyway", None,
                           "quit-application"),
    "downloading": ("Updating Inkwell to 2.4.0", "Cancel|Pause|Run in Background", None,
                    "background"),
    "downloading-forced": ("Updating Inkwell to 2.4.0", "Cancel|Pause|Quit Inkwell", None,
                           "quit-application"),
    "reconnecting": ("Updating Inkwell to 2.4.0", "Cancel|Pause|Run in Background|Try Now",
                     "Try Now", "background"),
    "offline": ("Updating Inkwell to 2.4.0", "Cancel|Pause|Run in Background|Try Now", "Try Now",
                "background"),
    "busy-server": ("Updating Inkwell to 2.4.0", "Cancel|Pause|Run in Background|Try Now",
                    "Try Now", "background"),
    "sign-in": ("Updating Inkwell to 2.4.0", "Cancel|Pause|Run in Background|Try Now", "Try Now",
                "background"),
    "metered": ("Updating Inkwell to 2.4.0", "Cancel|Run in Background|Continue Anyway", None,
                "background"),
    "metered-forced": ("Updating Inkwell to 2.4.0", "Cancel|Quit Inkwell|Continue Anyway", None,
                       "quit-application"),
    "paused": ("Update to Inkwell 2.4.0 is paused", "Cancel|Close|Resume", "Resume", "close"),
    "verifying": ("Updating Inkwell to 2.4.0", "Cancel|Run in Background", None, "background"),
    "installing": ("Updating Inkwell to 2.4.0", "Cancel|Run in Background", None, "background"),
    "ready": ("Inkwell 2.4.0 is ready to install", "Later|Install Update", "Install Update",
              "close"),
    "installed": ("Inkwell 2.4.0 is installed", "Later|Restart Now", "Restart Now", "close"),
    "up-to-date": ("Inkwell is up to date", "Check Again|Close", "Close", "close"),
    "skipped": ("Inkwell is up to date", "Check Again|Show It|Close", "Close", "close"),
    "error-server": ("Could Not Check for Updates", *TRY_AGAIN),
    "error-untrusted": ("This Update Cannot Be Trusted", *CLOSE),
    "error-expired": ("Update Information Is Out of Date", *STOP),
    "error-root-expired": ("The Publisher's Keys Have Expired", *STOP),
    "error-wrong-clock": ("Check the Date and Time", *TRY_AGAIN),
    "error-rolled-back": ("Update Information Was Rolled Back", *STOP),
    "error-other-repository": ("This Update Cannot Be Trusted", *STOP),
    "error-wrong-hash": ("This Update Cannot Be Trusted", *STOP),
    "error-wrong-type": ("Could Not Check for Updates", *STOP),
    "error-wrong-version": ("Could Not Check for Updates", *STOP),
    "error-wrong-length": ("Could Not Check for Updates", *STOP),
    "error-too-large": ("Could Not Check for Updates", *STOP),
    "error-upload-under-way": ("Could Not Check for Updates", *TRY_AGAIN),
    "error-unknown-authority": ("No Secure Connection", *STOP),
    "error-wrong-host": ("No Secure Connection", *STOP),
    "error-certificate-expired": ("No Secure Connection", *TRY_AGAIN),
    "error-certificate-not-yet-valid": ("Check the Date and Time", *TRY_AGAIN),
    "error-bad-certificate": ("No Secure Connection", *STOP),
    "error-corrupt": ("The Download Was Damaged", "Close|Download All", "Download All", "close"),
    "error-read-only-install": ("Permission Is Needed", *CLOSE),
    "error-unsupported-format": ("This Computer Is Too Old for 2.4.0", *CLOSE),
    "error-busy": ("Another Update Is Running", *CLOSE),
    "error-did-not-start": ("Inkwell 2.4.0 Did Not Start", *CLOSE),
    "error-no-space": ("Not Enough Disk Space", *TRY_AGAIN),
    "error-forced": ("Inkwell must be updated", "Quit Inkwell|Try Again", "Try Again",
                     "quit-application"),
}


class WindowTest(unittest.TestCase):
    language = "en"

    @classmethod
    def setUpClass(cls):
        cls.preview = Preview(ATSPI, PREVIEW, LOCALES, cls.language)

    @classmethod
    def tearDownClass(cls):
        cls.preview.close()

    def show(self, name):
        # While one decides the buttons stay, so that the next screen begins with its own.
        if name.startswith("available"):
            self.preview.show("checking")
        tree = self.preview.show(name)
        # A page that fades out is still there for a moment.
        if name in SCREENS:
            desktop.wait_for(lambda: self.buttons(tree) == SCREENS[name][1].split("|"),
                             "for the buttons of " + name)
        return tree

    def bar(self, tree):
        """The buttons at the bottom, from the start of the row to its end."""
        known = {label for _, labels, _, _ in SCREENS.values() for label in labels.split("|")}
        row = [w for w in tree.all("push button") if w.get_name() in known]
        return sorted(row, key=lambda w: tree.place(w)[0])

    def buttons(self, tree):
        return [w.get_name() for w in self.bar(tree)]


class Screens(WindowTest):
    def test_every_screen_has_its_title_buttons_and_default(self):
        for name, (title, labels, default, _) in SCREENS.items():
            with self.subTest(name):
                tree = self.show(name)
                desktop.wait_for(lambda: title in tree.texts(), "for the title of " + name)
                self.assertEqual(self.buttons(tree), labels.split("|"))
                defaults = [w.get_name() for w in self.bar(tree) if tree.has(w, "IS_DEFAULT")]
                self.assertEqual(defaults, [default] if default else [])

    def test_window_is_named(self):
        tree = self.show("available")
        frames = [w.get_name() for w in tree.all("frame")]
        self.assertEqual(frames, ["Software Update"])

    def test_releases_are_named_and_unfolded_as_they_matter(self):
        tree = self.show("available-security")
        self.assertIsNotNone(tree.find("Release notes", "scroll pane"))
        for name, unfolded in (("Version 2.4.0, 2 October 2026", True),
                               ("Version 2.3.0, 14 August 2026", False),
                               ("Version 2.2.0, 3 June 2026", True)):
            row = tree.find(name, "toggle button")
            self.assertIsNotNone(row, name)
            self.assertEqual(tree.has(row, "EXPANDED"), unfolded, name)
        self.assertIn("What's new since version 2.1.0", tree.texts())
        self.assertTrue(any("Search finds text" in text for text in tree.texts()))

    def test_long_history_waits_behind_a_button(self):
        tree = self.show("available-many")
        # What is scrolled out of sight is there, but not shown.
        button = desktop.wait_for(lambda: tree.find("Show All 8 Versions", shown=False))
        self.assertIsNone(tree.find("Version 2.0.7, 20 April 2026", shown=False))
        tree.press(button)
        desktop.wait_for(lambda: tree.find("Version 2.0.7, 20 April 2026", shown=False))

    def test_release_without_notes_says_so(self):
        tree = self.show("available-many")
        row = desktop.wait_for(lambda: tree.find("Version 2.1.2, 20 May 2026", shown=False))
        tree.press(row)
        desktop.wait_for(lambda: tree.find("No release notes", shown=False))

    def test_progress_is_named_and_told(self):
        tree = self.show("downloading")
        bar = tree.find("Update progress", "progress bar")
        self.assertAlmostEqual(tree.value(bar), 0.37, 2)
        status = tree.find("Update status", "label")
        self.assertEqual(tree.text(status), f"5.1 of 12.4{NBSP}MB downloaded – 820{NBSP}kB/s")
        self.assertIn("About 10 seconds left", tree.texts())

    def test_countdown_counts_under_a_constant_name(self):
        tree = self.show("reconnecting")
        label = desktop.wait_for(lambda: tree.find("Trying again soon", "label"))
        first = tree.text(label)
        self.assertRegex(first, r"^Connection lost\. Trying again in 1[012] seconds$")
        desktop.wait_for(lambda: tree.text(label) != first, "for the countdown")
        self.assertEqual(label.get_name(), "Trying again soon")
        self.assertEqual(tree.text(tree.find("Update status")), f"5.1 of 12.4{NBSP}MB are kept")

    def test_what_is_waited_for_is_said(self):
        for name, words in (
                ("busy-server", "The server is busy. Trying again in 2 minutes"),
                ("offline", "No internet connection. The download goes on when you are back "
                            "online"),
                ("sign-in", "This network asks you to sign in. Open any web page to do so, and the "
                            "download goes on."),
                ("metered", "This network may charge for data. The download waits."),
                ("connecting", "Connecting…")):
            tree = self.preview.show(name)
            label = desktop.wait_for(lambda: tree.find("Trying again soon", "label"))
            desktop.wait_for(lambda: tree.text(label) == words, "for the words of " + name)
            self.assertEqual(tree.text(tree.find("Update status")), f"5.1 of 12.4{NBSP}MB are kept")
        self.show("busy-server-for-hours")
        moment = re.compile(r"The server is busy\. Trying again (tomorrow )?at \d\d:\d\d$")
        desktop.wait_for(lambda: moment.match(tree.text(label)), "for the time")

    def test_try_now_ends_with_the_countdown(self):
        tree = self.show("almost-connecting")
        button = desktop.wait_for(lambda: tree.find("Try Now", "push button"))
        desktop.wait_for(lambda: not tree.has(button, "SENSITIVE"), "for the end of the countdown")
        label = tree.find("Trying again soon", "label")
        desktop.wait_for(lambda: tree.text(label) == "Connecting…", "for the next try")

    def test_network_that_charges_is_told_by_a_banner(self):
        tree = self.show("available-metered")
        banner = desktop.wait_for(lambda: tree.all("info bar"), "for the banner")
        self.assertEqual([tree.text(w) for w in tree.widgets(banner[0])
                          if w.get_role_name() == "label"], ["This network may charge for data"])
        self.show("available-at-most")
        desktop.wait_for(lambda: any(f"at most 12.4{NBSP}MB" in text for text in tree.texts()))

    def test_default_stays_when_the_network_changes(self):
        self.show("checking")
        tree = self.show("available")
        self.preview.show("available-metered")
        desktop.wait_for(lambda: tree.all("info bar"), "for the banner")
        self.assertEqual(self.buttons(tree), SCREENS["available"][1].split("|"))
        self.show("checking")
        self.show("available-metered")
        self.preview.show("available")
        desktop.wait_for(lambda: not tree.all("info bar"), "for the end of the banner")
        self.assertEqual(self.buttons(tree), SCREENS["available-metered"][1].split("|"))

    def test_bar_never_goes_backwards(self):
        tree = self.show("installing")
        self.assertAlmostEqual(tree.value(tree.find("Update progress")), 0.88, 2)
        self.show("reconnecting")
        self.assertAlmostEqual(tree.value(tree.find("Update progress")), 0.88, 2)
        self.show("available")
        self.show("downloading")
        self.assertAlmostEqual(tree.value(tree.find("Update progress")), 0.37, 2)

    def test_buttons_do_not_move_from_screen_to_screen(self):
        bottoms = set()
        for name in ("available", "reconnecting", "paused", "installed", "error-no-space"):
            tree = self.show(name)
            x, y, width, height = tree.place(self.bar(tree)[-1])
            bottoms.add((x + width, y, height))
        self.assertEqual(len(bottoms), 1, bottoms)

    def test_buttons_stand_in_a_row(self):
        for name in ("available", "available-metered", "metered", "reconnecting", "error-no-space"):
            tree = self.show(name)
            tops = {tree.place(widget)[1] for widget in self.bar(tree)}
            self.assertEqual(len(tops), 1, name)

    def test_what_cannot_be_had_cannot_be_pressed(self):
        for name, button, sensitive in (("applying", "Cancel", False), ("stopping", "Pause", False),
                                        ("elsewhere", "Pause", False),
                                        ("connecting", "Try Now", False),
                                        ("installing", "Cancel", True)):
            tree = self.preview.show(name)
            widget = desktop.wait_for(lambda: tree.find(button, "push button"))
            self.assertEqual(tree.has(widget, "SENSITIVE"), sensitive, name)

    def test_pressing_a_button_says_what_is_wanted(self):
        for name, button, intent in (
                ("available", "Skip This Version", "skip"),
                ("available", "Install Update", "start"),
                ("available", "Remind Me Later", "remind"), ("forced", "Update Now", "start"),
                ("downloading", "Pause", "pause"), ("downloading", "Cancel", "cancel"),
                ("reconnecting", "Try Now", "retry-now"),
                ("metered", "Continue Anyway", "continue-anyway"),
                ("available-metered", "Download Anyway", "download-anyway"),
                ("paused", "Resume", "resume"),
                ("low-battery", "Install Anyway", "install-anyway"),
                ("installed", "Restart Now", "restart"), ("up-to-date", "Check Again", "check"),
                ("skipped", "Show It", "show-skipped"), ("error-server", "Try Again", "try-again"),
                ("error-corrupt", "Download All", "download-all")):
            tree = self.show(name)
            tree.press(tree.find(button, "push button"))
            self.assertEqual(self.preview.hear("intent "), f"{intent} {DAY}")

    def test_menu_says_when_to_be_reminded(self):
        tree = self.show("available")
        for item, seconds in (("In 1 Hour", 3600), ("Tomorrow", DAY), ("Next Week", 7 * DAY)):
            tree.press(tree.find("Choose when to be reminded", "toggle button"))
            tree.press(desktop.wait_for(lambda: tree.find(item, shown=False)))
            self.assertEqual(self.preview.hear("intent "), f"remind {seconds}")

    def test_details_hold_the_message_and_the_log(self):
        tree = self.show("error-server")
        tree.press(tree.find("Details", "toggle button"))
        message = desktop.wait_for(lambda: tree.find("Error message"))
        self.assertIn("the server answered 503", tree.text(message))
        self.assertIn("Log: /opt/inkwell/var/update.log", tree.texts())
        self.assertIsNotNone(tree.find("Copy", "push button"))
        tree.press(tree.find("Details", "toggle button"))

    def test_details_explain_each_refusal(self):
        for name, words in (("error-wrong-clock", ("wrong-clock", "years past", "date and time")),
                            ("error-wrong-hash", ("wrong-hash", "twice", "tampering")),
                            ("error-upload-under-way", ("upload-under-way", "half done"))):
            tree = self.show(name)
            tree.press(tree.find("Details", "toggle button"))
            text = tree.text(desktop.wait_for(lambda: tree.find("Error message")))
            for word in ("Name of the refusal: ", "What was checked: ", "What it means: ",
                         "What to do: ", *words):
                self.assertIn(word, text)
            self.assertFalse([w for w in self.bar(tree) if "Anyway" in w.get_name()])
            tree.press(tree.find("Details", "toggle button"))

    def test_mnemonics_are_those_of_the_drawings(self):
        for name, keys in (("available", "Skip This Version=s Remind Me Later=l Install Update=i"),
                           ("reconnecting", "Cancel=c Pause=p Run in Background=r Try Now=t"),
                           ("paused", "Cancel=c Close=l Resume=r"),
                           ("metered", "Cancel=c Run in Background=r Continue Anyway=a"),
                           ("available-metered",
                            "Skip This Version=s Download Anyway=a Remind Me Later=l"),
                           ("low-battery", "Install Anyway=a Later=l"),
                           ("installed", "Later=l Restart Now=r"),
                           ("forced", "Quit Inkwell=q Update Now=u"),
                           ("up-to-date", "Check Again=a Close=c")):
            tree = self.show(name)
            found = " ".join(f"{w.get_name()}={tree.key(w)[-1]}" for w in self.bar(tree))
            self.assertEqual(found, keys)


class Announcements(WindowTest):
    def test_each_new_screen_is_announced_once(self):
        heard = []
        listener = ATSPI.EventListener.new(lambda event: heard.append(event.any_data))
        listener.register("object:announcement")

        def is_listened_to():
            self.preview.show("up-to-date")
            self.preview.show("checking")
            return heard
        # The application hears of its listener a moment later.
        desktop.wait_for(is_listened_to, "for any announcement")
        desktop.wait_for(lambda: "Checking for updates…" in map(str, heard[-1:]))
        for name, expected in (("downloading", "Downloading Inkwell 2.4.0"),
                               ("paused", "Paused"), ("installing", "Installing"),
                               ("installed", "Inkwell 2.4.0 is installed")):
            heard.clear()
            self.preview.show(name)
            self.preview.show(name)
            desktop.wait_for(lambda: heard, "for the announcement of " + name)
            self.assertEqual([str(text) for text in heard], [expected])
        listener.deregister("object:announcement")

    def test_labels_change_twice_a_second_at_most(self):
        tree = self.show("downloading")
        changes = []
        listener = ATSPI.EventListener.new(
            lambda event: changes.append(event.source.get_name()))
        listener.register("object:text-changed:insert")
        end = time.monotonic() + 2
        while time.monotonic() < end:
            self.preview.show("downloading")
            self.preview.show("estimating")
        desktop.wait_for(lambda: changes, "for any change")
        listener.deregister("object:text-changed:insert")
        self.assertLessEqual(len(changes), 2 * 3)
        self.assertIsNotNone(tree.find("Update status"))


class Keys(WindowTest):
    @classmethod
    def setUpClass(cls):
        cls.manager = desktop.start_window_manager()
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        if cls.manager:
            cls.manager.terminate()
            cls.manager.wait()

    def setUp(self):
        if self.manager is None:
            self.skipTest("openbox or xdotool is not installed")

    def focus(self, name):
        tree = self.show(name)
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name",
                        "Software Update", "windowactivate", "--sync"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        desktop.wait_for(lambda: tree.has(tree.all("frame")[0], "ACTIVE"), "for the focus")

    def type(self, keys):
        subprocess.run(["xdotool", "key", keys], check=True)

    def test_escape_and_ctrl_w_are_the_harmless_way_out(self):
        for name, (_, _, _, escape) in SCREENS.items():
            for keys in ("Escape", "ctrl+w"):
                self.focus(name)
                self.type(keys)
                self.assertEqual(self.preview.hear("intent ").split()[0], escape, name)

    def test_ctrl_q_quits_and_f5_checks(self):
        self.focus("up-to-date")
        self.type("ctrl+q")
        self.assertEqual(self.preview.hear("intent ").split()[0], "quit")
        self.type("F5")
        self.assertEqual(self.preview.hear("intent ").split()[0], "check")

    def test_mnemonic_presses_its_button(self):
        self.focus("available")
        self.type("alt+i")
        self.assertEqual(self.preview.hear("intent ").split()[0], "start")

    def test_enter_counts_only_after_half_a_second(self):
        self.focus("up-to-date")
        self.focus("available")
        self.preview.say("show checking", "shown checking")
        self.preview.say("show available", "shown available")
        self.type("Return")
        time.sleep(0.7)
        self.assertNotIn("intent", self.preview.listen())
        self.type("Return")
        self.assertEqual(self.preview.hear("intent ").split()[0], "start")

    def test_enter_does_nothing_where_there_is_no_default(self):
        self.focus("downloading")
        time.sleep(0.7)
        self.type("Return")
        self.type("ctrl+q")
        self.assertEqual(self.preview.hear("intent ").split()[0], "quit")

    def test_focus_starts_on_the_default(self):
        self.focus("paused")
        tree = self.preview.tree
        desktop.wait_for(lambda: tree.has(tree.find("Resume", "push button"), "FOCUSED"))


class Narrow(WindowTest):
    def test_buttons_are_stacked_and_nothing_is_cut_off(self):
        self.preview.show("reconnecting")
        self.preview.say("size 360 560", "resized")
        for name in ("available", "reconnecting", "error-corrupt"):
            tree = self.preview.show(name)
            labels = SCREENS[name][1].split("|")
            desktop.wait_for(lambda: {w.get_name() for w in self.bar(tree)} == set(labels))
            self.preview.say("size 360 560", "resized")
            frame = tree.place(tree.all("frame")[0])
            self.assertEqual(frame[2], 360)
            rows = sorted(self.bar(tree), key=lambda w: tree.place(w)[1])
            self.assertEqual([w.get_name() for w in rows], labels[::-1])
            for widget in tree.all("label") + rows:
                x, _, width, _ = tree.place(widget)
                self.assertGreaterEqual(x, frame[0], widget.get_name())
                self.assertLessEqual(x + width, frame[0] + frame[2], widget.get_name())


class Chinese(WindowTest):
    language = "zh_CN"

    def test_words_are_chinese(self):
        tree = self.preview.show("available")
        desktop.wait_for(lambda: tree.find("安装更新(I)"))
        for name in ("跳过此版本(S)", "稍后提醒我(L)", "版本 2.4.0，2026年10月2日", "版本说明"):
            self.assertIsNotNone(tree.find(name), name)
        self.assertIn("Inkwell 2.4.0 可以安装了", tree.texts())
        self.assertTrue(any("大型笔记库" in text for text in tree.texts()))


class FromTheRight(WindowTest):
    language = "he"

    def test_everything_is_mirrored(self):
        tree = self.preview.show("available")
        install = desktop.wait_for(lambda: tree.find("Install Update"))
        skip = tree.find("Skip This Version")
        self.assertLess(tree.place(install)[0], tree.place(skip)[0])


def shoot_everything(folder):
    """A picture of every screen: light, dark, narrow, in Chinese and from the right."""
    for variant, language, size, dark in (("light", "en", "600 440", "no"),
                                          ("dark", "en", "600 440", "yes"),
                                          ("narrow", "en", "360 560", "no"),
                                          ("zh_CN", "zh_CN", "600 440", "no"),
                                          ("he", "he", "600 440", "no")):
        preview = Preview(ATSPI, PREVIEW, LOCALES, language)
        preview.say("dark " + dark)
        for name in SCREENS:
            preview.show("checking")
            preview.show(name)
            preview.say("size " + size, "resized")
            preview.shoot(os.path.join(folder, variant), name)
        preview.say("preferences beta 2.4.0", "shown preferences")
        preview.shoot(os.path.join(folder, variant), "preferences")
        preview.close()


if os.environ.get("ONWARD_TEST_SHOTS"):
    shoot_everything(os.environ["ONWARD_TEST_SHOTS"])
tap.main()
