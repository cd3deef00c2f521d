# SPDX-License-Identifier: LGPL-2.1-or-later
"""A TUF repository in memory whose every document a test may bend before it is published, the web
server that hands it out, and the client that is tested. Keys and signatures are another
implementation's (pyca/cryptography), and so is the canonical JSON."""

import datetime
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
except ImportError:
    print("1..0 # SKIP python3-cryptography is not installed")
    sys.exit(0)

TOP_LEVEL = ("root", "timestamp", "snapshot", "targets")
SHA256 = hashes.SHA256()
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def in_days(days):
    return (NOW + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical(value):
    """OLPC canonical JSON: sorted members, no space, only the quote and the backslash escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name])
                              for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(value)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def pss(key, message):
    return key.sign(message, padding.PSS(padding.MGF1(SHA256), SHA256.digest_size), SHA256)


SCHEMES = {
    "ed25519": ("ed25519", ed25519.Ed25519PrivateKey.generate,
                lambda key, message: key.sign(message)),
    "ecdsa-sha2-nistp256": ("ecdsa", lambda: ec.generate_private_key(ec.SECP256R1()),
                            lambda key, message: key.sign(message, ec.ECDSA(SHA256))),
    "rsassa-pss-sha256": ("rsa", lambda: rsa.generate_private_key(65537, 2048), pss),
    "rsa-pkcs1v15-sha256": ("rsa", lambda: rsa.generate_private_key(65537, 2048),
                            lambda key, message: key.sign(message, padding.PKCS1v15(), SHA256)),
}


class Key:
    """A key pair as TUF lists it; @more goes into the listed object, and so into the id."""

    def __init__(self, scheme="ecdsa-sha2-nistp256", keytype=None, **more):
        usual, generate, self.sign_message = SCHEMES[scheme]
        self.secret = generate()
        self.public = {"keytype": keytype or usual, "scheme": scheme,
                       "keyval": {"public": self.encode(scheme)}, **more}
        self.id = sha256(canonical(self.public).encode())

    def encode(self, scheme):
        public = self.secret.public_key()
        if scheme == "ed25519":
            return public.public_bytes(serialization.Encoding.Raw,
                                       serialization.PublicFormat.Raw).hex()
        return public.public_bytes(serialization.Encoding.PEM,
                                   serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, signed):
        return {"keyid": self.id,
                "sig": self.sign_message(self.secret, canonical(signed).encode()).hex()}


class Repository:
    """docs: what will be signed next, by role. published: what the server has, by role, version
    1 first. signers: who signs. requests, fetched: what clients asked for."""

    def __init__(self):
        self.docs, self.published, self.signers = {}, {}, {}
        self.artifacts, self.requests, self.fetched = {}, [], []
        self.pinned = False
        for role in TOP_LEVEL:
            self.docs[role] = {"_type": role, "spec_version": "1.0.34", "version": 1,
                               "expires": in_days(30)}
        self.root.update(consistent_snapshot=True, keys={}, roles={
            role: {"keyids": [], "threshold": 1} for role in TOP_LEVEL})
        self.targets["targets"] = {}
        self.snapshot["meta"], self.timestamp["meta"] = {}, {}
        for role in TOP_LEVEL:
            self.add_key(role)
        self.publish("targets", "snapshot", "timestamp", "root")

    root = property(lambda self: self.docs["root"])
    timestamp = property(lambda self: self.docs["timestamp"])
    snapshot = property(lambda self: self.docs["snapshot"])
    targets = property(lambda self: self.docs["targets"])

    def add_key(self, role, key=None, delegator=None):
        """Lists a key for @role, in root or with @delegator, and has it sign from now on."""
        key = key or Key()
        if delegator is None:
            holder, entry = self.root, self.root["roles"][role]
        else:
            holder = self.docs[delegator]["delegations"]
            entry = next(entry for entry in holder["roles"] if entry["name"] == role)
        holder["keys"][key.id] = key.public
        entry["keyids"].append(key.id)
        self.signers.setdefault(role, []).append(key)
        return key

    def rotate(self, role):
        self.root["roles"][role]["keyids"].clear()
        self.signers[role].clear()
        return self.add_key(role)

    def delegate(self, delegator, role, paths=("*",), **more):
        """Adds a delegation, with a key of its own, and the role unless it is there."""
        self.docs.setdefault(role, {"_type": "targets", "spec_version": "1.0.34", "version": 1,
                                    "expires": in_days(30), "targets": {}})
        delegations = self.docs[delegator].setdefault("delegations", {"keys": {}, "roles": []})
        entry = {"name": role, "keyids": [], "threshold": 1, "terminating": False, **more}
        if paths is not None:
            entry["paths"] = list(paths)
        delegations["roles"].append(entry)
        return self.add_key(role, delegator=delegator)

    def add_artifact(self, role, name, data, algorithms=("sha256",)):
        entry = {"length": len(data),
                 "hashes": {name: hashlib.new(name, data).hexdigest() for name in algorithms}}
        self.docs[role]["targets"][name] = entry
        self.artifacts[name] = data

    def publish(self, *roles, version=None):
        """Signs the next version of each role, and has the one above it say so."""
        for role in roles:
            if role in self.published:
                self.docs[role]["version"] += 1
            if version is not None:
                self.docs[role]["version"] = version
            self.sign(role)

    def sign(self, role):
        signed = self.docs[role]
        envelope = {"signatures": [key.sign(signed) for key in self.signers[role]],
                    "signed": signed}
        data = json.dumps(envelope, indent=1).encode()
        self.published.setdefault(role, []).append(data)
        if role in ("root", "timestamp"):
            return
        above = self.timestamp if role == "snapshot" else self.snapshot
        above["meta"][role + ".json"] = {"version": signed["version"]}
        if self.pinned:
            above["meta"][role + ".json"].update(length=len(data),
                                                 hashes={"sha256": sha256(data)})

    def bend(self, role, change):
        """Changes the envelope that was published last."""
        envelope = json.loads(self.published[role].pop())
        change(envelope)
        self.published[role].append(json.dumps(envelope).encode())

    def get_document(self, name):
        consistent = self.root["consistent_snapshot"] and name != "timestamp"
        first, _, rest = name.partition(".")
        if consistent or rest == "root":
            role, version = urllib.parse.unquote(rest), int(first)
        else:
            role, version = urllib.parse.unquote(name), None
        self.requests.append((rest if version else name, version))
        documents = self.published[role]
        if version is None:
            return documents[-1]
        if not 1 <= version <= len(documents):
            raise KeyError(name)
        return documents[version - 1]

    def get_artifact(self, path):
        folder, slash, file = path.rpartition("/")
        prefix = None
        if self.root["consistent_snapshot"]:
            prefix, _, file = file.partition(".")
        name = urllib.parse.unquote(folder + slash + file)
        self.fetched.append((name, prefix))
        entries = [doc["targets"][name] for doc in self.docs.values()
                   if name in doc.get("targets", {})]
        if prefix and not any(prefix in entry["hashes"].values() for entry in entries):
            raise KeyError(name)
        return self.artifacts[name]

    def get(self, path):
        if path.startswith("/metadata/") and path.endswith(".json"):
            return self.get_document(path[len("/metadata/"):-len(".json")])
        if path.startswith("/targets/"):
            return self.get_artifact(path[len("/targets/"):])
        raise KeyError(path)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers from the repository; only the documents' names are unquoted, as any server does."""

    def do_GET(self):
        try:
            data = self.server.repository.get(self.path)
        except (KeyError, ValueError):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        pass


class ClientCase(unittest.TestCase):
    """A repository, its server, and a client that knows nothing but the first root."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="onward-tuf-")
        self.addCleanup(self.folder.cleanup)
        self.metadata_dir = pathlib.Path(self.folder.name, "metadata")
        self.target_dir = pathlib.Path(self.folder.name, "targets")
        self.metadata_dir.mkdir()
        self.target_dir.mkdir()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.repository = self.server.repository = Repository()
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def run_client(self, *arguments, at=None):
        command = [os.environ["ONWARD_TUF_CLIENT"], "--metadata-dir", str(self.metadata_dir),
                   *arguments]
        if at is not None:
            if shutil.which("faketime") is None or "ONWARD_SANITIZED" in os.environ:
                self.skipTest("the time cannot be faked here")
            command = ["faketime", str(NOW + datetime.timedelta(days=at))[:19], *command]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                              env={**os.environ, "TZ": "UTC"})
        self.complaint = done.stderr
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.returncode

    def url(self, folder):
        return f"http://127.0.0.1:{self.server.server_address[1]}/{folder}/"

    def init(self, root=None):
        trusted = pathlib.Path(self.folder.name, "initial_root.json")
        trusted.write_bytes(root or self.repository.published["root"][0])
        return self.run_client("init", str(trusted))

    def refresh(self, at=None):
        return self.run_client("--metadata-url", self.url("metadata"), "refresh", at=at)

    def download(self, *names, at=None):
        options = [part for name in names for part in ("--target-name", name)]
        return self.run_client("--metadata-url", self.url("metadata"), *options,
                               "--target-base-url", self.url("targets"),
                               "--target-dir", str(self.target_dir), "download", at=at)

    def assert_accepts(self, at=None):
        self.assertEqual(self.refresh(at), 0, self.complaint)

    def assert_refuses(self, why, at=None):
        self.assertEqual(self.refresh(at), 1)
        self.assertIn(f"({why})", self.complaint)

    def begin(self):
        """The client has made its first refresh."""
        self.assertEqual(self.init(), 0, self.complaint)
        self.assert_accepts()

    def trusted(self):
        """The version of every document that is stored, by the name of its file."""
        return {path.name[:-len(".json")]: json.loads(path.read_bytes())["signed"]["version"]
                for path in sorted(self.metadata_dir.glob("*.json"))}

    def downloaded(self):
        return [path.read_bytes() for path in
                sorted(self.target_dir.iterdir(), key=lambda path: path.stat().st_mtime_ns)]

    def assert_trusts(self, **versions):
        self.assertEqual(self.trusted(), versions)

    def assert_stored_as_sent(self):
        for role in TOP_LEVEL:
            self.assertEqual(self.metadata_dir.joinpath(role + ".json").read_bytes(),
                             self.repository.published[role][-1])
