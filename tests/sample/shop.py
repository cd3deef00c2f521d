# SPDX-License-Identifier: LGPL-2.1-or-later
"""Publishes Inkwell as anybody would, with onward-publish, and serves what was published."""

import os
import shutil
import subprocess

import processes
import trees

ID = "io.github.onward.Inkwell"
# An answer that is longer than this is cut here. What remains of the download is shorter.
DROP_AFTER = trees.THESAURUS_SIZE * 45 // 100


class Shop:
    """A repository of Inkwell below a folder, the server that hands it out, and one install."""

    def __init__(self, build, folder, say=print):
        self.build = os.path.abspath(build)
        self.folder = os.path.abspath(folder)
        self.say = say
        self.repository = os.path.join(self.folder, "repository")
        self.install = os.path.join(self.folder, "install")
        self.server = None
        self.port = 0
        for name in ("trees", "repository", "keys", "install"):
            shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)
        self.trees = trees.make(self.build, os.path.join(self.folder, "trees"))

    def program(self, room, name):
        return os.path.join(self.build, "src", room, name)

    def publish(self, verb, *arguments):
        """Runs one command, shown as somebody would type it."""
        shown = " ".join(a.replace(self.folder + "/", "") for a in arguments if "notes-" not in a)
        self.say(f"$ onward-publish {verb} {shown.replace(' --notes', '')}")
        subprocess.run([self.program("publish", "onward-publish"), verb, *arguments],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def open(self):
        self.publish("init", self.repository, "--id", ID, "--name", "Inkwell",
                     "--command", "bin/inkwell", "--icon", trees.ICON,
                     "--keys", os.path.join(self.folder, "keys"), "--no-passphrase")

    def add(self, version, *arguments):
        self.publish("add", self.repository, self.trees[version], "--version", version,
                     *trees.list_notes(version), *arguments)

    def bundle(self, version):
        """Makes the first install; the server must have been started, for its address."""
        self.publish("bundle", self.repository, "--version", version, "--repository",
                     f"http://127.0.0.1:{self.port}", "--output", self.install)

    def serve(self, rate, drop_after=0):
        """Starts the server, at the address that it had before."""
        limits = ["--rate", str(rate)] + (["--drop-after", str(drop_after)] if drop_after else [])
        self.say(f"$ onward-publish serve repository {' '.join(limits)}")
        self.server = subprocess.Popen(
            [self.program("publish", "onward-publish"), "serve", self.repository,
             "--port", str(self.port), "--quiet", *limits],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        address = self.server.stdout.readline().strip()
        if not address:
            raise RuntimeError("onward-publish serve did not start")
        self.port = int(address.rpartition(":")[2])

    def stop_serving(self):
        if self.server is not None:
            self.server.terminate()
            self.server.wait(10)
            self.server = None

    def start_application(self):
        """Starts Inkwell as its user does: by the launcher. Returns the process."""
        self.say("$ install/inkwell")
        return subprocess.Popen([os.path.join(self.install, "inkwell")], stdin=subprocess.DEVNULL)

    def running(self, name):
        """The process of a program of the install, or None."""
        found = [pid for pid in processes.running_below(os.path.join(self.install, "versions"))
                 if os.path.basename(processes.program(pid)) == name]
        return found[0] if found else None

    def version_of(self, pid):
        """The version whose folder holds the program that runs as @pid."""
        path = processes.program(pid)
        below = os.path.realpath(os.path.join(self.install, "versions")) + "/"
        return path[len(below):].partition("/")[0] if path.startswith(below) else ""
