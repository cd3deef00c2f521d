#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Publish, install, be told, read what is new, update, restart, go back: the main job."""

import os
import subprocess

import promise
from promise import DONE, NOTHING, Link, Program, noise

ENGINE = noise(300_000, "engine")

OLD = {
    "lib/unchanged.bin": noise(200_000, "unchanged"),
    "lib/engine.bin": ENGINE,
    "lib/before.dat": noise(50_000, "renamed"),
    "lib/removed.bin": noise(1000, "removed"),
    "lib/removed-folder/deep/inside.txt": "gone in the next version\n",
    "lib/removed-link": Link("unchanged.bin"),
    "lib/libengine.so": Link("engine.bin"),
    "lib/turns/from-file": "a file that becomes a folder\n",
    "lib/turns/from-folder/inside.txt": "a folder that becomes a file\n",
    "lib/turns/from-link": Link("from-file"),
    "share/becomes-executable": "#!/bin/sh\nexit 0\n",
    "share/grows-empty": "not empty yet\n",
    "share/empty": "",
    "share/empty-folder": None,
    "share/名前 with blanks & signs.txt": "häl\n",
}
NEW = {
    "lib/unchanged.bin": OLD["lib/unchanged.bin"],
    "lib/engine.bin": ENGINE[:150_000] + b"a small change" + ENGINE[150_100:],
    "lib/after.dat": OLD["lib/before.dat"],
    "lib/libengine.so": Link("../lib/engine.bin"),
    "lib/turns/from-file/inside.txt": "a folder that was a file\n",
    "lib/turns/from-folder": "a file that was a folder\n",
    "lib/turns/from-link": "a file that was a link\n",
    "share/becomes-executable": Program("#!/bin/sh\nexit 0\n"),
    "share/grows-empty": "",
    "share/empty": "",
    "share/another-empty-folder": None,
    "share/名前 with blanks & signs.txt": "häl\n",
    "share/new/added.bin": noise(20_000, "added"),
}


class Updates(promise.Promise):
    """Version 1.0.0 is installed; 1.1.0, with notes in two languages, and 1.0.5 are published."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve()
        self.install = self.bundle("1.0.0", self.server.url, "--keep", "data", "--keep",
                                   "lib/*.conf")

    def make_versions(self):
        (self.folder / "notes.md").write_text("## Notes\n\n- It is *faster*\n")
        (self.folder / "notes.zh.md").write_text("## 说明\n\n- 更快了\n")
        self.init()
        self.add("1.0.0", OLD)
        self.add("1.0.5", {**OLD, "lib/engine.bin": b"between"})
        self.add("1.1.0", NEW, "--notes", self.folder / "notes.md", "--notes",
                 f"{self.folder}/notes.zh.md:zh_CN")

    def test_from_the_first_install_to_the_restart_and_back(self):
        self.check_the_first_install()
        running = self.install.start("wait")
        running.wait_for_line(lambda line: line == b"1.0.0 wait\n", "the application runs")
        self.be_told()
        self.read_what_is_new()
        result = self.install.onward("update", "--yes")
        self.assertIn("1.1.0", result.stderr)

        self.assertTrue(running.is_running(), "nothing changes under a running program")
        self.assertEqual(running.process.communicate(b"\n")[0] or b"", b"")
        self.assert_runs(self.install, "1.1.0")
        self.check_the_new_version()
        self.go_back_and_forth()

    def check_the_first_install(self):
        self.assert_runs(self.install, "1.0.0")
        self.assert_is_version(self.install, "1.0.0")
        self.assertEqual(self.install.strays(), [])
        self.install.onward("verify")

    def be_told(self):
        self.assertEqual(self.install.onward("check").stdout, "1.1.0\n")
        event, = self.install.onward("check", "--json").events()
        self.assertEqual((event["event"], event["current"], event["version"]),
                         ("available", "1.0.0", "1.1.0"))
        self.assertEqual([r["version"] for r in event["releases"]], ["1.1.0", "1.0.5"])

    def read_what_is_new(self):
        english = self.install.onward("notes").stdout
        self.assertIn("## Notes\n\n- It is *faster*\n", english)
        self.assertLess(english.index("Version 1.1.0"), english.index("Version 1.0.5"))
        chinese = self.install.onward("notes", env={"LANGUAGE": "zh_CN"}).stdout
        self.assertIn("- 更快了\n", chinese)
        self.assertNotIn("faster", chinese)

    def check_the_new_version(self):
        self.assert_is_version(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.0.0")
        self.assertIn("1.1.0", self.install.onward("status").stdout)
        self.install.onward("verify")
        self.assertEqual(self.install.onward("check", status=NOTHING).stdout, "")
        self.install.onward("update", "--yes", status=NOTHING)
        self.assertEqual(self.install.versions(), ["1.0.0", "1.1.0"])
        self.assertEqual(self.install.strays(), [])

    def go_back_and_forth(self):
        self.assertEqual(self.install.onward("rollback").stdout, "1.0.0\n")
        self.assert_runs(self.install, "1.0.0")
        self.assertEqual(self.install.onward("check").stdout, "1.1.0\n")
        self.install.onward("update", "--yes")
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0")

    def test_unchanged_files_are_shared_with_the_version_before(self):
        self.install.onward("update", "--yes")
        for old, new in (("lib/unchanged.bin", "lib/unchanged.bin"),
                         ("lib/before.dat", "lib/after.dat")):
            self.assertTrue(os.path.samefile(self.install.version("1.0.0") / old,
                                             self.install.version("1.1.0") / new), new)
        for name in ("lib/engine.bin", "share/becomes-executable"):
            self.assertFalse(os.path.samefile(self.install.version("1.0.0") / name,
                                              self.install.version("1.1.0") / name), name)

    def test_only_what_changed_is_fetched(self):
        self.install.onward("update", "--yes")
        self.assertLess(self.server.bytes_of_packs(), 60_000)

    def test_what_the_user_made_is_carried_over_when_it_is_to_be_kept(self):
        old, new = self.install.version("1.0.0"), self.install.version("1.1.0")
        (old / "data/sub").mkdir(parents=True)
        (old / "data/sub/mine.txt").write_text("mine\n")
        (old / "data/mine.sh").write_text("#!/bin/sh\n")
        (old / "data/mine.sh").chmod(0o700)
        (old / "lib/user.conf").write_text("conf\n")
        (old / "scratch.txt").write_text("not to be kept\n")
        self.install.onward("update", "--yes")
        self.assertEqual((new / "data/sub/mine.txt").read_text(), "mine\n")
        self.assertEqual((new / "data/mine.sh").stat().st_mode & 0o777, 0o700)
        self.assertEqual((new / "lib/user.conf").read_text(), "conf\n")
        self.assertFalse((new / "scratch.txt").exists())
        self.assertTrue((old / "scratch.txt").exists())
        self.install.onward("verify")
        (new / "data/sub/mine.txt").write_text("mine, later\n")
        self.assertEqual((old / "data/sub/mine.txt").read_text(), "mine\n", "a copy, not a link")
        self.install.onward("rollback")
        self.assertEqual((old / "data/sub/mine.txt").read_text(), "mine, later\n")

    def test_the_launcher_that_a_release_brings_takes_over_when_the_release_is_good(self):
        brought = promise.launcher("1.2.0")
        self.add("1.2.0", {"lib/onward-launch": brought, "lib/onward-updater": Program("new\n")},
                 "--deltas", "0")
        first = (self.install.folder / "app").read_bytes()
        running = self.install.start("wait")
        running.wait_for_line(lambda line: line == b"1.0.0 wait\n", "the application runs")
        self.install.onward("update", "--yes")
        self.assert_runs(self.install, "1.2.0")
        self.assertEqual((self.install.folder / "app").read_bytes(), first)
        self.install.onward("mark-good")
        self.install.onward("check", status=NOTHING)
        self.assertEqual((self.install.folder / "app").read_bytes(), brought)
        self.assertEqual((self.install.folder / "app").stat().st_mode & 0o777, 0o755)
        self.assertTrue(running.is_running())
        self.assert_runs(self.install, "1.2.0")
        self.assert_is_version(self.install, "1.2.0")
        self.assertEqual(self.install.strays(), [])
        running.kill()

    def test_a_version_can_be_chosen(self):
        self.install.onward("update", "--yes", "--to", "1.0.5")
        self.assert_runs(self.install, "1.0.5")
        self.assertEqual(self.install.onward("check").stdout, "1.1.0\n")
        self.install.onward("update", "--yes")
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0")

    def test_a_full_pack_gives_the_same_tree_as_a_delta(self):
        self.install.onward("update", "--yes", "--no-delta")
        self.assert_is_version(self.install, "1.1.0")
        self.assertTrue(all(path.endswith(".full") for path, _, _ in self.server.requests()
                            if path.startswith("/packs/")))

    def test_a_plain_folder_is_a_repository_too(self):
        install = self.bundle("1.0.0", f"file://{self.repository}", name="local")
        self.server.end()
        self.assertEqual(install.onward("check").stdout, "1.1.0\n")
        install.onward("update", "--yes")
        self.assert_runs(install, "1.1.0")
        self.assert_is_version(install, "1.1.0")
        install.onward("check", status=NOTHING)

    def test_an_archive_is_the_same_first_install(self):
        archive = self.folder / "install.tar.zst"
        self.publish("bundle", self.repository, "--version", "1.0.0", "--repository",
                     self.server.url, "--output", archive)
        (self.folder / "unpacked").mkdir()
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", self.folder / "unpacked",
                        "--strip-components", "1"], check=True)
        install = promise.Install(self, self.folder / "unpacked")
        self.assert_is_version(install, "1.0.0")
        install.onward("verify")
        install.onward("update", "--yes", status=DONE)
        self.assert_runs(install, "1.1.0")


if __name__ == "__main__":
    promise.main()
