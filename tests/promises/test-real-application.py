#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two published versions of real applications, updated over connections that drop and by an updater
that is killed, end at exactly the published files.

They come from the npm registry; where it cannot be reached the tests are skipped. So they are with
sanitizers, which make the publisher's work take minutes.
"""

import os
import shutil
import subprocess

import promise
from promise import BLOCK, NOTHING, SANITIZED

NPM = shutil.which("npm")
FAST = {"ONWARD_TEST_BACKOFF_MS": "20"}


class Real(promise.Promise):
    """Each application is fetched, published and installed as its publisher would."""

    def fetch(self, package, version):
        """The files of a package, with a link as applications have them."""
        command = [NPM, "pack", f"{package}@{version}", "--silent", "--fetch-retries=0",
                   "--fetch-timeout=8000"]
        folder = self.folder / "fetched" / version
        folder.mkdir(parents=True)
        try:
            subprocess.run(command, cwd=folder, check=True, timeout=60, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (subprocess.SubprocessError, OSError) as error:
            self.skipTest(f"{package} cannot be fetched: {error}")
        archive, = folder.iterdir()
        subprocess.run(["tar", "-xzf", archive, "-C", folder, "--no-same-owner",
                        "--no-same-permissions"], check=True)
        self.tree(version).parent.mkdir(exist_ok=True)
        shutil.move(folder / "package", self.tree(version))
        (self.tree(version) / "readme").symlink_to("README.md")

    def prepare(self, package, command, old, new, *options):
        if NPM is None:
            self.skipTest("npm is not installed")
        if SANITIZED:
            self.skipTest("it takes too long with sanitizers")
        self.init(command=command)
        for version in (old, new):
            self.fetch(package, version)
            (self.tree(version) / command).chmod(0o755)
            self.publish("add", self.repository, self.tree(version), "--version", version,
                         *options, timeout=170)

    def describe(self, name, version):
        files = [path for path in self.tree(version).rglob("*") if path.is_file()]
        packs = sorted((self.repository / "packs").iterdir(), key=lambda path: path.stat().st_mtime)
        print(f"# {name} {version}: {len(files)} files, "
              f"{sum(path.stat().st_size for path in files)} bytes; packs: "
              + ", ".join(f"{path.suffix[1:]} {path.stat().st_size}" for path in packs))

    def full_pack(self):
        """The size of the newest full pack."""
        return max((self.repository / "packs").glob("*.full"),
                   key=lambda path: path.stat().st_mtime).stat().st_size

    def assert_updated(self, install, version):
        self.assertEqual(install.current(), version)
        self.assert_is_version(install, version)
        install.onward("verify")
        install.onward("check", status=NOTHING)
        self.assertEqual(install.strays(), [])

    def update_by_delta(self, install, server, version):
        install.onward("update", "--yes")
        self.assert_updated(install, version)
        fetched = server.bytes_of_packs()
        print(f"# the update by delta fetched {fetched} bytes")
        self.assertLess(fetched, self.full_pack())

    def update_over_a_bad_line(self, install, version):
        """The whole pack, with at least two dropped connections and one updater killed."""
        size = self.full_pack()
        server = self.serve(port=install.port, drop_after=size // 4,
                            rate=size // 2)
        update = install.start_onward("update", "--yes", "--json", "--no-delta", env=FAST)
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > size // 3, "bytes came")
        self.assertEqual(update.kill().status, -9)
        install.onward("update", "--yes", "--no-delta", env=FAST)
        self.assert_updated(install, version)
        answers = [size for path, _, size in server.requests() if path.startswith("/packs/")]
        print(f"# the update over a bad line took {len(answers)} connections, "
              f"{sum(answers)} of {size} bytes")
        self.assertGreaterEqual(len(answers), 4, "two were dropped and one was killed")
        self.assertLessEqual(sum(answers), size + len(answers) * BLOCK)

    def run_both(self, name, old, new, launcher):
        self.describe(name, new)
        server = self.serve()
        first = self.bundle(old, server.url, name="first", launcher=launcher)
        second = first.copy("second")
        second.port = server.port
        self.assert_is_version(first, old)
        self.update_by_delta(first, server, new)
        server.end()
        self.update_over_a_bad_line(second, new)
        return first, second

    def test_typescript(self):
        self.prepare("typescript", "bin/tsc", "5.4.5", "5.5.2", "--compression", "zstd")
        for install in self.run_both("typescript", "5.4.5", "5.5.2", "tsc"):
            if shutil.which("node"):
                self.assertEqual(install.run("--version").stdout, "Version 5.5.2\n")

    def test_esbuild(self):
        self.prepare("@esbuild/linux-x64", "bin/esbuild", "0.21.4", "0.21.5")
        for install in self.run_both("esbuild", "0.21.4", "0.21.5", "esbuild"):
            if os.uname().machine == "x86_64":
                self.assertEqual(install.run("--version").stdout, "0.21.5\n")


if __name__ == "__main__":
    promise.main()
