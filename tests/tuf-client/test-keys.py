#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who signs, and how many of them it takes: keys of every scheme, thresholds and rotations of TUF
1.0.34, with another implementation's signatures."""

import tap
import tuf_repository
from tuf_repository import Key

POOL = [Key("ed25519") for _ in range(10)]

# Each root: who speaks for it, how many it takes, who signs it.
ROOT_ROTATIONS = {
    "one key by another": (True, [([1], 1, [1]), ([2], 1, [2, 1]), ([2], 1, [2])]),
    "foreign signatures": (True, [([1], 1, [3, 1, 4]), ([2], 1, [3, 2, 1, 4]),
                                  ([2], 1, [3, 2, 4])]),
    "any three of five": (True, [([0, 1, 2, 3, 4], 3, signers) for signers in
                                 ([0, 2, 4], [0, 4, 1], [0, 1, 3], [2, 3, 4])]),
    "one of five": (True, [([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 4, 1])]),
    "one of five in two steps": (True, [([0, 1, 2, 3, 4], 3, [0, 2, 4]),
                                        ([0, 1, 3, 4, 5], 3, [0, 2, 4, 5]),
                                        ([0, 1, 3, 4, 5], 3, [0, 4, 5])]),
    "all of five": (True, [([0, 1, 2, 3, 4], 3, [0, 2, 4]),
                           ([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7]),
                           ([5, 6, 7, 8, 9], 3, [5, 6, 7])]),
    "threshold up": (True, [([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [1, 2])]),
    "threshold down": (True, [([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1, 2]),
                              ([1, 2, 3], 1, [1])]),
    "threshold and keys up": (True, [([1], 1, [1]), ([1, 2], 2, [1, 2])]),
    "not by the old key": (False, [([1], 1, [1]), ([2], 1, [2, 3, 4])]),
    "not by the new key": (False, [([1], 1, [1]), ([2], 1, [1, 3, 4])]),
    "not by three new ones": (False, [([0, 1, 2, 3, 4], 3, [0, 2, 4]),
                                      ([0, 1, 3, 4, 5], 3, [0, 2, 4])]),
    "not by three old ones": (False, [([0, 1, 2, 3, 4], 3, [0, 2, 4]),
                                      ([0, 1, 3, 4, 5], 3, [0, 4, 5])]),
    "new threshold not met": (False, [([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [2])]),
    "old threshold not met": (False, [([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1])]),
}

ROTATIONS = {
    "another key": (True, [2], 1, [2]),
    "foreign signatures": (True, [1], 1, [3, 1, 4]),
    "not by the new key": (False, [2], 1, [1, 3, 4]),
    "one of three is foreign": (False, [0, 1, 3, 4, 5], 3, [0, 2, 4]),
    "one of three is missing": (False, [0, 1, 3, 4, 5], 3, [0, 4]),
    **{f"any three of five: {signers}": (True, [0, 1, 2, 3, 4], 3, signers)
       for signers in ([0, 2, 4], [0, 4, 1], [0, 1, 3], [1, 2, 3], [2, 3, 4])},
}


def bad_signature(envelope, key):
    """Well formed, and wrong."""
    for signature in envelope["signatures"]:
        if signature["keyid"] == key.id:
            last = int(signature["sig"][-2:], 16) ^ 1
            signature["sig"] = signature["sig"][:-2] + f"{last:02x}"


class Rotation(tuf_repository.ClientCase):
    """5.3.4 to 5.3.9 and 5.3.11."""

    def set_role(self, role, keys, threshold, signers):
        entry = self.repository.root["roles"][role]
        entry["keyids"].clear()
        entry["threshold"] = threshold
        for index in keys:
            self.repository.add_key(role, POOL[index])
        self.repository.signers[role] = [POOL[index] for index in signers]

    def test_root(self):
        for name, (accepted, versions) in ROOT_ROTATIONS.items():
            with self.subTest(name):
                self.setUp()
                self.repository.published["root"].clear()
                self.repository.root["version"] = 0
                for version in versions:
                    self.set_role("root", *version)
                    self.repository.publish("root")
                self.init()
                if accepted:
                    self.assert_accepts()
                    self.assert_stored_as_sent()
                else:
                    (before, _, _), (after, threshold, signers) = versions[-2:]
                    is_whole = len(set(after) & set(signers)) >= threshold
                    self.assert_refuses("other-repository" if is_whole and
                                        not set(before) & set(after) else "untrusted")
                    self.assertEqual(self.trusted(), {"root": len(versions) - 1})

    def test_other_roles(self):
        for name, (accepted, *role) in ROTATIONS.items():
            with self.subTest(name):
                self.setUp()
                self.begin()
                for kind in ("timestamp", "snapshot", "targets"):
                    self.set_role(kind, *role)
                    # The same version again, by others.
                    self.repository.published[kind].clear()
                    self.repository.docs[kind]["version"] = 1
                    self.repository.sign(kind)
                    self.repository.publish("root")
                    if not accepted:
                        self.assert_refuses("untrusted")
                        break
                    self.assert_accepts()
                    self.assert_stored_as_sent()


class Keys(tuf_repository.ClientCase):
    """4.2, 4.3 and the counting of signatures."""

    def test_every_scheme(self):
        for scheme, keytype in (("ed25519", None), ("ecdsa-sha2-nistp256", None),
                                ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
                                ("rsassa-pss-sha256", None), ("rsa-pkcs1v15-sha256", None)):
            with self.subTest(scheme=scheme, keytype=keytype):
                self.setUp()
                self.init()
                key = self.repository.add_key("root", Key(scheme, keytype))
                self.repository.root["roles"]["root"]["threshold"] = 2
                self.repository.publish("root")
                self.assert_accepts()
                self.assertEqual(self.trusted()["root"], 2)
                self.repository.publish("root")
                self.repository.bend("root", lambda envelope, key=key: bad_signature(envelope, key))
                self.assert_refuses("untrusted")
                self.assertEqual(self.trusted()["root"], 2)

    def test_keys_of_unknown_schemes_are_carried_along(self):
        self.init()
        self.repository.root["keys"]["00"] = {"keytype": "oidc", "scheme": "new",
                                              "keyval": {"identity": "a@b", "issuer": "c"}}
        self.repository.root["roles"]["root"]["keyids"].append("00")
        self.repository.publish("root")
        self.assert_accepts()
        self.assertEqual(self.trusted()["root"], 2)

    def test_threshold_of_signatures(self):
        self.repository.root["roles"]["snapshot"]["threshold"] = 3
        self.repository.add_key("snapshot")
        self.repository.add_key("snapshot")
        self.repository.publish("root", "targets", "snapshot", "timestamp")
        self.begin()
        self.repository.signers["snapshot"].pop()
        self.repository.publish("targets", "snapshot", "timestamp")
        self.assert_refuses("untrusted")
        self.assertEqual(self.trusted()["snapshot"], 2)

    def test_threshold_above_the_number_of_keys(self):
        self.init()
        for _ in range(4):
            self.repository.add_key("snapshot")
        self.repository.root["roles"]["snapshot"]["threshold"] = 6
        self.repository.publish("root", "snapshot", "timestamp")
        self.assert_refuses("upload-under-way")
        self.assert_trusts(root=2, timestamp=2)

    def test_threshold_below_one(self):
        for threshold in (0, -1):
            with self.subTest(threshold=threshold):
                self.setUp()
                self.begin()
                self.repository.root["roles"]["timestamp"]["threshold"] = threshold
                self.repository.publish("root")
                self.assert_refuses("malformed")
                self.assertEqual(self.trusted()["root"], 1)

    def test_one_key_listed_many_times_counts_once(self):
        self.init()
        key = self.repository.add_key("snapshot")
        self.repository.root["roles"]["snapshot"]["keyids"] += [key.id] * 8
        self.repository.root["roles"]["snapshot"]["threshold"] = 6
        self.repository.publish("root", "snapshot", "timestamp")
        self.assert_refuses("upload-under-way")
        self.assertNotIn("snapshot", self.trusted())

    def test_one_key_under_two_ids_counts_once(self):
        self.init()
        key = self.repository.signers["snapshot"][0]
        again = Key()
        again.secret, again.public = key.secret, {**key.public, "x-other": True}
        self.repository.add_key("snapshot", again)
        self.repository.root["roles"]["snapshot"]["threshold"] = 2
        self.repository.publish("root", "snapshot", "timestamp")
        self.assert_refuses("upload-under-way")
        self.assertNotIn("snapshot", self.trusted())

    def test_two_signatures_of_one_key_id_are_refused(self):
        self.init()
        self.repository.bend("snapshot", lambda envelope: envelope["signatures"].append(
            envelope["signatures"][0]))
        self.assert_refuses("malformed")
        self.assertNotIn("snapshot", self.trusted())

    def test_wrong_signature_beside_enough_right_ones(self):
        self.init()
        key = self.repository.signers["timestamp"][0]
        self.repository.add_key("timestamp")
        self.repository.publish("root", "timestamp")
        self.repository.bend("timestamp", lambda envelope: bad_signature(envelope, key))
        self.assert_accepts()
        for nonsense in ("", "zz", "0", "é"):
            self.repository.publish("timestamp")
            self.repository.bend("timestamp", lambda envelope, text=nonsense:
                                 envelope["signatures"][0].update(sig=text))
            self.assert_accepts()

    def test_key_that_is_listed_for_another_role_only(self):
        self.init()
        for role in ("timestamp", "snapshot", "targets"):
            with self.subTest(role=role):
                self.setUp()
                self.repository.signers[role] = self.repository.signers["root"]
                self.repository.publish("targets", "snapshot", "timestamp")
                self.init()
                self.assert_refuses("untrusted")
                self.assertNotIn(role, self.trusted())


if __name__ == "__main__":
    tap.main()
