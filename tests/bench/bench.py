#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures what README.md gives budgets for. Prints, asserts nothing.

usage: bench.py BUILD-FOLDER [fetch|install|launcher|check|flow|overlap]... [--case NAME]...
                [--rounds N] [--folder DIR] [--smoke]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import costs  # noqa: E402
import fetch  # noqa: E402
import install  # noqa: E402
import overlap  # noqa: E402
import servers  # noqa: E402


def settings(options, bench):
    """The sizes and the cases of @bench that are asked for."""
    scale = bench.SMOKE if options.smoke else bench.FULL
    return (scale._replace(rounds=options.rounds or scale.rounds),
            [case for case in bench.CASES if case in (options.case or bench.CASES)])


def bench_fetch(build, options):
    fetch.main(build, *settings(options, fetch))


def bench_install(build, options):
    install.main(build, *settings(options, install), options.folder)


def bench_overlap(build, options):
    overlap.main(build, *settings(options, overlap))


def make_install(build, folder):
    """The smallest install that the launcher starts."""
    program = os.path.join(folder, "versions/1.0.0/bin/app")
    os.makedirs(os.path.dirname(program))
    os.makedirs(os.path.join(folder, "versions/0.9.0"))
    os.makedirs(os.path.join(folder, "var"))
    shutil.copy(shutil.which("true"), program)
    shutil.copy(os.path.join(build, "src/launch/onward-launch"), os.path.join(folder, "app"))
    os.symlink("versions/1.0.0", os.path.join(folder, "current"))
    with open(os.path.join(folder, "onward.ini"), "w", encoding="utf-8") as file:
        file.write("[Application]\nId=org.example.App\nName=App\nCommand=bin/app\n")
    return program


def time_start(program):
    begin = time.perf_counter()
    os.waitpid(os.posix_spawn(program, [program], os.environ), 0)
    return (time.perf_counter() - begin) * 1e3


def bench_launcher(build, options):
    del options
    with tempfile.TemporaryDirectory() as folder:
        program = make_install(build, folder)
        launcher, trial = os.path.join(folder, "app"), os.path.join(folder, "var/trial")
        times = {"direct": [], "launcher": [], "launcher, on trial": []}
        for _ in range(200):
            times["direct"].append(time_start(program))
            times["launcher"].append(time_start(launcher))
            with open(trial, "w", encoding="utf-8") as file:
                file.write("1.0.0\n0.9.0\n3\n")
            times["launcher, on trial"].append(time_start(launcher))
            os.unlink(trial)
    print("\nstart of a program and its end, medians of 200 runs")
    print(f"{'':20}{'ms':>9}{'over direct, ms':>18}")
    direct = statistics.median(times["direct"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:20}{median:9.3f}{median - direct:18.3f}")
    costs.show_goal("ms over a direct start", statistics.median(times["launcher"]) - direct, 1)


def make_release(publish, folder, port):
    """A repository with one version, and an install of it."""
    repository, tree = os.path.join(folder, "repository"), os.path.join(folder, "tree")
    install = os.path.join(folder, "install")
    os.makedirs(os.path.join(tree, "bin"))
    shutil.copy(shutil.which("true"), os.path.join(tree, "bin/app"))
    for arguments in (
            ["init", repository, "--id", "org.example.App", "--name", "App", "--command", "bin/app",
             "--keys", os.path.join(folder, "keys"), "--no-passphrase"],
            ["add", repository, tree, "--version", "1.0.0"],
            ["bundle", repository, "--version", "1.0.0", "--repository",
             f"http://127.0.0.1:{port}", "--output", install + "/"]):
        subprocess.run([publish, *arguments], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return repository, install


def time_check(onward, install, log):
    """Returns milliseconds, exit status, and (bytes sent, received) of every request."""
    with open(log, encoding="utf-8") as file:
        file.seek(0, os.SEEK_END)
        begin = time.perf_counter()
        status = subprocess.run([onward, "check", "--install", install], check=False,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        wall = (time.perf_counter() - begin) * 1e3
        # nginx writes its log when a request has ended.
        time.sleep(0.1)
        requests = [tuple(int(number) for number in line.split()[3:5]) for line in file]
    return wall, status, requests


def bench_check(build, options):
    del options
    onward = os.path.join(build, "src/cli/onward")
    publish = os.path.join(build, "src/publish/onward-publish")
    with tempfile.TemporaryDirectory() as folder:
        port = servers.free_port()
        repository, install = make_release(publish, folder, port)
        with servers.serve(build, repository, port, is_logging=True) as log:
            print("\ncheck with nothing new")
            print(f"{'':20}{'wall ms':>9}{'requests':>10}{'sent B':>9}{'received B':>12}"
                  f"{'exit':>6}")
            for name in ("the first", "the second", "the third"):
                wall, status, requests = time_check(onward, install, log)
                sent, received = (sum(r[i] for r in requests) for i in (0, 1))
                print(f"{name:20}{wall:9.1f}{len(requests):10}{sent:9}{received:12}{status:6}")


def add_update(publish, folder, files, size):
    """A newer version of what make_release() has made, of files that do not shrink. Deltas would
    only take long to make, and bring nothing."""
    repository, tree = os.path.join(folder, "repository"), os.path.join(folder, "tree")
    for number in range(files):
        subfolder = os.path.join(tree, f"share/{number // 100}")
        os.makedirs(subfolder, exist_ok=True)
        with open(os.path.join(subfolder, str(number)), "wb") as file:
            file.write(os.urandom(size))
    subprocess.run([publish, "add", repository, tree, "--version", "1.1.0", "--deltas", "0",
                    "--compression", "zstd"], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)


def bench_flow(build, options):
    publish = os.path.join(build, "src/publish/onward-publish")
    files, size = (50, 1000) if options.smoke else (5000, 60000)
    with tempfile.TemporaryDirectory() as folder:
        port = servers.free_port()
        repository, install = make_release(publish, folder, port)
        add_update(publish, folder, files, size)
        with servers.serve(build, repository, port):
            output = subprocess.run([os.path.join(build, "tests/bench/bench-flow"), install],
                                    check=True, stdout=subprocess.PIPE).stdout
    print(f"\niterations of the main loop, {files} files of {size} bytes, milliseconds")
    print(f"{'':10}{'number':>9}{'longest':>10}{'99.9 %':>10}{'CPU':>10}{'99.9 %':>10}")
    for line in output.decode().splitlines():
        step = json.loads(line)
        loop = step["loop"]
        print(f"{step['step']:10}{loop['iterations']:9}{loop['longest']:10.2f}"
              f"{loop['p999']:10.2f}{loop['longest_cpu']:10.2f}{loop['p999_cpu']:10.2f}")


BENCHES = {
    "fetch": (bench_fetch, "tests/bench/bench-fetch"),
    "install": (bench_install, "tests/bench/bench-install"),
    "launcher": (bench_launcher, "src/launch/onward-launch"),
    "check": (bench_check, "src/publish/onward-publish"),
    "flow": (bench_flow, "src/publish/onward-publish"),
    "overlap": (bench_overlap, "src/publish/onward-publish"),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--case", action="append",
                        choices=[*fetch.CASES, *install.CASES, *overlap.CASES],
                        help="of fetch, install or overlap, only this; may be given several times")
    parser.add_argument("--rounds", type=int,
                        help="of fetch, install and overlap, at most so many runs a table")
    parser.add_argument("--folder", help="of install, where to work: the build folder otherwise")
    parser.add_argument("--smoke", action="store_true",
                        help="as little as shows that the benchmark works")
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHES:
            parser.error(f"there is no “{name}”; there are {', '.join(BENCHES)}")

    build = os.path.abspath(options.build)
    for name in options.names or BENCHES:
        bench, program = BENCHES[name]
        if os.path.exists(os.path.join(build, program)):
            bench(build, options)
        else:
            print(f"\n{name}: {program} is not built")


if __name__ == "__main__":
    sys.exit(main())
