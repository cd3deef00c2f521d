#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever became of an installed version, one command finds it and puts it right, with the bytes
that this takes, while the application runs."""

import os
import shutil

import promise
from promise import BLOCK, DONE, FAILED, NETWORK, NOTHING, NOT_PERMITTED, noise

NOBODY = 65534

# Each is a frame of its own in a pack.
SIZE = 5 * BLOCK
FILES = {f"data/{name}.bin": noise(SIZE, name) for name in ("one", "two", "three", "four")}


class Repair(promise.Promise):
    """Version 1.0.0 has four large files and several small ones; what is in "user" is kept."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve()
        self.install = self.bundle("1.0.0", self.server.url, "--keep", "user/*")
        self.folder_of = self.install.version("1.0.0")

    def make_versions(self):
        self.init()
        self.add("1.0.0", {**FILES, "share/text": "text\n", "share/link": promise.Link("text")})

    def damage(self, name, offset=SIZE // 2):
        path = self.folder_of / name
        path.chmod(0o644)
        with open(path, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 1]))

    def repair(self, *arguments, **options):
        result = self.install.onward("repair", *arguments, **options)
        self.assert_is_version(self.install, "1.0.0", beside=("user", "stray"))
        return result

    def packs(self):
        self.server.settled_requests()
        return self.server.bytes_of_packs()

    def test_what_is_whole_costs_nothing_and_needs_no_server(self):
        self.server.end()
        self.assertIn("as it was published", self.repair().stderr)

    def test_one_byte_costs_its_own_file(self):
        self.damage("data/two.bin")
        self.assertEqual(self.install.onward("verify", status=FAILED).stdout,
                         "changed data/two.bin\n")
        *_, event = self.repair("--json").events()
        self.assertEqual((event["event"], event["files"]), ("repaired", 1))
        self.assertLess(event["bytes"], SIZE + BLOCK // 16)
        # Whole blocks travel: two at the ends of the file, and the one of the head.
        self.assertLess(self.packs(), SIZE + 3 * BLOCK)
        self.install.onward("verify")

    def test_all_kinds_of_damage_at_once(self):
        self.damage("data/four.bin")
        os.unlink(self.folder_of / "share/text")
        os.unlink(self.folder_of / "share/link")
        (self.folder_of / "share/link").symlink_to("/etc/passwd")
        (self.folder_of / "bin/app").chmod(0o600)
        shutil.rmtree(self.folder_of / "data")
        (self.folder_of / "data").symlink_to(self.folder)
        (self.folder_of / "stray").write_text("extra")
        found = self.install.onward("verify", status=FAILED).stdout.splitlines()
        self.assertIn("missing share/text", found)
        self.assertIn("changed share/link", found)
        self.assertIn("changed bin/app", found)
        self.assertIn("changed data", found)
        self.assertIn("missing data/one.bin", found)
        self.assertIn("extra stray", found)
        self.repair()
        self.assertEqual(self.install.onward("verify", status=FAILED).stdout, "extra stray\n")
        self.assert_runs(self.install, "1.0.0")

    def test_it_is_repaired_while_it_runs(self):
        running = self.install.start("wait")
        running.wait_for_line(lambda line: line == b"1.0.0 wait\n", "the application runs")
        self.damage("data/one.bin")
        with open(self.folder_of / "data/one.bin", "rb") as file:
            before = file.read()
            self.repair()
            file.seek(0)
            self.assertEqual(file.read(), before)
        self.assertTrue(running.is_running())
        # The version is still pinned: it is the folder that its launcher has locked.
        inode = os.stat(self.folder_of).st_ino
        folders = [os.stat(f"/proc/{running.process.pid}/fd/{fd}").st_ino
                   for fd in os.listdir(f"/proc/{running.process.pid}/fd")]
        self.assertIn(inode, folders)

    def test_the_users_files_stay(self):
        (self.folder_of / "user").mkdir()
        (self.folder_of / "user/notes").write_text("mine")
        self.damage("data/one.bin")
        self.repair()
        self.assertEqual((self.folder_of / "user/notes").read_text(), "mine")
        self.install.onward("verify")

    def test_a_version_that_came_without_a_receipt_is_adopted(self):
        os.unlink(self.install.folder / "receipts/1.0.0")
        self.install.onward("verify", status=FAILED)
        self.repair()
        self.assertLess(self.packs(), 2 * BLOCK)
        self.install.onward("verify")

        # An update then starts from what is there.
        self.add("1.1.0", {**FILES, "share/text": "new\n"})
        before = self.packs()
        self.install.onward("update", "--yes")
        self.assertLess(self.packs() - before, 2 * BLOCK)
        self.assert_is_version(self.install, "1.1.0")

    def test_an_application_that_lay_in_a_plain_folder_is_adopted(self):
        """Its first version with Onward was put there by whatever installed it before: the files
        as they came, the launcher, onward.ini and root.json; nothing else has ever been there."""
        for name in ("receipts", "var"):
            shutil.rmtree(self.install.folder / name, ignore_errors=True)
        for parent, _, names in os.walk(self.folder_of):
            os.chmod(parent, 0o700)
            for name in names:
                if not os.path.islink(os.path.join(parent, name)):
                    os.chmod(os.path.join(parent, name), 0o700)
        (self.folder_of / "user").mkdir()
        (self.folder_of / "user/mine").write_text("mine")
        self.assert_runs(self.install, "1.0.0")
        self.repair()
        self.assertLess(self.packs(), 2 * BLOCK, "only what says how it should be was fetched")
        self.assertEqual(self.install.onward("verify").stdout, "")
        self.add("1.1.0", {**FILES, "share/text": "new\n"})
        before = self.packs()
        self.install.onward("update", "--yes")
        self.assert_runs(self.install, "1.1.0")
        self.assertLess(self.packs() - before, BLOCK, "what is here was not fetched again")
        self.assertEqual((self.install.version("1.1.0") / "user/mine").read_text(), "mine")

    def test_what_is_adopted_is_put_right_first(self):
        os.unlink(self.install.folder / "receipts/1.0.0")
        self.damage("data/three.bin")
        self.repair()
        self.install.onward("verify")

    def test_who_has_left_its_channel_repairs_it_all_the_same(self):
        self.add("1.1.0", {**FILES, "share/text": "new\n"}, "--channel", "beta")
        install = self.bundle("1.1.0", self.server.url, name="beta")
        config = install.folder / "onward.ini"
        config.write_text(config.read_text().replace("Channel=beta", "Channel=stable"))
        install.onward("check", status=NOTHING)
        os.unlink(install.version("1.1.0") / "share/text")
        install.onward("repair")
        self.assert_is_version(install, "1.1.0")

    def test_a_forged_receipt_is_not_believed(self):
        self.damage("data/three.bin")
        (self.install.folder / "receipts/1.0.0").write_bytes(b"everything is well")
        self.repair()
        self.install.onward("verify")

    def test_a_version_whose_folder_is_gone_comes_back(self):
        shutil.rmtree(self.install.folder / "versions")
        result = self.install.onward("verify", status=FAILED)
        self.assertIn("missing data/one.bin\n", result.stdout)
        self.assertIn("0 changed", result.stderr)
        self.repair()
        self.assertEqual(self.install.onward("verify").stdout, "")
        self.assert_runs(self.install, "1.0.0")
        self.assertEqual(self.install.strays(), [])

    def test_without_a_receipt_it_is_told_what_makes_one(self):
        receipt = self.install.folder / "receipts/1.0.0"
        receipt.write_bytes(b"everything is well")
        for what in "damaged", "missing":
            for verb in (("verify",), ("component", "list"), ("component", "remove", "voices")):
                result = self.install.onward(*verb, status=FAILED)
                self.assertIn(f"it is {what}; “onward repair” makes a new one\n", result.stderr)
                self.assertNotIn("makers", result.stderr)
            receipt.unlink(missing_ok=True)
        self.repair()
        self.install.onward("verify")

    def test_one_file_is_one_file(self):
        (self.folder_of / "bin/app").chmod(0o700)
        self.assertIn("1 file differs from version 1.0.0: 1 changed, 0 missing, 0 extra\n",
                      self.install.onward("verify", status=FAILED).stderr)
        self.assertIn("1 file of version 1.0.0 repaired, 0 bytes fetched\n", self.repair().stderr)

    def test_what_cannot_be_replaced_is_told_with_the_reason(self):
        if os.getuid() != 0 or not promise.everybody_reaches(self.folder):
            self.skipTest("another user's folder needs another user: only root can try")
        os.unlink(self.folder_of / "share/text")
        (self.folder_of / "share/text").mkdir()
        for path in (self.folder / "home", self.install.folder,
                     *self.install.folder.glob("**/*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        os.chown(self.folder_of / "share", 0, 0)
        self.install.tool = promise.copy_tool(self.folder / "tools")
        result = self.install.onward("repair", status=NOT_PERMITTED, user=NOBODY, group=NOBODY,
                                     extra_groups=[])
        self.assertIn("Replacing “share/text”: Permission denied\n", result.stderr)

    def test_without_a_server_nothing_is_changed(self):
        self.damage("data/one.bin")
        self.server.end()
        self.install.onward("repair", status=NETWORK)
        self.assertEqual(self.install.onward("verify", status=FAILED).stdout,
                         "changed data/one.bin\n")
        self.assert_runs(self.install, "1.0.0")

    def test_killed_in_between_it_goes_on(self):
        for name in FILES:
            self.damage(name)
        slow = self.serve(rate=4_000_000)
        config = self.install.folder / "onward.ini"
        config.write_text(config.read_text().replace(self.server.url, slow.url))
        repair = self.install.start_onward("repair")
        promise.wait_until(lambda: slow.bytes_of_packs() > 0 or (self.parts() > SIZE),
                           "a part of it has come")
        repair.kill()
        self.assert_runs(self.install, "1.0.0")
        self.assertEqual(self.repair().status, DONE)
        self.assertEqual(self.install.strays(), [])

    def parts(self):
        folder = self.install.folder / "var/parts"
        return sum(path.stat().st_blocks * 512 for path in folder.glob("*")) if folder.is_dir() \
            else 0


if __name__ == "__main__":
    promise.main()
