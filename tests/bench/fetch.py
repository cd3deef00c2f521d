# SPDX-License-Identifier: LGPL-2.1-or-later
"""Downloads with the engine against downloads with other tools, one function a table.

Every tool gets the same bytes from the same server into the same folder, all of it in memory when
there is room, in turns and in alternating order, so that what else the machine does meets all.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections import namedtuple

import costs
import peers
import servers
from costs import MIB

BLOCK = MIB
OURS = "onward, verified"
# Sizes in MiB; (how many, bytes each) for files.
Scale = namedtuple("Scale", "large huge slow cuts many tiny few cut_every rounds log")
FULL = Scale(large=1024, huge=4097, slow=32, cuts=256, many=(1000, 256 * 1024), tiny=(10000, 4096),
             few=(1000, 4096), cut_every=10 * MIB, rounds=5,
             log="fetch.json")
# As small as shows that all of it works.
SMOKE = Scale(large=3, huge=4, slow=1, cuts=3, many=(8, 256 * 1024), tiny=(40, 4096),
              few=(10, 4096), cut_every=MIB, rounds=1,
              log="smoke.json")
# What is served: its path below the root, the file of its block digests, its size.
Payload = namedtuple("Payload", "path digests size")


class Bench:
    """The folder of one run, and the server of it."""

    def __init__(self, build, folder, port, scale):
        self.build, self.folder, self.port, self.scale = build, folder, port, scale
        self.root = os.path.join(folder, "root")
        self.output = os.path.join(folder, "output")
        self.payloads = {}

    def url(self, port, path=""):
        return f"http://127.0.0.1:{port}/{path}"

    def ours(self, port, payload, *options):
        name = os.path.relpath(payload.path, self.root)
        return [os.path.join(self.build, "tests/bench/bench-fetch"), *options, self.url(port, name),
                os.path.join(self.output, "file"), str(payload.size), payload.digests]

    def payload(self, name, size, random_from=0):
        """A file of random bytes, or of zeros as far as @random_from; made once."""
        if name not in self.payloads:
            path = os.path.join(self.root, name)
            digests = os.path.join(self.folder, name + ".digests")
            zeros = hashlib.sha256(bytes(BLOCK)).digest()
            with open(path, "wb") as data, open(digests, "wb") as blocks:
                data.truncate(random_from)
                data.seek(random_from)
                blocks.write(zeros * (random_from // BLOCK))
                for start in range(random_from, size, BLOCK):
                    block = os.urandom(min(BLOCK, size - start))
                    data.write(block)
                    blocks.write(hashlib.sha256(block).digest())
            self.payloads[name] = Payload(path, digests, size)
        return self.payloads[name]

    def files(self, name, count, size):
        """Many files, and the pack that holds the same bytes one after the other."""
        pack = self.payload(name + ".pack", count * size)
        names = [f"{number:05}" for number in range(count)]
        folder = os.path.join(self.root, name)
        if not os.path.exists(folder):
            os.mkdir(folder)
            with open(pack.path, "rb") as data:
                for each in names:
                    with open(os.path.join(folder, each), "wb") as file:
                        file.write(data.read(size))
        return pack, names

    def forget(self, *names):
        """Frees what no later table needs."""
        for name in names:
            payload = self.payloads.pop(name, None)
            if payload is not None:
                os.unlink(payload.path)
            shutil.rmtree(os.path.join(self.root, name.replace(".pack", "")), ignore_errors=True)

    def run(self, make_command, needed, is_right, line=None, seed=0):
        """Runs one tool once. @make_command gets the port to ask, of the server or of a relay."""
        os.mkdir(self.output)
        relay = None
        if line is not None:
            relay = servers.Relay(self.build, self.port, [*line, "--seed", str(seed)])
        cost = costs.run(self.build, make_command(relay.port if relay else self.port), self.output)
        if relay is not None:
            counts = relay.end()
            cost.update(counts, wire=(counts["down"] + counts["up"]) / needed)
        cost["right"] = cost["status"] == 0 and is_right(self.output)
        shutil.rmtree(self.output)
        return cost

    def compare(self, case, tools, needed, is_right, rounds, line=None, warm_up=False):
        """Runs all @tools, each a function of a port, in every round."""
        for number in range(-1 if warm_up else 0, rounds):
            for tool in list(tools) if number % 2 == 0 else reversed(tools):
                cost = self.run(tools[tool], needed, is_right, line, number)
                if number >= 0:
                    case.runs.setdefault(tool, [])
                    case.add(tool, cost)


def is_same(payload):
    """Whether the one file in a folder is @payload."""
    return lambda folder: costs.is_same(payload.path, os.path.join(folder, "file"))


def are_same(pack, names, size):
    """Whether a folder holds @pack, in one file or in all of @names."""
    def check(folder):
        if os.path.exists(os.path.join(folder, "file")):
            return is_same(pack)(folder)
        with open(pack.path, "rb") as data:
            return all(data.read(size) == costs.read(os.path.join(folder, name)) for name in names)
    return check


def tools_for_one(bench, payload, peer_commands):
    """{name: function of a port} for ours and the peers."""
    name = os.path.relpath(payload.path, bench.root)
    output = os.path.join(bench.output, "file")
    tools = {OURS: lambda port: bench.ours(port, payload)}
    for tool in peers.installed(peer_commands("", "")):
        tools[tool] = lambda port, tool=tool: peer_commands(bench.url(port, name), output)[tool]
    return tools


def tools_for_many(bench, name, pack, names, left_out=()):
    def make(tool, port):
        lists = peers.write_lists(bench.folder, bench.url(port, name + "/"), names)
        return peers.many_files(bench.output, *lists)[tool]

    tools = {"onward, one pack": lambda port: bench.ours(port, pack)}
    for tool in peers.installed(peers.many_files("", "", "")):
        if tool not in left_out:
            tools[tool] = lambda port, tool=tool: make(tool, port)
    return tools


def show_ratios(case, tools, most=1.0):
    """Ours against the quickest peer."""
    ours, *others = tools
    best = case.best(others)
    if best is not None:
        costs.show_goal(f"wall over the best peer ({best})", case.ratio(ours, best), most)


def bench_large(bench):
    size = bench.scale.large
    payload = bench.payload("large", size * MIB)
    case = costs.Case("large", f"{size} MiB in one file, full speed",
                      ["Ours verifies every block; the others take what comes."])
    tools = tools_for_one(bench, payload, peers.one_file)
    if "curl" in tools:
        tools["curl, then sha256sum"] = lambda port: [
            "sh", "-c", f'{" ".join(tools["curl"](port))} && sha256sum file >/dev/null']
    bench.compare(case, tools, payload.size, is_same(payload), bench.scale.rounds, warm_up=True)
    case.show()
    if "curl" in case.runs:
        costs.show_goal("wall over curl, which verifies nothing", case.ratio(OURS, "curl"), 1)
        costs.show_goal("wall over curl and sha256sum",
                        case.ratio(OURS, "curl, then sha256sum"), 1)
    costs.show_goal("MiB resident", case.median(OURS, "memory"), 32)
    yield case


def bench_many(bench, name, count, size, line=None, left_out=(), rounds=3):
    pack, names = bench.files(name, count, size)
    title = f"{count} files of {size // 1024} KiB, " + ("slow line" if line else "full speed")
    case = costs.Case(name if line is None else "slow-" + name, title,
                      ["Ours takes one pack that holds them all and verifies it, but does not "
                       "unpack it; the others make files."])
    case.notes += [f"{tool} was left out: one file a round trip" for tool in left_out]
    tools = tools_for_many(bench, name, pack, names, left_out)
    bench.compare(case, tools, pack.size, are_same(pack, names, size),
                  min(rounds, bench.scale.rounds), line, warm_up=line is None)
    case.show()
    show_ratios(case, tools)
    bench.forget(name + ".pack")
    yield case


def bench_files(bench):
    yield from bench_many(bench, "files-256k", *bench.scale.many)
    yield from bench_many(bench, "files-4k", *bench.scale.tiny)


SLOW = ["--delay", "50", "--rate", str(2 * MIB), "--cut-percent", "1", "--loss-percent", "1"]
SLOW_NOTE = ("50 ms each way, 2 MiB/s on each connection, 1 % of connections cut, 1 % of packets "
             "late by a round trip")


def bench_slow(bench):
    payload = bench.payload("slow", bench.scale.slow * MIB)
    case = costs.Case("slow", f"{bench.scale.slow} MiB in one file, slow line", [SLOW_NOTE])
    tools = tools_for_one(bench, payload, peers.one_file_on_a_bad_line)
    bench.compare(case, tools, payload.size, is_same(payload), min(3, bench.scale.rounds), SLOW)
    case.show()
    for tool in tools:
        if tool.startswith("aria2c"):
            costs.show_goal(f"wall over {tool}", case.ratio(OURS, tool), 1)
    bench.forget("slow")
    yield case
    yield from bench_many(bench, "few", *bench.scale.few, SLOW, ("wget", "curl, one by one"))


def bench_cuts(bench):
    payload = bench.payload("cuts", bench.scale.cuts * MIB)
    case = costs.Case("cuts", f"{bench.scale.cuts} MiB in one file, each connection cut after "
                      f"{bench.scale.cut_every // MIB} MiB", ["5 ms each way, no other limit"])
    tools = tools_for_one(bench, payload, peers.one_file_on_a_bad_line)
    line = ["--delay", "5", "--cut-every", str(bench.scale.cut_every)]
    bench.compare(case, tools, payload.size, is_same(payload), min(3, bench.scale.rounds), line)
    case.show()
    costs.show_goal("bytes on the wire over bytes needed", case.median(OURS, "wire"), 1.01)
    show_ratios(case, tools)
    bench.forget("cuts")
    yield case


def bench_huge(bench):
    size = bench.scale.huge
    payload = bench.payload("huge", size * MIB, (size - 1) * MIB)
    case = costs.Case("huge", f"{size} MiB in one sparse file, full speed")
    commands = tools_for_one(bench, payload, peers.one_file)
    tools = {tool: commands[tool] for tool in (OURS, "curl") if tool in commands}
    bench.compare(case, tools, payload.size, is_same(payload), 1, warm_up=True)
    case.show()
    costs.show_goal("MiB resident", case.median(OURS, "memory"), 32)
    bench.forget("huge")
    yield case


def bench_loop(bench):
    payload = bench.payload("large", bench.scale.large * MIB)
    case = costs.Case("loop", f"iterations of the main loop while {bench.scale.large} MiB arrive")
    tools = {OURS: lambda port: bench.ours(port, payload, "--loop")}
    bench.compare(case, tools, payload.size, is_same(payload), min(3, bench.scale.rounds))
    loops = [cost["loop"] for cost in case.runs[OURS] if "loop" in cost]
    print("\n" + case.title)
    print(f"{'':14}{'iterations':>12}{'longest ms':>12}{'99.9 % ms':>12}{'longest CPU ms':>16}"
          f"{'99.9 % CPU ms':>16}")
    for number, loop in enumerate(loops, 1):
        print(f"run {number:<10}{loop['iterations']:12}{loop['longest']:12.2f}{loop['p999']:12.2f}"
              f"{loop['longest_cpu']:16.2f}{loop['p999_cpu']:16.2f}")
    print("  On the clock, what else the machine does counts too; on the processor, only the loop.")
    if loops:
        costs.show_goal("longest iteration, the least of the runs",
                        min(loop["longest"] for loop in loops), 16, " ms")
    yield case


CASES = {
    "large": bench_large,
    "files": bench_files,
    "slow": bench_slow,
    "cuts": bench_cuts,
    "huge": bench_huge,
    "loop": bench_loop,
}


@contextlib.contextmanager
def work_folder(build, wanted):
    """Memory when it has room for @wanted bytes, else the folder of the build."""
    shared = "/dev/shm"
    has_room = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > wanted
    with tempfile.TemporaryDirectory(dir=shared if has_room else build,
                                     prefix="onward-bench-") as folder:
        server = "nginx" if servers.find_nginx() else "onward-publish serve, for lack of nginx"
        print(f"from {server} on the loopback into "
              + ("memory" if has_room else "the folder of the build"))
        if peers.MISSING:
            print(f"not installed and left out: {', '.join(peers.MISSING)}")
        yield folder


def main(build, scale, cases=tuple(CASES)):
    """Runs @cases; the tables are printed, every run is a line in a file in bench/ of @build."""
    os.makedirs(os.path.join(build, "bench"), exist_ok=True)
    port = servers.free_port()
    with work_folder(build, 3 * scale.huge * MIB) as folder:
        bench = Bench(build, folder, port, scale)
        os.mkdir(bench.root)
        with servers.serve(build, bench.root, port), \
                open(os.path.join(build, "bench", scale.log), "w", encoding="utf-8") as log:
            for name in cases:
                for case in CASES[name](bench):
                    case.write(log)
