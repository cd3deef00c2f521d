#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""onward on a terminal, and what each of its verbs says of itself."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "promises"))
from promise import (CANCELLED, DONE, FAILED, NOTHING, ONWARD, UNTRUSTED, USAGE,  # noqa: E402
                     Promise, main, noise)
from terminal import Terminal  # noqa: E402

VERBS = ("check", "update", "status", "notes", "rollback", "verify", "prune", "log", "mark-good",
         "component")


class Command(Promise):
    """Version 1.0.0 is installed from a folder, in which 1.1.0 is published."""

    def setUp(self):
        super().setUp()
        self.init()
        self.add("1.0.0", {"data": "one"})
        self.add("1.1.0", {"data": noise(1000, 1)})
        self.install = self.bundle("1.0.0", self.repository.as_uri())

    def ask(self):
        return Terminal(self, [ONWARD, "update", "--install", self.install.folder])

    def test_help_and_version(self):
        """Every verb explains itself, with the options that it takes and no others."""
        overview = self.run_tool([ONWARD, "--help"]).stdout
        for verb in VERBS:
            self.assertIn(f"  {verb} ", overview)
            text = self.run_tool([ONWARD, verb, "--help"]).stdout
            self.assertIn(f"onward {verb} [OPTION", text)
            self.assertIn("--install=DIR", text)
            self.assertEqual("--no-delta" in text, verb == "update", text)
        self.assertRegex(self.run_tool([ONWARD, "--version"]).stdout, r"^onward \d+\.\d+")

    def test_answers(self):
        """Yes is the default; anything else, or an end of the input, changes nothing."""
        for answer, expected, current in ((b"n\n", CANCELLED, "1.0.0"),
                                          (b"\x04", CANCELLED, "1.0.0"),
                                          (b"maybe\n", CANCELLED, "1.0.0"),
                                          (b"\n", DONE, "1.1.0")):
            terminal = self.ask()
            terminal.type_at(b"[Y/n]", answer)
            self.assertEqual(terminal.wait(), expected, terminal.shown)
            self.assertEqual(self.install.current(), current)

    def test_an_interrupt_is_heard_while_a_question_waits(self):
        """Ctrl+C needs no Enter."""
        terminal = self.ask()
        terminal.type_at(b"[Y/n]", b"\x03")
        self.assertEqual(terminal.wait(), CANCELLED, terminal.shown)
        self.assertEqual(self.install.current(), "1.0.0")

    def test_wrong_options(self):
        """What one verb takes is wrong usage for another, in JSON as well."""
        for words in (("check", "--yes"), ("status", "--to", "1.1.0"), ("log", "--no-delta"),
                      ("update", "--retries", "-2"), ("update", "--yes", "--retries", "x"),
                      ("update", "--limit-rate", "fast"), ("check", "--limit-rate", "1M")):
            result = self.install.onward(*words, "--json", status=USAGE)
            event, = result.events()
            self.assertEqual((event["event"], event["code"]), ("error", "usage"))

    def test_words_that_are_not_text(self):
        """Bytes that are no UTF-8 are wrong usage, and do no harm."""
        for words in (["update", b"--to", b"1.\xff"], ["check", b"\xff\x1b[2J"], [b"\xffverb"]):
            command = [os.fsdecode(word) for word in words]
            result = self.run_tool([ONWARD, *command], status=USAGE)
            self.assertNotIn("\x1b", result.stderr)

    def test_update_into_a_file(self):
        """Without a terminal each step is told once, and nothing that is not known."""
        lines = self.install.onward("update", "--yes").stderr.splitlines()
        self.assertEqual(lines.count("Switching to the new version"), 1, lines)
        self.assertFalse([line for line in lines if "of 0 files" in line], lines)

    def test_up_to_date_in_json(self):
        """Scripts are told that nothing is to be done, whichever verb they asked."""
        self.install.onward("update", "--yes")
        for words in (("check",), ("update", "--yes")):
            event, = self.install.onward(*words, "--json", status=NOTHING).events()
            self.assertEqual(event, {"event": "up-to-date", "current": "1.1.0"})

    def test_untrusted_and_missing_repository(self):
        """A repository that was changed is status 5, one that is gone is none of ours."""
        timestamp = self.repository / "metadata/timestamp.json"
        sound = timestamp.read_bytes()
        timestamp.write_bytes(sound.replace(b'"version":3', b'"version":9'))
        self.assertNotEqual(timestamp.read_bytes(), sound)
        event, = self.install.onward("check", "--json", status=UNTRUSTED).events()
        self.assertEqual(event["code"], "untrusted")
        timestamp.unlink()
        self.assertIn("timestamp.json", self.install.onward("check", status=FAILED).stderr)
        timestamp.write_bytes(sound)
        self.assertEqual(self.install.onward("check").stdout, "1.1.0\n")

    def test_no_install(self):
        """Without --install, and not started by a launcher, there is nothing to work on."""
        result = self.run_tool([ONWARD, "status"], status=USAGE)
        self.assertIn("--install", result.stderr)
        (self.install.folder / "onward.ini").write_text("[Application]\nId=x\n", encoding="utf-8")
        self.assertIn("onward.ini", self.install.onward("status", status=FAILED).stderr)


if __name__ == "__main__":
    main()
