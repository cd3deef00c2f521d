# SPDX-License-Identifier: LGPL-2.1-or-later
"""A desktop of one's own: under Xvfb, with a bus, a window manager and the accessibility tree that
screen readers use. Windows are found, read and clicked by the names that people hear."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import sys
import time

import processes

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
import desktop  # noqa: E402 (the path must be known first)

PYTHON = "/usr/bin/python3"
OUTPUT = "ONWARD_TEST_OUTPUT"
TOOLS = ("Xvfb", "dbus-run-session", "openbox", "xdotool", "import")
SETTINGS = """[Settings]
gtk-theme-name=Adwaita
gtk-icon-theme-name=Adwaita
gtk-font-name=Cantarell 11
gtk-cursor-blink=0
gtk-enable-animations=0
"""


def find_missing():
    """Why there can be no desktop of one's own, or None."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return "not installed: " + ", ".join(missing)
    try:
        import gi
        gi.require_version("Atspi", "2.0")
    except (ImportError, ValueError) as error:
        return f"no Atspi for Python: {error}"
    return None


def make_environment(home):
    """Nothing of the user's own is read, written or talked to."""
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
                                "NO_AT_BRIDGE", "AT_SPI_BUS_ADDRESS", "ONWARD_INSTALL")}
    environment.update({
        "HOME": home,
        "GDK_BACKEND": "x11",
        "GIO_USE_PROXY_RESOLVER": "dummy",
        "GIO_USE_VFS": "local",
        "GSETTINGS_BACKEND": "memory",
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "en",
    })
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = os.path.join(home, name.lower())
    environment["XDG_RUNTIME_DIR"] = os.path.join(home, "runtime")
    os.makedirs(environment["XDG_RUNTIME_DIR"], 0o700)
    os.makedirs(os.path.join(home, "config", "gtk-3.0"))
    with open(os.path.join(home, "config", "gtk-3.0", "settings.ini"), "w") as file:
        file.write(SETTINGS)
    return environment


def run_inside(arguments, log):
    """Runs Python with @arguments on a desktop of its own; returns its exit status.

    What the desktop's services say goes to the file @log, not among the lines of the program, which
    calls enter() first.
    """
    processes.adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="onward-desktop-") as home, open(log, "wb") as noise:
        outputs = [os.dup(1), os.dup(2)]
        environment = make_environment(home)
        try:
            _, environment["DISPLAY"] = desktop.start_display()
            environment[OUTPUT] = "{},{}".format(*outputs)
            return subprocess.run(["dbus-run-session", "--", PYTHON, *arguments], env=environment,
                                  stdin=subprocess.DEVNULL, stdout=noise, stderr=noise,
                                  pass_fds=outputs).returncode
        finally:
            processes.end_all()


def is_inside():
    return OUTPUT in os.environ


def enter():
    """Begins what runs inside: gives it the output of who asked for it back. Whoever looks for the
    system's bus finds this desktop's."""
    for fd, output in zip((1, 2), os.environ.pop(OUTPUT).split(",")):
        os.dup2(int(output), fd)
        os.close(int(output))
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = os.environ["DBUS_SESSION_BUS_ADDRESS"]
    processes.adopt_orphans()


def wait_for(what, condition, seconds):
    """Calls @condition until it returns something true, and returns that."""
    from gi.repository import GLib

    def is_met():
        try:
            return condition()
        except GLib.Error:
            # The program that was asked has ended.
            return None

    return desktop.wait_for(is_met, "for " + what, seconds)


class Screen:
    """The windows of the programs that run on it."""

    def __init__(self, pictures):
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi
        from battery import Battery
        self.atspi = Atspi
        self.battery = Battery(Battery.CHARGING, 80.0)
        self.pictures = pictures
        os.makedirs(pictures, exist_ok=True)
        desktop.start_window_manager()

    def programs(self):
        """The accessible programs, as {process: application}."""
        root = self.atspi.get_desktop(0)
        root.clear_cache()
        return {child.get_process_id(): child for child in self.children(root)}

    def children(self, node):
        """Those that are there: one that is just being made, or has gone, has no object."""
        found = (node.get_child_at_index(i) for i in range(node.get_child_count()))
        return [child for child in found if child is not None]

    def walk(self, node):
        yield node
        for child in self.children(node):
            if self.is_showing(child):
                yield from self.walk(child)

    def is_showing(self, node):
        return node.get_state_set().contains(self.atspi.StateType.SHOWING)

    def read(self, pid):
        """What the windows of a process show: [(role, name, node)]."""
        from gi.repository import GLib
        found = []
        try:
            program = self.programs().get(pid)
            for window in self.children(program) if program is not None else []:
                window.clear_cache()
                found += [(n.get_role_name(), n.get_name(), n) for n in self.walk(window)]
        except GLib.Error:
            # It changed, or ended, while it was read.
            return []
        return found

    def names(self, pid, *roles):
        return [name for role, name, _ in self.read(pid) if role in roles]

    def texts(self, pid):
        """What the labels of a process say; their names may be shorter, so as not to be read out
        again with each second that passes."""
        return [self.atspi.Text.get_text(node, 0, -1)
                for role, _, node in self.read(pid) if role == "label"]

    def is_editable(self, pid, name):
        return any(node.get_state_set().contains(self.atspi.StateType.EDITABLE)
                   for _, found, node in self.read(pid) if found == name)

    def progress(self, pid):
        """How far the progress bar of a process is, from 0 to 1."""
        return next((self.atspi.Value.get_current_value(node)
                     for role, _, node in self.read(pid) if role == "progress bar"), 0.0)

    def press(self, pid, name):
        """Whether there was a button or menu item of this name to press."""
        for role, found, node in self.read(pid):
            if found == name and role in ("push button", "toggle button", "menu item", "check box",
                                          "radio button"):
                return self.atspi.Action.do_action(node, 0)
        return False

    def click(self, pid, name):
        """Presses the button or chooses the menu item that has this name."""
        wait_for(f"a button “{name}”", lambda: self.press(pid, name), 10)

    def type(self, keys):
        subprocess.run(["xdotool", "key", keys], check=True)

    def active_window(self):
        return subprocess.run(["xdotool", "getactivewindow"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True).stdout.strip()

    def window_id(self, pid):
        """The window of a process that has the focus, or else its largest one, for programs that
        speak of windows by number."""
        listed = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(pid)],
                                stdout=subprocess.PIPE, text=True).stdout.split()

        if self.active_window() in listed:
            return self.active_window()

        def area(window):
            shell = subprocess.run(["xdotool", "getwindowgeometry", "--shell", window],
                                   stdout=subprocess.PIPE, text=True).stdout
            facts = dict(line.split("=", 1) for line in shell.split() if "=" in line)
            return int(facts.get("WIDTH", 0)) * int(facts.get("HEIGHT", 0))

        return max(listed, key=area, default=None)

    def take_picture(self, pid, name):
        """Saves what the window of a process looks like. Returns whether there was one."""
        window = self.window_id(pid)
        if window is None:
            return False
        if self.active_window() != window:
            # A window that lies below another cannot be read.
            subprocess.run(["xdotool", "windowactivate", window], stderr=subprocess.DEVNULL)
            time.sleep(0.15)
        path = os.path.join(self.pictures, name + ".png")
        return subprocess.run(["import", "-window", window, path],
                              stderr=subprocess.DEVNULL).returncode == 0

    def drop_picture(self, name):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.pictures, name + ".png"))
