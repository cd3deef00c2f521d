# SPDX-License-Identifier: LGPL-2.1-or-later
"""A display, a session bus and the accessibility tree of one program on them."""

import os
import shutil
import subprocess
import sys
import time

TIMEOUT = 20
NEEDED = ("Xvfb", "dbus-run-session")


def start_display():
    """A display with a number that no other one has, which the server itself chooses: xvfb-run
    only guesses one, and two that start at once may guess the same."""
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1024x768x24",
                               "-nolisten", "tcp", "-noreset"], pass_fds=[writing],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as file:
        number = file.readline().strip()
    if not number:
        raise AssertionError("Xvfb did not start")
    return server, ":" + number


def enter():
    """Runs the calling script again on a display and a bus of its own; returns there only.

    What the session's services print must not come among the test's own lines.
    """
    if os.environ.get("ONWARD_TEST_DESKTOP"):
        os.dup2(int(os.environ.pop("ONWARD_TEST_DESKTOP")), 1)
        return
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        print("1..0 # SKIP not installed: " + ", ".join(missing), flush=True)
        sys.exit(0)
    sys.stdout.flush()
    output = os.dup(1)
    server, display = start_display()
    environment = dict(os.environ, DISPLAY=display, ONWARD_TEST_DESKTOP=str(output))
    # Another display of the machine must not be taken instead.
    environment.pop("WAYLAND_DISPLAY", None)
    environment.pop("XAUTHORITY", None)
    try:
        status = subprocess.call(["dbus-run-session", "--", "/usr/bin/python3", *sys.argv],
                                 env=environment, stdout=sys.stderr, pass_fds=[output])
    finally:
        server.terminate()
        server.wait()
    sys.exit(status)


def load_atspi():
    try:
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi
    except (ImportError, ValueError) as error:
        print(f"1..0 # SKIP no AT-SPI for Python: {error}", flush=True)
        sys.exit(0)
    return Atspi


def wait_for(condition, what="", seconds=TIMEOUT):
    """What @condition returns, as soon as it is true; events are handled meanwhile."""
    from gi.repository import GLib
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        while GLib.MainContext.default().iteration(False):
            pass
        try:
            found = condition()
        except GLib.Error:
            # A widget went away while it was asked: look again.
            found = None
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain {what}")


def start_window_manager():
    """Without one no window has the focus. None when there is none."""
    if shutil.which("openbox") is None or shutil.which("xdotool") is None:
        return None
    manager = subprocess.Popen(["openbox", "--sm-disable"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wait_for(lambda: subprocess.run(["xdotool", "get_num_desktops"], stderr=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, check=False).returncode == 0,
             "for openbox")
    return manager


def find(atspi, name):
    """The application that shows windows under @name, or None."""
    desktop = atspi.get_desktop(0)
    for i in range(desktop.get_child_count()):
        child = desktop.get_child_at_index(i)
        if child is not None and child.get_name() == name and child.get_child_count():
            return child
    return None


class Tree:
    """The accessible widgets of one application."""

    def __init__(self, atspi, name):
        self.atspi = atspi
        self.name = name
        self.application = wait_for(lambda: find(atspi, name), "for " + name)

    def widgets(self, node=None, shown=True):
        """Every widget that can be seen, parents first."""
        node = node or self.application
        for i in range(node.get_child_count()):
            child = node.get_child_at_index(i)
            if child is None:
                continue
            if not shown or self.has(child, "SHOWING"):
                yield child
                yield from self.widgets(child, shown)

    def has(self, widget, state):
        return widget.get_state_set().contains(getattr(self.atspi.StateType, state))

    def all(self, role):
        return [w for w in self.widgets() if w.get_role_name() == role]

    def find(self, name, role=None, shown=True):
        for widget in self.widgets(shown=shown):
            if widget.get_name() == name and role in (None, widget.get_role_name()):
                return widget
        return None

    def text(self, widget):
        return self.atspi.Text.get_text(widget, 0, -1)

    def texts(self):
        return [self.text(w) for w in self.all("label")]

    def value(self, widget):
        return self.atspi.Value.get_current_value(widget)

    def press(self, widget):
        assert self.atspi.Action.do_action(widget, 0)

    def key(self, widget):
        return self.atspi.Action.get_key_binding(widget, 0)

    def place(self, widget):
        extents = self.atspi.Component.get_extents(widget, self.atspi.CoordType.SCREEN)
        return extents.x, extents.y, extents.width, extents.height
