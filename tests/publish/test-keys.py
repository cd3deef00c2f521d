#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Keys and health of a repository as publishers meet them: the doctor, tokens, other kinds of keys,
releases that are taken back, and every document read by another implementation."""

import datetime
import json
import os
import pathlib
import shutil
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "promises"))
from promise import (BUSY, DONE, FAILED, NOT_PERMITTED, NOTHING, PUBLISH,  # noqa: E402
                     UNTRUSTED, USAGE, Promise, app, main, make_tree)

INIT = ("--id", "org.example.App", "--name", "App", "--command", "bin/app")
TOKEN_LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"


class Publisher(Promise):
    def setUp(self):
        super().setUp()
        self.keys = self.folder / "repository.keys"

    def make(self):
        self.init()
        self.add("1.0.0", {})

    def key(self, verb, *arguments, **options):
        return self.publish("key", verb, *arguments, **options)

    def set_setting(self, name, value):
        with open(self.repository / "publish.ini", "a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")


class Doctor(Publisher):
    def examine(self, status):
        """What the doctor finds: {(subject, urgency)} and all that is said."""
        events = self.publish("doctor", self.repository, "--json", status=status).events()
        findings = [event for event in events if event["event"] == "finding"]
        return ({(event["subject"], event["urgency"]) for event in findings},
                " ".join(event["text"] + " " + event.get("advice", "") for event in findings))

    def store_spare(self):
        shutil.move(self.keys / "spare-root.pem", self.folder)

    def test_all_is_well(self):
        """With the spare key in its safe place nothing is to be done, and status 0 says so."""
        self.make()
        found, text = self.examine(FAILED)
        self.assertIn(("keys", "soon"), found)
        self.assertIn("spare", text)
        self.store_spare()
        found, _ = self.examine(DONE)
        self.assertEqual({urgency for _, urgency in found}, {"well"})
        self.assertIn("well", self.publish("doctor", self.repository).stdout)

    def test_what_expires(self):
        """What expires before long is said ahead, with the command that renews it."""
        for role, days, command in (("Root", "10", "rotate"), ("Targets", "20", "refresh"),
                                    ("Snapshot", "20", "refresh"), ("Timestamp", "5", "refresh")):
            with self.subTest(role=role):
                self.setUp()
                self.init()
                self.set_setting(f"{role}Days", days)
                self.add("1.0.0", {})
                if role == "Root":
                    self.publish("rotate", self.repository)
                self.store_spare()
                self.examine(DONE)
                # What was signed for some days is compared with how long it should hold.
                settings = (self.repository / "publish.ini").read_text(encoding="utf-8")
                (self.repository / "publish.ini").write_text(
                    settings.replace(f"{role}Days={days}\n", ""), encoding="utf-8")
                found, text = self.examine(FAILED)
                self.assertIn((role.lower(), "soon"), found)
                self.assertIn(command, text)
                self.publish(command, self.repository)
                self.examine(DONE)

    def test_refresh_renews_the_root(self):
        """A root that expires soon is renewed by refresh where its key is, and missed with a
        warning elsewhere."""
        self.init()
        self.set_setting("RootDays", "10")
        self.publish("rotate", self.repository)
        settings = (self.repository / "publish.ini").read_text(encoding="utf-8")
        (self.repository / "publish.ini").write_text(settings.replace("RootDays=10\n", ""),
                                                     encoding="utf-8")
        online = self.folder / "online"
        online.mkdir()
        shutil.copy(self.keys / "online.pem", online)
        result = self.publish("refresh", self.repository, "--keys", online)
        self.assertIn("root expires soon", result.stderr)
        self.assertFalse((self.repository / "metadata/3.root.json").exists())
        self.publish("refresh", self.repository)
        self.assertTrue((self.repository / "metadata/3.root.json").exists())
        self.publish("verify", self.repository)

    def test_keys_that_others_can_read(self):
        """Keys that somebody else could take are said before anything else happens."""
        self.make()
        self.store_spare()
        (self.keys / "root.pem").chmod(0o644)
        self.assertIn(("keys", "now"), self.examine(FAILED)[0])
        (self.keys / "root.pem").chmod(0o600)
        self.keys.chmod(0o755)
        self.assertIn(("keys", "now"), self.examine(FAILED)[0])
        self.keys.chmod(0o700)
        shutil.move(self.keys, self.repository / "inside")
        os.symlink(self.repository / "inside", self.keys)
        self.assertIn("inside what is published", self.examine(FAILED)[1])

    def test_what_waits(self):
        """A change that waits is not forgotten, and no second one is begun beside it."""
        self.make()
        for name in ("root.pem", "spare-root.pem"):
            shutil.move(self.keys / name, self.folder)
        self.publish("rotate", self.repository)
        self.assertIn(("waiting", "soon"), self.examine(FAILED)[0])
        self.publish("rotate", self.repository, status=BUSY)
        self.key("abort", self.repository)
        self.examine(DONE)

    def test_damage(self):
        """What clients would refuse is said last, whatever else there is."""
        self.make()
        self.store_spare()
        (self.repository / "metadata/timestamp.json").write_text("{}", encoding="utf-8")
        found, _ = self.examine(FAILED)
        self.assertIn(("timestamp", "now"), found)
        self.assertIn(("clients", "now"), found)


class Keys(Publisher):
    def test_init_through_a_link(self):
        """Keys never lie in what is published, whatever links lead there."""
        self.repository.mkdir()
        os.symlink(self.repository, self.folder / "link")
        for keys in (self.folder / "link/keys", self.folder / "link",
                     self.folder / "link/../repository/keys"):
            result = self.publish("init", self.repository, *INIT, "--keys", keys,
                                  "--no-passphrase", status=USAGE)
            self.assertIn("published", result.stderr)
        result = self.publish("init", self.folder / "link", *INIT, "--keys",
                              self.repository / "keys", "--no-passphrase", status=USAGE)
        self.assertEqual(list(self.repository.iterdir()), [])

    def test_kinds_of_keys(self):
        """Root, releases and timestamps may be signed by RSA and ECDSA keys, too."""
        self.make()
        install = self.bundle("1.0.0", self.repository.as_uri())
        self.key("replace", self.repository, "root", "--type", "ecdsa")
        self.key("replace", self.repository, "online", "--type", "rsa")
        self.add("1.1.0", {})
        install.onward("update", "--yes")
        self.assertEqual(install.current(), "1.1.0")

    def test_passphrase(self):
        """New keys are encrypted like the others; a descriptor serves as well as a file."""
        secret = self.folder / "secret"
        secret.write_text("correct horse\n", encoding="utf-8")
        self.publish("init", self.repository, *INIT, "--passphrase-file", secret)
        self.key("replace", self.repository, "online", status=NOT_PERMITTED)
        self.assertEqual(sorted(self.keys.glob("online-*")), [])
        self.key("replace", self.repository, "online", "--passphrase-fd", "0",
                 stdin=b"correct horse\n")
        for path in self.keys.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
            if path.suffix == ".pem":
                self.assertIn("ENCRYPTED", path.read_text(encoding="utf-8"))
        self.publish("refresh", self.repository, "--passphrase-file", secret)

    def test_refusals(self):
        """What would leave a repository that nobody can sign, or is no key, changes nothing."""
        self.make()
        before = sorted(path.name for path in self.keys.iterdir())
        version = (self.repository / "metadata/timestamp.json").read_bytes()
        no_key = self.folder / "no.pub"
        no_key.write_text("{}", encoding="utf-8")
        for words, status, expected in (
                (("remove", self.repository, "targets", "root"), FAILED, "targets would have 0"),
                (("remove", self.repository, "online", "root"), FAILED, "does not sign"),
                (("remove", self.repository, "root", "nobody"), FAILED, "“nobody”"),
                (("remove", self.repository, "root", "spare-root"), FAILED, "--no-spare"),
                (("add", self.repository, "root", no_key), FAILED, "no.pub"),
                (("add", self.repository, "root", "missing"), FAILED, "“missing”"),
                (("add", self.repository, "king", no_key), USAGE, "“king”"),
                (("add", self.repository, "targets", "spare-root", "--threshold", "2"), USAGE,
                 "--threshold"),
                (("add", self.repository, "root", "root"), FAILED, "already"),
                (("replace", self.repository, "root-key"), FAILED, "“root-key”"),
                (("join", self.repository), FAILED, "already"),
                (("split", self.repository, "--threshold", "3"), FAILED, "root would have 2"),
                (("split", self.repository, "--type", "dsa"), USAGE, "“dsa”"),
                (("generate", self.keys / "root.pem", "--no-passphrase"), FAILED, "never replaced"),
                (("import", self.repository, no_key), FAILED, "next-root.json"),
                (("frobnicate",), USAGE, "Usage"),
                ((), USAGE, "Usage")):
            with self.subTest(words=words):
                result = self.run_tool([PUBLISH, "key", *words], status=status)
                self.assertIn(expected, result.stderr)
                self.assertEqual(sorted(path.name for path in self.keys.iterdir()), before)
        self.assertEqual((self.repository / "metadata/timestamp.json").read_bytes(), version)

    def test_last_spare_goes_with_consent_only(self):
        """A spare among three goes as asked for; the last one when that is said to be meant."""
        self.make()
        self.key("generate", self.folder / "third.pem", "--no-passphrase")
        self.key("add", self.repository, "root", self.folder / "third.pub")
        self.key("remove", self.repository, "root", "third")
        self.key("remove", self.repository, "root", "spare-root", status=FAILED)
        self.key("remove", self.repository, "root", "spare-root", "--threshold", "2", status=FAILED)
        self.key("remove", self.repository, "root", "spare-root", "--no-spare")
        self.publish("verify", self.repository)

    def test_a_pin_is_never_an_argument(self):
        """A PIN in the URI of a token's key is refused, and not repeated."""
        self.make()
        result = self.key("add", self.repository, "targets", "pkcs11:token=T;pin-value=98765",
                          status=NOT_PERMITTED)
        self.assertNotIn("98765", result.stderr + result.stdout)
        (self.keys / "token.uri").write_text("pkcs11:token=T?pin-value=98765\n", encoding="utf-8")
        self.publish("refresh", self.repository, status=NOT_PERMITTED)

    def test_public_parts_are_never_replaced(self):
        """What somebody handed on stays when a key is made under the same name."""
        handed = self.folder / "maria.pub"
        handed.write_text("{}", encoding="utf-8")
        self.key("generate", self.folder / "maria.pem", "--no-passphrase", status=FAILED)
        self.assertEqual(handed.read_text(encoding="utf-8"), "{}")
        self.assertFalse((self.folder / "maria.pem").exists())

    def test_a_passphrase_is_one_line(self):
        """From a descriptor only the passphrase is read, not what others find behind it."""
        read, write = os.pipe()
        os.write(write, b"open sesame\r\nfor others\n")
        os.close(write)
        try:
            self.publish("key", "generate", self.folder / "one.pem", "--passphrase-fd", str(read),
                         pass_fds=[read])
            self.assertEqual(os.read(read, 100), b"for others\n")
        finally:
            os.close(read)
        self.assertIn("ENCRYPTED", (self.folder / "one.pem").read_text(encoding="utf-8"))
        phrase = self.folder / "phrase"
        phrase.write_text("open sesame", encoding="utf-8")
        self.key("replace", self.init_with(phrase), "online", "--passphrase-file", phrase)

    def init_with(self, phrase):
        """A repository whose keys a passphrase unlocks."""
        self.publish("init", self.repository, *INIT, "--passphrase-file", phrase)
        return self.repository

    def test_refresh_while_a_root_waits(self):
        """A root that waits for signatures keeps nobody from the timestamp, though the root in
        force expires soon."""
        self.init()
        self.set_setting("RootDays", "10")
        self.publish("rotate", self.repository)
        settings = self.repository / "publish.ini"
        settings.write_text(settings.read_text(encoding="utf-8").replace("RootDays=10\n", ""),
                            encoding="utf-8")
        self.add_absent_keys()
        result = self.publish("refresh", self.repository)
        self.assertIn("expires soon", result.stderr)
        self.publish("verify", self.repository)

    def add_absent_keys(self):
        """Asks for the signatures of three root keys, of which two are elsewhere."""
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        shutil.move(self.keys / "spare-root.pem", elsewhere)
        self.key("generate", elsewhere / "other.pem", "--no-passphrase")
        shutil.move(elsewhere / "other.pub", self.folder)
        self.key("add", self.repository, "root", self.folder / "other.pub", "--threshold", "3")

    def test_a_request_that_came_too_late(self):
        """Signatures of a root that another one overtook are refused with the reason."""
        self.make()
        self.add_absent_keys()
        request = self.keys / "next-root.json"
        late = request.read_bytes()
        self.key("abort", self.repository)
        self.key("replace", self.repository, "online")
        request.write_bytes(late)
        result = self.key("import", self.repository, request, status=FAILED)
        self.assertIn("there already", result.stderr)
        self.publish("verify", self.repository)

    def test_signers_see_every_key(self):
        """Who signs a root is shown all keys that sign from then on, whatever the request says was
        there before."""
        self.make()
        self.add_absent_keys()
        request = self.folder / "request"
        result = self.key("export", self.repository, "--output", request)
        keys = json.loads(request.read_text(encoding="utf-8"))["next-root"]["signed"]["keys"]
        self.assertEqual(len(keys), 4)
        for identity in keys:
            self.assertIn(identity[:8], result.stdout)

    def test_a_change_that_was_cut_off(self):
        """A change that was killed before its timestamp was written is made again."""
        self.make()
        timestamp = (self.repository / "metadata/timestamp.json").read_bytes()
        for words in (("online",), ("root", "--lost"), ("root",)):
            self.key("replace", self.repository, *words)
            (self.repository / "metadata/timestamp.json").write_bytes(timestamp)
            self.publish("doctor", self.repository, status=FAILED)
            self.key("replace", self.repository, *words)
            self.publish("verify", self.repository)
            timestamp = (self.repository / "metadata/timestamp.json").read_bytes()

    def test_co_maintainers_go_on(self):
        """Who signs releases besides the root key signs them after a split, too, and a key's
        successors are known by its name."""
        self.make()
        maria = self.folder / "maria"
        self.key("generate", f"{maria}.pem", "--no-passphrase")
        self.key("add", self.repository, "targets", f"{maria}.pub")
        for _ in range(2):
            self.key("replace", self.repository, "root")
        result = self.key("export", self.repository, "--output", "request", status=FAILED)
        self.assertIn("waits for signatures", result.stderr)
        self.key("split", self.repository)
        for path in self.keys.glob("targets-*.pem"):
            path.unlink()
        tree = make_tree(self.folder / "next", {"bin/app": app("1.1.0")})
        self.publish("add", self.repository, tree, "--version", "1.1.0",
                     "--key", f"{maria}.pem")
        self.publish("verify", self.repository)

    def test_first_installs_have_the_newest_root(self):
        """Who installs after a key was replaced cannot be led back below that with old metadata."""
        self.make()
        self.key("replace", self.repository, "root", "--lost")
        old = self.folder / "old"
        shutil.copytree(self.repository, old)
        self.add("2.0.0", {})
        install = self.bundle("2.0.0", old.as_uri())
        self.assertEqual(install.onward("check", status=None).status, NOTHING)


class Token(Publisher):
    """Keys in a token, reached by PKCS#11: SoftHSM, in a folder of the test's own."""

    PIN = b"1234"

    def setUp(self):
        super().setUp()
        if not os.path.exists(TOKEN_LIBRARY) or shutil.which("softhsm2-util") is None:
            self.skipTest("softhsm2 is not installed")
        (self.folder / "tokens").mkdir()
        (self.folder / "softhsm2.conf").write_text(
            f"directories.tokendir = {self.folder / 'tokens'}\nobjectstore.backend = file\n",
            encoding="utf-8")
        self.run_tool(["softhsm2-util", "--init-token", "--free", "--label", "onward", "--pin",
                       "1234", "--so-pin", "5678"])

    def environment(self, **variables):
        return super().environment(SOFTHSM2_CONF=str(self.folder / "softhsm2.conf"), **variables)

    def import_key(self, label, identity, kind):
        self.key("generate", self.folder / f"{label}.pem", "--no-passphrase", "--type", kind)
        self.run_tool(["softhsm2-util", "--import", self.folder / f"{label}.pem", "--token",
                       "onward", "--label", label, "--id", identity, "--pin", "1234"])
        (self.folder / f"{label}.pem").unlink()
        (self.folder / f"{label}.pub").unlink()
        return f"pkcs11:token=onward;object={label};type=private"

    def test_releases_signed_by_a_token(self):
        """Split keys with those of targets and of root in a token: releases, and a new root, are
        signed there, and clients notice nothing."""
        self.make()
        install = self.bundle("1.0.0", self.repository.as_uri())
        targets = self.import_key("targets", "01", "ecdsa")
        root = self.import_key("root", "02", "rsa")
        pin = ("--passphrase-fd", "0")
        self.key("split", self.repository, "--targets", targets, "--root", root, *pin,
                 stdin=self.PIN)
        self.assertEqual(len(list(self.keys.glob("*.uri"))), 2)
        tree = make_tree(self.tree("1.1.0"), {"bin/app": app("1.1.0")})
        add = ("add", self.repository, tree, "--version", "1.1.0")
        self.publish(*add, *pin, stdin=b"9999", status=NOT_PERMITTED)
        self.publish(*add, *pin, stdin=self.PIN)
        for name in ("root.pem", "spare-root.pem"):
            (self.keys / name).unlink()
        self.publish("rotate", self.repository, *pin, stdin=self.PIN)
        self.publish("verify", self.repository)
        install.onward("update", "--yes")
        self.assertEqual(install.current(), "1.1.0")

    def test_a_key_that_is_not_there(self):
        """A token that lacks the key says which one, and nothing changes."""
        self.make()
        result = self.key("add", self.repository, "targets",
                          "pkcs11:token=onward;object=nothing;type=private", "--passphrase-fd",
                          "0", stdin=self.PIN, status=FAILED)
        self.assertIn("object=nothing", result.stderr)
        self.publish("verify", self.repository)

    def test_public_part_of_a_token_key(self):
        """A maintainer with a token hands on the public part, and signs with the token."""
        self.make()
        uri = self.import_key("maria", "03", "ecdsa")
        public = self.folder / "maria.pub"
        public.write_text(self.key("show", uri, "--passphrase-fd", "0", stdin=self.PIN).stdout,
                          encoding="utf-8")
        self.key("add", self.repository, "targets", public)
        (self.keys / "root.pem").unlink()
        tree = make_tree(self.tree("1.1.0"), {"bin/app": app("1.1.0")})
        self.publish("add", self.repository, tree, "--version", "1.1.0", "--key", uri,
                     "--passphrase-fd", "0", stdin=self.PIN)
        self.publish("verify", self.repository)


class Releases(Publisher):
    def test_withdraw(self):
        """Who has a withdrawn release is led back, nobody else is offered it, and it can be
        offered again."""
        self.make()
        self.add("1.1.0", {})
        ahead = self.bundle("1.1.0", self.repository.as_uri(), name="ahead")
        behind = self.bundle("1.0.0", self.repository.as_uri(), name="behind")
        self.publish("withdraw", self.repository, "--version", "1.1.0")
        self.assertEqual(behind.onward("check", status=None).status, NOTHING)
        ahead.onward("update", "--yes")
        self.assertEqual(ahead.current(), "1.0.0")
        self.publish("withdraw", self.repository, "--version", "1.1.0", "--undo")
        behind.onward("update", "--yes")
        self.assertEqual(behind.current(), "1.1.0")
        result = self.publish("withdraw", self.repository, "--version", "9.0.0", status=FAILED)
        self.assertIn("9.0.0", result.stderr)
        self.publish("verify", self.repository)

    def test_rollout(self):
        """A release that is rolled out says so in what is signed, until everybody may have it."""
        self.make()

        def rollout():
            metadata = self.repository / "metadata"
            newest = max(metadata.glob("*.targets.json"), key=lambda p: int(p.name.split(".")[0]))
            target, = json.loads(newest.read_bytes())["signed"]["targets"].values()
            return target["custom"]["onward"].get("rollout")

        words = ("rollout", self.repository, "--version", "1.0.0")
        self.publish(*words, "--days", "7", "--start", "2026-02-03")
        self.assertEqual(rollout(), {"start": "2026-02-03", "days": 7})
        self.publish(*words, "--days", "0")
        self.assertIsNone(rollout())
        self.publish(*words, "--days", "-1", status=USAGE)
        self.publish(*words, status=USAGE)
        self.publish(*words, "--days", "7", "--start", "soon", status=FAILED)
        self.publish("verify", self.repository)

    def simulate(self, *options, version="1.0.0", status=DONE):
        """What a client would be offered: {version: why} of every release it looks at."""
        events = self.publish("simulate", self.repository, "--version", version, *options,
                              "--json", status=status).events()
        return {event["version"]: event["why"] for event in events}

    def test_simulate(self):
        """What a client would be offered is told beforehand, with the reason for each release, and
        real clients are offered the same."""
        self.make()
        self.add("1.1.0", {})
        self.add("1.2.0", {}, "--channel", "beta")
        install = self.bundle("1.0.0", self.repository.as_uri())
        stable = {"1.1.0": "offered", "1.0.0": "installed"}
        self.assertEqual(self.simulate(), stable)
        self.assertEqual(install.onward("check", status=None).status, DONE)
        self.assertEqual(self.simulate("--channel", "beta"),
                         {"1.2.0": "offered", "1.1.0": "offered, after that",
                          "1.0.0": "installed"})
        self.assertEqual(self.simulate(version="1.1.0", status=NOTHING)["1.0.0"],
                         "not newer than the installed one")

        self.publish("rollout", self.repository, "--version", "1.1.0", "--days", "10",
                     "--start", self.day(1))
        self.assertEqual(self.simulate("--bucket", "100", status=NOTHING)["1.1.0"],
                         f"rolled out, here from {self.day(11)}T00:00:00Z on")
        self.assertEqual(self.simulate("--bucket", "50", "--date", self.day(6)), stable)
        self.simulate("--bucket", "50", "--date", self.day(5), status=NOTHING)
        self.assertEqual(self.simulate(), stable)

        self.publish("withdraw", self.repository, "--version", "1.1.0")
        self.assertEqual(self.simulate(status=NOTHING)["1.1.0"], "withdrawn")
        self.assertEqual(install.onward("check", status=None).status, NOTHING)
        self.assertEqual(self.simulate(version="1.1.0"),
                         {"1.1.0": "installed, and withdrawn", "1.0.0": "offered"})

    def test_simulate_refuses(self):
        """A client that trusts nothing any more is offered nothing, and nonsense is refused."""
        self.make()
        words = ("simulate", self.repository, "--version", "1.0.0")
        self.publish(*words, "--date", self.day(4000), status=UNTRUSTED)
        self.publish(*words, "--date", "soon", status=USAGE)
        self.publish(*words, "--bucket", "101", status=USAGE)
        self.publish("simulate", self.repository, status=USAGE)
        self.publish("simulate", self.repository, "--version", "\x1b[31m", status=USAGE)

    @staticmethod
    def day(days):
        """The date in some days' time."""
        then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        return then.strftime("%Y-%m-%d")


class Interoperability(Publisher):
    def test_every_document_verifies_elsewhere(self):
        """What is published is read, and its signatures verified over canonical JSON, by an
        implementation that shares nothing with ours."""
        try:
            from securesystemslib import formats, keys
        except ImportError:
            self.skipTest("python3-securesystemslib is not installed")
        self.make()
        self.key("replace", self.repository, "online", "--type", "ecdsa")
        self.key("split", self.repository, "--type", "rsa")
        self.add("1.1.0", {"Grüße \" \\ 更新": "text"}, "--channel", "beta")
        self.publish("rotate", self.repository)
        self.publish("refresh", self.repository)
        paths = sorted((self.repository / "metadata").glob("*.json"))
        known, verified = {}, 0
        for path in paths:
            content = json.loads(path.read_bytes())["signed"]
            if content["_type"] == "root":
                known.update(content["keys"])
        for path in paths:
            document = json.loads(path.read_bytes())
            data = formats.encode_canonical(document["signed"]).encode()
            self.assertTrue(document["signatures"], path)
            for signature in document["signatures"]:
                key = {**known[signature["keyid"]], "keyid": signature["keyid"]}
                self.assertTrue(keys.verify_signature(key, signature, data), path)
                self.assertFalse(keys.verify_signature(key, signature, data + b" "), path)
                verified += 1
        self.assertGreater(verified, 12)


if __name__ == "__main__":
    main()
