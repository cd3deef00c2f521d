# SPDX-License-Identifier: LGPL-2.1-or-later
"""What commands cost, compared in pairs: tables for people, JSON lines for programs."""

import json
import os
import signal
import statistics
import subprocess
import tempfile

MIB = 1024 * 1024
MISSING = "–"


# Longer than any of it takes: what hangs is ended and shown as wrong.
MOST_SECONDS = 300
# The way to the loopback leads through no proxy.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.lower().endswith("_proxy")}


def run(build, command, folder):
    """Runs @command in @folder; returns wall and processor seconds, MiB of memory at most, its exit
    status, and what it printed when that is a JSON object."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as report:
        process = subprocess.Popen([os.path.join(build, "tests/bench/bench-cost"), report.name,
                                    *command], cwd=folder, start_new_session=True,
                                   env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE)
        try:
            output = process.communicate(timeout=MOST_SECONDS)[0]
            cost = json.load(report)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return {"wall": MOST_SECONDS, "cpu": 0, "memory": 0, "status": -1}
    if output.startswith(b"{"):
        cost.update(json.loads(output))
    return cost


def read(path):
    """The bytes of a file; none when it is missing."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def is_same(a, b):
    return subprocess.run(["cmp", "-s", a, b], check=False).returncode == 0


# What a table shows besides: (title, name of the cost, format).
LINE = (("wire/needed", "wire", ".3f"), ("connections", "connections", ".0f"))


class Case:
    """One table: what every tool cost in every round, in the order of the rounds."""

    def __init__(self, name, title, notes=(), columns=LINE):
        self.name, self.title, self.notes, self.columns = name, title, list(notes), columns
        self.runs = {}

    def add(self, tool, cost):
        self.runs.setdefault(tool, []).append(cost)

    def median(self, tool, key):
        values = [cost[key] for cost in self.runs[tool] if key in cost]
        return statistics.median(values) if values else None

    def least(self, tool, key):
        return min(cost[key] for cost in self.runs[tool])

    def ratio(self, tool, other, key="wall"):
        """The median over the rounds of one tool against another in the same round."""
        return statistics.median(a[key] / b[key]
                                 for a, b in zip(self.runs[tool], self.runs[other]))

    def best(self, tools):
        """The quickest of @tools that took part."""
        return min((tool for tool in tools if tool in self.runs),
                   key=lambda tool: self.median(tool, "wall"), default=None)

    def show(self):
        rounds = max((len(runs) for runs in self.runs.values()), default=0)
        print(f"\n{self.title}\n"
              + (f"medians of {rounds} runs, in turns" if rounds > 1 else "one run"))
        print(f"{'':26}{'wall s':>9}{'least':>9}{'CPU s':>9}{'MiB':>8}"
              + "".join(f"{title:>13}" for title, *_ in self.columns))
        for tool, runs in self.runs.items():
            print(f"{tool:26}{self.median(tool, 'wall'):9.2f}{self.least(tool, 'wall'):9.2f}"
                  f"{self.median(tool, 'cpu'):9.2f}{self.median(tool, 'memory'):8.1f}"
                  + "".join(f"{show(self.median(tool, key), form):>13}"
                            for _, key, form in self.columns)
                  + ("" if all(run["right"] for run in runs) else "  WRONG OR MISSING BYTES"))
        for note in self.notes:
            print("  " + note)

    def write(self, file):
        """One line a run."""
        for tool, runs in self.runs.items():
            for number, cost in enumerate(runs):
                json.dump({"case": self.name, "tool": tool, "round": number, **cost}, file)
                file.write("\n")


def show(value, form):
    return MISSING if value is None else format(value, form)


def show_goal(what, value, most, unit=""):
    """One figure beside the goal it has, which is to be at most @most."""
    verdict = "met" if value <= most else "missed"
    print(f"  {what:58}{value:8.3f}{unit}   goal ≤ {most:g}{unit}: {verdict}")
