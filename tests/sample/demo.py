#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Updates Inkwell from 1.0.0 to 2.0.0, over a slow connection that drops.

With a display it shows how and lets you click. Without one it does all of it by itself and leaves
a picture of every screen in BUILD/demo. It succeeds only when Inkwell runs as 2.0.0 in the end.
"""

import argparse
import os
import subprocess
import sys
import time

import processes
import screen as screens
import shop

SKIPPED = 77

# What stands on a screen of the updater and on no other: its buttons.
SCREENS = (
    ("forced", "Update Now"),
    ("low-battery", "Install Anyway"),
    ("available", "Install Update"),
    ("reconnecting", "Try Now"),
    ("paused", "Resume"),
    ("downloading", "Pause"),
    ("installed", "Restart Now"),
    ("up-to-date", "Check Again"),
    ("failed", "Try Again"),
    ("installing", "Run in Background"),
)

HINTS = """
Inkwell 1.0.0 is on your screen. What you can do:

  1. Wait for the bar “A new version is available”, a few seconds, and click “Update…”.
  2. Read what is new, and click “Install Update”.
  3. Watch the download: the server is slow and drops the connection once. Pause and resume,
     close the window and open it again, or stop the server for a while:
         kill -STOP {server}    kill -CONT {server}
  4. Click “Restart Now”: Inkwell comes back as 2.0.0. Its menu has “Check for Updates…”.
  5. Look into the updater's menu, at the start of its buttons: “Preferences”.

The install is {install}; look at it with
    {onward} status --install {install}
The demo ends when Inkwell and the updater are closed.
"""


class Log:
    """Says what happens, and when."""

    def __init__(self):
        self.begin = time.monotonic()

    def __call__(self, text):
        print(f"{time.monotonic() - self.begin:6.1f} s  {text}", flush=True)


def publish(store):
    """Three versions in the repository."""
    store.open()
    store.add("1.0.0")
    store.add("1.1.0")
    store.add("2.0.0")


def run_with_a_person(store, say, rate):
    publish(store)
    store.serve(rate, shop.DROP_AFTER)
    store.bundle("1.0.0")
    store.start_application()
    print(HINTS.format(server=store.server.pid, install=store.install,
                       onward=store.program("cli", "onward")), flush=True)

    # While it restarts, for a moment neither runs.
    quiet_since = None
    while quiet_since is None or time.monotonic() - quiet_since < 5:
        processes.reap()
        runs = processes.running_below(store.install)
        quiet_since = None if runs else quiet_since or time.monotonic()
        time.sleep(0.2)
    with open(os.path.join(store.install, "current", "share/inkwell/version")) as file:
        say(f"Inkwell {file.read().strip()} is installed.")
    return 0


class Visitor:
    """Goes the way of a user, by what is on the screen, and takes pictures on it."""

    def __init__(self, store, screen, say, rate):
        self.store = store
        self.desktop = screen
        self.say = say
        self.rate = rate
        self.count = 0
        self.battery = screen.battery

    def see(self, pid, what, screen=None):
        """Takes a picture; of a screen that lasts a moment only if it was still there."""
        name = f"{self.count + 1:02}-{what}"
        if self.desktop.take_picture(pid, name) and screen in (None, self.screen()):
            self.count += 1
            self.say(f"{what}: {name}.png")
        else:
            self.say(f"{what}: gone before its picture was taken")
            self.desktop.drop_picture(name)

    def updater(self):
        return self.store.running("onward-updater")

    def screen(self):
        """The name of the updater's screen; None while there is none to be recognized."""
        pid = self.updater()
        names = self.desktop.names(pid, "push button") if pid else []
        return next((screen for screen, button in SCREENS if button in names), None)

    def await_screen(self, *wanted, seconds=20):
        def reached():
            now = self.screen()
            if now == "failed" and now not in wanted:
                raise RuntimeError("the updater shows an error: " +
                                   " / ".join(self.desktop.texts(self.updater())))
            return now if now in wanted else None
        return screens.wait_for(f"the updater's screen “{'” or “'.join(wanted)}”", reached, seconds)

    def await_text(self, pid, text, seconds=20):
        screens.wait_for(f"“{text}”",
                         lambda: any(text in shown for shown in self.desktop.texts(pid)), seconds)

    def await_progress(self, share):
        screens.wait_for(f"progress of {share:.0%}",
                         lambda: self.desktop.progress(self.updater()) >= share or
                         self.screen() not in ("downloading", None), 30)

    def click(self, pid, button):
        self.say(f"click “{button}”")
        self.desktop.click(pid, button)

    def await_application(self, version):
        """Waits until Inkwell runs as @version and its window says so. Returns the process."""
        pid = screens.wait_for(f"Inkwell {version} to run", lambda: (
            lambda pid: pid if pid and self.store.version_of(pid) == version else None)(
                self.store.running("inkwell")), 30)
        self.await_text(pid, f"Version {version}")
        return pid

    def learn(self):
        """From the running application to what is new."""
        self.store.start_application()
        application = self.await_application("1.0.0")
        self.see(application, "inkwell-1.0.0")
        self.await_text(application, "A new version is available")
        self.see(application, "new-version")
        self.click(application, "Update…")
        self.await_screen("available")
        self.await_text(self.updater(), "Download size")
        self.see(self.updater(), "update-available")

    def download(self):
        """Power must be connected first; the connection drops once by itself, is paused once, and
        its server goes away once."""
        self.battery.set(self.battery.DISCHARGING, 14.0)
        self.click(self.updater(), "Install Update")
        self.await_screen("low-battery")
        self.see(self.updater(), "low-battery")
        self.say("power is connected")
        self.battery.set(self.battery.CHARGING, 14.0)
        self.await_screen("downloading")
        self.await_progress(0.2)
        self.see(self.updater(), "downloading")
        self.await_progress(0.5)
        self.say("the connection was dropped on the way; the download went on by itself")
        self.click(self.updater(), "Pause")
        self.await_screen("paused")
        self.see(self.updater(), "paused")
        self.click(self.updater(), "Resume")
        self.await_screen("downloading")
        self.say("the server is stopped")
        self.store.stop_serving()
        self.await_screen("reconnecting")
        self.await_text(self.updater(), "Trying again in")
        self.see(self.updater(), "reconnecting")
        self.store.serve(10 * self.rate)
        self.say("click “Try Now”, unless it is faster")
        screens.wait_for("another try", lambda: self.screen() != "reconnecting" or
                         self.desktop.press(self.updater(), "Try Now"), 10)

    def install(self):
        if self.await_screen("installing", "installed", seconds=60) == "installing":
            self.see(self.updater(), "installing", "installing")
            self.await_screen("installed", seconds=60)
        self.see(self.updater(), "ready-to-restart")

    def restart(self):
        before = self.store.running("inkwell")
        self.click(self.updater(), "Restart Now")
        application = self.await_application("2.0.0")
        if application == before or before in processes.parents():
            raise RuntimeError("the old version still runs")
        self.see(application, "inkwell-2.0.0")
        screens.wait_for("2.0.0 to be marked good", lambda: not os.path.exists(
            os.path.join(self.store.install, "var", "trial")), 15)
        self.say("2.0.0 has marked itself good")
        return application

    def look_at_preferences(self):
        """What is chosen there counts at once: the dialog has nothing to confirm."""
        self.click(self.updater(), "Menu")
        self.click(self.updater(), "Preferences")
        self.await_text(self.updater(), "Skipped versions")
        self.click(self.updater(), "Download and install updates automatically")
        self.see(self.updater(), "preferences")
        self.desktop.type("Escape")
        screens.wait_for("the preferences to close", lambda: "Skipped versions" not in
                         self.desktop.texts(self.updater()), 10)

    def check_again(self, application):
        self.click(application, "Menu")
        self.click(application, "Check for Updates…")
        self.await_screen("up-to-date")
        self.see(self.updater(), "up-to-date")
        self.look_at_preferences()
        self.click(self.updater(), "Close")
        screens.wait_for("the updater to close", lambda: self.updater() is None, 10)

    def visit(self):
        self.learn()
        self.download()
        self.install()
        self.check_again(self.restart())


def run_by_itself(store, say, rate):
    screen = screens.Screen(store.folder)
    publish(store)
    store.serve(rate, shop.DROP_AFTER)
    store.bundle("1.0.0")
    visitor = Visitor(store, screen, say, rate)
    try:
        visitor.visit()
    except (AssertionError, RuntimeError) as error:
        say(f"FAILED: {error}")
        for name in ("inkwell", "onward-updater"):
            pid = store.running(name)
            if pid is not None:
                if "Details" in screen.names(pid, "toggle button"):
                    screen.click(pid, "Details")
                    time.sleep(0.3)
                say(f"{name} shows: {screen.texts(pid) + screen.names(pid, 'push button')}")
                visitor.see(pid, f"failed-{name}")
        return 1
    say(f"Inkwell runs as 2.0.0; {visitor.count} pictures in {store.folder}")
    return 0


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", metavar="BUILD", help="the build folder")
    parser.add_argument("--by-itself", action="store_true", help="even when there is a display")
    parser.add_argument("--rate", type=int, metavar="BYTES", help="a second, from the server")
    parser.add_argument("--output", metavar="DIR", help="where all of it goes (BUILD/demo)")
    return parser.parse_args()


def clear_pictures(folder):
    for name in os.listdir(folder):
        if name.endswith(".png"):
            os.unlink(os.path.join(folder, name))


def run(options, output, way):
    say = Log()
    processes.adopt_orphans()
    try:
        return way(shop.Shop(options.build, output, say), say, options.rate or 500_000)
    except KeyboardInterrupt:
        return 130
    except subprocess.CalledProcessError as error:
        say(f"FAILED: {error}")
        return 1
    finally:
        processes.end_all()


def main():
    options = parse()
    output = os.path.abspath(options.output or os.path.join(options.build, "demo"))
    if screens.is_inside():
        screens.enter()
        return run(options, output, run_by_itself)

    os.makedirs(output, exist_ok=True)
    clear_pictures(output)
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if has_display and not options.by_itself:
        return run(options, output, run_with_a_person)

    reason = screens.find_missing()
    if reason is not None:
        print(f"SKIP: {reason}")
        return SKIPPED
    print("Without a display the demo runs by itself, under Xvfb.", flush=True)
    return screens.run_inside([os.path.abspath(__file__), *sys.argv[1:]],
                              os.path.join(output, "session.log"))


if __name__ == "__main__":
    sys.exit(main())
