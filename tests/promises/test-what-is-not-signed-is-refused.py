#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever the server hands out that the publisher did not sign is refused: the old version still
starts, nothing of it is remembered, and the honest server is believed at once."""

import json
import os
import shutil

import promise
from promise import BLOCK, NETWORK, NOTHING, UNTRUSTED, noise, snapshot

TRIES = ("--retries", "2")
FAST = {"ONWARD_TEST_BACKOFF_MS": "1"}


def newest(folder, pattern):
    """The file that was published last of those that match."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns)


def edit(pattern, change):
    """Changes the signed part of a document, as one without the keys can."""
    def tamper(folder):
        path = newest(folder, pattern)
        document = json.loads(path.read_text())
        change(document["signed"])
        path.write_text(json.dumps(document))
    return tamper


def edit_raw(pattern, change):
    def tamper(folder):
        path = newest(folder, pattern)
        path.write_bytes(change(path.read_bytes()))
    return tamper


def flip(data, where):
    return data[:where] + bytes([data[where] ^ 1]) + data[where + 1:]


def replace_by_older(pattern):
    """Hands out what was signed once, in the place of what is signed now."""
    def tamper(folder):
        *_, before, path = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns)
        shutil.copyfile(before, path)
    return tamper


def change_targets(signed):
    for target in signed["targets"].values():
        target["custom"]["onward"]["severity"] = "forced"


TIMESTAMP, SNAPSHOT, TARGETS = "metadata/timestamp.json", "metadata/*.snapshot.json", \
    "metadata/*.targets.json"
RELEASE, PACK = "targets/releases/*/*/*.json", "packs/*.full"

METADATA = {
    "a timestamp with another version": edit(TIMESTAMP, lambda s: s.update(version=99)),
    "a timestamp that expires later": edit(TIMESTAMP, lambda s: s.update(expires=
                                                                         "2999-01-01T00:00:00Z")),
    "a timestamp of another type": edit(TIMESTAMP, lambda s: s.update(_type="snapshot")),
    "a timestamp without signatures": edit_raw(TIMESTAMP, lambda data: json.dumps(
        {**json.loads(data), "signatures": []}).encode()),
    "a timestamp with a member more": edit(TIMESTAMP, lambda s: s.update(more=1)),
    "a snapshot with another version": edit(SNAPSHOT, lambda s: s.update(version=99)),
    "a snapshot of before": replace_by_older(SNAPSHOT),
    "a snapshot with a space more": edit_raw(SNAPSHOT, lambda data: data + b" "),
    "targets that force the update": edit(TARGETS, change_targets),
    "targets of before": replace_by_older(TARGETS),
    "targets with a bit changed": edit_raw(TARGETS, lambda data: flip(data, len(data) // 2)),
    "a timestamp in the place of the snapshot": lambda folder: shutil.copyfile(
        folder / TIMESTAMP, newest(folder, SNAPSHOT)),
}
CONTENT = {
    "a release document with a bit changed": edit_raw(RELEASE, lambda data: flip(data, 40)),
    "the release document of before": replace_by_older(RELEASE),
    "a pack with a bit of its head changed": edit_raw(PACK, lambda data: flip(data, 30)),
    "a pack with its last bit changed": edit_raw(PACK, lambda data: flip(data, len(data) - 1)),
    "a pack that is cut short": edit_raw(PACK, lambda data: data[:-1000]),
    "a pack of which a third is left": edit_raw(PACK, lambda data: data[:BLOCK]),
    "a pack with something appended": edit_raw(PACK, lambda data: data + b"more"),
    "a pack with a block changed": edit_raw(
        PACK, lambda data: data[:BLOCK] + bytes(BLOCK) + data[2 * BLOCK:]),
    "the pack of before": replace_by_older(PACK),
}


class Refused(promise.Promise):
    """Version 1.0.0 is installed and has asked before; then 1.1.0 is published. What is served is
    a copy that can be tampered with."""

    def setUp(self):
        super().setUp()
        self.before = self.folder / "before"
        self.www = self.folder / "www"
        self.in_common(self.make_versions)
        self.www.mkdir()
        self.hand_out(self.before)
        self.server = self.serve(self.www)
        self.install = self.bundle("1.0.0", self.server.url)
        self.install.onward("check", status=NOTHING)

    def make_versions(self):
        self.init()
        self.add("1.0.0", {"lib/big.bin": noise(BLOCK, "old")}, "--deltas", "0")
        shutil.copytree(self.repository, self.before)
        self.add("1.1.0", {"lib/big.bin": noise(3 * BLOCK, "new")}, "--deltas", "0")

    def hand_out(self, folder, tamper=None):
        for path in self.www.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        shutil.copytree(folder, self.www, dirs_exist_ok=True)
        if tamper:
            tamper(self.www)

    def assert_refused(self, install, verb="check", status=UNTRUSTED):
        options = ("--yes", *TRIES) if verb == "update" else ()
        result = install.onward(verb, *options, status=status, env=FAST)
        self.assertNotEqual(result.stderr, "")
        self.assertEqual(result.stdout, "")
        self.assertEqual(install.versions(), ["1.0.0"])
        self.assert_runs(install, "1.0.0")
        self.assertLessEqual(set(install.strays()), {"var/staging/1.1.0"})
        self.assertLessEqual(self.staged(install), self.published(),
                             "only what the publisher signed is ever unpacked")
        self.assertLessEqual({facts[-1] for facts in install.trust().values()}, self.signed(),
                             "only what the publisher signed is ever stored")
        return result

    @staticmethod
    def staged(install):
        """The digests of what the next update finds complete."""
        return {facts[-1] for facts in snapshot(install.folder / "var/staging").values()
                if facts[0] == "file"}

    def published(self):
        return {facts[-1] for facts in snapshot(self.tree("1.1.0")).values()}

    def signed(self):
        """The digests of all metadata that the publisher ever handed out."""
        return {promise.digest(path) for folder in (self.before, self.repository)
                for path in (folder / "metadata").iterdir()}

    def assert_honest_is_believed(self, install):
        self.hand_out(self.repository)
        install.onward("update", "--yes")
        self.assert_runs(install, "1.1.0")
        self.assert_is_version(install, "1.1.0")
        self.assertEqual(install.strays(), [])

    def try_each(self, tamperings, verb, **options):
        for number, (what, tamper) in enumerate(tamperings.items()):
            with self.subTest(what):
                install = self.install.copy(f"copy-{number}")
                self.hand_out(self.repository, tamper)
                self.assert_refused(install, verb, **options)
                self.assert_honest_is_believed(install)

    def test_tampered_metadata(self):
        self.try_each(METADATA, "check")

    def test_tampered_metadata_at_the_very_first_check(self):
        shutil.rmtree(self.install.folder / "var/trust")
        (self.install.folder / "var/state.ini").unlink()
        (self.install.folder / "var/trust").mkdir()
        self.try_each(METADATA, "check")

    def test_tampered_content(self):
        self.try_each(CONTENT, "update")

    def test_tampered_content_ends_an_update_that_would_wait_for_ever(self):
        for what in ("a pack that is cut short", "a pack with a block changed"):
            with self.subTest(what):
                self.hand_out(self.repository, CONTENT[what])
                self.install.onward("update", "--yes", status=UNTRUSTED, env=FAST)

    def test_content_that_is_missing(self):
        self.hand_out(self.repository, lambda folder: newest(folder, PACK).unlink())
        result = self.install.onward("update", "--yes", *TRIES, status=None, env=FAST)
        self.assertIn(result.status, (promise.FAILED, NETWORK), str(result))
        self.assert_runs(self.install, "1.0.0")
        self.assert_honest_is_believed(self.install)

    def test_another_publisher(self):
        other = self.folder / "other"
        self.init(other)
        self.publish("add", other, self.folder / "trees/1.0.0", "--version", "1.0.0")
        self.publish("add", other, self.folder / "trees/1.1.0", "--version", "7.0.0")
        self.hand_out(other)
        self.assert_refused(self.install)
        self.assert_refused(self.install, "update")
        self.assert_honest_is_believed(self.install)

    def test_another_publishers_root_in_the_chain(self):
        other = self.folder / "other"
        self.init(other)
        root = json.loads((other / "metadata/1.root.json").read_text())
        root["signed"]["version"] = 2
        self.hand_out(self.repository, lambda folder: (folder / "metadata/2.root.json").write_text(
            json.dumps(root)))
        self.assert_refused(self.install)
        self.assert_honest_is_believed(self.install)

    def test_a_repository_rolled_back_to_before(self):
        self.hand_out(self.repository)
        self.install.onward("check")
        self.hand_out(self.before)
        result = self.assert_refused(self.install)
        self.assertRegex(result.stderr, "older|version")
        self.assert_refused(self.install, "update")
        self.assert_honest_is_believed(self.install)

    def test_what_is_no_metadata_at_all(self):
        # A portal's page, an empty answer or a server's nonsense need not be an attack: any failure
        # will do.
        for number, data in enumerate((b"<html>Please sign in</html>", b"", b"[" * 100_000,
                                       b"{}", noise(20_000_000, "endless"))):
            with self.subTest(number=number):
                install = self.install.copy(f"copy-{number}")
                self.hand_out(self.repository, lambda folder, data=data:
                              (folder / TIMESTAMP).write_bytes(data))
                result = self.assert_refused(install, status=None)
                self.assertIn(result.status, (promise.FAILED, NETWORK, UNTRUSTED), str(result))
                self.assertNotIn("\x1b", result.stderr)
                self.assert_honest_is_believed(install)

    def test_what_was_tampered_with_on_the_disk(self):
        self.hand_out(self.repository)
        self.install.onward("check")
        targets = self.install.folder / "var/trust/targets.json"
        document = json.loads(targets.read_text())
        change_targets(document["signed"])
        targets.write_text(json.dumps(document))
        event = self.install.onward("check", "--json").events()[-1]
        self.assertFalse(event["forced"], "what is stored is verified again before it is believed")
        os.unlink(targets)
        self.assert_honest_is_believed(self.install)


if __name__ == "__main__":
    promise.main()
