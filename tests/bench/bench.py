#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures what README.md gives budgets for. Prints, asserts nothing.

usage: bench.py BUILD-FOLDER [download|launcher|check]... [--size MIB] [--rounds N]
"""

import argparse
import contextlib
import getpass
import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

BLOCK = 1024 * 1024
Cost = namedtuple("Cost", "wall cpu memory")

NGINX = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
  log_format sizes '$request_method $uri $status $request_length $bytes_sent';
  access_log {folder}/access.log sizes;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on; tcp_nopush on; keepalive_timeout 5;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def nginx(root, port):
    """Hands @root out; gives the path of the log of requests."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "nginx.conf")
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        with open(config, "w", encoding="utf-8") as file:
            file.write(NGINX.format(user=user, folder=folder, port=port, root=root))
        server = subprocess.Popen([program, "-p", folder, "-c", config,
                                   "-e", os.path.join(folder, "error.log")])
        try:
            while not accepts(port) and server.poll() is None:
                time.sleep(0.02)
            yield os.path.join(folder, "access.log")
        finally:
            server.terminate()
            server.wait()


def measure(command):
    """Runs @command and returns what it cost. GNU time, being small, adds nothing to the memory."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as report:
        begin = time.perf_counter()
        subprocess.run(["/usr/bin/time", "-o", report.name, "-f", "%U %S %M", *command],
                       check=True, stdin=subprocess.DEVNULL)
        wall = time.perf_counter() - begin
        user, system, memory = report.read().split()
    return Cost(wall, float(user) + float(system), int(memory) / 1024)


def make_payload(folder, mebibytes):
    """A file of random bytes, and the file of its block digests."""
    payload, digests = os.path.join(folder, "payload"), os.path.join(folder, "digests")
    with open(payload, "wb") as data, open(digests, "wb") as blocks:
        for _ in range(mebibytes):
            block = os.urandom(BLOCK)
            data.write(block)
            blocks.write(hashlib.sha256(block).digest())
    return payload, digests


def same(a, b):
    return subprocess.run(["cmp", "-s", a, b], check=False).returncode == 0


def bench_download(build, options):
    with tempfile.TemporaryDirectory(dir=build, prefix="bench-") as folder:
        payload, digests = make_payload(folder, options.size)
        port, output = free_port(), os.path.join(folder, "output")
        url = f"http://127.0.0.1:{port}/payload"
        tools = {
            "onward, verified": [os.path.join(build, "tests/bench/bench-fetch"), url, output,
                                 str(options.size * BLOCK), digests],
            "curl": ["curl", "-s", "-o", output, url],
            "curl + sha256sum": ["sh", "-c", 'curl -s -o "$1" "$2" && sha256sum "$1" >/dev/null',
                                 "sh", output, url],
            "wget": ["wget", "-q", "-O", output, url],
            "aria2c": ["aria2c", "-q", "--allow-overwrite=true", "-x1", "--file-allocation=none",
                       "-d", folder, "-o", "output", url],
        }
        costs = {name: [] for name in tools}
        with nginx(folder, port):
            # One round to warm up; then every tool once a round, so that each is compared with the
            # others under the same conditions.
            for number in range(options.rounds + 1):
                for name, command in tools.items():
                    os.sync()
                    cost = measure(command)
                    if number > 0:
                        costs[name].append(cost)
                    elif not same(payload, output):
                        print(f"{name} did not bring the same bytes")
                    os.unlink(output)
        show_downloads(costs, options)


def show_downloads(costs, options):
    print(f"\ndownload of {options.size} MiB from nginx on the loopback, "
          f"medians of {options.rounds} runs")
    print(f"{'':20}{'wall s':>9}{'CPU s':>9}{'MiB':>9}{'wall over curl':>17}")
    for name, runs in costs.items():
        median = Cost(*(statistics.median(values) for values in zip(*runs)))
        ratio = statistics.median(a.wall / b.wall for a, b in zip(runs, costs["curl"]))
        print(f"{name:20}{median.wall:9.2f}{median.cpu:9.2f}{median.memory:9.1f}{ratio:17.2f}")


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
        port = free_port()
        repository, install = make_release(publish, folder, port)
        with nginx(repository, port) as log:
            print("\ncheck with nothing new")
            print(f"{'':20}{'wall ms':>9}{'requests':>10}{'sent B':>9}{'received B':>12}"
                  f"{'exit':>6}")
            for name in ("the first", "the second", "the third"):
                wall, status, requests = time_check(onward, install, log)
                sent, received = (sum(r[i] for r in requests) for i in (0, 1))
                print(f"{name:20}{wall:9.1f}{len(requests):10}{sent:9}{received:12}{status:6}")


BENCHES = {
    "download": (bench_download, "tests/bench/bench-fetch"),
    "launcher": (bench_launcher, "src/launch/onward-launch"),
    "check": (bench_check, "src/publish/onward-publish"),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--size", type=int, default=1024, help="MiB to download")
    parser.add_argument("--rounds", type=int, default=5)
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
