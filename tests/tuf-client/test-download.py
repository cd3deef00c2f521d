#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Targets of TUF 1.0.34: the search through delegations (5.6.7), the download (5.7), and names that
hold anything."""

import urllib.parse

import tap
import tuf_repository
from tuf_repository import in_days, sha256

# (delegator, role, what the delegation says), and which roles a search in vain visits, in order.
GRAPHS = {
    "one": ([("targets", "A", {})], "A"),
    "two": ([("targets", "A", {}), ("targets", "B", {})], "AB"),
    "two levels": ([("targets", "A", {}), ("targets", "B", {}), ("B", "C", {})], "ABC"),
    "depth first": ([("targets", "A", {}), ("targets", "B", {}), ("A", "C", {}), ("A", "D", {})],
                    "ACDB"),
    "three levels": ([("targets", "A", {}), ("targets", "B", {}), ("A", "C", {}), ("C", "D", {})],
                     "ACDB"),
    "terminating": ([("targets", "A", {}), ("targets", "B", {}), ("A", "C", {"terminating": True}),
                     ("A", "D", {})], "AC"),
    "terminating, but for its own": ([("targets", "A", {}), ("targets", "B", {}),
                                      ("A", "C", {"terminating": True}), ("C", "D", {})], "ACD"),
    "terminating at the top": ([("targets", "A", {"terminating": True}), ("targets", "B", {}),
                                ("A", "C", {})], "AC"),
    "terminating, of another path": ([("targets", "A", {"terminating": True, "paths": ["*.py"]}),
                                      ("targets", "B", {})], "B"),
    "another path": ([("targets", "A", {"paths": ["*.py"]}), ("targets", "B", {}),
                      ("A", "C", {})], "B"),
    "another path below": ([("targets", "A", {}), ("targets", "B", {}),
                            ("A", "C", {"paths": ["*.py"]}), ("C", "D", {})], "AB"),
    "cycle": ([("targets", "A", {}), ("targets", "B", {}), ("B", "C", {}), ("C", "D", {}),
               ("D", "B", {})], "ABCD"),
    "itself": ([("targets", "A", {}), ("A", "A", {})], "A"),
    "two ways": ([("targets", "A", {}), ("targets", "B", {}), ("B", "C", {}), ("A", "C", {})],
                 "ACB"),
    "two ways, one of another path": ([("targets", "A", {}), ("targets", "B", {}), ("B", "C", {}),
                                       ("A", "C", {"paths": ["*.py"]})], "ABC"),
    "no paths at all": ([("targets", "A", {"paths": None}), ("targets", "B", {})], "B"),
}

NAMES = ["?", "#", "/delegatedrole", "../delegatedrole", "%2e%2e", "a b", "é漢😀", ".", "..", "a\nb",
         "\\", "root/..", "x.json", "ROOT", "x" * 90, "é" * 60]


class Delegations(tuf_repository.ClientCase):
    """Who is asked, in which order, and by whose word they are believed."""

    def delegate(self, edges):
        roles = []
        for delegator, role, more in edges:
            self.repository.delegate(delegator, role, **{"paths": ["*"], **more})
            roles += [role] if role not in roles else []
        # One who is delegated to twice is signed for both.
        self.repository.publish(*roles, "targets", "snapshot", "timestamp")

    def asked(self):
        return "".join(role for role, _ in self.repository.requests[4:])

    def test_order(self):
        for name, (edges, order) in GRAPHS.items():
            with self.subTest(name):
                self.setUp()
                self.delegate(edges)
                self.init()
                self.assertEqual(self.download("missing"), 1)
                self.assertIn("(not-found)", self.complaint)
                self.assertEqual(self.asked(), order)
                # What is stored now is not asked for again.
                self.assertEqual(self.download("missing"), 1)
                self.assertEqual(self.repository.requests[4 + len(order):],
                                 [("root", 2), ("timestamp", None)])

    def test_found_by_path(self):
        for name, holder, order in (("file", "targets", ""), ("README.md", "A", "A"),
                                    ("releases/x/x_v1", "C", "BC"),
                                    ("releases/y/y_v1.zip", "D", "BD"),
                                    ("releases/z/z_v1.zip", None, "B")):
            with self.subTest(name):
                self.setUp()
                self.delegate([("targets", "A", {"paths": ["*.doc", "*.md"]}),
                               ("targets", "B", {"paths": ["releases/*/*"]}),
                               ("B", "C", {"paths": ["releases/x/*"]}),
                               ("B", "D", {"paths": ["releases/y/*.zip"]})])
                self.repository.published = {role: self.repository.published[role][:1]
                                             for role in ("root",)}
                for role in ("C", "D", "A", "B", "targets", "snapshot", "timestamp"):
                    self.repository.docs[role]["version"] = 1
                self.repository.add_artifact(holder or "D", name, b"content")
                for role in ("C", "D", "A", "B", "targets", "snapshot", "timestamp"):
                    self.repository.sign(role)
                self.init()
                self.assertEqual(self.download(name), 0 if holder else 1, self.complaint)
                self.assertEqual(self.downloaded(), [b"content"] if holder else [])
                self.assertEqual(self.asked(), order)

    def test_found_by_hash_of_path(self):
        digest = sha256(b"name")
        for prefixes, found in (([digest[:2]], True), ([digest], True), ([""], True),
                                (["zz", digest[:10]], True), ([digest[1:3]], False), ([], False),
                                ([digest + "0"], False)):
            with self.subTest(prefixes=prefixes):
                self.setUp()
                self.repository.delegate("targets", "A", None, path_hash_prefixes=prefixes)
                self.repository.add_artifact("A", "name", b"content")
                self.repository.publish("A", "targets", "snapshot", "timestamp")
                self.init()
                self.assertEqual(self.download("name"), 0 if found else 1)

    def test_first_to_know_it_decides(self):
        self.delegate([("targets", "A", {}), ("targets", "B", {})])
        self.repository.add_artifact("B", "name", b"of B")
        self.repository.add_artifact("A", "name", b"of A")
        self.repository.publish("A", "B", "targets", "snapshot", "timestamp")
        self.init()
        self.assertEqual(self.download("name"), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b"of A"])

    def make_shared(self):
        """A and B delegate to C, but only A lists the key that signed it."""
        repository = self.repository
        repository.delegate("targets", "A", ["a/*"])
        repository.delegate("targets", "B", ["b/*"])
        repository.delegate("A", "C", ["a/*"])
        signers = list(repository.signers["C"])
        repository.delegate("B", "C", ["b/*"])
        repository.signers["C"] = signers
        repository.add_artifact("C", "a/1", b"by A")
        repository.add_artifact("C", "b/1", b"by B")
        repository.publish("C", "A", "B", "targets", "snapshot", "timestamp")

    def test_stored_role_is_verified_by_the_word_of_this_delegator(self):
        self.make_shared()
        self.init()
        self.assertEqual(self.download("a/1"), 0, self.complaint)
        self.assertEqual(self.download("b/1"), 1)
        self.assertEqual(self.downloaded(), [b"by A"])

    def test_role_seen_in_this_run_is_verified_by_the_word_of_this_delegator(self):
        for names in (("a/1", "b/1"), ("b/1", "a/1"), ("a/1", "b/1", "a/1")):
            with self.subTest(names):
                self.setUp()
                self.make_shared()
                self.init()
                self.assertEqual(self.download(*names), 1)
                self.assertEqual(self.downloaded(), [b"by A"])

    def test_role_the_snapshot_does_not_list(self):
        self.repository.delegate("targets", "A")
        self.repository.add_artifact("A", "name", b"content")
        self.repository.publish("A", "targets")
        del self.repository.snapshot["meta"]["A.json"]
        self.repository.publish("snapshot", "timestamp")
        self.init()
        self.assertEqual(self.download("name"), 1)
        self.assertIn("(not-found)", self.complaint)
        self.assertEqual(self.asked(), "")

    def test_role_that_cannot_be_verified_ends_the_search(self):
        for change, why in (
                (lambda case: case.repository.signers["A"].clear(), "untrusted"),
                (lambda case: case.repository.docs["A"].update(expires=in_days(-1)), "expired"),
                (lambda case: case.repository.docs["A"].update(_type="snapshot"), "wrong-type")):
            with self.subTest(why):
                self.setUp()
                self.repository.delegate("targets", "A")
                self.repository.delegate("targets", "B")
                self.repository.add_artifact("B", "name", b"content")
                change(self)
                self.repository.publish("A", "B", "targets", "snapshot", "timestamp")
                self.init()
                self.assertEqual(self.download("name"), 1)
                self.assertIn(f"({why})", self.complaint)
                self.assert_trusts(root=1, snapshot=2, targets=2, timestamp=2)
                self.assertEqual(self.downloaded(), [])

    def test_version_hash_and_length_of_a_role(self):
        for bend, why in (({"version": 2}, "not-found"), ({"length": 9_999}, "wrong-length"),
                          ({"hashes": {"sha256": sha256(b"")}}, "wrong-hash")):
            with self.subTest(why):
                self.setUp()
                self.repository.pinned = True
                self.repository.delegate("targets", "A")
                self.repository.publish("A", "targets")
                self.repository.snapshot["meta"]["A.json"].update(bend)
                self.repository.publish("snapshot", "timestamp")
                self.init()
                self.assertEqual(self.download("name"), 1)
                self.assertIn(f"({why})", self.complaint)
                self.assertNotIn("A", self.trusted())

    def test_stored_role_that_expired(self):
        self.repository.delegate("targets", "A", ["a/*"])
        self.repository.docs["A"]["expires"] = in_days(7)
        self.repository.add_artifact("A", "a/1", b"1")
        self.repository.add_artifact("A", "a/2", b"2")
        self.repository.publish("A", "targets", "snapshot", "timestamp")
        self.init()
        self.assertEqual(self.download("a/1"), 0, self.complaint)
        self.assertEqual(self.download("a/2", at=18), 1)
        self.assertEqual(self.downloaded(), [b"1"])
        self.repository.docs["A"]["expires"] = in_days(21)
        self.repository.publish("A", "snapshot", "timestamp")
        self.assertEqual(self.download("a/2", at=18), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b"1", b"2"])

    def test_number_of_roles_is_bounded(self):
        for index in range(40):
            self.repository.delegate("targets", f"R{index}")
        self.repository.add_artifact("R31", "last", b"last")
        self.repository.add_artifact("R32", "beyond", b"beyond")
        self.repository.publish(*(f"R{index}" for index in range(40)), "targets", "snapshot",
                                "timestamp")
        self.init()
        self.assertEqual(self.download("beyond"), 1)
        self.assertEqual(len(self.repository.requests), 4 + 32)
        self.assertEqual(self.download("last"), 0, self.complaint)

    def test_names_of_the_four_are_refused(self):
        for name in ("root", "timestamp", "snapshot", "targets", ""):
            with self.subTest(name):
                self.setUp()
                self.begin()
                delegations = self.repository.targets.setdefault("delegations",
                                                                 {"keys": {}, "roles": []})
                delegations["roles"].append({"name": name, "keyids": [], "threshold": 1,
                                             "terminating": False, "paths": ["*"]})
                self.repository.publish("targets", "snapshot", "timestamp")
                self.assert_refuses("malformed")
                self.assert_trusts(root=1, snapshot=2, targets=1, timestamp=2)

    def test_names_that_hold_anything(self):
        for name in NAMES:
            for consistent in (True, False):
                with self.subTest(name=name, consistent=consistent):
                    self.setUp()
                    self.repository.delegate("targets", name)
                    self.repository.root["consistent_snapshot"] = consistent
                    self.repository.publish(name, "targets", "snapshot", "timestamp", "root")
                    self.init()
                    self.assertEqual(self.download("no such target"), 1)
                    quoted = urllib.parse.quote(name, "")
                    self.assertIn((quoted, 1 if consistent else None), self.repository.requests)
                    self.assertEqual(len(self.trusted()), 5)
                    self.assertEqual(len(list(self.metadata_dir.rglob("*"))), 5)
                    # It is found again under the name it was stored by.
                    asked = len(self.repository.requests)
                    self.assertEqual(self.download("no such target"), 1)
                    self.assertEqual(len(self.repository.requests), asked + 2)


class Download(tuf_repository.ClientCase):
    """5.7: length and every hash, and nothing else is ever left in the folder."""

    def publish(self):
        self.repository.publish("targets", "snapshot", "timestamp")

    def test_expected_file(self):
        for name in ("file.txt", "path/to/a/file.txt", "a b", "é", "?#%&=+", "%41", ".hidden",
                     "x" * 250, "é/" * 60 + "x"):
            for consistent in (True, False):
                with self.subTest(name=name, consistent=consistent):
                    self.setUp()
                    self.repository.root["consistent_snapshot"] = consistent
                    self.repository.add_artifact("targets", name, b"content")
                    self.repository.publish("root")
                    self.publish()
                    self.init()
                    self.assertEqual(self.download(name), 0, self.complaint)
                    self.assertEqual(self.downloaded(), [b"content"])
                    self.assertEqual(self.repository.fetched,
                                     [(name, sha256(b"content") if consistent else None)])

    def test_names_that_climb_stay_in_the_folder(self):
        for name in (".", "..", "../x", "../../x", "a/../../../x", "/x", "//x", "/etc/x"):
            with self.subTest(name):
                self.setUp()
                self.repository.add_artifact("targets", name, b"content")
                self.publish()
                self.init()
                if self.download(name) == 0:
                    self.assertEqual(self.downloaded(), [b"content"])
                self.assertLessEqual(len(list(self.target_dir.iterdir())), 1)
                self.assertEqual({path.name for path in self.target_dir.parent.iterdir()},
                                 {"initial_root.json", "metadata", "targets"})

    def test_cached_file_is_not_fetched_again(self):
        self.repository.add_artifact("targets", "file", b"content")
        self.publish()
        self.init()
        for _ in range(3):
            self.assertEqual(self.download("file"), 0, self.complaint)
        self.assertEqual(len(self.repository.fetched), 1)
        next(self.target_dir.iterdir()).write_bytes(b"Content")
        self.assertEqual(self.download("file"), 0, self.complaint)
        self.assertEqual(len(self.repository.fetched), 2)
        self.assertEqual(self.downloaded(), [b"content"])

    def test_several_targets_in_one_run(self):
        for name in "abc":
            self.repository.add_artifact("targets", name, name.encode())
        self.publish()
        self.init()
        self.assertEqual(self.download("a", "b", "missing", "c"), 1)
        self.assertEqual(sorted(self.downloaded()), [b"a", b"b", b"c"])
        self.assertEqual(len(self.repository.requests), 4)

    def test_other_bytes_are_refused(self):
        for other in (b"malicious", b"CONTENT", b"conten", b"content and more", b""):
            with self.subTest(other):
                self.setUp()
                self.repository.add_artifact("targets", "one", b"content")
                self.repository.add_artifact("targets", "two", b"content")
                self.publish()
                self.init()
                self.assertEqual(self.download("one"), 0, self.complaint)
                self.repository.artifacts = {"one": other, "two": other}
                self.download("one")
                self.assertEqual(self.download("two"), 1)
                self.assertEqual(self.downloaded(), [b"content"])

    def test_changes(self):
        self.init()
        for index in range(4):
            self.repository.add_artifact("targets", "file", f"content {index}".encode())
            self.publish()
            self.assertEqual(self.download("file"), 0, self.complaint)
            self.assertEqual(self.downloaded(), [f"content {index}".encode()])
            self.repository.artifacts["file"] = f"CONTENT {index}".encode()
            self.publish()
            self.download("file")
            self.assertEqual(self.downloaded(), [f"content {index}".encode()])

    def test_missing_file(self):
        self.repository.add_artifact("targets", "file", b"content")
        self.repository.artifacts.clear()
        self.publish()
        self.init()
        self.assertEqual(self.download("file"), 1)
        self.assertIn("(not-found)", self.complaint)

    def test_empty_file(self):
        self.repository.add_artifact("targets", "file", b"")
        self.publish()
        self.init()
        self.assertEqual(self.download("file"), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b""])

    def test_hash_algorithms(self):
        for algorithms in (["sha256"], ["sha512"], ["sha256", "sha512"]):
            with self.subTest(algorithms):
                self.setUp()
                self.repository.add_artifact("targets", "file", b"content", algorithms)
                self.publish()
                self.init()
                self.assertEqual(self.download("file"), 0, self.complaint)
                self.assertEqual(len(self.repository.fetched), 1)
                for algorithm in algorithms:
                    self.repository.targets["targets"]["file"]["hashes"][algorithm] = (
                        "00" * {"sha256": 32, "sha512": 64}[algorithm])
                    self.publish()
                    self.assertEqual(self.download("file"), 1)

    def test_unknown_hash_algorithm(self):
        self.repository.add_artifact("targets", "file", b"content", ["sha512"])
        hashes = self.repository.targets["targets"]["file"]["hashes"]
        hashes["unknown"] = hashes.pop("sha512")
        self.publish()
        self.init()
        self.assertEqual(self.download("file"), 1)
        self.assertEqual(self.downloaded(), [])


if __name__ == "__main__":
    tap.main()
