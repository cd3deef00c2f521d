#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Repositories as other tools make them: what the specification lets them do, and what they are
found to do."""

import json

import tap
import tuf_repository
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tuf_repository import SHA256, TOP_LEVEL, Key, canonical, in_days, sha256

UNKNOWN = {"x-tuf-on-ci-expiry-period": 365, "x-tuf-on-ci-signing-period": 60,
           "x-nested": {"é": ["\"", "\\", None, True, -1]}}

# Keys that nobody here can use, beside one that signs.
ODD_KEYS = {
    "unknown": {"keytype": "foo", "scheme": "bar", "keyval": {"public": "zz"}},
    "without a public half": {"keytype": "sigstore-oidc", "scheme": "Fulcio",
                              "keyval": {"identity": "a@b", "issuer": "https://x"}},
    "no PEM": {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256",
               "keyval": {"public": "not PEM"}},
    "a point in hexadecimal": {"keytype": "ecdsa-sha2-nistp256", "scheme": "ecdsa-sha2-nistp256",
                               "keyval": {"public": "04cbc5cab2684160323c25cd06c3307178a6"}},
    "short": {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": "abcd"}},
    "another curve": {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp384",
                      "keyval": {"public": "-----BEGIN PUBLIC KEY-----"}},
    "with a private member": {"keytype": "ed25519", "scheme": "ed25519",
                              "keyval": {"private": "", "public": "00" * 32}},
}

JUNK = (b"", b"{", b"[]", b"{}", b"null", b"\xff\xfe", b"{" * 20_000, b'{"signed":{},"signed":{}}')


class Tools(tuf_repository.ClientCase):
    """Whole repositories."""

    def rename(self, key, name):
        """Gives a key an id of its own instead of the hash of it."""
        key.id = name
        return key

    def make_like_tuf_on_ci(self):
        """Five people and three signatures for root, of which the others have left an empty one; a
        key for all that is done by a service; members of the tool's own everywhere."""
        repository = self.repository
        online = self.rename(Key(**{"x-tuf-on-ci-online-uri": "gcpkms:x"}), "online")
        repository.signers.clear()
        for role in TOP_LEVEL:
            repository.root["roles"][role]["keyids"].clear()
        for index in range(5):
            key = self.rename(Key(**{"x-tuf-on-ci-keyowner": f"@person{index}"}), f"key {index}")
            repository.add_key("root", key)
            repository.add_key("targets", key)
        for role in ("snapshot", "timestamp"):
            repository.add_key(role, online)
        for role in ("root", "targets"):
            repository.root["roles"][role]["threshold"] = 3
        for role in TOP_LEVEL:
            repository.docs[role].update(UNKNOWN)
        repository.delegate("targets", "packages.example.org", ["packages.example.org/*"],
                            terminating=True, **{"x-tuf-on-ci": True})
        repository.add_artifact("packages.example.org", "packages.example.org/keys.json", b"{}",
                                ("sha256", "sha512"))
        repository.published.clear()
        for role in TOP_LEVEL:
            repository.docs[role]["version"] = 1
        repository.publish("packages.example.org", "targets", "snapshot", "timestamp", "root")

    def leave_out(self, role, *indexes):
        """Some have not signed: their signature is there, and empty."""
        self.repository.bend(role, lambda envelope: [
            envelope["signatures"][index].update(sig="") for index in indexes])

    def test_tuf_on_ci(self):
        self.make_like_tuf_on_ci()
        self.leave_out("root", 0, 3)
        self.leave_out("targets", 1, 2)
        self.init()
        self.assert_accepts()
        self.assertEqual(self.download("packages.example.org/keys.json"), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b"{}"])

        self.repository.publish("root", "root", "targets", "snapshot", "timestamp")
        self.leave_out("root", 2, 4)
        self.assert_accepts()
        self.assertEqual(self.trusted()["root"], 3)

    def test_tuf_on_ci_with_too_few_signatures(self):
        for role in ("root", "targets"):
            with self.subTest(role):
                self.setUp()
                self.make_like_tuf_on_ci()
                self.begin()
                self.repository.publish("root", "targets", "snapshot", "timestamp")
                self.leave_out(role, 0, 1, 2)
                self.assert_refuses("untrusted")
                self.assertEqual(self.trusted()[role], 1)

    def test_tuf_on_ci_years_later(self):
        self.make_like_tuf_on_ci()
        self.init()
        self.assert_refuses("root-expired", at=700)
        self.assert_accepts(at=5)

    def test_snapshot_that_lists_more_than_targets(self):
        self.init()
        self.repository.snapshot["meta"].update({
            "root.json": {"version": 7, "length": 5297, "hashes": {"sha256": "00" * 32}},
            "rekor.json": {"version": 3}, "no suffix": {"version": 1}})
        self.repository.publish("root", "snapshot", "timestamp")
        self.assert_accepts()
        self.repository.publish("snapshot", "timestamp")
        self.assert_accepts()
        self.assert_trusts(root=2, snapshot=3, targets=1, timestamp=3)

    def test_documents_in_one_line_or_in_many(self):
        for indent in (None, 0, 4, "\t"):
            with self.subTest(indent=indent):
                self.setUp()
                for role in TOP_LEVEL:
                    envelope = json.loads(self.repository.published[role].pop())
                    self.repository.published[role].append(
                        json.dumps(envelope, indent=indent, ensure_ascii=False).encode())
                self.begin()
                self.assert_stored_as_sent()


class Rules(tuf_repository.ClientCase):
    """Single sentences of the specification."""

    def test_minor_versions_of_the_specification(self):
        """4.3: every 1.x is read, what comes after it is not."""
        for version, good in (("1.0", True), ("1.0.0", True), ("1.0.34", True), ("1.99.9", True),
                              ("2.0.0", False), ("0.9.0", False), ("1", False), ("", False)):
            with self.subTest(version):
                self.setUp()
                self.init()
                self.repository.timestamp["spec_version"] = version
                self.repository.publish("timestamp")
                if good:
                    self.assert_accepts()
                else:
                    self.assert_refuses("unsupported-format")
                    self.assert_trusts(root=1)

    def test_key_ids_that_are_no_hashes(self):
        """4.2: an id is a name; what it is computed from is the publisher's affair."""
        for name in ("k", "00" * 32, "é \"quoted\" \\ /", "x" * 1000):
            with self.subTest(name):
                self.setUp()
                self.init()
                key = Key()
                key.id = name
                self.repository.add_key("timestamp", key)
                self.repository.root["roles"]["timestamp"]["threshold"] = 2
                self.repository.publish("root", "timestamp")
                self.assert_accepts()
                self.assert_trusts(root=2, snapshot=1, targets=1, timestamp=2)

    def test_keys_of_no_use_beside_one_that_signs(self):
        """4.2: a key that cannot be used is no reason to refuse what others have signed."""
        for name, key in ODD_KEYS.items():
            with self.subTest(name):
                self.setUp()
                self.init()
                self.repository.root["keys"]["ab" * 32] = key
                self.repository.root["roles"]["timestamp"]["keyids"].append("ab" * 32)
                self.repository.publish("root", "timestamp")
                self.assert_accepts()
                self.assert_trusts(root=2, snapshot=1, targets=1, timestamp=2)

    def test_salts_and_sizes_of_rsa(self):
        """4.2: rsassa-pss-sha256, salted as its two usual signers do."""
        for size in (2048, 3072, 4096):
            for salt in (SHA256.digest_size, padding.PSS.MAX_LENGTH):
                with self.subTest(size=size, salt=salt):
                    self.setUp()
                    self.init()
                    key = Key("rsassa-pss-sha256")
                    key.secret = rsa.generate_private_key(65537, size)
                    key.public["keyval"]["public"] = key.encode("rsassa-pss-sha256")
                    key.id = sha256(canonical(key.public).encode())
                    key.sign_message = lambda secret, message, salt=salt: secret.sign(
                        message, padding.PSS(padding.MGF1(SHA256), salt), SHA256)
                    self.repository.add_key("timestamp", key)
                    self.repository.root["roles"]["timestamp"]["threshold"] = 2
                    self.repository.publish("root", "timestamp")
                    self.assert_accepts()

    def test_pem_without_its_last_line_end(self):
        self.init()
        key = self.repository.signers["timestamp"][0]
        key.public["keyval"]["public"] = key.public["keyval"]["public"].strip()
        self.repository.publish("root", "timestamp")
        self.assert_accepts()
        self.assert_trusts(root=2, snapshot=1, targets=1, timestamp=2)

    def test_long_chain_of_roots(self):
        """5.3.3: a run follows 256 roots, and the next one goes on from there."""
        for _ in range(300):
            self.repository.publish("root")
        self.init()
        self.assert_accepts()
        self.assertEqual(self.trusted()["root"], 257)
        self.assert_accepts()
        self.assertEqual(self.trusted()["root"], 301)
        self.assert_stored_as_sent()

    def test_versions_below_one(self):
        for version in (0, -1):
            with self.subTest(version):
                self.setUp()
                self.repository.timestamp["version"] = version
                self.repository.sign("timestamp")
                self.init()
                self.assert_refuses("malformed")
                self.assert_trusts(root=1)

    def test_thresholds_that_are_no_positive_integers(self):
        for threshold in (0, -1, "1", None, True, [1]):
            with self.subTest(threshold):
                self.setUp()
                self.init()
                self.repository.root["roles"]["timestamp"]["threshold"] = threshold
                self.repository.publish("root")
                self.assert_refuses("malformed")
                self.assert_trusts(root=1)

    def test_expiry_that_is_no_time(self):
        for expires in ("2030-01-01", "2030-01-01T00:00:00", "2030-01-01T00:00:00+00:00",
                        "2030-01-01T00:00:00.5Z", "2030-02-30T00:00:00Z", 4102444800, None):
            with self.subTest(expires):
                self.setUp()
                self.init()
                self.repository.timestamp["expires"] = expires
                self.repository.publish("timestamp")
                self.assert_refuses("malformed")
                self.assert_trusts(root=1)

    def test_what_is_no_document(self):
        for role in TOP_LEVEL:
            for junk in JUNK:
                with self.subTest(role=role, junk=junk[:20]):
                    self.setUp()
                    self.init()
                    if role == "root":
                        self.repository.published[role].append(junk)
                    else:
                        self.repository.published[role] = [junk]
                    self.assertEqual(self.refresh(), 1)
                    self.assertNotIn("crash", self.complaint)
                    self.assertEqual(self.trusted().get(role), 1 if role == "root" else None)

    def test_unsigned_members_of_the_envelope_mean_nothing(self):
        """4.2: only “signed” is signed; what stands beside it is nobody's word."""
        self.begin()
        self.repository.publish("timestamp")
        self.repository.bend("timestamp", lambda envelope: envelope.update(
            version=99, expires=in_days(9000), signed2={"version": 99}))
        self.assert_accepts()
        self.assertEqual(self.trusted()["timestamp"], 2)

    def test_roles_that_are_no_longer_listed_are_forgotten(self):
        """5.6.6: what is stored is what may be asked for again."""
        self.repository.delegate("targets", "A")
        self.repository.delegate("targets", "B/…")
        self.repository.publish("A", "B/…", "targets", "snapshot", "timestamp")
        self.init()
        self.assertEqual(self.download("no such target"), 1)
        self.assertEqual(len(self.trusted()), 6)
        del self.repository.snapshot["meta"]["A.json"]
        self.repository.rotate("snapshot")
        self.repository.publish("snapshot", "timestamp", "root")
        self.assert_accepts()
        self.assertEqual(sorted(self.trusted()),
                         ["B%2F%E2%80%A6", "root", "snapshot", "targets", "timestamp"])


if __name__ == "__main__":
    tap.main()
