#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A cut costs at most the block that was arriving, whether the line, the server or the updater
broke."""

import os
import random
import signal
import time

import promise
from promise import BLOCK, CANCELLED, noise

SIZE = 8 * BLOCK
KILLS = 12
SEED = os.environ.get("ONWARD_TEST_SEED") or str(random.SystemRandom().randrange(1 << 32))
FAST = {"ONWARD_TEST_BACKOFF_MS": "20"}


class Resumes(promise.Promise):
    """Version 1.1.0 is 8 MiB that no compression makes smaller."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.served = 0

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"lib/big.bin": b"small once"})
        self.add("1.1.0", {"lib/big.bin": noise(SIZE, "new")}, "--deltas", "0")

    def install_from(self, server):
        install = self.bundle("1.0.0", server.url)
        install.onward("check")
        return install

    def serve_again(self, server, **options):
        """Another server in the place of the first."""
        server.end()
        self.served += server.bytes_of_packs()
        return self.serve(port=server.port, **options)

    def needed(self):
        return max(path.stat().st_size for path in (self.repository / "packs").glob("*.full"))

    def assert_complete(self, install, server, cuts):
        self.assert_runs(install, "1.1.0")
        self.assert_is_version(install, "1.1.0")
        server.end()
        sent = self.served + server.bytes_of_packs()
        self.assertGreaterEqual(sent, self.needed() - BLOCK)
        self.assertLessEqual(sent, self.needed() + cuts * BLOCK,
                             f"{cuts} cuts, {server.requests()}")

    def test_after_dropped_connections(self):
        server = self.serve(drop_after=2_500_000)
        install = self.install_from(server)
        install.onward("update", "--yes", env=FAST)
        cuts = sum(path.startswith("/packs/") for path, _, _ in server.requests()) - 1
        self.assertGreaterEqual(cuts, 3)
        self.assert_complete(install, server, cuts)

    def test_when_each_connection_breaks_within_a_block_nothing_is_lost_for_ever(self):
        server = self.serve(drop_after=BLOCK + BLOCK // 2)
        install = self.install_from(server)
        install.onward("update", "--yes", env=FAST)
        self.assert_runs(install, "1.1.0")
        self.assertLessEqual(server.bytes_of_packs(), self.needed() * 2)

    def interrupt(self, install, server, number, after):
        """Stops an update with a signal once so many bytes have come; the server has noticed."""
        update = install.start_onward("update", "--yes", "--json")
        update.wait_for_status(lambda status: status.get("bytes-done", 0) >= after,
                               f"{after} bytes have come")
        update.signal(number)
        result = update.wait()
        promise.wait_until(lambda: server.bytes_of_packs() >= after, "the server tells of the cut")
        self.assert_runs(install, "1.0.0")
        return result

    def test_after_the_updater_was_killed(self):
        server = self.serve(rate=4_000_000)
        install = self.install_from(server)
        for part in (1, 3, 5):
            result = self.interrupt(install, server, signal.SIGKILL, part * BLOCK)
            self.assertEqual(result.status, -signal.SIGKILL)
        server = self.serve_again(server)
        install.onward("update", "--yes")
        self.assert_complete(install, server, 3)

    def test_after_being_killed_at_random_moments(self):
        print(f"# ONWARD_TEST_SEED={SEED}")
        chance = random.Random(SEED)
        server = self.serve(rate=4_000_000)
        install = self.install_from(server)
        killed = 0
        while killed < KILLS and self.assert_runs(install, "1.0.0", "1.1.0") == "1.0.0":
            update = install.start_onward("update", "--yes", env=FAST)
            time.sleep(chance.uniform(0.02, 0.6))
            killed += update.kill().status == -signal.SIGKILL
        server.settled_requests()
        server = self.serve_again(server)
        install.onward("update", "--yes", status=None)
        # What the line still held when its reader died was sent, but came nowhere; on a machine
        # that is busy with other things that can be as much as the block.
        self.assert_complete(install, server, 2 * killed)

    def test_after_an_interrupt_which_pauses(self):
        server = self.serve(rate=4_000_000)
        install = self.install_from(server)
        result = self.interrupt(install, server, signal.SIGINT, 3 * BLOCK)
        self.assertEqual(result.status, CANCELLED, str(result))
        installed, status = install.onward("status", "--json").events()
        self.assertEqual((installed["current"], status["state"]), ("1.0.0", "paused"))
        server = self.serve_again(server)
        install.onward("update", "--yes")
        self.assert_complete(install, server, 1)

    def test_what_is_on_the_disk_counts_although_the_journal_is_lost(self):
        server = self.serve(rate=4_000_000)
        install = self.install_from(server)
        self.interrupt(install, server, signal.SIGKILL, 4 * BLOCK)
        os.unlink(install.folder / "var/state.ini")
        server = self.serve_again(server)
        install.onward("update", "--yes")
        # Only the journal knows of a block in part; what the line held came nowhere either.
        self.assert_complete(install, server, 2)

    def test_what_was_damaged_on_the_disk_meanwhile_is_fetched_again(self):
        server = self.serve(rate=4_000_000)
        install = self.install_from(server)
        self.interrupt(install, server, signal.SIGINT, 4 * BLOCK)
        part = max((install.folder / "var/parts").iterdir(), key=lambda path: path.stat().st_size)
        with open(part, "r+b") as file:
            file.seek(BLOCK + 100)
            file.write(b"damage")
        server = self.serve_again(server)
        install.onward("update", "--yes")
        self.assert_complete(install, server, 2)


if __name__ == "__main__":
    promise.main()
