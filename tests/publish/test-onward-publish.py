#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""onward-publish as publishers and their scripts meet it: statuses, output, keys, interrupts."""

import json
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "promises"))
from promise import (BUSY, CANCELLED, DONE, FAILED, NOT_PERMITTED, NOTHING, PUBLISH,  # noqa: E402
                     SANITIZED, UNTRUSTED, USAGE, Program, Promise, app, main, make_tree, noise,
                     snapshot, wait_until)

VERBS = ("init", "add", "bundle", "status", "refresh", "withdraw", "rollout",
         "doctor", "rotate", "verify", "serve")
INIT = ("--id", "org.example.App", "--name", "App", "--command", "bin/app")
URL = ("--repository", "https://example.org/app")


class Publisher(Promise):
    """A test with a repository that has one release."""

    def make(self):
        self.init()
        self.tree = self.add("1.0.0", {"data": noise(100_000, 1)})

    def next_tree(self, name="next", **files):
        return make_tree(self.folder / name, {"bin/app": app(name), "data": noise(100_000, 1),
                                              **files})

    def refused(self, status, *arguments, **options):
        """Runs a command that has to fail; returns what it tells people."""
        result = self.run_tool([PUBLISH, *arguments], status=status, **options)
        self.assertTrue(result.stderr.startswith(("onward-publish: ", "Usage: ")), str(result))
        return result.stderr

    def ask_on_terminal(self, typed, *arguments):
        """Runs a command on a terminal of its own where this is typed; returns its status, what was
        shown there, and whether the terminal shows what is typed afterwards."""
        master, slave = pty.openpty()
        process = self.spawn([PUBLISH, *arguments], stdin=slave, stdout=slave, stderr=slave,
                             start_new_session=True)
        shown = b""
        for word in typed:
            while not shown.rstrip(b" ").endswith(b":"):
                shown += os.read(master, 1000)
            shown += b"|"
            # The question is printed before the terminal stops showing what is typed.
            time.sleep(0.2)
            os.write(master, word)
        process.wait(20)
        import termios
        echo = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
        os.set_blocking(master, False)
        try:
            shown += os.read(master, 10000)
        except BlockingIOError:
            pass
        os.close(master)
        os.close(slave)
        return process.returncode, shown.decode(), echo


class Usage(Publisher):
    def test_help_and_version(self):
        """Every verb explains itself, and nothing of it is an error."""
        overview = self.run_tool([PUBLISH, "--help"]).stdout
        for verb in VERBS:
            self.assertIn(f"  {verb} ", overview)
            text = self.run_tool([PUBLISH, verb, "--help"]).stdout
            self.assertIn(f"onward-publish {verb} [OPTION", text)
        self.assertRegex(self.run_tool([PUBLISH, "--version"]).stdout, r"^onward-publish \d+\.\d+")

    def test_help_of_key_verbs(self):
        """Each verb says what it is for, and lists no option of another verb."""
        special = {"--threshold", "--with", "--lost", "--root", "--targets", "--online", "--type",
                   "--no-passphrase", "--output", "--yes", "--no-spare"}
        makes = {"--type", "--no-passphrase"}
        for verb, options in (
                ("list", set()), ("generate", makes), ("show", set()), ("add", {"--threshold"}),
                ("remove", {"--threshold", "--no-spare"}),
                ("replace", {"--with", "--lost"} | makes),
                ("split", {"--threshold", "--root", "--targets", "--online"} | makes),
                ("join", {"--threshold", "--targets"}), ("export", {"--output"}),
                ("sign", {"--yes"}), ("import", set()), ("abort", set())):
            with self.subTest(verb):
                result = self.run_tool([PUBLISH, "key", verb, "--help"])
                found = set(re.findall(r"^  (--[a-z-]+)", result.stdout, re.MULTILINE))
                self.assertEqual(found & special, options)
                self.assertRegex(result.stdout, r"\n\n[A-Z][^\n]{40,}")
                result = self.run_tool([PUBLISH, "key", verb, "--nonsense"], status=USAGE)
                self.assertIn(f"“onward-publish key {verb} --help” tells how", result.stderr)

    def test_what_to_do(self):
        """Who is wrong is told what would be right."""
        self.init()
        for words, status, advice in (
                (("key", "frobnicate", self.repository), USAGE, "no verb “key frobnicate”"),
                (("doctor", self.folder / "nowhere"), FAILED, "onward-publish init"),
                (("key", "generate", "my.pub", "--no-passphrase"), USAGE, "NAME.pem"),
                (("key", "show", "missing.pem"), FAILED, "key generate"),
                (("key", "generate", "new.pem"), NOT_PERMITTED, "of the new key"),
                (("key", "show", "pkcs11:token=none;object=a"), FAILED, "plugged in"),
                (("key", "abort", self.repository), NOTHING, "No change waits"),
                (("refresh", self.repository, "--keys", self.folder), FAILED, "--keys DIR")):
            with self.subTest(words):
                self.assertIn(advice, self.run_tool([PUBLISH, *words], status=status).stderr)

    def test_wrong_usage(self):
        """What is wrong on the command line is status 2, and the message says what."""
        self.make()
        repository = str(self.repository)
        add = ("add", repository, str(self.tree), "--version")
        for words, expected in (
                ((), "Usage"),
                (("frobnicate",), "no verb “frobnicate”"),
                (("\x1b[2J",), "no verb “\\x1b[2J”"),
                (("status",), "Usage: onward-publish status"),
                (("status", repository, "more"), "Usage"),
                (("status", repository, "--frobnicate"), "--frobnicate"),
                (("add", repository, str(self.tree)), "--version"),
                ((*add, "one"), "“one”"),
                ((*add, b"1.0.\xff"), "onward-publish"),
                ((*add, "1.1.0", "--deltas", "x"), "deltas"),
                ((*add, "1.1.0", "--deltas", "-1"), "--deltas"),
                ((*add, "1.1.0", "--severity", "high"), "severity"),
                ((*add, "1.1.0", "--compression", "gzip"), "“gzip”"),
                ((*add, "1.1.0", "--effort", "none"), "“none”"),
                ((*add, "1.1.0", "--minimum", "1.2.0", "--reason", "r"), "--minimum 1.2.0"),
                ((*add, "1.1.0", "--minimum", "1.0.0"), "--reason"),
                (("bundle", repository, *URL, "--output", "x"), "--version"),
                (("bundle", repository, "--version", "1.0.0", "--output", "x"), "--repository"),
                (("bundle", repository, "--version", "1.0.0", *URL), "--output"),
                (("bundle", repository, "--version", "1.0.0", "--repository",
                  "http://example.org", "--output", "x"), "--allow-http"),
                (("serve", repository, "--port", "70000"), "--port"),
                (("serve", repository, "--rate", "fast"), "“fast”")):
            with self.subTest(words=words):
                before = snapshot(self.folder)
                text = self.run_tool([PUBLISH.as_posix().encode(), *words], status=None) \
                    if any(isinstance(word, bytes) for word in words) \
                    else self.run_tool([PUBLISH, *words], status=None)
                self.assertEqual(text.status, USAGE, str(text))
                self.assertIn(expected, text.stderr)
                self.assertEqual(text.stdout, "")
                self.assertEqual(snapshot(self.folder), before)

    def spawn(self, command, **options):
        """Words that are bytes stay what they are."""
        if any(isinstance(word, bytes) for word in command):
            return subprocess.Popen(command, cwd=self.folder, env=self.environment(),
                                    **{k: v for k, v in options.items() if k != "env"})
        return super().spawn(command, **options)

    def test_init_refuses(self):
        """What would make an install that no client takes is refused before anything is made."""
        for words, expected in (
                (("--id", "no-id", *INIT[2:]), "“no-id”"),
                ((*INIT[:2], "--name", "", *INIT[4:]), "Name"),
                ((*INIT[:2], "--name", "A\x1b[2J", *INIT[4:]), "Name"),
                ((*INIT[:4], "--command", "/bin/app"), "“/bin/app”"),
                ((*INIT[:4], "--command", "../app"), "“../app”"),
                ((*INIT[:4], "--command", "bin/current"), "“bin/current”"),
                ((*INIT[:4], "--command", "bin/onward.ini"), "“bin/onward.ini”"),
                ((*INIT, "--icon", "../icon.svg"), "Icon"),
                ((*INIT, "--keys", str(self.repository / "keys")), "keys"),
                ((*INIT, "--keys", str(self.repository)), "keys"),
                (INIT[:4], "--command")):
            with self.subTest(words=words):
                text = self.refused(USAGE, "init", self.repository, *words, "--no-passphrase")
                self.assertIn(expected, text)
                self.assertFalse(self.repository.exists())


class Statuses(Publisher):
    def test_failed(self):
        """What is not there, or there already, is status 1 and says where."""
        self.make()
        self.assertIn("missing", self.refused(FAILED, "status", self.folder / "missing"))
        self.assertIn("onward-publish init", self.refused(FAILED, "status", self.folder))
        self.assertIn("already", self.refused(FAILED, "init", self.repository, *INIT,
                                              "--no-passphrase"))
        self.assertIn("1.0.0", self.refused(FAILED, "add", self.repository, self.tree,
                                            "--version", "1.0.0"))
        self.assertIn("missing", self.refused(FAILED, "add", self.repository, "missing",
                                              "--version", "1.1.0"))
        self.assertIn("1.5.0", self.refused(FAILED, "bundle", self.repository, *URL, "--version",
                                            "1.5.0", "--output", "x"))

    def test_keys_are_never_replaced(self):
        """A second repository with the keys of the first leaves neither half-made."""
        self.make()
        keys = self.folder / "repository.keys"
        before = snapshot(keys)
        other = self.folder / "other"
        self.assertIn("root.pem", self.refused(FAILED, "init", other, *INIT, "--keys", keys,
                                               "--no-passphrase"))
        self.assertEqual(snapshot(keys), before)
        self.assertFalse((other / "publish.ini").exists())
        self.publish("init", other, *INIT, "--no-passphrase")

    def test_untrusted(self):
        """What was changed by somebody else is status 5, and nothing is added to it."""
        self.make()
        target = next((self.repository / "metadata").glob("2.targets.json"))
        data = bytearray(target.read_bytes())
        data[60] ^= 1
        target.write_bytes(data)
        tree = self.next_tree()
        before = snapshot(self.repository)
        for words in (("verify", self.repository), ("status", self.repository),
                      ("add", self.repository, tree, "--version", "1.1.0"),
                      ("bundle", self.repository, *URL, "--version", "1.0.0", "--output", "x")):
            self.refused(UNTRUSTED, *words)
        self.assertEqual(snapshot(self.repository), before)
        self.assertFalse((self.folder / "x").exists())

    def test_damaged_packs(self):
        """verify looks at every release, names each damaged pack, and is status 5."""
        self.make()
        self.publish("add", self.repository, self.next_tree(more="text"), "--version", "1.1.0")
        packs = sorted((self.repository / "packs").glob("*.full"))
        self.assertEqual(len(packs), 2)
        sound = [pack.read_bytes() for pack in packs]
        for damage in (lambda data: data[:-1], lambda data: data + b"x", lambda data: b"",
                       lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:]):
            for pack, data in zip(packs, sound):
                pack.write_bytes(damage(data))
            text = self.refused(UNTRUSTED, "verify", self.repository)
            for pack in packs:
                self.assertIn(pack.name, text)
            self.assertIn("2 of 2", text)
        for pack, data in zip(packs, sound):
            pack.write_bytes(data)
        self.publish("verify", self.repository)
        packs[0].unlink()
        self.assertIn(packs[0].name, self.refused(FAILED, "verify", self.repository))

    def test_busy(self):
        """Two publishers never work on one repository; looking at it is always possible."""
        self.make()
        tree = self.next_tree()
        # What flock(2) takes is held by another process.
        holder = subprocess.Popen(["flock", self.repository, "sleep", "60"])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.terminate)
        wait_until(lambda: subprocess.run(["flock", "-n", self.repository, "true"]).returncode,
                   "the lock is held")
        for words in (("add", self.repository, tree, "--version", "1.1.0"),
                      ("refresh", self.repository)):
            self.assertIn("another publisher", self.refused(BUSY, *words))
        self.publish("status", self.repository)
        self.publish("verify", self.repository)
        self.publish("bundle", self.repository, *URL, "--version", "1.0.0", "--output", "x")

    def test_wrong_passphrase(self):
        """A wrong passphrase, or nobody to ask for it, is status 8."""
        right, wrong = self.folder / "right", self.folder / "wrong"
        right.write_text("correct horse\n", encoding="utf-8")
        wrong.write_text("battery staple\n", encoding="utf-8")
        self.publish("init", self.repository, *INIT, "--passphrase-file", right)
        tree = self.next_tree()
        before = snapshot(self.repository)
        add = ("add", self.repository, tree, "--version", "1.0.0")
        self.assertIn("root.pem", self.refused(NOT_PERMITTED, *add, "--passphrase-file", wrong))
        self.assertIn("--passphrase-file", self.refused(NOT_PERMITTED, *add))
        self.refused(NOT_PERMITTED, "refresh", self.repository, "--passphrase-file", wrong)
        self.refused(NOT_PERMITTED, "init", self.folder / "other", *INIT)
        self.assertEqual(snapshot(self.repository), before)
        self.assertFalse((self.folder / "other").exists())
        self.publish(*add, "--passphrase-file", right)
        self.publish("refresh", self.repository, "--passphrase-file", right)

    def test_no_space(self):
        """A file that may not grow further stands for a full disk: nothing is left behind."""
        self.make()
        tree = self.next_tree(big=noise(3_000_000, 2))
        before = snapshot(self.repository)

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

        result = subprocess.run([PUBLISH, "add", self.repository, tree, "--version", "1.1.0"],
                                preexec_fn=limit, env=self.environment(), capture_output=True)
        self.assertEqual(result.returncode, FAILED, result)
        self.assertEqual(snapshot(self.repository), before)


class Interrupted(Publisher):
    def test_an_addition_that_is_interrupted_leaves_nothing(self):
        """SIGINT and SIGTERM at any moment: status 130 and every file as before, or published."""
        self.make()
        tree = make_tree(self.folder / "next", {
            "bin/app": app("next"), **{f"data-{i}": noise(400_000, i) for i in range(20)}})
        seen = set()
        for number, delay in ((signal.SIGINT, 0.05), (signal.SIGTERM, 0.2), (signal.SIGINT, 0.4)):
            before = snapshot(self.repository)
            process = self.spawn([PUBLISH, "add", self.repository, tree, "--version",
                                  "1.1.0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(delay)
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            seen.add(process.returncode)
            if process.returncode == DONE:
                break
            # Before the watch begins a signal ends the process itself: nothing was begun.
            self.assertIn(process.returncode, (CANCELLED, -number), errors)
            self.assertEqual(snapshot(self.repository), before)
            self.assertFalse((self.folder / ".repository.onward-work").exists())
        self.assertTrue(seen & {CANCELLED, DONE}, seen)
        self.publish("verify", self.repository)

    def test_an_addition_that_is_killed_is_swept_up(self):
        """After kill -9 the next addition works, and leaves no unfinished file."""
        self.make()
        tree = make_tree(self.folder / "next", {
            "bin/app": app("next"), **{f"data-{i}": noise(400_000, i) for i in range(8)}})
        for delay in (0.1, 0.3, 0.6):
            process = self.spawn([PUBLISH, "add", self.repository, tree, "--version", "1.1.0"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(delay)
            process.kill()
            process.communicate()
            self.publish("verify", self.repository)
            self.publish("refresh", self.repository)
        status = self.publish("status", self.repository, "--json").events()
        if not any(event.get("version") == "1.1.0" for event in status):
            self.publish("add", self.repository, tree, "--version", "1.1.0", "--compression",
                         "zstd", "--effort", "fast")
        self.publish("verify", self.repository)
        self.assertEqual([p for p in (self.repository / "packs").iterdir()
                          if p.name.startswith(".")], [])


class Terminal(Publisher):
    def test_passphrase_on_a_terminal(self):
        """It is asked for twice when it is chosen, once when it is used, and never shown."""
        status, shown, echo = self.ask_on_terminal([b"open sesame\n", b"open sesame\n"], "init",
                                                   self.repository, *INIT)
        self.assertEqual(status, DONE, shown)
        self.assertNotIn("sesame", shown)
        self.assertTrue(echo)
        status, shown, echo = self.ask_on_terminal([b"open sesame\n"], "refresh", self.repository)
        self.assertEqual(status, DONE, shown)
        self.assertNotIn("sesame", shown)
        status, shown, echo = self.ask_on_terminal([b"wrong\n"], "refresh", self.repository)
        self.assertEqual(status, NOT_PERMITTED, shown)
        self.assertTrue(echo)

    def test_passphrase_mistyped_or_interrupted(self):
        """What is not typed twice alike makes nothing; Ctrl+C leaves a terminal that shows."""
        for typed, expected in (([b"one\n", b"two\n"], NOT_PERMITTED), ([b"\n", b"\n"],
                                                                        NOT_PERMITTED),
                                ([b"half\x03"], CANCELLED), ([b"one\n", b"\x03"], CANCELLED)):
            status, shown, echo = self.ask_on_terminal(typed, "init", self.repository, *INIT)
            self.assertEqual(status, expected, shown)
            self.assertTrue(echo, shown)
            self.assertFalse(self.repository.exists())


class Reports(Publisher):
    def test_json_lines(self):
        """With --json every line of standard output is one object, whatever names there are."""
        events = self.publish("init", self.repository, *INIT, "--no-passphrase", "--json").events()
        self.assertEqual([e["event"] for e in events], ["made"])
        tree = self.next_tree()
        events = self.publish("add", self.repository, tree, "--version", "1.0.0",
                              "--json").events()
        self.assertEqual([e["event"] for e in events], ["first", "pack", "published"])
        odd = self.next_tree("odd", **{"quote \" \u00e9": "text", "更新 'x": "more"})
        events = self.publish("add", self.repository, odd, "--version", "1.1.0", "--json").events()
        self.assertEqual([e["event"] for e in events if e["event"] not in ("pack", "left-out")],
                         ["change", "change", "change", "changes", "published"])
        self.assertIn("更新 'x", [e.get("path") for e in events])
        self.assertEqual((events[-1]["version"], events[-1]["sequence"]), ("1.1.0", 2))

        events = self.publish("status", self.repository, "--json").events()
        self.assertEqual([e.get("role") or e["version"] for e in events],
                         ["root", "targets", "snapshot", "timestamp", "1.1.0", "1.0.0"])
        events = self.publish("verify", self.repository, "--json").events()
        self.assertEqual([e["event"] for e in events], ["verified", "verified", "all-verified"])
        events = self.publish("refresh", self.repository, "--json").events()
        self.assertEqual(events[0]["version"], 4)
        events = self.publish("bundle", self.repository, *URL, "--version", "1.0.0", "--output",
                              "x", "--json").events()
        self.assertEqual(events, [{"event": "bundled", "version": "1.0.0", "path": "x"}])

    def test_json_errors(self):
        """An error is an object with a stable name, too, and people are told as well."""
        self.make()
        for status, code, words in (
                (USAGE, "usage", ("status", self.repository, "--json", "--frobnicate")),
                (USAGE, "usage", ("add", self.repository, self.tree, "--json")),
                (FAILED, "not-found", ("status", "missing", "--json")),
                (FAILED, "failed", ("add", self.repository, self.tree, "--version", "1.0.0",
                                    "--json"))):
            result = self.run_tool([PUBLISH, *words], status=status)
            self.assertEqual(result.events()[-1]["event"], "error", str(result))
            self.assertEqual(result.events()[-1]["code"], code, str(result))
            self.assertTrue(result.stderr.startswith("onward-publish: "), str(result))

    def test_damaged_in_json(self):
        """verify tells scripts which release is damaged."""
        self.make()
        pack = next((self.repository / "packs").glob("*.full"))
        pack.write_bytes(pack.read_bytes() + b"x")
        result = self.run_tool([PUBLISH, "verify", self.repository, "--json"], status=UNTRUSTED)
        self.assertEqual([e["event"] for e in result.events()], ["damaged", "error"])
        self.assertEqual(result.events()[0]["version"], "1.0.0")
        self.assertEqual(result.events()[0]["code"], "corrupt")

    def test_missing_pack_is_a_warning(self):
        """A release whose pack was deleted costs a delta, and people are told which and why."""
        self.make()
        pack = next((self.repository / "packs").glob("*.full"))
        pack.unlink()
        result = self.publish("add", self.repository, self.next_tree(more="text"), "--version",
                              "1.1.0", "--json")
        self.assertIn("warning: Version 1.0.0", result.stderr)
        self.assertIn(pack.name, result.stderr)
        self.assertIn("without the delta", result.stderr)
        self.assertEqual(result.events()[-1]["event"], "published")

    def test_table_of_changes(self):
        """People see what was added, changed, renamed and deleted, with the sums."""
        self.init()
        self.add("1.0.0", {"same": "same", "old-name": noise(2000, 1), "gone": "gone",
                           "share/text": "one"})
        tree = make_tree(self.folder / "next", {
            "bin/app": app("1.0.0"), "same": "same", "new-name": noise(2000, 1),
            "share/text": "two", "share/new": "new", "tool": Program("#!/bin/sh\n")})
        text = self.publish("add", self.repository, tree, "--version", "1.1.0").stdout
        self.assertIn("Changes since 1.0.0", text)
        for line in (r"changed +3 bytes  share/text", r"renamed +2.0.kB  old-name → new-name",
                     r"deleted +4 bytes  gone", r"added +3 bytes  share/new",
                     r"added +2 files", r"deleted +1 files", r"Full pack ", r"Published 1\.1\.0"):
            self.assertRegex(text, line)


class Memory(Publisher):
    def test_memory_is_bounded(self):
        """verify reads a release in pieces, however large it is."""
        if SANITIZED:
            self.skipTest("the sanitizers' own memory is above the limit")
        self.init()
        self.add("1.0.0", {f"big-{i}": noise(5_000_000, i) for i in range(2)})

        def limit():
            # Room for the program and its libraries, but not for the release.
            resource.setrlimit(resource.RLIMIT_DATA, (8_000_000, 8_000_000))

        result = subprocess.run([PUBLISH, "verify", self.repository], preexec_fn=limit,
                                env=self.environment(), capture_output=True)
        self.assertEqual(result.returncode, DONE, result)


class Modes(Publisher):
    def test_the_web_server_may_read_everything(self):
        """Whatever the umask: everything but the keys is for everybody."""
        before = os.umask(0o077)
        self.addCleanup(os.umask, before)
        self.make()
        self.publish("add", self.repository, self.next_tree(more="text"), "--version", "1.1.0")
        for path in self.repository.rglob("*"):
            mode = path.stat().st_mode & 0o777
            self.assertEqual(mode, 0o755 if path.is_dir() else 0o644, path)
        for path in (self.folder / "repository.keys").iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)


if __name__ == "__main__":
    if shutil.which("flock") is None:
        sys.exit(77)
    main()
