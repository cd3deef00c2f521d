#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What scripts rely on: exit codes, JSON lines, a message for what went wrong, and that nothing
remote reaches a terminal raw."""

import json
import os
import pty
import signal
import time

import promise
from promise import (BUSY, CANCELLED, DONE, FAILED, NETWORK, NOTHING, ONWARD, PUBLISH, UNTRUSTED,
                     USAGE, Program, noise)

HOSTILE = ("# Notes\n\n\x1b[2J\x1b]0;title\x07red \x1b[31m \x9b31m \u202egnp.exe\u202c\r gone\b\b "
           "\u200b\ttab \x7f end\n")
RAW = ("\x1b", "\x07", "\x08", "\r", "\x7f", "\x9b", "\u202e", "\u202c")
# Every kind of event that --json knows, and what a script may rely on.
MEMBERS = {
    "available": {"current", "version", "sequence", "channel", "date", "severity", "forced",
                  "releases"},
    "up-to-date": {"current"},
    "status": {"state", "forced", "bytes-done", "bytes-total", "progress"},
    "updated": {"version"},
    "installed": {"id", "name", "current", "safe"},
    "notes": {"version", "sequence", "channel", "date", "severity"},
    "rolled-back": {"version"},
    "verified": {"version"},
    "pruned": {"version"},
    "running": {"version", "process", "name"},
    "repaired": {"version", "files", "bytes"},
    "marked-good": {"version"},
    "log": {"line"},
    "difference": {"kind", "path"},
    "error": {"code", "message"},
}


class Contract(promise.Promise):
    """Version 1.0.0 is installed, and 1.1.0 has notes that attack terminals."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve()
        self.install = self.bundle("1.0.0", self.server.url)

    def make_versions(self):
        notes = self.folder / "notes.md"
        notes.write_text(HOSTILE, newline="")
        self.init()
        self.add("1.0.0", {"lib/big.bin": b"small once"})
        self.add("1.1.0", {"lib/big.bin": noise(3_000_000, "new")}, "--deltas", "0",
                 "--notes", notes)

    def assert_harmless(self, text):
        for sequence in RAW:
            self.assertNotIn(sequence, text)

    def assert_events(self, result):
        """All lines are objects of known kinds; standard error is for people."""
        events = result.events()
        for event in events:
            self.assertIn(event["event"], MEMBERS, str(result))
            self.assertLessEqual(MEMBERS[event["event"]], set(event), str(result))
        self.assert_harmless(result.stdout)
        return [event["event"] for event in events]

    def test_wrong_usage(self):
        install = ("--install", self.install.folder)
        for command in (
                [], ["fly"], ["--nonsense"], ["check"], ["check", "--install"],
                ["check", *install, "--nonsense"], ["check", *install, "more"],
                ["update", *install, "--retries", "many"], ["update", *install],
                ["\x1b[31mred"]):
            result = self.run_tool([ONWARD, *command], status=USAGE)
            self.assertEqual(result.stdout, "", str(result))
            self.assertNotEqual(result.stderr, "", str(result))
            self.assert_harmless(result.stderr)
        for command in (
                [], ["fly"], ["init"], ["init", self.folder / "new"], ["add", self.repository],
                ["add", self.repository, self.tree("1.1.0")], ["bundle", self.repository],
                ["add", self.repository, self.tree("1.1.0"), "--version", "1..2"],
                ["add", self.repository, self.tree("1.1.0"), "--version", "3.0.0",
                 "--compression", "magic"],
                ["serve"], ["serve", self.repository, "--port", "-1"],
                ["serve", self.repository, "--rate", "fast"], ["verify"], ["status", "a", "b"],
                ["init", self.folder / "new", "--id", "no id", "--name", "N", "--command", "x"],
                ["init", self.folder / "new", "--id", "org.example.N", "--name", "N",
                 "--command", "../x", "--no-passphrase"]):
            result = self.run_tool([PUBLISH, *command], status=USAGE)
            self.assertNotEqual(result.stderr, "", str(result))
        self.assertFalse((self.folder / "new").exists())

    def test_help(self):
        for tool in (ONWARD, PUBLISH):
            result = self.run_tool([tool, "--help"])
            self.assertIn("Usage:", result.stdout)
            self.assertEqual(result.stderr, "")
        self.assertIn("--install", self.run_tool([ONWARD, "check", "--help"]).stdout)

    def test_what_is_no_install_or_no_repository(self):
        for verb in ("check", "status", "update", "verify"):
            result = self.run_tool([ONWARD, verb, "--install", self.folder / "nowhere"],
                                   status=FAILED)
            self.assertIn("nowhere", result.stderr)
        for verb in ("status", "verify", "refresh"):
            result = self.run_tool([PUBLISH, verb, self.folder / "home"], status=FAILED)
            self.assertIn("home", result.stderr)

    def test_statuses_of_onward(self):
        self.assertEqual(self.install.onward("check", status=DONE).stdout, "1.1.0\n")
        self.install.onward("rollback", status=FAILED)
        (self.install.version("1.0.0") / "extra").write_text("x")
        self.install.onward("verify", status=FAILED)
        os.unlink(self.install.version("1.0.0") / "extra")
        self.install.onward("update", "--yes", "--to", "9.9.9", status=FAILED)
        self.assert_runs(self.install, "1.0.0")
        self.install.onward("update", "--yes", status=DONE)
        self.install.onward("check", status=NOTHING)
        self.install.onward("update", "--yes", status=NOTHING)
        self.server.kill()
        self.install.onward("check", status=NETWORK)

    def test_busy_and_cancelled(self):
        self.server.end()
        self.serve(port=self.server.port, rate=1_000_000)
        update = self.install.start_onward("update", "--yes", "--json")
        update.wait_for_status(lambda status: status.get("bytes-done", 0) > 0, "bytes have come")
        self.install.onward("update", "--yes", status=BUSY)
        update.signal(signal.SIGINT)
        result = update.wait()
        self.assertEqual(result.status, CANCELLED, str(result))
        self.assertEqual(json.loads(result.raw.splitlines()[-1])["code"], "cancelled")

    def test_statuses_of_onward_publish(self):
        tree = self.tree("1.1.0")
        for version in ("1.1.0", "1.0.5"):
            self.publish("add", self.repository, tree, "--version", version, status=FAILED)
        (self.folder / "empty").mkdir()
        result = self.publish("add", self.repository, self.folder / "empty", "--version", "2.0.0",
                              status=FAILED)
        self.assertIn("bin/app", result.stderr)
        self.publish("add", self.repository, self.folder / "nowhere", "--version", "2.0.0",
                     status=FAILED)
        self.publish("bundle", self.repository, "--version", "9.9.9", "--repository", "file:///x",
                     "--output", self.folder / "x", status=FAILED)
        self.publish("init", self.repository, "--id", "org.example.App", "--name", "App",
                     "--command", "bin/app", "--no-passphrase", status=FAILED)
        self.publish("verify", self.repository)
        self.publish("status", self.repository)
        pack = max((self.repository / "packs").iterdir(), key=lambda path: path.stat().st_size)
        pack.write_bytes(pack.read_bytes()[:-1] + b"x")
        self.publish("verify", self.repository, status=UNTRUSTED)

    def test_a_failed_add_publishes_nothing(self):
        before = promise.snapshot(self.repository / "metadata")
        tree = promise.make_tree(self.folder / "bad", {"bin/app": Program("#!/bin/sh\n")})
        os.mkfifo(tree / "pipe")
        self.publish("add", self.repository, tree, "--version", "2.0.0", status=FAILED)
        self.publish("add", self.repository, self.tree("1.0.0"), "--version", "2.0.0", "--notes",
                     self.folder / "no-notes.md", status=FAILED)
        self.assertEqual(promise.snapshot(self.repository / "metadata"), before)
        self.assertEqual(self.install.onward("check").stdout, "1.1.0\n")

    def speaks(self, verb, *arguments, status=DONE):
        """The kinds of events that a verb reports."""
        return self.assert_events(self.install.onward(verb, *arguments, "--json", status=status))

    def test_every_verb_speaks_json(self):
        self.assertEqual(self.speaks("check"), ["available"])
        self.assertEqual(self.speaks("notes"), ["notes"])
        self.assertEqual(self.speaks("status"), ["installed", "status"])
        self.assertEqual(self.speaks("rollback", status=FAILED), ["error"])
        self.assertEqual(self.speaks("verify"), ["verified"])
        self.assertEqual(self.speaks("repair"), ["repaired"])
        *states, last = self.speaks("update", "--yes")
        self.assertEqual((set(states), last), ({"status"}, "updated"))
        self.assertEqual(self.speaks("check", status=NOTHING), ["up-to-date"])
        self.assertEqual(self.speaks("mark-good"), ["marked-good"])
        self.assertEqual(self.speaks("rollback"), ["rolled-back"])
        self.assertEqual(self.speaks("prune"), ["pruned"])
        self.assertEqual(set(self.speaks("log")), {"log"})
        (self.install.version("1.0.0") / "ex\x1btra").write_text("x")
        self.assertEqual(self.speaks("verify", status=FAILED), ["difference"])
        self.server.kill()
        self.assertEqual(self.speaks("check", status=NETWORK), ["error"])

    def test_hostile_notes_never_reach_the_terminal_raw(self):
        text = self.install.onward("notes").stdout
        self.assert_harmless(text)
        self.assertIn("end\n", text)
        event, = self.install.onward("notes", "--json").events()
        self.assertEqual(event["notes"], HOSTILE, "a script gets what the publisher wrote")

    def test_hostile_file_names_never_reach_the_terminal_raw(self):
        (self.install.version("1.0.0") / "a\x1b[2Jb\nc").write_text("x")
        result = self.install.onward("verify", status=FAILED)
        self.assert_harmless(result.stdout + result.stderr)
        self.assertEqual(len(result.stdout.splitlines()), 1)

    def test_hostile_answers_never_reach_the_terminal_raw(self):
        (self.repository / "metadata/timestamp.json").write_text('{"\x1b[31m": "\\u001b[2J"}')
        result = self.install.onward("check", status=None)
        self.assertNotIn(result.status, (DONE, NOTHING))
        self.assert_harmless(result.stdout + result.stderr)
        self.assert_harmless(self.install.onward("log").stdout)

    def test_a_terminal_gets_a_question_and_a_bar(self):
        self.server.end()
        self.serve(port=self.server.port, rate=4_000_000)
        control, terminal = pty.openpty()
        process = self.spawn([ONWARD, "update", "--install", self.install.folder], stdin=terminal,
                             stdout=terminal, stderr=terminal)
        self.addCleanup(process.kill)
        os.close(terminal)
        os.write(control, b"y\n")
        shown = b""
        end = time.monotonic() + promise.TIMEOUT
        while time.monotonic() < end:
            try:
                shown += os.read(control, 4096)
            except OSError:
                break
        os.close(control)
        self.assertEqual(process.wait(promise.TIMEOUT), DONE, shown)
        self.assertIn(b"Update App from 1.0.0 to 1.1.0? [Y/n]", shown)
        self.assertRegex(shown, rb"\d+ ?%|MB of")
        self.assertIn(b"\r", shown, "one line that is drawn over")
        self.assert_runs(self.install, "1.1.0")

    def test_nobody_to_ask(self):
        result = self.install.onward("update", status=USAGE)
        self.assertIn("--yes", result.stderr)
        self.assert_runs(self.install, "1.0.0")


if __name__ == "__main__":
    promise.main()
