# SPDX-License-Identifier: LGPL-2.1-or-later
"""A published application with two versions, a server for it and an install of the first."""

import os
import re
import signal
import subprocess
import threading

NOTES = "* Pages turn **faster**\n* [More](https://inkwell.example/)\n"
SCRIPT = "#!/bin/sh\necho {version}\ntest \"$1\" != wait || read -r line\n"


class Site:
    def __init__(self, publish, folder):
        self.publish = publish
        self.repository = os.path.join(folder, "repository")
        self.install = os.path.join(folder, "inkwell")
        self.folder = folder
        self.server = None
        self._run("init", self.repository, "--id=org.example.Inkwell", "--name=Inkwell",
                  "--command=bin/inkwell", "--no-passphrase")

    def _run(self, *arguments):
        subprocess.run([self.publish, *arguments], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def add(self, version, size=0, *options):
        """A version with a program and @size bytes that no other version has."""
        tree = os.path.join(self.folder, "tree-" + version)
        os.makedirs(os.path.join(tree, "bin"))
        program = os.path.join(tree, "bin", "inkwell")
        with open(program, "w", encoding="utf-8") as file:
            file.write(SCRIPT.format(version=version))
        os.chmod(program, 0o755)
        with open(os.path.join(tree, "data"), "wb") as file:
            file.write(os.urandom(size))
        notes = os.path.join(self.folder, version + ".md")
        with open(notes, "w", encoding="utf-8") as file:
            file.write(NOTES)
        self._run("add", self.repository, tree, "--version=" + version, "--notes=" + notes,
                  *options)

    def bundle(self, version, port, *options):
        self._run("bundle", self.repository, "--version=" + version, "--output=" + self.install,
                  f"--repository=http://127.0.0.1:{port}", *options)

    def serve(self, *options, port=0):
        """Starts the server; returns its port."""
        self.server = subprocess.Popen([self.publish, "serve", self.repository, f"--port={port}",
                                        *options], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        for line in self.server.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                threading.Thread(target=self.server.stdout.read, daemon=True).start()
                return int(found.group(1))
        raise AssertionError("the server did not start")

    def stop(self):
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait()
            self.server.stdout.close()
            self.server = None

    def current(self):
        link = os.path.join(self.install, "current")
        if not os.path.islink(link):
            link = os.path.join(link, ".onward-version")
        return os.path.basename(os.readlink(link))
