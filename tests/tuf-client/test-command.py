#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How the client is started: from any folder, with any environment, against any address, at any
time. Those who run it from outside choose all of these."""

import os
import subprocess
import urllib.parse

import tap
import tuf_repository
from tuf_repository import TOP_LEVEL, in_days

NAME = "path/to/file.txt"
NOWHERE = "/nonexistent/folder"

# Folders on a server, as an address quotes them.
FOLDERS = ["test_one%5Bbasic%5D", "a%20b", "test%5B..%2Fdelegated%5D", "test%5B%3F%5D", "%23",
           "%25", "a+b~c", "%C3%A9", "x/..%2Fy"]

ENVIRONMENTS = {
    "empty": {},
    "no such locale": {"LC_ALL": "xx_XX.UTF-8", "LANGUAGE": "xx"},
    "no home": {"HOME": NOWHERE, "XDG_CONFIG_HOME": NOWHERE, "XDG_CACHE_HOME": NOWHERE,
                "XDG_RUNTIME_DIR": NOWHERE, "DBUS_SESSION_BUS_ADDRESS": "unix:path=" + NOWHERE},
    "no folder for temporary files": {"TMPDIR": NOWHERE},
    "a proxy that is not there": {name: "http://127.0.0.1:9" for name in
                                  ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY")},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
}


class HangingUp(tuf_repository.Handler):
    """Says nothing at all when asked for what the server is told to keep to itself."""

    def do_GET(self):
        if self.server.secret not in self.path:
            super().do_GET()


class InFolder(tuf_repository.Handler):
    """Serves the repository from one folder, whose name has to come as it was given."""

    def do_GET(self):
        start = f"/{self.server.folder}/"
        self.path = self.path[len(start) - 1:] if self.path.startswith(start) else "/elsewhere"
        super().do_GET()


class Command(tuf_repository.ClientCase):
    """init, refresh and download."""

    def setUp(self):
        super().setUp()
        self.repository.add_artifact("targets", NAME, b"content")
        self.repository.publish("targets", "snapshot", "timestamp")

    def run_bare(self, *arguments, cwd=None, environment=None):
        kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        done = subprocess.run([os.environ["ONWARD_TUF_CLIENT"], *arguments], capture_output=True,
                              text=True, timeout=120, check=False, cwd=cwd,
                              env={**kept, **(environment or {})})
        self.complaint = done.stderr
        return done.returncode

    def download_bare(self, **how):
        return self.run_bare("--metadata-dir", str(self.metadata_dir), "--metadata-url",
                             self.url("metadata"), "--target-name", NAME, "--target-base-url",
                             self.url("targets"), "--target-dir", str(self.target_dir),
                             "download", **how)

    def test_environment_does_not_matter(self):
        for name, environment in ENVIRONMENTS.items():
            with self.subTest(name):
                self.setUp()
                self.init()
                self.assertEqual(self.download_bare(environment=environment), 0, self.complaint)
                self.assertEqual(self.downloaded(), [b"content"])

    def test_paths_start_where_the_client_does(self):
        folder = self.folder.name
        self.init()
        os.remove(self.metadata_dir / "root.json")
        self.assertEqual(self.run_bare("--metadata-dir", "metadata", "init", "initial_root.json",
                                       cwd=folder), 0, self.complaint)
        self.assertEqual(self.run_bare("--metadata-dir", "./metadata/", "--metadata-url",
                                       self.url("metadata"), "--target-name", NAME,
                                       "--target-base-url", self.url("targets"), "--target-dir",
                                       "../" + os.path.basename(folder) + "/targets", "download",
                                       cwd=folder), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b"content"])

    def test_folders_are_made(self):
        self.metadata_dir.rmdir()
        self.target_dir.rmdir()
        self.assertEqual(self.init(), 0, self.complaint)
        self.assertEqual(self.download(NAME), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b"content"])

    def test_options_come_in_any_order(self):
        self.repository.add_artifact("targets", "-name", b"dash")
        self.repository.publish("targets", "snapshot", "timestamp")
        self.init()
        self.assertEqual(self.run_bare("download", "--target-name", "-name",
                                       f"--target-dir={self.target_dir}",
                                       f"--target-base-url={self.url('targets')}",
                                       f"--metadata-url={self.url('metadata')}",
                                       f"--metadata-dir={self.metadata_dir}"), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b"dash"])

    def test_commands_that_make_no_sense_fail(self):
        metadata = ["--metadata-dir", str(self.metadata_dir)]
        self.init()
        for arguments in ([], metadata, ["refresh"], [*metadata, "refresh"], [*metadata, "init"],
                          [*metadata, "init", NOWHERE], [*metadata, "upgrade"],
                          [*metadata, "--metadata-url", "nowhere", "refresh"],
                          [*metadata, "--metadata-url", self.url("metadata"), "download"],
                          [*metadata, "--no-such-option", "refresh"]):
            with self.subTest(arguments):
                self.assertEqual(self.run_bare(*arguments), 1)
                self.assertTrue(self.complaint.startswith("tuf-client: "), self.complaint)
        self.assertEqual(self.repository.requests, [])

    def test_init_keeps_the_root_as_it_is_and_nothing_else(self):
        for root in (self.repository.published["root"][0], b" {} ", b""):
            with self.subTest(root):
                self.assertEqual(self.init(root or b"\0"), 0, self.complaint)
                self.assertEqual([path.name for path in self.metadata_dir.iterdir()], ["root.json"])
                self.assertEqual(self.metadata_dir.joinpath("root.json").read_bytes(),
                                 root or b"\0")

    def test_address_is_asked_as_it_is_quoted(self):
        for folder in FOLDERS:
            for end in ("/", ""):
                with self.subTest(folder=folder, end=end):
                    self.setUp()
                    self.server.RequestHandlerClass = InFolder
                    self.server.folder = folder
                    self.init()
                    self.url = lambda part, start=super().url(folder), end=end: start + part + end
                    self.assertEqual(self.download(NAME), 0, self.complaint)
                    self.assertEqual(self.downloaded(), [b"content"])
                    self.assertEqual(len(self.repository.fetched), 1)

    def test_server_that_hangs_up(self):
        quoted = urllib.parse.quote(NAME)
        for secret, trusted in (("timestamp", ["root"]), ("snapshot", ["root", "timestamp"]),
                                ("2.targets", ["root", "snapshot", "timestamp"]),
                                (quoted.rpartition("/")[2], sorted(TOP_LEVEL))):
            with self.subTest(secret):
                self.setUp()
                self.server.RequestHandlerClass = HangingUp
                self.server.secret = secret
                self.init()
                self.assertEqual(self.download(NAME), 1)
                self.assertEqual(sorted(self.trusted()), trusted)
                self.assertEqual(self.downloaded(), [])
                self.server.secret = "none"
                self.assertEqual(self.download(NAME), 0, self.complaint)

    def test_repository_of_years_ago_is_good_at_its_time(self):
        for role in TOP_LEVEL:
            self.repository.docs[role]["expires"] = in_days(-400)
        self.repository.publish("root", "targets", "snapshot", "timestamp")
        self.init()
        self.assertEqual(self.refresh(), 1)
        self.assert_accepts(at=-1200)
        self.assertEqual(self.download(NAME, at=-1200), 0, self.complaint)
        self.assertEqual(self.downloaded(), [b"content"])
        self.assertEqual(self.refresh(), 1)


if __name__ == "__main__":
    tap.main()
