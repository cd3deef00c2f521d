#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `onward update` and `onward status` say is what is going on, whatever goes on."""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "promises"), str(HERE.parent / "support")]
import promise  # noqa: E402
from moody_server import MoodyServer  # noqa: E402
from promise import BLOCK, CANCELLED, DONE, ONWARD, noise  # noqa: E402
from terminal import Terminal  # noqa: E402

MODULES = promise.BUILD / "tests/network"
SIZE = 8 * BLOCK


class Truth(promise.Promise):
    """Version 1.1.0 is 8 MiB on a server of changing moods, beyond the loopback by its name at
    least; every second that a server asks for takes a twentieth of one."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = MoodyServer(self.repository)
        self.addCleanup(self.server.end)
        self.install = self.bundle("1.0.0", self.server.url)
        config = self.install.folder / "onward.ini"
        text = config.read_text(encoding="utf-8").replace("127.0.0.1", "0.0.0.0")
        config.write_text(text.replace("[Application]\n", "[Application]\nAllowHttp=true\n"),
                          encoding="utf-8")
        self.network = self.folder / "network"
        self.environ = {"GIO_EXTRA_MODULES": str(MODULES), "ONWARD_TEST_NETWORK": self.network,
                        "ONWARD_TEST_BACKOFF_MS": "50"}
        self.set_network("free")

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"lib/big.bin": b"small once"})
        self.add("1.1.0", {"lib/big.bin": noise(SIZE, "new")}, "--deltas", "0")

    def set_network(self, words):
        self.network.with_suffix(".new").write_text(words, encoding="utf-8")
        self.network.with_suffix(".new").rename(self.network)

    def start(self):
        return self.install.start_onward("update", "--yes", "--json", env=self.environ)

    def status(self):
        _, status = self.install.onward("status", "--json", env=self.environ).events()
        return status

    def text(self):
        return self.install.onward("status", env=self.environ).stdout

    def test_every_state_in_words(self):
        """What a person sees on a terminal, mood by mood, in one update; and who asks beside it is
        told the same."""
        self.server.mood = "silent"
        terminal = Terminal(self, [ONWARD, "update", "--yes", "--install", self.install.folder],
                            **{name: str(value) for name, value in self.environ.items()})
        for mood, network, drawn, told in (
                ("silent", "free", rb"Connecting", "Connecting"),
                ("slow", "free", rb"MB downloaded", "downloaded – "),
                ("busy", "free", rb"The server is busy. Trying again at \d\d:\d\d",
                 "The server is busy. Trying again at "),
                ("slow", "free", rb"MB downloaded", "downloaded – "),
                ("broken", "free", rb"Connection lost. Trying again in \d+ s", None),
                ("broken", "offline", rb"No internet connection", "No internet connection"),
                ("slow", "free", rb"MB downloaded", "downloaded – "),
                ("slow", "metered", rb"This network may charge", "This network may charge"),
                ("slow", "free", rb"MB downloaded", "downloaded – ")):
            with self.subTest(mood=mood, network=network):
                terminal.skip()
                self.server.mood = mood
                self.set_network(network)
                terminal.wait_for(drawn)
                if told:
                    promise.wait_until(lambda: told in self.text(), f"{told} is told beside it")
                    self.assertIn("Another updater is at work", self.text())
        terminal.type(b"\x03")
        self.assertEqual(terminal.wait(), CANCELLED, terminal.shown)
        self.assertIn("The update is paused: 1.1.0", self.text())
        self.assertNotIn("Another updater", self.text())
        self.server.mood = "good"
        self.install.onward("update", "--yes", env=self.environ)
        self.assert_is_version(self.install, "1.1.0")

    def test_busy_server(self):
        """Until when a server wants to be left alone is told, is the same for everybody who asks,
        and is kept to; then the update goes on."""
        self.server.mood = "busy"
        self.server.retry_after = 200
        update = self.start()
        status = update.wait_for_status(lambda status: status.get("obstacle") == "busy" and
                                        "retry-in" in status, "the server is busy")
        self.assertEqual(status["state"], "reconnecting")
        self.assertGreater(status["retry-in"], 0)
        self.assertLessEqual(status["retry-in"], 10)
        beside = promise.wait_until(lambda: (lambda s: s.get("obstacle") == "busy" and s)(
            self.status()), "it is told beside it")
        self.assertTrue(beside["elsewhere"])
        self.assertEqual(beside["state"], "reconnecting")
        self.assertLessEqual(beside["retry-in"], 10)
        self.assertEqual(len([path for path in self.server.asked if "/packs/" in path]), 1)
        self.server.mood = "good"
        result = update.wait()
        self.assertEqual(result.status, DONE, str(result))
        self.assert_is_version(self.install, "1.1.0")

    def test_bytes_go_on_after_a_kill(self):
        """What was told before a power cut is told after it: bytes neither begin anew nor go
        back."""
        self.server.mood = "slow"
        self.server.rate = 3_000_000
        update = self.start()
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > 3 * BLOCK, "bytes came")
        self.server.mood = "stalled"
        # What came since is written down within a second.
        told = promise.wait_until(lambda: self.settled_bytes(update), "all is written down")
        update.kill()
        after = self.status()
        self.assertEqual((after["state"], after["elsewhere"]), ("paused", False))
        self.assertGreaterEqual(after["bytes-done"], told)
        self.assertGreater(after["bytes-total"], after["bytes-done"])

        self.server.mood = "slow"
        result = self.start().wait()
        self.assertEqual(result.status, DONE, str(result))
        before = after["bytes-done"]
        bar = 0
        for event in result.events():
            if event["event"] != "status" or event["state"] in ("idle", "checking"):
                continue
            self.assertGreaterEqual(event["bytes-done"], before, str(result))
            self.assertGreaterEqual(event["progress"], bar, str(result))
            self.assertEqual(event["bytes-total"], after["bytes-total"], str(result))
            before, bar = event["bytes-done"], event["progress"]

    def settled_bytes(self, update):
        """What the update has told last, once the journal says so."""
        told = [re.search(rb'"bytes-done":(\d+)', line) for line in list(update.lines)]
        last = int([found for found in told if found][-1][1])
        return last if self.status()["bytes-done"] == last else None


if __name__ == "__main__":
    promise.main()
