# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of promises share: an application and its versions, its repository, the web server
that hands it out, its install, and the tools, all of them as users run them.

The tools are looked for in the build folder that ONWARD_BUILD_ROOT names. Everything lives in a
folder that goes away with the test; every process dies with the test.
"""

import atexit
import ctypes
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "style"))
import tap  # noqa: E402

BUILD = pathlib.Path(os.environ.get("ONWARD_BUILD_ROOT", HERE.parent.parent / "build")).resolve()
ONWARD = BUILD / "src/cli/onward"
PUBLISH = BUILD / "src/publish/onward-publish"

DONE, FAILED, USAGE, NOTHING, NETWORK, UNTRUSTED, NO_SPACE, BUSY, NOT_PERMITTED = range(9)
CANCELLED = 130
# How the application ends when it is told to fail.
OWN_FAILURE = 9

BLOCK = 1024 * 1024
SETTLED = 0.3
SANITIZED = "ONWARD_SANITIZED" in os.environ
TIMEOUT = 240 if SANITIZED else 60
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def find_place():
    """Where the tests' folders go: where TMPDIR says, else in memory where there is plenty, which
    spares three quarters of the time, spent in waiting for a disk."""
    memory = "/dev/shm"
    if "TMPDIR" in os.environ:
        return None
    try:
        info = os.statvfs(memory)
    except OSError:
        return None
    runs = os.access(memory, os.W_OK) and not info.f_flag & os.ST_NOEXEC
    return memory if runs and info.f_bavail * info.f_frsize > 4 << 30 else None


def everybody_reaches(path):
    """Whether each user may go as far as the folder that it lies in."""
    return all(parent.stat().st_mode & 1 for parent in path.parents)


def noise(size, seed):
    """Bytes that no compression makes smaller, the same ones each time."""
    return random.Random(seed).randbytes(size)


class Link(str):
    """A symbolic link in a description of a tree."""


class Program(str):
    """An executable text in a description of a tree."""


class Binary(bytes):
    """An executable that is no text in a description of a tree."""


def app(version):
    """A program that says its version and its arguments; with "wait" it runs until it is told to
    end, with "load" it reads one of its files only then, with "good" it marks itself as good, as an
    application does, and with "fail-VERSION" that version fails."""
    return Program(f"""#!/bin/sh
echo "{version}" "$@"
case "$1" in
  wait) read -r line ;;
  load) read -r line; cat "${{0%/*}}/../share/file" ;;
  good) exec "{ONWARD}" mark-good ;;
  fail-{version}) exit {OWN_FAILURE} ;;
esac
""")


def launcher(version):
    """A launcher that works, and differs from that of other versions."""
    return Binary((BUILD / "src/launch/onward-launch").read_bytes() + version.encode())


def make_tree(folder, files):
    """Makes a folder from {path: bytes, str, Program, Binary, Link, or None for a folder}."""
    folder.mkdir(mode=0o755, parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content)
        elif content is None:
            path.mkdir(mode=0o755)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            path.chmod(0o755 if isinstance(content, (Program, Binary)) else 0o644)
    return folder


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def snapshot(folder):
    """All that a version is: {path: kind, mode and content} below a folder."""
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in folders + names:
            path = pathlib.Path(parent, name)
            mode = path.lstat().st_mode & 0o7777
            if path.is_symlink():
                facts = ("link", os.readlink(path))
            elif path.is_dir():
                facts = ("folder", mode)
            else:
                facts = ("file", mode, digest(path))
            found[str(path.relative_to(folder))] = facts
    return found


# What says in the folder of a version which one it is, where `current` is a folder.
MARK = ".onward-version"


def current_version(install):
    """The version that `current` names, or is."""
    link = install / "current"
    return os.path.basename(os.readlink(link if link.is_symlink() else link / MARK))


def version_folder(install, version):
    """Where a version lies in an install."""
    is_here = not (install / "current").is_symlink() and current_version(install) == version
    return install / ("current" if is_here else f"versions/{version}")


def list_versions(install):
    """All versions of an install."""
    return sorted({*os.listdir(install / "versions"), current_version(install)})


def wait_until(condition, what, timeout=TIMEOUT):
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited in vain until " + what)
        time.sleep(0.01)


def die_with_the_test():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Result:
    """What a tool did."""

    def __init__(self, command, status, stdout, stderr):
        self.command, self.status = command, status
        self.raw = stdout
        self.stdout = stdout.decode(errors="replace")
        self.stderr = stderr.decode(errors="replace")

    def events(self):
        """The objects that --json printed; every line has to be one."""
        return [json.loads(line) for line in self.raw.decode().splitlines()]

    def __str__(self):
        return (f"{' '.join(map(str, self.command))}\nended with {self.status}\n"
                f"stdout: {self.stdout}\nstderr: {self.stderr}")


class Running:
    """A tool that runs beside the test; its output is collected as it comes."""

    def __init__(self, test, command, **options):
        self.command = [str(word) for word in command]
        self.lines = []
        self.errors = []
        self.process = test.spawn(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, **options)
        self._threads = [self._collect(self.process.stdout, self.lines),
                         self._collect(self.process.stderr, self.errors)]
        test.addCleanup(self.kill)

    @staticmethod
    def _collect(stream, lines):
        def run():
            for line in stream:
                lines.append(line)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def is_running(self):
        return self.process.poll() is None

    def wait(self, timeout=TIMEOUT):
        """Returns the Result once the tool has ended by itself."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not end in {timeout} s:\n{self._result()}") from None
        return self._result()

    def _result(self):
        for thread in self._threads:
            thread.join(10)
        return Result(self.command, self.process.returncode, b"".join(self.lines),
                      b"".join(self.errors))

    def signal(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def stop(self):
        """Returns when not one of its threads runs any more, until SIGCONT."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def kill(self):
        """As a power cut does; returns the Result."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        result = self._result()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        return result

    def wait_for_line(self, condition, what):
        """Returns the first line of standard output of which the condition holds."""
        def find():
            found = [line for line in list(self.lines) if condition(line)]
            if not found and not self.is_running():
                raise AssertionError(f"it ended before {what}:\n{self.wait()}")
            return found
        return wait_until(find, what)[0]

    def wait_for_status(self, condition, what):
        """Like wait_for_line(), for what `onward update --json` reports."""
        return json.loads(self.wait_for_line(lambda line: condition(json.loads(line)), what))


class Server(Running):
    """onward-publish serve: the repository on a port of its own, slow and unreliable as wished."""

    def __init__(self, test, folder, port=0, **options):
        self.folder = folder
        command = [PUBLISH, "serve", folder, "--port", port]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), value]
        super().__init__(test, command)
        first = self.wait_for_line(lambda line: b"Serving" in line, "the server listens")
        self.url = first.decode().split()[-1]
        self.port = int(self.url.rpartition(":")[2])

    def requests(self):
        """All answers so far: (path, status, bytes of the body)."""
        words = [line.decode().split() for line in list(self.lines)]
        return [(w[1], int(w[2]), int(w[3])) for w in words if w[0] in ("GET", "HEAD")]

    def settled_requests(self):
        """The answers when no more come: the server tells of one a little after it was read."""
        before, after = None, self.requests()
        while before != after:
            time.sleep(SETTLED)
            before, after = after, self.requests()
        return after

    def bytes_of_packs(self):
        """How much of packs went out; call it when the server has ended or nobody asks it."""
        return sum(size for path, _, size in self.requests() if path.startswith("/packs/"))

    def end(self):
        self.signal(signal.SIGTERM)
        return self.wait()


def copy_tool(folder):
    """A copy of the tool that everybody reaches: a build may lie where only its owner may look."""
    for part in (ONWARD, *(BUILD / "src/lib").glob("libonward-1.so.*[0-9]")):
        copy = folder / part.relative_to(BUILD / "src")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(part, copy)
    return folder / ONWARD.relative_to(BUILD / "src")


class Install:
    """A folder that an application lives in, with its launcher."""

    def __init__(self, test, folder, launcher="app"):
        self.test = test
        self.folder = folder
        self.launcher = folder / launcher
        self.tool = ONWARD

    def run(self, *arguments, timeout=TIMEOUT, **options):
        """Starts the application through its launcher."""
        return self.test.run_tool([self.launcher, *arguments], status=None, timeout=timeout,
                                  **options)

    def start(self, *arguments):
        return Running(self.test, [self.launcher, *arguments])

    def onward(self, verb, *arguments, status=DONE, **options):
        return self.test.run_tool(self._command(verb, arguments), status=status, **options)

    def start_onward(self, verb, *arguments, **options):
        return Running(self.test, self._command(verb, arguments), **options)

    def _command(self, verb, arguments):
        return [self.tool, verb, "--install", self.folder, *arguments]

    def current(self):
        return current_version(self.folder)

    def version(self, version):
        return version_folder(self.folder, version)

    def versions(self):
        return list_versions(self.folder)

    def trust(self):
        return snapshot(self.folder / "var/trust")

    def strays(self):
        """What an update must not leave behind."""
        allowed = {".": {self.launcher.name, "current", "onward.ini", "receipts", "root.json",
                         "var",
                         "versions"},
                   "var": {"lock", "parts", "staging", "state.ini", "trial", "trust", "update.log",
                           "reverted"},
                   "var/trust": {f"{role}.json" for role in ("root", "timestamp", "snapshot",
                                                             "targets")},
                   "var/staging": set(), "receipts": set(self.versions())}
        return sorted(os.path.join(where, name) for where, names in allowed.items()
                      if (self.folder / where).is_dir()
                      for name in set(os.listdir(self.folder / where)) - names)

    def copy(self, name):
        """Another install, with the same content and history."""
        folder = self.test.folder / name
        shutil.copytree(self.folder, folder, symlinks=True)
        return Install(self.test, folder, self.launcher.name)


class Promise(unittest.TestCase):
    """A test with a folder of its own, and tools that cannot hang."""

    # What in_common() made: a folder by what made it.
    made = {}

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="onward-promise-",
                                                    dir=find_place()))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        (self.folder / "home").mkdir()
        self.repository = self.folder / "repository"

    def in_common(self, make, variant=""):
        """Lets make() fill the folder for the first of several tests, and copies what it made for
        the others: publishing takes long, and begins with the same versions for all of them."""
        name = make.__qualname__ + variant
        if name not in self.made:
            make()
            kept = tempfile.mkdtemp(prefix="onward-promise-", dir=find_place())
            atexit.register(shutil.rmtree, kept, ignore_errors=True)
            shutil.copytree(self.folder, kept, symlinks=True, dirs_exist_ok=True)
            self.made[name] = kept
        else:
            shutil.copytree(self.made[name], self.folder, symlinks=True,
                            dirs_exist_ok=True)

    def tree(self, version):
        """The folder that a version was published from."""
        return self.folder / "trees" / version

    def environment(self, **variables):
        kept = {name: value for name, value in os.environ.items()
                if not name.lower().endswith("_proxy") and not name.startswith(("XDG_", "ONWARD_"))}
        home = str(self.folder / "home")
        return {**kept, "GIO_USE_PROXY_RESOLVER": "dummy", "GIO_USE_VFS": "local",
                "LC_ALL": "C.UTF-8", "LANGUAGE": "en", "HOME": home, "TMPDIR": home, **variables}

    def spawn(self, command, env=None, **options):
        return subprocess.Popen([str(word) for word in command], cwd=self.folder,
                                env=self.environment(**(env or {})), preexec_fn=die_with_the_test,
                                **options)

    def run_tool(self, command, status=DONE, timeout=TIMEOUT, stdin=b"", **options):
        """Runs a tool to its end, which has to come with this status (None: any)."""
        process = self.spawn(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, **options)
        try:
            stdout, stderr = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            self.fail(f"it did not end in {timeout} s:\n{Result(command, None, stdout, stderr)}")
        result = Result(command, process.returncode, stdout, stderr)
        if status is not None:
            self.assertEqual(result.status, status, str(result))
        return result

    def publish(self, verb, *arguments, status=DONE, **options):
        return self.run_tool([PUBLISH, verb, *arguments], status=status, **options)

    def init(self, repository=None, command="bin/app", **options):
        return self.publish("init", repository or self.repository, "--id", "org.example.App",
                            "--name", "App", "--command", command, "--no-passphrase", **options)

    def add(self, version, files, *options, repository=None, **more):
        """Publishes a version; the folder it comes from is kept as tree()."""
        tree = make_tree(self.tree(version), {"bin/app": app(version), **files})
        self.publish("add", repository or self.repository, tree, "--version", version,
                     "--compression", "zstd", *options, **more)

    def serve(self, folder=None, **options):
        return Server(self, folder or self.repository, **options)

    def bundle(self, version, url, *options, name="install", launcher="app"):
        """The first install of a version."""
        folder = self.folder / name
        self.publish("bundle", self.repository, "--version", version, "--repository", url,
                     "--output", folder, *options)
        return Install(self, folder, launcher)

    def assert_runs(self, install, *versions):
        """The application starts, as one of these versions."""
        result = install.run("hello")
        self.assertIn(result.stdout, [f"{version} hello\n" for version in versions], str(result))
        self.assertEqual(result.status, 0, str(result))
        return result.stdout.split()[0]

    def assert_is_version(self, install, version, beside=()):
        """Content, modes and links of an installed version are those of the published folder;
        files of the user's own, below the names in @beside, are left out."""
        found = {path: facts for path, facts in snapshot(install.version(version)).items()
                 if path.split("/")[0] not in (MARK, *beside)}
        self.assertEqual(found, snapshot(self.tree(version)))


def main():
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    tap.main()
