#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The benchmarks work: what they compare is the same for all, and counted right. What they measure
is looked at by nobody here."""

import contextlib
import importlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["ONWARD_BUILD_ROOT"]
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "style")]
import costs  # noqa: E402
import fetch  # noqa: E402
import install  # noqa: E402
import overlap  # noqa: E402
import servers  # noqa: E402
import tap  # noqa: E402

bench_pack = importlib.import_module("bench-pack")


def run_bench(*arguments, path=None, name="fetch"):
    """What ./dev bench prints for a tiny run."""
    environment = dict(os.environ, PATH=path or os.environ["PATH"])
    return subprocess.run([sys.executable, os.path.join(HERE, "bench.py"), BUILD, name,
                           "--smoke", *arguments], check=True, env=environment,
                          stdout=subprocess.PIPE, text=True).stdout


def read_log():
    with open(os.path.join(BUILD, "bench/smoke.json"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Bench(unittest.TestCase):
    # Every table has a line for the engine and for each tool that is there, with the right bytes.
    def test_every_case(self):
        said = run_bench()
        runs = read_log()
        self.assertNotIn("WRONG", said)
        self.assertEqual({run["case"] for run in runs},
                         {"large", "files-256k", "files-4k", "slow", "slow-few", "cuts", "huge",
                          "loop"})
        for run in runs:
            with self.subTest(case=run["case"], tool=run["tool"]):
                self.assertTrue(run["right"])
                self.assertEqual(run["status"], 0)
                self.assertGreater(run["memory"], 0)
                # No byte is had without being carried.
                self.assertGreaterEqual(run.get("wire", 1), 1)
        for name in ("large", "files-4k", "cuts"):
            tools = {run["tool"].partition(",")[0] for run in runs if run["case"] == name}
            self.assertEqual(tools, {"onward"} | {tool for tool in ("curl", "wget", "aria2c")
                                                 if shutil.which(tool)})

    # A whole update is told in two lines: what a check did to the main loop, and what came after.
    @unittest.skipUnless(os.path.exists(os.path.join(BUILD, "src/publish/onward-publish")),
                         "there is nothing to publish with")
    def test_flow(self):
        lines = run_bench(name="flow").splitlines()
        rows = {words[0]: [float(word) for word in words[1:]]
                for words in (line.split() for line in lines[-2:])}
        self.assertEqual(set(rows), {"check", "update"})
        for iterations, longest, usual, *_ in rows.values():
            self.assertGreater(iterations, 10)
            self.assertGreaterEqual(longest, usual)

    # Every tool makes the same new version, and ours does not leave it in memory.
    @unittest.skipUnless(os.path.exists(os.path.join(BUILD, "tests/bench/bench-install")),
                         "there is nothing to make packs with")
    def test_install(self):
        said = run_bench(name="install")
        runs = read_log()
        self.assertNotIn("WRONG", said)
        self.assertEqual({(run["case"], run["tool"]) for run in runs},
                         {(case, tool) for case in install.CASES for tool in install.tools()})
        for run in runs:
            with self.subTest(case=run["case"], tool=run["tool"]):
                self.assertTrue(run["right"])
                self.assertEqual("sync -f" in run["tool"] or run["tool"] == install.OURS,
                                 run.get("syncs", "sync" in run["tool"]) > 0)
                self.assertEqual("private" in run, run["tool"] == install.OURS)

    # Both halves of an update end well, and so does the whole of it.
    @unittest.skipUnless(os.path.exists(os.path.join(BUILD, "src/publish/onward-publish")),
                         "there is nothing to publish with")
    def test_overlap(self):
        said = run_bench(name="overlap")
        self.assertNotIn("WRONG", said)
        self.assertIn("the update over the longer of the two", said)
        self.assertEqual({(run["case"], run["tool"]) for run in read_log()},
                         {(case, tool) for case in overlap.CASES
                          for tool in (overlap.DOWNLOAD, overlap.APPLY, overlap.UPDATE)})

    # A line that breaks does break, and the loop is looked at more than once.
    def test_what_only_the_inside_knows(self):
        run_bench("--case", "cuts", "--case", "loop")
        runs = read_log()
        for run in runs:
            if run["case"] == "cuts":
                self.assertGreaterEqual(run["cuts"], 2)
                self.assertGreater(run["connections"], run["cuts"] - 1)
            else:
                self.assertGreater(run["loop"]["iterations"], 1)
                self.assertGreaterEqual(run["loop"]["longest"], run["loop"]["p999"])

    # A full pack comes back as it was, links and equal files too, and so do archives.
    @unittest.skipUnless(os.path.exists(os.path.join(BUILD, "tests/bench/bench-install")),
                         "there is nothing to publish with")
    def test_pack(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = os.path.join(folder, "tree")
            os.makedirs(os.path.join(tree, "bin"))
            for name in ("bin/app", "again"):
                shutil.copy(shutil.which("true"), os.path.join(tree, name))
            os.symlink("bin/app", os.path.join(tree, "link"))
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                sizes = bench_pack.measure(pathlib.Path(BUILD), "tiny", tree, folder)
        self.assertEqual(list(sizes), bench_pack.tools())
        self.assertLess(sizes["onward"], os.path.getsize(shutil.which("true")))
        self.assertEqual(said.getvalue().count("make"), len(sizes))

    # What does not come back as it was ends the benchmark.
    def test_pack_that_does_not_come_back(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("a", "text"), ("b", "next")):
                os.mkdir(os.path.join(folder, name))
                with open(os.path.join(folder, name, "file"), "w", encoding="utf-8") as file:
                    file.write(text)
            with self.assertRaises(RuntimeError):
                bench_pack.check(os.path.join(folder, "a"), os.path.join(folder, "b"))

    # A tool that is not installed is named and left out.
    def test_missing_tools(self):
        with tempfile.TemporaryDirectory() as folder:
            for program in ("sh", "cmp"):
                os.symlink(shutil.which(program), os.path.join(folder, program))
            said = run_bench("--case", "large", path=folder)
        self.assertIn("not installed and left out: curl, wget, aria2c", said)
        self.assertEqual({run["tool"] for run in read_log()}, {fetch.OURS})


class Costs(unittest.TestCase):
    def setUp(self):
        self.case = costs.Case("name", "a title")
        for ours, other in ((1, 2), (8, 4), (3, 4)):
            self.case.add("ours", {"wall": ours, "cpu": 1, "memory": 1, "right": True})
            self.case.add("other", {"wall": other, "cpu": 1, "memory": 1, "right": ours != 8})

    # Ratios are of runs in the same round, so that a slow moment of the machine meets both.
    def test_ratios_are_paired(self):
        self.assertEqual(self.case.ratio("ours", "other"), 0.75)
        self.assertEqual(self.case.median("ours", "wall"), 3)
        self.assertEqual(self.case.least("ours", "wall"), 1)
        self.assertEqual(self.case.best(["ours", "other", "absent"]), "ours")
        self.assertIsNone(self.case.median("ours", "wire"))

    # A tool that brought wrong bytes once is shown as such.
    def test_wrong_bytes_are_told(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.case.show()
        lines = said.getvalue().splitlines()
        self.assertEqual([line.split()[0] for line in lines if "WRONG" in line], ["other"])

    # What fails has its status, and costs something all the same.
    def test_a_failure_is_a_status(self):
        cost = costs.run(BUILD, ["sh", "-c", "exit 3"], HERE)
        self.assertEqual(cost["status"], 3)
        self.assertEqual(costs.run(BUILD, ["sh", "-c", "kill -9 $$"], HERE)["status"], 128 + 9)


class Install(unittest.TestCase):
    # A version with an old byte, or with a copy where a link would do, is wrong.
    def test_check(self):
        with tempfile.TemporaryDirectory() as folder:
            application = install.Application(BUILD, folder, 200, 20000, 1)
            for tool in ("cp -al", install.OURS):
                with self.subTest(tool=tool):
                    made = os.path.join(application.install, "versions", install.NEW) \
                        if tool == install.OURS else application.output
                    self.make(application, tool)
                    self.assertTrue(application.is_right(tool))
                    self.replace(application.new, made, application.names[0])
                    self.assertFalse(application.is_right(tool))
                    application.forget_new()
                    self.make(application, tool)
                    self.replace(application.old, made, min(application.changed))
                    self.assertFalse(application.is_right(tool))
                    application.forget_new()

    def make(self, application, tool):
        subprocess.run(application.command(tool), check=True, stdout=subprocess.DEVNULL)

    def replace(self, source, made, name):
        path = os.path.join(made, name)
        os.unlink(path)
        shutil.copyfile(os.path.join(source, name), path)


class Relay(unittest.TestCase):
    # A connection carries as many bytes as it may, to the byte, however much is sent.
    def test_cut(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "file"), "wb") as file:
                file.write(bytes(3 * costs.MIB))
            port = servers.free_port()
            with servers.serve(BUILD, folder, port):
                for most in (1, 1000, costs.MIB, 2 * costs.MIB + 1):
                    with self.subTest(most=most):
                        relay = servers.Relay(BUILD, port, ["--cut-every", str(most)])
                        self.assertEqual(receive(relay.port), most)
                        counts = relay.end()
                        self.assertEqual(counts["down"], most)
                        self.assertEqual(counts["cuts"], 1)
                        self.assertEqual(counts["connections"], 1)


def receive(port):
    """Asks for the file, and returns how many bytes arrive before the connection breaks."""
    size = 0
    with servers.connect(port) as client:
        client.sendall(b"GET /file HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            while data := client.recv(65536):
                size += len(data)
    return size


if __name__ == "__main__":
    tap.main()
