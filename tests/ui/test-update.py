#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The updater itself, with a real repository, server and install, driven by accessible names.

usage: test-update.py UPDATER PUBLISH STYLE-FOLDER NETWORK-FOLDER ONWARD
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

UPDATER, PUBLISH, STYLE, NETWORK, ONWARD = (os.path.abspath(path) for path in sys.argv[1:6])
sys.path[:0] = [STYLE, os.path.join(os.path.dirname(STYLE), "support")]
sys.dont_write_bytecode = True

import desktop  # noqa: E402

desktop.enter()
ATSPI = desktop.load_atspi()
del sys.argv[1:]

import site_fixture as fixture  # noqa: E402
import tap  # noqa: E402
from battery import Battery  # noqa: E402
from moody_server import MoodyServer  # noqa: E402

APPLICATION = "io.github.onward.Updater"
SIZE = 3_000_000


class Update(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="onward-ui-")
        self.site = fixture.Site(PUBLISH, self.folder)
        self.site.add("1.0.0", 1000)
        self.updater = None
        self.environment = None

    def tearDown(self):
        if self.updater is not None:
            self.updater.kill()
            self.updater.wait()
        self.site.stop()
        shutil.rmtree(self.folder)

    def install(self, *options):
        port = self.site.serve(*options)
        self.site.bundle("1.0.0", port)
        return port

    def start(self, *options):
        # What the restarted application prints is none of this test's lines.
        self.updater = subprocess.Popen([UPDATER, "--install", self.site.install, *options],
                                        stdout=subprocess.DEVNULL, env=self.environment)

    def set_network(self, words):
        """A network as the words say, with the repository beyond the loopback, by its name."""
        path = os.path.join(self.folder, "network")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(words)
        os.rename(path + ".new", path)
        self.environment = dict(os.environ, GIO_EXTRA_MODULES=NETWORK, ONWARD_TEST_NETWORK=path)
        config = os.path.join(self.site.install, "onward.ini")
        with open(config, encoding="utf-8") as file:
            text = file.read().replace("127.0.0.1", "0.0.0.0")
        if "AllowHttp" not in text:
            text = text.replace("[Application]\n", "[Application]\nAllowHttp=true\n")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)

    def tree(self):
        return desktop.Tree(ATSPI, APPLICATION)

    def wait_text(self, tree, text):
        desktop.wait_for(lambda: any(text in found for found in tree.texts()), f"for “{text}”")

    def press(self, tree, name):
        button = desktop.wait_for(lambda: tree.find(name, "push button"), f"for [{name}]")
        desktop.wait_for(lambda: tree.has(button, "SENSITIVE"), f"for [{name}] to be sensitive")
        tree.press(button)

    def wait_end(self):
        self.assertEqual(self.updater.wait(desktop.TIMEOUT), 0)
        self.updater = None

    def test_update_from_notes_to_restart_over_a_dropped_connection(self):
        self.site.add("2.0.0", SIZE)
        self.install("--rate=2000000", "--drop-after=1500000")
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Inkwell 2.0.0 is available")
        self.wait_text(tree, "Pages turn faster")
        self.press(tree, "Install Update")
        self.wait_text(tree, "Updating Inkwell to 2.0.0")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")
        self.assertEqual(self.site.current(), "2.0.0")
        self.press(tree, "Restart Now")
        self.wait_end()

    def test_an_application_at_one_path_is_exchanged_when_it_is_closed(self):
        self.site.add("2.0.0", 10)
        self.site.bundle("1.0.0", self.site.serve(), "--layout=in-place")
        with subprocess.Popen([os.path.join(self.site.install, "inkwell"), "wait"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as copy:
            self.assertEqual(copy.stdout.readline(), b"1.0.0\n")
            self.start()
            tree = self.tree()
            self.press(tree, "Install Update")
            self.wait_text(tree, "Inkwell 2.0.0 is ready to install")
            self.wait_text(tree, "Restart Inkwell to use it.")
            self.wait_text(tree, f"Still open: inkwell ({copy.pid})")
            self.press(tree, "Restart Now")
            self.assertEqual(self.site.current(), "1.0.0")
            copy.stdin.close()
            self.wait_end()
        self.assertEqual(self.site.current(), "2.0.0")

    def test_nothing_new_is_said_and_checked_again(self):
        self.install()
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Inkwell is up to date")
        self.site.add("2.0.0", 10)
        self.press(tree, "Check Again")
        self.wait_text(tree, "Inkwell 2.0.0 is available")

    def test_forced_update_leaves_two_ways(self):
        self.site.add("2.0.0", 10, "--minimum=2.0.0", "--reason=Old versions cannot connect.")
        self.install()
        self.start("--forced")
        tree = self.tree()
        self.wait_text(tree, "Inkwell must be updated")
        self.wait_text(tree, "Old versions cannot connect.")
        self.assertIsNone(tree.find("Skip This Version"))
        self.assertIsNone(tree.find("Remind Me Later"))
        self.press(tree, "Quit Inkwell")
        self.wait_end()

    def test_server_that_is_gone_is_told_and_tried_again(self):
        self.site.add("2.0.0", 10)
        port = self.install()
        self.site.stop()
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Could Not Check for Updates")
        self.site.serve(port=port)
        self.press(tree, "Try Again")
        self.wait_text(tree, "Inkwell 2.0.0 is available")

    def test_server_that_dies_is_waited_for(self):
        self.site.add("2.0.0", SIZE)
        port = self.install("--rate=500000")
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.wait_text(tree, "downloaded")
        self.site.stop()
        desktop.wait_for(lambda: tree.find("Trying again soon", "label"), "for the countdown")
        self.site.serve(port=port)
        self.press(tree, "Try Now")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def test_paused_update_stays_paused_over_a_restart(self):
        self.site.add("2.0.0", SIZE)
        self.install("--rate=500000")
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.wait_text(tree, "downloaded")
        self.press(tree, "Pause")
        self.wait_text(tree, "Update to Inkwell 2.0.0 is paused")
        self.press(tree, "Close")
        self.wait_end()
        self.start("--background")
        self.wait_end()
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Update to Inkwell 2.0.0 is paused")
        self.press(tree, "Resume")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def test_killed_update_goes_on_by_itself(self):
        self.site.add("2.0.0", SIZE)
        self.install("--rate=1000000")
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.wait_text(tree, "downloaded")
        self.updater.send_signal(signal.SIGKILL)
        self.updater.wait()
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Inkwell 2.0.0 is installed")
        self.assertEqual(self.site.current(), "2.0.0")

    def test_hidden_update_goes_on_and_a_second_start_shows_it(self):
        self.site.add("2.0.0", SIZE)
        self.install("--rate=1000000")
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.press(tree, "Run in Background")
        desktop.wait_for(lambda: not tree.all("frame"), "for the window to be hidden")
        self.assertIsNone(self.updater.poll())
        second = subprocess.run([UPDATER, "--install", self.site.install], check=False,
                                timeout=desktop.TIMEOUT)
        self.assertEqual(second.returncode, 0)
        desktop.wait_for(lambda: tree.all("frame"), "for the window to be back")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def test_skipped_version_stays_quiet_in_the_background_only(self):
        self.site.add("2.0.0", 10)
        self.install()
        self.start()
        self.press(self.tree(), "Skip This Version")
        self.wait_end()
        self.start("--background")
        self.wait_end()
        self.start()
        self.wait_text(self.tree(), "Inkwell 2.0.0 is available")

    def test_background_check_shows_what_it_found(self):
        self.site.add("2.0.0", 10)
        self.install()
        self.start("--background")
        self.wait_text(self.tree(), "Inkwell 2.0.0 is available")

    def test_network_that_charges_is_waited_out(self):
        self.site.add("2.0.0", SIZE)
        self.install("--rate=1000000")
        self.set_network("metered")
        self.start()
        tree = self.tree()
        self.wait_text(tree, "This network may charge for data")
        self.wait_text(tree, "Download size: at most")
        self.press(tree, "Download Anyway")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def test_network_that_begins_to_charge_stops_the_download(self):
        self.site.add("2.0.0", SIZE)
        self.install("--rate=1000000")
        self.set_network("free")
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.wait_text(tree, "downloaded –")
        self.set_network("metered")
        self.wait_text(tree, "This network may charge for data. The download waits.")
        self.set_network("free")
        self.wait_text(tree, "MB downloaded")
        self.set_network("metered")
        self.press(tree, "Continue Anyway")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def set_preferences(self, text):
        """What the user has chosen for this application, where every process finds it."""
        folder = os.path.join(self.folder, "config", "glib-2.0", "settings")
        os.makedirs(folder)
        with open(os.path.join(folder, "keyfile"), "w", encoding="utf-8") as file:
            file.write("[io/github/onward/org.example.Inkwell]\n" + text)
        self.environment = dict(os.environ, GSETTINGS_BACKEND="keyfile",
                                XDG_CONFIG_HOME=os.path.join(self.folder, "config"))

    def test_who_wants_no_checks_is_left_alone(self):
        self.site.add("2.0.0", 10)
        self.install()
        self.set_preferences("check-interval='never'\n")
        self.start("--background")
        self.wait_end()
        self.start()
        self.wait_text(self.tree(), "Inkwell 2.0.0 is available")

    def test_who_wants_not_to_be_asked_gets_updates_unseen(self):
        self.site.add("2.0.0", 10)
        self.install()
        self.set_preferences("download-automatically=true\n")
        self.start("--background")
        desktop.wait_for(lambda: self.site.current() == "2.0.0", "for the update")
        self.assertIsNone(self.updater.poll())
        self.assertIsNone(desktop.find(ATSPI, APPLICATION))

    def test_another_channel_is_looked_into_at_once(self):
        self.site.add("2.0.0-beta.1", 10, "--channel=beta")
        self.install()
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Inkwell is up to date")
        tree.press(tree.find("Menu", "toggle button"))
        tree.press(desktop.wait_for(lambda: tree.find("Preferences"), "for the menu"))
        choice = desktop.wait_for(lambda: tree.find("Stable", "combo box"), "for the channel")
        tree.press(choice)
        tree.press(desktop.wait_for(lambda: next(
            (w for w in tree.widgets(choice, False) if w.get_name() == "Beta"), None)))
        self.wait_text(tree, "Inkwell 2.0.0-beta.1 is available")

    def set_battery(self, *state):
        power = Battery(*state)
        self.addCleanup(power.end)
        self.environment = dict(os.environ,
                                DBUS_SYSTEM_BUS_ADDRESS=os.environ["DBUS_SESSION_BUS_ADDRESS"])
        return power

    def test_low_battery_is_told_before_anything_begins(self):
        self.site.add("2.0.0", 10)
        self.install()
        power = self.set_battery(Battery.DISCHARGING, 14.0)
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Inkwell 2.0.0 is available")
        self.press(tree, "Install Update")
        self.wait_text(tree, "Battery Is Low (14 %)")
        self.wait_text(tree, "Connect power, or install later.")
        power.set(Battery.DISCHARGING, 13.0)
        self.wait_text(tree, "Battery Is Low (13 %)")
        self.press(tree, "Later")
        self.wait_end()
        self.assertEqual(self.site.current(), "1.0.0")

    def test_low_battery_leaves_the_choice(self):
        self.site.add("2.0.0", 10)
        self.install()
        # A large battery may be low by what UPower knows of it.
        self.set_battery(Battery.DISCHARGING, 30.0, 3)
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.press(tree, "Install Anyway")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def test_download_waits_for_power(self):
        self.site.add("2.0.0", SIZE)
        self.install("--rate=500000")
        power = self.set_battery(Battery.DISCHARGING, 21.0)
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.wait_text(tree, "downloaded –")
        power.set(Battery.DISCHARGING, 20.0)
        self.wait_text(tree, "Battery Is Low (20 %)")
        power.set(Battery.CHARGING, 20.0)
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def test_download_that_comes_back_waits_for_power(self):
        self.site.add("2.0.0", SIZE)
        port = self.install("--rate=500000")
        power = self.set_battery(Battery.DISCHARGING, 21.0)
        self.start()
        tree = self.tree()
        self.press(tree, "Install Update")
        self.wait_text(tree, "downloaded –")
        self.site.stop()
        desktop.wait_for(lambda: tree.find("Trying again soon", "label"), "for the countdown")
        power.set(Battery.DISCHARGING, 20.0)
        self.site.serve(port=port)
        self.press(tree, "Try Now")
        self.wait_text(tree, "Battery Is Low (20 %)")
        power.set(Battery.CHARGING, 20.0)
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def serve_moodily(self, mood):
        server = MoodyServer(pathlib.Path(self.site.repository))
        self.addCleanup(server.end)
        server.mood = mood
        self.site.bundle("1.0.0", server.port)
        return server

    def test_busy_server_is_left_alone_until_then(self):
        self.site.add("2.0.0", SIZE)
        server = self.serve_moodily("good")
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Inkwell 2.0.0 is available")
        self.wait_text(tree, "Download size")
        server.mood = "busy"
        server.retry_after = 1500
        self.press(tree, "Install Update")
        self.wait_text(tree, "The server is busy. Trying again in 25 minutes")
        server.mood = "good"
        self.press(tree, "Try Now")
        self.wait_text(tree, "Inkwell 2.0.0 is installed")

    def test_another_updater_at_work_is_watched(self):
        self.site.add("2.0.0", SIZE)
        server = self.serve_moodily("slow")
        server.rate = 300_000
        other = subprocess.Popen([ONWARD, "update", "--yes", "--install", self.site.install],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        desktop.wait_for(lambda: any("/packs/" in path for path in list(server.asked)),
                         "for the other one to download")
        self.start()
        tree = self.tree()
        self.wait_text(tree, "Updating Inkwell to 2.0.0")
        self.wait_text(tree, "Inkwell is being updated in another window")
        self.wait_text(tree, "MB downloaded")
        pause = desktop.wait_for(lambda: tree.find("Pause", "push button"), "for [Pause]")
        self.assertFalse(tree.has(pause, "SENSITIVE"))
        server.mood = "good"
        self.wait_text(tree, "Inkwell is up to date")
        self.assertEqual(self.site.current(), "2.0.0")

    def test_wrong_command_lines_are_refused(self):
        for arguments, status in (([], 2), (["--install"], 2), (["--nonsense"], 2),
                                  (["--install", self.folder], 1)):
            result = subprocess.run([UPDATER, *arguments], stderr=subprocess.PIPE, text=True,
                                    check=False, timeout=desktop.TIMEOUT)
            self.assertEqual(result.returncode, status, arguments)
            self.assertIn("onward-updater: ", result.stderr)


tap.main()
