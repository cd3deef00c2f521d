#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever happens to a publisher's keys, one command mends it, and every client follows by itself.

Real publishers, real thieves and real clients: a thief works on a copy of the repository with a
copy of the keys, and the web server hands out what the thief made until the publisher is back.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from promise import (BUSY, DONE, FAILED, NOTHING, PUBLISH, UNTRUSTED, Promise,  # noqa: E402
                     Running, app, main, make_tree, noise)


class Keys(Promise):
    """A published version, a second one to come, and clients that have the first."""

    def setUp(self):
        super().setUp()
        self.keys = self.folder / "repository.keys"
        self.web = self.folder / "web"
        self.in_common(self.make_first)

    def make_first(self):
        self.init()
        self.add("1.0.0", {"data": noise(20_000, 1)})
        self.upload()

    def upload(self, repository=None):
        """Hands a repository out: all of it, as it is now."""
        shutil.rmtree(self.web, ignore_errors=True)
        shutil.copytree(repository or self.repository, self.web)

    def install(self, name="install"):
        return self.bundle("1.0.0", self.web.as_uri(), name=name)

    def key(self, verb, *arguments, status=DONE):
        return self.publish("key", verb, *arguments, status=status)

    def steal(self):
        """A thief's copy of the repository and of all keys; returns how the thief publishes."""
        thief = self.folder / "thief"
        shutil.copytree(self.repository, thief)
        shutil.copytree(self.keys, self.folder / "loot")
        return thief, ("--keys", self.folder / "loot")

    def assert_updates(self, install, version):
        install.onward("update", "--yes")
        self.assertEqual(install.current(), version)
        self.assert_runs(install, version)

    def check_status(self, install):
        return install.onward("check", status=None).status

    def names(self, pattern):
        return sorted(path.name for path in self.keys.glob(pattern))


class PutBack(Keys):
    def test_what_removed_keys_signed_is_signed_by_no_other(self):
        """Who has the former keys, and may write to the server, can put their documents back, as if
        the change of the keys had been cut off: the publisher's next refresh signs nothing."""
        thief, keys = self.steal()
        self.publish("add", thief, self.tree("1.0.0"), "--version", "6.6.6", *keys)
        self.key("replace", self.repository, "root")
        root = self.repository / "metadata/2.root.json"
        signed = root.read_bytes()
        shutil.rmtree(self.repository / "metadata")
        shutil.copytree(thief / "metadata", self.repository / "metadata")
        root.write_bytes(signed)
        files = sorted((self.repository / "metadata").iterdir())
        result = self.publish("refresh", self.repository, status=UNTRUSTED)
        self.assertIn("taken away", result.stderr)
        self.assertEqual(sorted((self.repository / "metadata").iterdir()), files)


class Lost(Keys):
    def test_lost_online_key(self):
        """A lost online key is replaced by one command; nobody is asked to do anything."""
        install = self.install()
        (self.keys / "online.pem").unlink()
        self.publish("refresh", self.repository, status=FAILED)
        self.key("replace", self.repository, "online")
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        self.assert_updates(install, "1.1.0")

    def test_lost_root_with_spare(self):
        """With the spare root key from its safe place a lost root key is replaced, and the new one
        signs releases."""
        install = self.install()
        safe = self.folder / "safe"
        safe.mkdir()
        shutil.move(self.keys / "spare-root.pem", safe)
        (self.keys / "root.pem").unlink()
        self.publish("add", self.repository, self.tree("1.0.0"), "--version", "1.1.0",
                     status=FAILED)
        self.key("replace", self.repository, "root", "--lost", "--key", safe / "spare-root.pem")
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        self.assert_updates(install, "1.1.0")

    def test_lost_spare(self):
        """A lost spare is replaced by the root key alone, and the new spare works."""
        install = self.install()
        (self.keys / "spare-root.pem").unlink()
        self.key("replace", self.repository, "spare-root", "--lost")
        (self.keys / "root.pem").unlink()
        self.key("replace", self.repository, "root", "--lost")
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        self.assert_updates(install, "1.1.0")

    def test_everything_lost_is_said(self):
        """Without any root key nothing changes, and the message says what is missing."""
        for name in ("root.pem", "spare-root.pem"):
            (self.keys / name).unlink()
        result = self.key("replace", self.repository, "online", status=DONE)
        self.assertIn("waits for 1 more signatures", result.stdout)
        self.publish("verify", self.repository)
        self.key("abort", self.repository)
        self.key("abort", self.repository, status=NOTHING)


class Stolen(Keys):
    def test_stolen_online_key(self):
        """A thief of the online key can only withhold news; the publisher's next root ends it,
        whatever versions the thief signed."""
        install = self.install()
        thief, loot = self.steal()
        (self.folder / "loot/root.pem").unlink()
        (self.folder / "loot/spare-root.pem").unlink()
        for _ in range(20):
            self.publish("refresh", thief, *loot)
        self.upload(thief)
        self.assertEqual(self.check_status(install), NOTHING)
        self.assertEqual(install.current(), "1.0.0")

        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        # The publisher's timestamp is far behind the thief's: clients refuse to go back.
        self.assertEqual(self.check_status(install), UNTRUSTED)
        self.key("replace", self.repository, "online")
        self.upload()
        self.assert_updates(install, "1.1.0")
        # The thief's key is worth nothing any more.
        self.publish("refresh", self.repository, *loot, status=FAILED)

    def test_stolen_targets_key(self):
        """A thief publishes a release with the highest sequence and version; when the publisher is
        back every client ends at the honest release, whether it fell for it or not."""
        clients = {name: self.install(name) for name in ("fell", "saw", "slept")}
        thief, loot = self.steal()
        self.plant_sequence(thief, loot)
        self.upload(thief)
        self.assert_updates(clients["fell"], "99.0.0")
        self.assertEqual(self.check_status(clients["saw"]), DONE)

        self.key("replace", self.repository, "root", "--key", self.keys / "spare-root.pem")
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        for client in clients.values():
            self.assert_updates(client, "1.1.0")
            self.assertEqual(self.check_status(client), NOTHING)
            self.assertEqual(client.strays(), [])

    def test_stolen_targets_key_of_split_keys(self):
        """The same with keys of their own for targets: the root keys were never at hand."""
        self.key("split", self.repository)
        self.upload()
        clients = {name: self.install(name) for name in ("fell", "slept")}
        safe = self.folder / "safe"
        safe.mkdir()
        for name in ("root.pem", "spare-root.pem"):
            shutil.move(self.keys / name, safe)
        thief, loot = self.steal()
        self.plant_sequence(thief, loot)
        self.upload(thief)
        self.assert_updates(clients["fell"], "99.0.0")

        self.key("replace", self.repository, "targets", "--key", safe / "root.pem")
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        for client in clients.values():
            self.assert_updates(client, "1.1.0")

    def test_lost_trust_after_a_rotation(self):
        """An install that lost all it trusted is not led back by what was signed, with keys that
        still count, before the installed version came: not to know that is no answer."""
        install = self.install()
        self.key("replace", self.repository, "root", "--key", self.keys / "spare-root.pem")
        shutil.copytree(self.repository, self.folder / "old")
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        time.sleep(1.1)
        self.assert_updates(install, "1.1.0")

        shutil.rmtree(install.folder / "var")
        self.upload(self.folder / "old")
        for verb in (("check",), ("update", "--yes")):
            result = install.onward(*verb, status=UNTRUSTED)
            self.assertIn("does not know version 1.1.0", result.stderr)
        self.assertEqual(install.current(), "1.1.0")
        self.upload()
        self.assertEqual(self.check_status(install), NOTHING)

    def plant_sequence(self, thief, loot):
        """The thief's release, with sequence 10^9, signed with the stolen keys."""
        tree = make_tree(self.folder / "evil", {"bin/app": app("99.0.0")})
        self.publish("add", thief, tree, "--version", "99.0.0", "--compression", "zstd", *loot)
        for role in ("targets", "snapshot"):
            self.forge(thief, loot[1], role)

    def forge(self, thief, keys, role):
        """Signs the newest document of a role anew with a sequence, or a version, of 10^9."""
        metadata = thief / "metadata"
        newest = max(metadata.glob(f"*.{role}.json"), key=lambda path: int(path.name.split(".")[0]))
        content = json.loads(newest.read_bytes())["signed"]
        version = 10 ** 9
        content["version"] = version
        if role == "targets":
            for name, target in content["targets"].items():
                if name.endswith("99.0.0.json"):
                    self.raise_in_document(thief, name, target, version)
            self.sign(metadata / f"{version}.targets.json", content, keys, ("root", "targets*"))
            return
        self.describe(content["meta"]["targets.json"], metadata / f"{version}.targets.json",
                      version)
        self.sign(metadata / f"{version}.snapshot.json", content, keys, ("online",))
        timestamp = json.loads((metadata / "timestamp.json").read_bytes())["signed"]
        timestamp["version"] = version
        self.describe(timestamp["meta"]["snapshot.json"], metadata / f"{version}.snapshot.json",
                      version)
        self.sign(metadata / "timestamp.json", timestamp, keys, ("online",))

    def raise_in_document(self, thief, name, target, sequence):
        folder, _, base = name.rpartition("/")
        old = thief / "targets" / folder / f"{target['hashes']['sha256']}.{base}"
        document = json.loads(old.read_bytes())
        self.assertIn("sequence", document)
        document["sequence"] = target["custom"]["onward"]["sequence"] = sequence
        data = json.dumps(document).encode()
        target["hashes"]["sha256"] = self.hash(data)
        target["length"] = len(data)
        (thief / "targets" / folder / f"{self.hash(data)}.{base}").write_bytes(data)

    @staticmethod
    def hash(data):
        import hashlib
        return hashlib.sha256(data).hexdigest()

    def describe(self, entry, path, version):
        data = path.read_bytes()
        entry.update(version=version, length=len(data), hashes={"sha256": self.hash(data)})

    def sign(self, path, content, keys, names):
        """What a thief's own tool does: ed25519 over canonical JSON, by the openssl command."""
        canonical = self.folder / "canonical"
        canonical.write_text(json.dumps(content, sort_keys=True, separators=(",", ":"),
                                        ensure_ascii=False), encoding="utf-8")
        pem = [found for name in names for found in pathlib.Path(keys).glob(f"{name}.pem")][-1]
        public = json.loads(pem.with_suffix(".pub").read_text(encoding="utf-8"))
        text = json.dumps(public, sort_keys=True, separators=(",", ":")).encode()
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", pem, "-in",
                                    canonical], check=True, capture_output=True).stdout
        path.write_text(json.dumps({"signatures": [{"keyid": self.hash(text),
                                                    "sig": signature.hex()}],
                                    "signed": content}), encoding="utf-8")


class Uploads(Keys):
    def new_files(self):
        """What an upload of the repository has to bring."""
        return [path.relative_to(self.repository) for path in self.repository.rglob("*")
                if path.is_file() and path.name != "publish.ini"
                and (not (self.web / path.relative_to(self.repository)).exists()
                     or path.name == "timestamp.json")]

    def bring(self, path):
        target = self.web / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.repository / path, target)

    def assert_waits(self, install):
        """A check in the midst of an upload may find nothing, but no tampering."""
        result = install.onward("check", status=None)
        self.assertNotEqual(result.status, UNTRUSTED, str(result))
        self.assertNotIn("tamper", result.stderr)

    def test_wrong_order(self):
        """The files of a release may arrive in any order, again and again: clients wait for the
        last one, and never speak of tampering."""
        self.add("1.1.0", {"data": noise(20_000, 1)})
        paths = self.new_files()
        orders = [sorted(paths), sorted(paths, reverse=True),
                  sorted(paths, key=lambda path: path.name != "timestamp.json")]
        for number, order in enumerate(orders):
            with self.subTest(order=[str(path) for path in order]):
                self.upload_first()
                install = self.install(f"install-{number}")
                for path in order:
                    self.bring(path)
                    self.assert_waits(install)
                self.assert_updates(install, "1.1.0")

    def test_new_keys_before_their_timestamp(self):
        """A new root that arrives before the timestamp of its keys is waited for, too."""
        early = [self.install(f"early-{number}") for number in range(8)]
        for install in early:
            self.check_status(install)
        for words in (("online",), ("root", "--lost")):
            self.key("replace", self.repository, *words)
            paths = sorted(self.new_files(), key=lambda path: (path.name == "timestamp.json",
                                                               "root" not in path.name))
            for path, install in zip(paths, early):
                self.bring(path)
                for _ in range(2):
                    self.assert_waits(install)
                    self.assert_waits(early[0])
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        for install in early:
            self.assert_updates(install, "1.1.0")

    def upload_first(self):
        """The web server as it was before the change."""
        shutil.rmtree(self.web)
        shutil.copytree(self.folder / "before", self.web)

    def setUp(self):
        super().setUp()
        shutil.copytree(self.web, self.folder / "before")

    def test_half_an_upload(self):
        """An upload that breaks off, even within the last file, does no harm once it is done."""
        install = self.install()
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.key("replace", self.repository, "online")
        paths = self.new_files()
        for path in sorted(paths, key=lambda path: path.name == "timestamp.json"):
            whole = (self.repository / path).read_bytes()
            target = self.web / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(whole[:len(whole) // 2])
            result = install.onward("check", status=None)
            self.assertNotIn("tamper", result.stderr)
            target.write_bytes(whole)
        self.assert_updates(install, "1.1.0")

    def test_two_publishers_at_once(self):
        """The second publisher is told that the first is at work, and nothing gets mixed up."""
        trees = [make_tree(self.folder / f"next-{i}", {
            "bin/app": app(f"1.{i}.0"), "data": noise(1_000_000, i)}) for i in (1, 2)]
        running = [Running(self, [PUBLISH, "add", self.repository, tree, "--version", f"1.{i}.0",
                                  "--deltas", "0"])
                   for i, tree in enumerate(trees, 1)]
        results = [process.wait() for process in running]
        self.assertEqual(sorted(result.status for result in results), [DONE, BUSY], str(results))
        self.publish("verify", self.repository)


class Split(Keys):
    def test_modes_and_people_come_and_go(self):
        """Solo, split, a second maintainer, 2 of 3 root keys on other computers, online keys in a
        service, and back to solo: one command each, and clients just update."""
        install = self.install()
        safes = [self.folder / f"safe-{i}" for i in range(3)]
        for safe in safes:
            safe.mkdir()
        self.key("generate", safes[2] / "third.pem", "--no-passphrase")
        self.key("split", self.repository, "--root", safes[2] / "third.pub", "--threshold", "2")
        shutil.move(self.keys / "root.pem", safes[0])
        shutil.move(self.keys / "spare-root.pem", safes[1])
        service = self.folder / "service"
        service.mkdir()
        shutil.move(self.keys / "online.pem", service)

        # Releases are signed here, and published where the online keys are.
        self.add("1.1.0", {"data": noise(20_000, 1)})
        self.upload()
        self.assertEqual(self.check_status(install), NOTHING)
        self.publish("refresh", self.repository, "--keys", service)
        self.upload()
        self.assert_updates(install, "1.1.0")

        # A second maintainer, for which two of three root keys sign on their own computers.
        other = self.folder / "other"
        other.mkdir()
        self.key("generate", other / "maria.pem", "--no-passphrase")
        self.key("add", self.repository, "targets", other / "maria.pub")
        request = self.folder / "request.json"
        self.key("export", self.repository, "--output", request)
        self.assertIn("adds key", request.read_text(encoding="utf-8"))
        signed = []
        for safe, name in ((safes[0], "root.pem"), (safes[2], "third.pem")):
            signed.append(safe / "request.json")
            shutil.copy(request, signed[-1])
            self.key("sign", signed[-1], "--key", safe / name, "--yes")
        before = (self.repository / "metadata/timestamp.json").read_bytes()
        self.assertIn("waits for 1 more", self.key("import", self.repository, signed[0]).stdout)
        self.key("import", self.repository, signed[1])
        self.assertEqual((self.repository / "metadata/timestamp.json").read_bytes(), before)
        self.publish("refresh", self.repository, "--keys", service)

        tree = make_tree(self.tree("1.2.0"), {"bin/app": app("1.2.0"), "data": noise(20_000, 1)})
        (self.keys / self.names("targets-*.pem")[0]).unlink()
        result = self.publish("add", self.repository, tree, "--version", "1.2.0", "--compression",
                              "zstd", "--key", other / "maria.pem")
        self.assertIn("waits for the online keys", result.stderr)
        self.publish("refresh", self.repository, "--keys", service)
        self.upload()
        self.assert_updates(install, "1.2.0")

        self.key("join", self.repository, "--targets", safes[0] / "root.pem", "--key",
                 safes[1] / "spare-root.pem", "--key", service / "online.pem", "--key",
                 safes[0] / "root.pem")
        self.upload()
        self.assertEqual(self.check_status(install), NOTHING)

    def test_a_request_is_not_believed(self):
        """What is brought back from elsewhere has to be the root that waits, rightly signed."""
        for name in ("root.pem", "spare-root.pem"):
            shutil.move(self.keys / name, self.folder / name)
        self.publish("rotate", self.repository)
        request = self.folder / "request.json"
        self.key("export", self.repository, "--output", request)
        self.key("sign", request, "--key", self.folder / "root.pem", status=8)
        self.key("sign", request, "--key", self.keys / "online.pem", "--yes", status=FAILED)
        text = request.read_text(encoding="utf-8")
        for old, new in (('"threshold" : 1', '"threshold" : 2'),
                         ('"expires" : "20', '"expires" : "21'),
                         ('"version" : 2', '"version" : 3')):
            changed = self.folder / "changed.json"
            changed.write_text(text.replace(old, new, 1), encoding="utf-8")
            result = self.key("sign", changed, "--key", self.folder / "root.pem", "--yes",
                              status=None)
            if result.status == DONE:
                self.assertNotEqual(self.key("import", self.repository, changed,
                                             status=None).status, DONE)
        self.key("sign", request, "--key", self.folder / "root.pem", "--yes")
        self.key("import", self.repository, request)
        self.publish("verify", self.repository)


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        sys.exit(77)
    main()
