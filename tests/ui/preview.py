# SPDX-License-Identifier: LGPL-2.1-or-later
"""The updater's window without an update, told what to show."""

import os
import subprocess

import desktop

APPLICATION = "io.github.onward.Updater"


class Preview:
    """The window without an update, told what to show."""

    def __init__(self, atspi, program, locales, language="en"):
        environment = dict(os.environ, LANGUAGE=language, LC_ALL="C.UTF-8",
                           GSETTINGS_BACKEND="memory")
        self.process = subprocess.Popen([program, locales], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=environment)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.atspi = atspi
        self.heard = ""
        self.tree = None

    def say(self, line, answer=None):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.hear(answer) if answer else None

    def listen(self):
        """All that was said and not yet taken."""
        self.heard += (self.process.stdout.read() or b"").decode()
        return self.heard

    def hear(self, beginning):
        """The next line that begins so, without that beginning."""
        def listen():
            for line in self.listen().splitlines():
                if line.startswith(beginning):
                    self.heard = self.heard.partition(line + "\n")[2]
                    return line[len(beginning):].strip() or "-"
            return None
        return desktop.wait_for(listen, f"to hear “{beginning}”")

    def show(self, name):
        self.say("show " + name, "shown " + name)
        if self.tree is None:
            self.tree = desktop.Tree(self.atspi, APPLICATION)
        return self.tree

    def shoot(self, folder, name):
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(os.path.abspath(folder), name + ".png")
        self.say("shot " + path, "saved " + path)

    def close(self):
        self.say("quit")
        self.process.stdin.close()
        status = self.process.wait(desktop.TIMEOUT)
        self.process.stdout.close()
        assert status == 0, status
