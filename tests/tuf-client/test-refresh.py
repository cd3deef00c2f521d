#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The top-level workflow of TUF 1.0.34 (5.3 to 5.6.6), as a client on the command line goes
through it against a repository that another implementation signed."""

import json

import tap
import tuf_repository
from tuf_repository import TOP_LEVEL, Key, canonical, in_days, sha256

ALL = {"root": 1, "timestamp": 1, "snapshot": 1, "targets": 1}
FIRST_REQUESTS = [("root", 2), ("timestamp", None), ("snapshot", 1), ("targets", 1)]


class Basic(tuf_repository.ClientCase):
    """Which documents are asked for, stored and refused."""

    def test_first_refresh_asks_for_each_once_and_stores_them_as_received(self):
        self.begin()
        self.assertEqual(self.repository.requests, FIRST_REQUESTS)
        self.assert_stored_as_sent()

    def test_white_space_is_stored_as_received(self):
        self.repository.published["timestamp"][-1] += b" \n "
        self.begin()
        self.assert_stored_as_sent()

    def test_download_refreshes_first(self):
        self.init()
        self.assertEqual(self.download("no such target"), 1)
        self.assertEqual(self.repository.requests, FIRST_REQUESTS)
        self.assert_stored_as_sent()

    def test_second_refresh_asks_for_root_and_timestamp_only(self):
        self.begin()
        self.assert_accepts()
        self.assertEqual(self.repository.requests[4:], [("root", 2), ("timestamp", None)])

    def test_init_asks_for_nothing(self):
        self.assertEqual(self.init(), 0)
        self.assertEqual(self.repository.requests, [])

    def test_without_init_nothing_is_asked_for(self):
        self.assert_refuses("untrusted")
        self.assertEqual(self.repository.requests, [])

    def test_initial_root_without_version_is_useless(self):
        root = json.loads(self.repository.published["root"][0])
        del root["signed"]["version"]
        self.init(json.dumps(root).encode())
        self.assertEqual(self.refresh(), 1)
        self.assertEqual(self.repository.requests, [])

    def test_initial_root_without_its_signature_is_useless(self):
        root = json.loads(self.repository.published["root"][0])
        root["signatures"][0]["sig"] = "3045" + "00" * 69
        self.init(json.dumps(root).encode())
        self.assertEqual(self.refresh(), 1)
        self.assertEqual(self.repository.requests, [])

    def test_unknown_members_are_covered_by_signatures(self):
        self.begin()
        key = Key(**{"x-owner": {"a": 1, "b": [2, "é\"\\\n"]}})
        self.repository.root["x-custom"] = {"ü": None, "a": [True, False], "": -1}
        self.repository.root["roles"]["root"]["x-more"] = "value"
        self.repository.add_key("root", key)
        self.repository.publish("root")
        self.assert_accepts()
        self.assertEqual(self.trusted()["root"], 2)

    def test_keyid_hash_algorithms_mean_nothing(self):
        self.init()
        self.repository.root["roles"]["snapshot"]["keyids"].clear()
        self.repository.signers["snapshot"].clear()
        self.repository.add_key("snapshot", Key(keyid_hash_algorithms="md5"))
        self.repository.publish("root", "snapshot", "timestamp")
        self.assert_accepts()
        self.assert_trusts(root=2, snapshot=2, targets=1, timestamp=2)

    def test_missing_documents_end_the_refresh(self):
        for role, above, trusted in (
                ("timestamp", None, ALL),
                ("snapshot", "timestamp", {**ALL, "timestamp": 2}),
                ("targets", "snapshot", {**ALL, "timestamp": 2, "snapshot": 2})):
            with self.subTest(role=role):
                self.setUp()
                self.begin()
                if above is None:
                    del self.repository.published[role]
                else:
                    self.repository.docs[above]["meta"][role + ".json"]["version"] = 2
                    self.repository.publish(*("snapshot", "timestamp")[above == "timestamp":])
                self.assert_refuses("not-found")
                self.assertEqual(self.repository.requests[-1], (role, above and 2))
                self.assertEqual(self.trusted(), trusted)

    def test_document_of_another_type_is_refused(self):
        self.init()
        repository = self.repository
        repository.add_key("snapshot", repository.signers["timestamp"][0])
        repository.snapshot["meta"] = {"snapshot.json": {"version": 1}}
        repository.publish("root", "snapshot")
        repository.published["timestamp"].append(repository.published["snapshot"].pop())
        self.assert_refuses("wrong-type")
        self.assert_trusts(root=2)

    def test_names_without_versions(self):
        self.repository.root["consistent_snapshot"] = False
        self.repository.publish("root")
        self.init()
        self.assert_accepts()
        self.assertEqual(self.repository.requests,
                         [("root", 2), ("root", 3), ("timestamp", None), ("snapshot", None),
                          ("targets", None)])
        self.repository.publish("targets", "snapshot", "timestamp")
        self.assert_accepts()
        self.assert_trusts(root=2, snapshot=2, targets=2, timestamp=2)

    def test_names_without_versions_by_a_root_that_does_not_say(self):
        del self.repository.root["consistent_snapshot"]
        self.repository.sign("root")
        root = self.repository.published["root"].pop()
        self.repository.root["consistent_snapshot"] = False
        self.repository.published["root"] = [root]
        self.init()
        self.assert_accepts()
        self.assertEqual(self.repository.requests[-1], ("targets", None))


class Chain(tuf_repository.ClientCase):
    """What makes a document the one that is meant: signatures, versions, lengths and hashes."""

    CASES = (("root", {"root": 1}), ("timestamp", {"root": 2}),
             ("snapshot", {"root": 2, "timestamp": 2}),
             ("targets", {"root": 2, "timestamp": 2, "snapshot": 2}))

    def test_unsigned_document_is_refused_and_those_before_it_are_stored(self):
        for role, trusted in self.CASES:
            with self.subTest(role=role):
                self.setUp()
                self.repository.signers[role].clear()
                self.repository.publish("root", "targets", "snapshot", "timestamp")
                self.init()
                self.assert_refuses("untrusted")
                self.assertEqual(self.trusted(), trusted)

    def test_version_must_be_the_one_asked_for(self):
        for role, trusted in self.CASES:
            if role == "timestamp":
                continue
            with self.subTest(role=role):
                self.setUp()
                self.repository.docs[role]["version"] += 1
                self.repository.publish("root", "targets", "snapshot", "timestamp")
                self.init()
                # The name says version 2, the one above says 3: there is none, or it is another.
                self.assertEqual(self.refresh(), 1)
                self.assertEqual(self.trusted(), trusted)

    def test_hashes_and_lengths_are_checked(self):
        for bend, why in (({"hashes": {"sha256": sha256(b"")}}, "wrong-hash"),
                          ({"hashes": {"sha512": "00" * 64}}, "wrong-hash"),
                          ({"length": 10_000}, "wrong-length"), ({"length": 10}, "malformed")):
            with self.subTest(bend=bend):
                self.setUp()
                self.repository.pinned = True
                self.repository.publish("targets", "snapshot", "timestamp")
                self.begin()
                self.repository.publish("targets")
                self.repository.snapshot["meta"]["targets.json"].update(bend)
                self.repository.publish("snapshot", "timestamp")
                self.assertEqual(self.refresh(), 1)
                if why != "malformed":  # longer than signed: it is not even read
                    self.assertIn(f"({why})", self.complaint)
                self.assert_trusts(root=1, snapshot=3, targets=2, timestamp=3)

    def test_timestamp_of_the_same_version_is_not_looked_at(self):
        self.begin()
        before = self.metadata_dir.joinpath("timestamp.json").read_bytes()
        self.repository.timestamp["meta"]["snapshot.json"]["version"] = 100
        del self.repository.published["timestamp"]
        self.repository.publish("timestamp")
        self.assert_accepts()
        self.assertEqual(self.repository.requests[-1], ("timestamp", None))
        self.assertEqual(self.metadata_dir.joinpath("timestamp.json").read_bytes(), before)


class Rollback(tuf_repository.ClientCase):
    """Versions only grow (5.4.3, 5.5.5), until the keys are rotated (5.3.11)."""

    def test_timestamp(self):
        self.init()
        self.repository.publish("timestamp")
        self.assert_accepts()
        self.repository.publish("timestamp", version=1)
        self.assert_refuses("rolled-back")
        self.assertEqual(self.repository.requests[-1], ("timestamp", None))
        self.assertEqual(self.trusted()["timestamp"], 2)

    def test_snapshot_the_timestamp_names(self):
        for pinned in (False, True):
            with self.subTest(pinned=pinned):
                self.setUp()
                self.init()
                self.repository.pinned = pinned
                self.repository.publish("snapshot", "timestamp")
                self.assert_accepts()
                self.repository.snapshot["version"] = 0
                self.repository.publish("snapshot", "timestamp")
                self.assert_refuses("rolled-back")
                self.assertEqual(self.repository.requests[-1], ("timestamp", None))
                self.assert_trusts(root=1, snapshot=2, targets=1, timestamp=2)

    def test_targets_the_snapshot_names(self):
        for pinned in (False, True):
            with self.subTest(pinned=pinned):
                self.setUp()
                self.init()
                self.repository.pinned = pinned
                self.repository.publish("targets", "targets", "snapshot", "timestamp")
                self.assert_accepts()
                self.repository.targets["version"] = 1
                self.repository.publish("targets", "snapshot", "timestamp")
                self.assert_refuses("rolled-back")
                self.assert_trusts(root=1, snapshot=2, targets=3, timestamp=3)

    def test_targets_the_snapshot_no_longer_names(self):
        self.repository.delegate("targets", "A")
        self.repository.publish("A", "targets", "snapshot", "timestamp")
        self.begin()
        del self.repository.snapshot["meta"]["A.json"]
        self.repository.publish("snapshot", "timestamp")
        self.assert_refuses("rolled-back")

    def recover(self, rotated, role, high):
        """@role was driven up; @rotated get new keys, and it comes back down."""
        self.init()
        for _ in range(high):
            self.repository.publish(role)
        self.repository.publish(*TOP_LEVEL[TOP_LEVEL.index(role) - 1:0:-1])
        self.assert_accepts()
        self.assertEqual(self.trusted()[role], high + 1)
        for name in rotated:
            self.repository.rotate(name)
        self.repository.publish("root")
        for name in TOP_LEVEL[1:]:
            self.repository.published[name].clear()
            self.repository.docs[name]["version"] = 0
        self.repository.publish("targets", "snapshot", "timestamp")
        self.assert_accepts()
        self.assert_trusts(root=2, snapshot=1, targets=1, timestamp=1)

    def test_fast_forward_of_targets_ends_with_new_snapshot_keys(self):
        self.recover(["snapshot"], "targets", 20)

    def test_fast_forward_of_snapshot_ends_with_new_snapshot_keys(self):
        self.recover(["snapshot", "timestamp"], "snapshot", 20)

    def test_fast_forward_of_timestamp_ends_with_new_timestamp_keys(self):
        self.recover(["timestamp"], "timestamp", 20)


class Expiration(tuf_repository.ClientCase):
    """Nothing expired is accepted (5.3.10, 5.4.4, 5.5.6, 5.6.5), by the clock of the run."""

    def test_root_is_stored_and_ends_the_refresh(self):
        self.begin()
        self.repository.root["expires"] = in_days(-1)
        self.repository.publish("root", "targets", "snapshot", "timestamp")
        self.assert_refuses("root-expired")
        self.assert_trusts(root=2, snapshot=1, targets=1, timestamp=1)

    def test_others_are_not_stored(self):
        for role, trusted in (("timestamp", {}), ("snapshot", {"timestamp": 2}),
                              ("targets", {"timestamp": 2, "snapshot": 2})):
            with self.subTest(role=role):
                self.setUp()
                self.begin()
                self.repository.docs[role]["expires"] = in_days(-5)
                self.repository.publish("targets", "snapshot", "timestamp")
                self.assert_refuses("expired")
                self.assertEqual(self.trusted(), {**ALL, **trusted})

    def test_clock_of_the_computer_counts(self):
        self.init()
        self.repository.root["expires"] = in_days(7)
        self.repository.publish("root")
        self.assert_accepts()
        self.assert_refuses("root-expired", at=8)
        self.assert_accepts(at=6)

    def test_expired_root_leads_to_the_next(self):
        self.init()
        self.repository.root["expires"] = in_days(7)
        self.repository.publish("root")
        self.assert_accepts()
        self.repository.root["expires"] = in_days(21)
        self.repository.publish("root")
        self.assert_accepts(at=18)
        self.assertEqual(self.trusted()["root"], 3)

    def test_expired_ones_that_are_stored_still_lead_to_newer(self):
        for role in ("timestamp", "snapshot", "targets"):
            with self.subTest(role=role):
                self.setUp()
                self.init()
                self.repository.docs[role]["expires"] = in_days(7)
                self.repository.publish("targets", "snapshot", "timestamp")
                self.assert_accepts()
                self.assert_refuses("expired", at=18)
                self.repository.docs[role]["expires"] = in_days(21)
                self.repository.publish("targets", "snapshot", "timestamp")
                self.assert_accepts(at=18)
                self.assert_trusts(root=1, snapshot=3, targets=3, timestamp=3)

    def test_expired_ones_that_are_stored_still_are_floors(self):
        self.init()
        self.repository.timestamp["expires"] = in_days(7)
        self.repository.publish("timestamp", "timestamp")
        self.assert_accepts()
        self.repository.timestamp["expires"] = in_days(21)
        self.repository.publish("timestamp", version=2)
        self.assert_refuses("rolled-back", at=18)

    def test_clock_far_ahead_is_told_from_a_publisher_who_stopped(self):
        self.repository.timestamp["x-issued"] = in_days(0)
        self.repository.publish("timestamp")
        self.begin()
        self.assert_refuses("root-expired", at=100)
        self.assert_refuses("wrong-clock", at=3 * 365)
        self.assert_accepts()

    def test_clock_set_back_does_not_revive_what_expired(self):
        self.repository.timestamp["x-issued"] = in_days(-40)
        self.repository.publish("timestamp")
        self.begin()
        self.repository.timestamp.update({"x-issued": in_days(-3), "expires": in_days(-20)})
        self.repository.publish("timestamp")
        self.assert_refuses("expired")
        self.repository.timestamp["expires"] = in_days(20)
        self.repository.publish("timestamp")
        self.assert_accepts()
        self.repository.timestamp["expires"] = in_days(-4)
        self.repository.publish("timestamp")
        self.assert_refuses("expired", at=-10)

    def test_thief_who_signs_in_the_far_future_loses_with_the_key(self):
        self.begin()
        self.repository.timestamp.update({"x-issued": in_days(9000), "expires": in_days(9999)})
        self.repository.publish("timestamp")
        self.assert_accepts()
        self.assert_refuses("root-expired")
        self.repository.rotate("timestamp")
        del self.repository.timestamp["x-issued"]
        self.repository.timestamp["expires"] = in_days(30)
        self.repository.publish("root", "timestamp")
        self.assert_accepts()


class Canonical(tuf_repository.ClientCase):
    """The two implementations agree on the bytes that are signed."""

    def test_every_kind_of_text(self):
        self.init()
        texts = ["", "\"", "\\", "/", "\b\f\n\r\t", "\x7f", "\x01\x1f", "é", "漢字", "\u2028", "😀",
                 "\ufffd", "\uff5e", "\U0001d11e", "a\"b\\c\"d"]
        self.repository.root["x-texts"] = texts
        self.repository.root["x-names"] = {text: index for index, text in enumerate(texts)}
        self.repository.publish("root")
        self.assertIn("\x7f", canonical(self.repository.root))
        self.assert_accepts()

    def test_every_integer(self):
        self.init()
        self.repository.root["x-numbers"] = [0, -1, 2 ** 53 - 1, 1 - 2 ** 53, 10 ** 15]
        self.repository.publish("root")
        self.assert_accepts()

    def test_floating_point_is_refused(self):
        self.init()
        self.repository.root["x-number"] = 1.5
        self.repository.publish("root")
        self.assert_refuses("malformed")


if __name__ == "__main__":
    tap.main()
