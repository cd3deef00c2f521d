# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests share that stop the updater, the launcher or the power at a chosen step.

A step is a system call that changes what lies below an install; `tests/support/onward-stepper`
counts them over all threads and does something at one of them. A scene is a state of an install, a
command that is tried on it, and how it has to end when, after whatever happened, an updater runs
once more: exactly as if nothing had happened.

Everything runs as an ordinary user, also when root runs the tests.
"""

import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import threading

import promise
from promise import (BUILD, DONE, NOTHING, ONWARD, Link, Result, current_version, list_versions,
                     noise, snapshot, version_folder)

STEPPER = BUILD / "tests/support/onward-stepper"
USER = 65534 if os.getuid() == 0 else None
KILLED = 137
JOBS = int(os.environ.get("ONWARD_TEST_JOBS", "2"))
SEED = os.environ.get("ONWARD_TEST_SEED") or str(random.SystemRandom().randrange(1 << 32))
ALL = os.environ.get("ONWARD_TEST_STEPS") == "all"
SHOWN = int(os.environ.get("ONWARD_TEST_SHOWN", "3"))
FAST = {"ONWARD_TEST_BACKOFF_MS": "20"}

# What a release calls the launcher that it brings.
LAUNCHER = "lib/onward/onward-launch"
# What depends on when and how often something ran, and says so only inside.
VARIABLE = {"var/state.ini", "var/update.log", "var/lock"}
# Of a trial and its end: there or not, as it came.
RECORDS = {"var/trial", "var/reverted"}


def files(version):
    """A small application with everything that a tree can hold; most of it stays as it is."""
    tree = {f"share/{number}.txt": f"text {number}\n" * 9 for number in range(6)}
    return {**tree, "share/news.txt": f"news of {version}\n", "share/empty": "",
            "share/twin-1": f"twin {version}\n", "share/twin-2": f"twin {version}\n",
            "lib/big.bin": noise(60_000, "common") + noise(9_000, version),
            "lib/shared.bin": noise(40_000, "shared"), "lib/link": Link("big.bin"),
            "empty": None, "voices/de/one.bin": noise(30_000, "voice"), "voices/two": "two\n",
            "more-voices/three": f"three of {version}\n"}


PARTS = ("--component", "voices=voices", "--component", "voices=more-voices")


class Scene:
    """A state, a command, the versions that may start after it was cut off, and the end of it."""

    def __init__(self, name, state, command, starts, end, finish=("update", "--yes")):
        self.name, self.state, self.command = name, state, command
        self.starts, self.end, self.finish = starts, end, finish
        self.steps, self.reference = [], None

    def __str__(self):
        return self.name


class Place:
    """A copy of a state, to try something on; the folder's name tells nothing to the install."""

    def __init__(self, test, scene, folder):
        self.test, self.scene, self.folder = test, scene, folder
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["cp", "-a", scene.state, folder], check=True)

    def command(self, words):
        if words[0] == "launch":
            return [str(self.folder / "app"), *(words[1:] or ("hello",))]
        return [str(self.test.tool), words[0], "--install", str(self.folder), *words[1:]]

    def step(self, words, *options, timeout=promise.TIMEOUT):
        """Runs a command under the stepper: what it did, and what was reported of it."""
        report = self.test.folder / f"report-{threading.get_ident()}"
        command = [str(STEPPER), "--below", str(self.folder), "--report", str(report),
                   *self.test.disk_options]
        if USER is not None:
            command += ["--user", str(USER)]
        command += [*map(str, options), "--", *self.command(words)]
        result = self.test.run_quickly(command, timeout)
        return result, report.read_text(errors="replace").splitlines()

    def run(self, *words, timeout=promise.TIMEOUT):
        if self.test.disk_options:
            return self.step(words, timeout=timeout)[0]
        options = {} if USER is None else {"user": USER, "group": USER, "extra_groups": []}
        return self.test.run_quickly(self.command(words), timeout, **options)

    def listing(self):
        return {path: self.what_counts(path, facts)
                for path, facts in snapshot(self.folder).items() if path not in RECORDS}

    def what_counts(self, path, facts):
        """Which launcher it is depends on whether its version was found good."""
        if path == "app" and facts[-1] in self.test.launchers:
            return "one of the launchers"
        return "there" if path in VARIABLE else facts

    def launch(self, versions):
        result = self.run("launch")
        said = result.stdout.split()
        if result.status != 0 or len(said) != 2 or said[0] not in versions:
            return f"the launcher did not start one of {versions}: {result}"
        return None

    def finish(self):
        """What was cut off is done once more, undisturbed, and then the updater runs, as it does
        from time to time. Returns what is wrong after that, or None."""
        scene = self.scene
        for words in (scene.finish, ("update", "--yes")):
            result = self.run(*words)
            if result.status not in (DONE, NOTHING):
                return f"the next run did not reach the end: {result}"
            if words[0] == "update":
                break
        wrong = self.launch({scene.end})
        if wrong is None and scene.reference is not None:
            wrong = compare(scene.reference, self.listing())
        return wrong

    def judge(self):
        """Returns what of the invariant does not hold, or None."""
        return self.launch(self.scene.starts) or self.finish()

    def describe(self):
        lines = []
        for path in ("var/state.ini", "var/trial", "var/reverted", "var/update.log"):
            if (self.folder / path).exists():
                lines += [f"-- {path}", (self.folder / path).read_text(errors="replace")]
        return "\n".join(lines)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def compare(wanted, found):
    """Returns how an install differs from what it would be had nothing happened, or None."""
    stray = sorted(set(found) - set(wanted))
    missing = sorted(set(wanted) - set(found))
    changed = sorted(path for path in set(found) & set(wanted) if found[path] != wanted[path])
    if stray or missing or changed:
        return f"stray: {stray}, missing: {missing}, changed: {changed}"
    return None


class Steps(promise.Promise):
    """Version 1.1.0 is installed beside 1.0.0; 1.2.0 is published."""

    # What a test needs of a disk, beside the states.
    place = None
    # How versions lie in the install, and what the stepper makes of the disk they are on.
    layout = "side-by-side"
    disk_options = ()

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.in_common(self.make_states, self.layout)
        self.server = self.serve()
        self.point_at(self.server.url)
        after = self.state("after")
        self.launchers = {promise.digest(path) for path in
                          (after / "app", version_folder(after, "1.2.0") / LAUNCHER)}
        self.chance = random.Random(SEED)
        self.local = threading.local()
        self.own(self.folder / "home")
        self.own(self.folder / "states")
        self.tool = ONWARD
        if USER is not None and not promise.everybody_reaches(ONWARD):
            self.tool = promise.copy_tool(self.folder / "tools")
        if USER is not None and not promise.everybody_reaches(self.folder):
            self.skipTest("temporary files go where only root can enter")
        self.make_scenes()

    @staticmethod
    def own(folder):
        if USER is not None:
            subprocess.run(["chown", "-R", f"{USER}:{USER}", str(folder)], check=True)

    def point_at(self, url):
        """Another test may have got the port that the states were made with."""
        address = (self.folder / "address").read_text()
        for config in (self.folder / "states").glob("*/onward.ini"):
            config.write_text(config.read_text().replace(address, url))
        (self.folder / "address").write_text(url)

    def state(self, name):
        return self.folder / "states" / name

    def keep_state(self, install, name):
        (self.folder / "states").mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", install.folder, self.state(name)], check=True)

    def make_states(self):
        print(f"# ONWARD_TEST_SEED={SEED}")
        self.init()
        for version in ("1.0.0", "1.1.0"):
            self.add(version, files(version), *PARTS)
        server = self.serve()
        (self.folder / "address").write_text(server.url)
        install = self.bundle("1.0.0", server.url, "--keep", "data", "--layout",
                              self.layout)
        (install.version("1.0.0") / "data").mkdir()
        (install.version("1.0.0") / "data/mine.txt").write_text("mine\n")
        self.keep_state(install, "first")
        install.onward("update", "--yes")
        install.onward("mark-good")
        self.add("1.2.0", {**files("1.2.0"), LAUNCHER: promise.launcher("1.2.0")}, *PARTS,
                 "--effort", "fast")
        self.keep_state(install, "before")
        self.make_without("before")
        install.onward("update", "--yes")
        self.keep_state(install, "trial")
        for _ in range(3):
            install.run("hello")
        self.keep_state(install, "spent")
        shutil.copyfile(self.state("trial") / "var/trial", install.folder / "var/trial")
        install.onward("mark-good")
        self.keep_state(install, "after")
        self.make_litter()
        self.make_damage()
        self.make_supervised()
        self.make_without("after")
        server.end()

    def make_litter(self):
        """A state with all that a run can leave behind."""
        subprocess.run(["cp", "-a", self.state("after"), self.state("litter")], check=True)
        litter, first = self.state("litter"), self.state("before")
        subprocess.run(["cp", "-a", first / "versions/1.0.0", litter / "versions/1.0.0"],
                       check=True)
        shutil.copyfile(first / "receipts/1.0.0", litter / "receipts/1.0.0")
        for name in ("receipts/0.9.0", "receipts/.onward-0123456789abcdef",
                     "var/parts/" + 64 * "0", ".current.99", "var/.trial.99", "var/.reverted.99",
                     "var/.onward-0123456789abcdef", "var/trust/.onward-0123456789abcdef",
                     "var/staging/1.1.0/share/file", "var/staging/.trash-0123456789abcdef/file"):
            (litter / name).parent.mkdir(parents=True, exist_ok=True)
            (litter / name).write_text("litter\n")

    def make_damage(self):
        """A state in which the current version lacks this and that, and its receipt."""
        subprocess.run(["cp", "-a", self.state("after"), self.state("damaged")], check=True)
        version = version_folder(self.state("damaged"), "1.2.0")
        for name in ("lib/big.bin", "lib/link", "share/twin-1", "share/empty", "share/2.txt"):
            (version / name).unlink()
        (version / "lib/link").symlink_to("/etc/passwd")
        (version / "share/twin-2").write_text("not what was published\n")
        (version / "empty").rmdir()
        (self.state("damaged") / "receipts/1.2.0").unlink()

    def make_supervised(self):
        """A state with a trial at which the launcher looks on."""
        subprocess.run(["cp", "-a", self.state("trial"), self.state("supervised")], check=True)
        with open(self.state("supervised") / "onward.ini", "a", encoding="utf-8") as config:
            config.write("Supervise=true\n")

    def make_without(self, name):
        """The same state without the component."""
        folder = self.state(f"{name} without")
        subprocess.run(["cp", "-a", self.state(name), folder], check=True)
        self.run_tool([ONWARD, "component", "--install", folder, "remove", "voices"])

    def make_scenes(self):
        old, new = "1.1.0", "1.2.0"
        scenes = [
            Scene("first check", "first", ("check",), {"1.0.0"}, new),
            Scene("first update", "first", ("update", "--yes"), {"1.0.0", new}, new),
            Scene("check", "before", ("check",), {old}, new),
            Scene("update", "before", ("update", "--yes"), {old, new}, new),
            Scene("update by the whole pack", "before", ("update", "--yes", "--no-delta"),
                  {old, new}, new, ("update", "--yes", "--no-delta")),
            Scene("mark good", "trial", ("mark-good",), {new}, new),
            Scene("roll back", "after", ("rollback",), {old, new}, new),
            Scene("prune", "litter", ("prune",), {new}, new),
            Scene("repair", "damaged", ("repair",), {new}, new, ("repair",)),
            Scene("component add", "after without", ("component", "add", "voices"), {new}, new,
                  ("component", "add", "voices")),
            Scene("component remove", "after", ("component", "remove", "voices"), {new}, new,
                  ("component", "remove", "voices")),
            Scene("update without a component", "before without", ("update", "--yes"), {old, new},
                  new),
            Scene("start on trial", "trial", ("launch",), {new}, new),
            Scene("fall back", "spent", ("launch",), {old, new}, old),
            Scene("fall back at once", "supervised", ("launch", "fail-1.2.0"), {old, new}, old,
                  ("launch", "fail-1.2.0")),
        ]
        for scene in scenes:
            scene.state = self.state(scene.state)
        self.scenes = {scene.name: scene for scene in scenes}

    def run_quickly(self, command, timeout, **options):
        try:
            process = self.spawn(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=FAST, **options)
        except OSError as error:
            return Result(command, 126, b"", str(error).encode())
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            stderr += b"(it was ended after too long a time)"
        return Result(command, process.returncode, stdout, stderr)

    def rehearse(self, scene, folder=None):
        """Lets a scene run to its end; remembers its steps, and what the end looks like."""
        place = Place(self, scene, folder or self.folder / "rehearsal")
        result, report = place.step(scene.command, "--list")
        self.assertIn(result.status, (DONE, NOTHING), str(result))
        scene.steps = [line for line in report if line.startswith("step ")]
        self.assertIsNone(place.launch(scene.starts))
        self.assertIsNone(place.finish())
        scene.reference = place.listing()
        self.assertEqual(promise.Install(self, place.folder).strays(), [])
        self.assertEqual(list_versions(place.folder),
                         sorted(os.listdir(place.folder / "receipts")))
        self.assertLessEqual(len(list_versions(place.folder)), 2)
        self.assertEqual((place.folder / "current").is_symlink(), self.layout == "side-by-side")
        self.assertEqual(current_version(place.folder), scene.end)
        place.remove()
        return len(scene.steps)

    def here(self):
        """A folder for this thread."""
        if not hasattr(self.local, "name"):
            self.local.name = f"place-{threading.get_ident()}"
        return (self.place or self.folder) / self.local.name / "install"

    def try_all(self, attempts, what):
        """Runs attempt() of each, some at a time; each returns what is wrong, or None."""
        def run(attempt):
            pathlib.Path(self.here()).parent.mkdir(exist_ok=True)
            return attempt()
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            wrong = [text for text in pool.map(run, attempts) if text is not None]
        print(f"# {len(attempts)} times {what}, {len(wrong)} wrong", flush=True)
        if wrong:
            self.fail(f"{len(wrong)} of {len(attempts)} went wrong, ONWARD_TEST_SEED={SEED}:\n"
                      + "\n\n".join(wrong[:SHOWN]))

    def points(self, scene):
        """All moments before and after a step of the scene."""
        return [(when, number) for number in range(1, len(scene.steps) + 1)
                for when in ("--before", "--after")]

    def choose(self, scene, count):
        """All of them, or so many."""
        return self.sample(self.points(scene), count)

    def sample(self, points, count):
        """All of the points, or so many of them."""
        return points if ALL else self.chance.sample(points, min(count, len(points)))


class SwitchScenes:
    """One test for each kind of scene in which a version becomes current, for classes of Steps that
    have a way to sweep() one."""

    def test_update(self):
        self.sweep("first update")
        self.sweep("update")

    def test_roll_back(self):
        self.sweep("roll back")

    def test_launcher(self):
        self.sweep("start on trial")
        self.sweep("fall back")
        self.sweep("fall back at once")


class EveryScene(SwitchScenes):
    """The same for every scene."""

    def test_check(self):
        self.sweep("first check")
        self.sweep("check")

    def test_update_by_the_whole_pack(self):
        self.sweep("update by the whole pack")

    def test_mark_good(self):
        self.sweep("mark good")

    def test_prune(self):
        self.sweep("prune")

    def test_repair(self):
        self.sweep("repair")

    def test_components(self):
        self.sweep("component add")
        self.sweep("component remove")
        self.sweep("update without a component")


class InPlace:
    """An application that must live at one path, where folders change places, for classes of Steps;
    of what is done as side by side few points are tried."""

    layout = "in-place"

    @staticmethod
    def is_of_the_switch(step):
        """Whether a step moves or marks a folder of a version, or makes sure of that."""
        name, path = step.split(maxsplit=3)[2:]
        return name in ("rename", "fsync", "symlink", "unlink") and (
            path.endswith(("/current", "/install", "/versions", promise.MARK)) or
            pathlib.PurePath(path).parent.name == "versions")

    def choose(self, scene, count):
        switch, rest = [], []
        for when, number in self.points(scene):
            is_near = number == 0 or self.is_of_the_switch(scene.steps[number - 1])
            (switch if is_near else rest).append((when, number))
        return self.sample(switch, count) + self.sample(rest, 2)


class InTwoSteps(InPlace):
    """The same on a disk that cannot exchange folders, nor make nameless files, and on a kernel
    without openat2()."""

    disk_options = ("--plain",)
