#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing is downloaded over a network that may charge for data unless someone says so; the wait is
told, and ends by itself."""

import signal

import promise
from promise import BLOCK, CANCELLED, DONE, NETWORK, noise

MODULES = promise.BUILD / "tests/network"


class Waits(promise.Promise):
    """Version 1.1.0 is 6 MiB on a line of 3 MB a second, beyond the loopback by its name at least:
    what comes from this computer costs nothing."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve(rate=3_000_000)
        url = self.server.url.replace("127.0.0.1", "0.0.0.0")
        self.install = self.bundle("1.0.0", self.server.url)
        config = self.install.folder / "onward.ini"
        text = config.read_text(encoding="utf-8").replace(self.server.url, url)
        config.write_text(text.replace("[Application]\n", "[Application]\nAllowHttp=true\n"),
                          encoding="utf-8")
        self.network = self.folder / "network"
        self.environ = {"GIO_EXTRA_MODULES": str(MODULES), "ONWARD_TEST_NETWORK": self.network}
        self.set_network("metered")

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"lib/big.bin": b"small once"})
        self.add("1.1.0", {"lib/big.bin": noise(6 * BLOCK, "new")}, "--deltas", "0")

    def set_network(self, words):
        self.network.with_suffix(".new").write_text(words, encoding="utf-8")
        self.network.with_suffix(".new").rename(self.network)

    def start(self, *options):
        return self.install.start_onward("update", "--yes", *options, env=self.environ)

    def start_and_wait(self):
        update = self.start("--json")
        update.wait_for_status(lambda status: status.get("obstacle") == "metered" and
                               status.get("state") == "paused", "it waits for another network")
        return update

    def finish(self, update):
        result = update.wait()
        self.assertEqual(result.status, DONE, str(result))
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0")

    def test_it_goes_on_when_the_network_costs_nothing(self):
        update = self.start_and_wait()
        self.assertTrue(update.is_running())
        self.set_network("free")
        self.finish(update)

    def test_no_byte_of_a_pack_is_fetched_meanwhile(self):
        update = self.start_and_wait()
        update.kill()
        self.server.end()
        self.assertEqual(self.server.bytes_of_packs(), 0)

    def test_it_stops_in_the_middle_and_goes_on(self):
        self.set_network("free")
        update = self.start("--json")
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > BLOCK, "bytes came")
        self.set_network("metered")
        update.wait_for_status(lambda status: status.get("obstacle") == "metered" and
                               status.get("state") == "paused", "it waits for another network")
        self.set_network("free")
        self.finish(update)
        self.server.end()
        self.assertLess(self.server.bytes_of_packs(), 8 * BLOCK, "what had come was kept")

    def test_the_user_may_say_that_it_may_cost(self):
        self.finish(self.start("--json", "--metered"))

    def test_people_are_told_and_may_interrupt(self):
        update = self.start()
        promise.wait_until(lambda: any(b"may charge for data" in line for line in update.errors),
                           "it says why it waits")
        update.signal(signal.SIGINT)
        self.assertEqual(update.wait().status, CANCELLED)
        self.assert_runs(self.install, "1.0.0")

    def test_a_script_does_not_wait(self):
        result = self.install.onward("update", "--yes", "--json", "--retries", "3", status=NETWORK,
                                     env=self.environ)
        self.assertEqual(result.events()[-1]["code"], "metered")
        self.assertIn("--metered", result.stderr)


if __name__ == "__main__":
    promise.main()
