#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The publisher names mirrors in signed data: when the server dies, a mirror finishes the update; a
mirror with wrong bytes never stops one."""

import shutil

import promise
from promise import BLOCK, DONE, NETWORK, noise

FAST = {"ONWARD_TEST_BACKOFF_MS": "50"}


class Mirrors(promise.Promise):
    """Version 1.1.0 is 6 MiB on a line of 3 MB a second, so that there is time to break it."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve(rate=3_000_000)
        self.install = self.bundle("1.0.0", self.server.url)

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"lib/big.bin": b"small once"})
        self.add("1.1.0", {"lib/big.bin": noise(6 * BLOCK, "new")}, "--deltas", "0")

    def mirror(self, name="mirror", damage=lambda folder: None, **options):
        """A copy of the repository, which is signed to be one, and its server. Its address is
        known only when it listens; what is copied is what was signed after that."""
        folder = self.folder / name
        folder.mkdir()
        server = self.serve(folder, **options)
        self.publish("mirror", "add", self.repository, server.url)
        for other in self.folder.glob("mirror*"):
            shutil.copytree(self.repository, other, dirs_exist_ok=True)
        damage(folder)
        return server

    @staticmethod
    def damage_packs(folder):
        for pack in (folder / "packs").iterdir():
            pack.chmod(0o644)
            pack.write_bytes(b"\0" * pack.stat().st_size)

    def assert_updated(self, update):
        result = update.wait()
        self.assertEqual(result.status, DONE, str(result))
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0")

    def start_update(self):
        return self.install.start_onward("update", "--yes", "--json", env=FAST)

    def test_a_mirror_finishes_what_the_server_began(self):
        mirror = self.mirror()
        update = self.start_update()
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > BLOCK, "bytes came")
        self.server.kill()
        self.assert_updated(update)
        mirror.end()
        self.assertGreater(mirror.bytes_of_packs(), BLOCK)

    def test_a_mirror_with_wrong_bytes_stops_nothing(self):
        self.mirror(damage=self.damage_packs)
        update = self.start_update()
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > BLOCK, "bytes came")
        self.server.kill()
        server = self.serve(port=self.server.port)
        self.assert_updated(update)
        server.end()

    def test_a_good_mirror_makes_up_for_a_server_with_wrong_bytes(self):
        self.mirror()
        self.damage_packs(self.repository)
        self.assert_updated(self.start_update())

    def test_a_check_asks_the_mirrors_when_there_is_no_server(self):
        self.mirror()
        self.mirror("mirror-2")
        self.install.onward("check")
        self.server.kill()
        self.install.onward("check", timeout=20)
        self.assert_updated(self.start_update())

    def test_a_mirror_that_is_behind_or_lies_leads_nobody_back(self):
        def empty(folder):
            (folder / "metadata/timestamp.json").write_text("{}")
        self.mirror(damage=empty)
        self.install.onward("check")
        trust = self.install.trust()
        self.server.kill()
        result = self.install.onward("check", status=NETWORK, timeout=20)
        self.assertNotEqual(result.stderr, "")
        self.assertEqual(self.install.trust(), trust)

    def test_the_publisher_lists_mirrors(self):
        def listed():
            return self.publish("mirror", "list", self.repository).stdout.split()
        self.assertEqual(listed(), [])
        self.publish("mirror", "add", self.repository, "https://a.example/app/")
        self.publish("mirror", "add", self.repository, "https://b.example")
        self.publish("mirror", "add", self.repository, "https://a.example/app")
        self.assertEqual(listed(), ["https://b.example", "https://a.example/app"])
        self.publish("mirror", "remove", self.repository, "https://b.example/")
        self.assertEqual(listed(), ["https://a.example/app"])
        self.publish("mirror", "remove", self.repository, "https://b.example",
                     status=promise.FAILED)
        for address in ("ftp://a.example", "a.example", "https://", "https://a.example/?b", ""):
            self.publish("mirror", "add", self.repository, address, status=promise.NOT_PERMITTED)
        self.publish("mirror", "turn", self.repository, status=promise.USAGE)
        self.publish("verify", self.repository)


if __name__ == "__main__":
    promise.main()
