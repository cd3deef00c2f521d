#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An updater that an application ships in its own folder.

usage: test-shipped.py SOURCE-ROOT BUILD-ROOT UPDATER CATALOG…
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, UPDATER, *CATALOGS = (os.path.abspath(path) for path in sys.argv[1:])
del sys.argv[1:]
sys.path.insert(0, os.path.join(SOURCE, "tests", "style"))

import tap  # noqa: E402


class Shipped(unittest.TestCase):
    def test_speaks_the_language_of_the_catalogs_beside_it(self):
        catalog = next(path for path in CATALOGS if "/zh_CN/" in path)
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "bin", "onward-updater")
            messages = os.path.join(folder, "share", "locale", "zh_CN", "LC_MESSAGES")
            os.makedirs(os.path.dirname(program))
            os.makedirs(messages)
            shutil.copy(UPDATER, program)
            shutil.copyfile(catalog, os.path.join(messages, "onward.mo"))
            said = subprocess.run([program, "--help"], text=True, check=True, timeout=60,
                                  stdout=subprocess.PIPE,
                                  env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"})
        self.assertIn("显示一个应用程序的更新", said.stdout)

    def test_finds_the_library_beside_it(self):
        with tempfile.TemporaryDirectory() as folder:
            installed, shipped = os.path.join(folder, "root"), os.path.join(folder, "app")
            subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
                            "--tags", "runtime", "--destdir", installed], check=True, timeout=60,
                           stdout=subprocess.DEVNULL)
            for pattern, place in (("bin/onward-updater", "bin"), ("libonward-1.so.0", "lib")):
                source, = glob.glob(f"{installed}/**/{pattern}", recursive=True)
                if place == "bin":
                    said = self.list_libraries(source)
                    self.assertIn("libonward-1.so.0 => " + installed, said)
                os.makedirs(os.path.join(shipped, place))
                shutil.copy(source, os.path.join(shipped, place))
            shutil.rmtree(installed)
            program = os.path.join(shipped, "bin", "onward-updater")
            self.assertIn("libonward-1.so.0 => " + shipped, self.list_libraries(program))

    def list_libraries(self, program):
        environment = {name: value for name, value in os.environ.items()
                       if name != "LD_LIBRARY_PATH"}
        said = subprocess.run(["ldd", program], text=True, check=True, timeout=60,
                              stdout=subprocess.PIPE, env=environment)
        return said.stdout


tap.main()
