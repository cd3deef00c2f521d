#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The house rules that a machine can check: one function a rule, one TAP line a rule.

usage: check-style.py [FOLDER]

An offence is shown as "path:line: what is wrong". A file that must differ is named in a table
below, with the reason.
"""

import functools
import os
import re
import shutil
import statistics
import subprocess
import sys

import c_source

MAX_FUNCTION, MEDIAN_FUNCTION, P90_FUNCTION = 60, 15, 35
MAX_FILE, MAX_NESTING, MAX_COLUMNS = 600, 4, 100
# A table that clang-format leaves alone reads better one row a line, however long.
MAX_TABLE_COLUMNS = 160
LICENCE = "SPDX-License-Identifier: LGPL-2.1-or-later"

# Names that a file may give its public functions beside its own: a type too small for a file.
OTHER_PREFIXES = {
    "onward-state": ["onward_event"],
    "onward-button": ["onward_intent"],
    "onward-client-check": ["onward_client"],
    "onward-client-components": ["onward_client"],
    "onward-client-maintenance": ["onward_client"],
    "onward-client-preferences": ["onward_client"],
    "onward-client-settings": ["onward_client"],
    "onward-flow-intents": ["onward_flow"],
    "onward-fetcher": ["onward_document"],
    "onward-verify": ["onward_differences"],
    "onward-targets": ["onward_target"],
}
# Which folders may include what; any other file may not.
LAYERS = {
    r"#\s*include\s*<libsoup/": ("src/fetch/", "tests/fetch/", "tests/support/"),
    r"#\s*include\s*<gnutls/": ("src/trust/", "tests/trust/", "src/core/onward-digest.c",
                                "src/core/onward-hasher.c",
                                "tests/support/onward-test-authority.c"),
    r"#\s*include\s*<gtk/": ("src/updater/", "tests/updater/", "tests/ui/", "tests/sample/"),
    r"#\s*include\s*<cmark": ("src/updater/", "tests/updater/"),
    r"\b(g_getenv|getenv|secure_getenv|g_get_environ|g_get_home_dir|g_get_user_\w+_dir)\s*\(":
        ("src/core/onward-paths.c", "src/launch/", "tests/"),
    r"\bonward_(state_next|state_recover|journal_set_state)\s*\(":
        ("src/flow/", "src/core/", "tests/core/", "tests/flow/"),
}
# What a signal can end with EINTR; the group is empty where that is taken care of.
INTERRUPTIBLE = (r"TEMP_FAILURE_RETRY \(\s*\w+|(?<![\w>.])(open|openat|read|pread|write|pwrite|"
                 r"fsync|fdatasync|syncfs|ftruncate|fallocate|copy_file_range) \(")
# Written so that this file does not match itself.
MACHINE = re.compile(r"(?<![\w.-])/[w]ork/|registry[.]npm|deb[.]debian[.]org|[/]farm/")
TO_DO = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")

class Tree:
    """The files of the project, each read once."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._list())

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            listed = subprocess.run(["git", "-C", self.root, "ls-files", "-co",
                                     "--exclude-standard", "-z"],
                                    stdout=subprocess.PIPE, check=True).stdout
            for path in set(listed.decode().split("\0")):
                if path and os.path.isfile(os.path.join(self.root, path)):
                    yield path
            return
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if not f.startswith("build") and f != "__pycache__"]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    @functools.lru_cache(None)
    def text(self, path):
        """The text of a file; empty for one that holds no text."""
        with open(os.path.join(self.root, path), "rb") as file:
            try:
                return file.read().decode("utf-8")
            except UnicodeDecodeError:
                return ""

    @functools.lru_cache(None)
    def code(self, path):
        return c_source.blank_literals(self.text(path))

    @functools.lru_cache(None)
    def functions(self, path):
        return list(c_source.find_functions(self.text(path), self.code(path)))

    def named(self, *endings):
        return [p for p in self.paths
                if p.endswith(endings) and not p.startswith("tests/fuzz/corpus/")]

    def c_files(self, *folders):
        return [p for p in self.named(".c", ".h") if p.startswith(folders or ("src/", "tests/"))]

    def scripts(self):
        return [p for p in self.paths if p.endswith((".py", ".sh")) or p in ("dev", ".ci/run")]

    def prose(self):
        """Every file a person writes and reads."""
        return [p for p in self.paths
                if p.endswith((".c", ".h", ".md", ".ui", ".css", ".in", ".xml", ".json", ".yml",
                               ".svg", ".supp", "meson.build", "meson_options.txt"))
                or p in self.scripts()]


def matches(pattern, text):
    for match in re.finditer(pattern, text):
        yield c_source.line_of(text, match.start()), match


# The rules. Each yields (path, line, what is wrong).

def files_name_their_licence(tree):
    for path in tree.c_files() + tree.scripts():
        head = tree.text(path).split("\n")[:2]
        wanted = head[:1] if path.endswith((".c", ".h")) else head
        if tree.text(path) and not any(LICENCE in line for line in wanted):
            yield path, 1, "no " + LICENCE


def headers_are_included_once(tree):
    for path in tree.named(".h"):
        if "\n#pragma once\n" not in tree.text(path):
            yield path, 1, "no #pragma once"


def functions_are_short(tree):
    for path in tree.c_files():
        for function in tree.functions(path):
            if function.length > MAX_FUNCTION and not function.name.endswith("_class_init"):
                yield path, function.line, f"{function.name} has {function.length} lines"


def most_functions_are_very_short(tree):
    lengths = sorted(f.length for p in tree.c_files("src/") for f in tree.functions(p))
    if not lengths:
        return
    median, p90 = statistics.median(lengths), lengths[int(0.9 * (len(lengths) - 1))]
    if median > MEDIAN_FUNCTION or p90 > P90_FUNCTION:
        yield "src", 1, f"functions have a median of {median} lines, a 90th percentile of {p90}"


def files_are_short(tree):
    for path in tree.c_files() + tree.scripts():
        lines = tree.text(path).count("\n")
        if lines > MAX_FILE:
            yield path, lines, f"{lines} lines"


def nesting_is_shallow(tree):
    for path in tree.c_files():
        for function in tree.functions(path):
            if function.nesting > MAX_NESTING:
                yield path, function.line, f"{function.name} is nested {function.nesting} deep"


def public_names_begin_with_the_file(tree):
    for path in tree.c_files("src/", "tests/support/"):
        stem = re.sub(r"-private$", "", os.path.splitext(os.path.basename(path))[0])
        prefixes = [stem.replace("-", "_")] + OTHER_PREFIXES.get(stem, [])
        for function in tree.functions(path):
            if not function.static and function.name != "main" and not any(
                    function.name == p or function.name.startswith(p + "_") for p in prefixes):
                yield path, function.line, f"{function.name} does not begin with {prefixes[0]}_"


def public_functions_are_explained(tree):
    for path in tree.c_files("src/"):
        if path.endswith(".c") and os.path.basename(path).startswith("onward-"):
            for function in tree.functions(path):
                if not (function.static or function.documented or function.name == "main"):
                    yield path, function.line, f"{function.name} has no /** comment"


def no_call_is_forbidden(tree):
    for path in tree.c_files():
        for line, match in matches(r"\b(goto\b|(?:system|g_error)\s*\()", tree.code(path)):
            yield path, line, match.group(1).rstrip(" (") + " is not used here"


def signals_fail_no_call(tree):
    """The launcher has no handlers, so that nothing interrupts its calls."""
    for path in tree.c_files("src/"):
        for line, match in matches(INTERRUPTIBLE, tree.code(path)):
            if match.group(1) and not path.startswith("src/launch/"):
                yield path, line, f"{match.group(1)} () without TEMP_FAILURE_RETRY"


def nothing_is_put_off(tree):
    for path in tree.prose():
        for line, match in matches(TO_DO, tree.text(path)):
            yield path, line, match.group(0)


def no_machine_is_named(tree):
    for path in tree.prose():
        for line, match in matches(MACHINE, tree.text(path)):
            yield path, line, f"{match.group(0)} belongs to one machine"


def layers_hold(tree):
    for path in tree.c_files():
        for pattern, allowed in LAYERS.items():
            if not path.startswith(allowed):
                for line, match in matches(pattern, tree.code(path)):
                    yield path, line, match.group(0) + " does not belong here"


def lines_are_tidy(tree):
    for path in tree.prose():
        lines = tree.text(path).split("\n")
        if lines[-1] != "":
            yield path, len(lines), "no newline at the end"
        is_code = path in tree.c_files() + tree.scripts() or path.endswith("meson.build")
        columns = MAX_COLUMNS
        for number, line in enumerate(lines, 1):
            if "clang-format off" in line:
                columns = MAX_TABLE_COLUMNS
            elif "clang-format on" in line:
                columns = MAX_COLUMNS
            if line != line.rstrip():
                yield path, number, "blanks at the end"
            if is_code and "\t" in line:
                yield path, number, "a tab"
            if is_code and len(line) > columns:
                yield path, number, f"{len(line)} columns"


def translations_are_listed(tree):
    if "po/POTFILES" not in tree.paths:
        return
    lines = [line.strip() for line in tree.text("po/POTFILES").split("\n")]
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#") and line not in tree.paths:
            yield "po/POTFILES", number, f"{line} does not exist"
    for path in tree.c_files("src/") + [p for p in tree.paths if p.startswith(("src/", "data/"))
                                        and p.endswith((".ui", ".desktop.in", ".metainfo.xml.in"))]:
        if path.endswith(".ui"):
            used = 'translatable="yes"' in tree.text(path)
        elif path.endswith((".c", ".h")):
            used = re.search(r"\b(N?_|N?C_|n?gettext)\s*\(\s*\"", tree.code(path))
        else:
            used = True
        if used and path not in lines:
            yield path, 1, "has translatable text but is not in po/POTFILES"


def promises_are_documented(tree):
    pages = [p for p in ("README.md", "tests/promises/README.md") if p in tree.paths]
    prose = "".join(tree.text(p) for p in pages)
    for path in tree.paths:
        name = os.path.basename(path)
        if path.startswith("tests/promises/test-") and name not in prose:
            yield path, 1, "is named in no README"


def tests_are_half_of_the_code(tree):
    code = sum(tree.text(p).count("\n") for p in tree.c_files("src/"))
    tests = sum(tree.text(p).count("\n") for p in tree.c_files("tests/") + tree.scripts()
                if p.startswith("tests/"))
    if 2 * tests < code:
        yield "tests", 1, f"{tests} lines of tests for {code} lines of code"


def c_files_are_formatted(tree):
    paths = [p for p in tree.c_files() if p.endswith(".c")]
    if shutil.which("clang-format") is None:
        raise LookupError("clang-format is not installed")
    # With no file to look at it would wait for its standard input.
    yield from run_checker(tree, ["clang-format", "--dry-run", "-Werror"], paths)


def shell_scripts_are_sound(tree):
    if shutil.which("shellcheck") is None:
        raise LookupError("shellcheck is not installed")
    scripts = [p for p in tree.scripts() if not p.endswith(".py")]
    yield from run_checker(tree, ["shellcheck", "-f", "gcc"], scripts)


def run_checker(tree, command, paths):
    """What a compiler-like program says of @paths, one offence a line of a file."""
    if not paths:
        return
    result = subprocess.run(command + paths, cwd=tree.root, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for found in sorted(set(re.findall(r"(?m)^([^:\n]+):(\d+):\d+: (.*)$", result.stdout))):
        yield found[0], int(found[1]), found[2]
    if result.returncode not in (0, 1):
        yield paths[0], 1, f"{command[0]} failed: {result.stdout.strip()}"


RULES = (
    files_name_their_licence, headers_are_included_once, functions_are_short,
    most_functions_are_very_short, files_are_short, nesting_is_shallow,
    public_names_begin_with_the_file, public_functions_are_explained, no_call_is_forbidden,
    signals_fail_no_call, nothing_is_put_off, no_machine_is_named, layers_hold, lines_are_tidy,
    translations_are_listed, promises_are_documented, tests_are_half_of_the_code,
    c_files_are_formatted, shell_scripts_are_sound,
)


def main(root):
    tree = Tree(root)
    failed = False
    print(f"1..{len(RULES)}")
    for number, rule in enumerate(RULES, 1):
        title = f"{number} - {rule.__name__.replace('_', ' ')}"
        try:
            offences = list(rule(tree))
        except LookupError as error:
            print(f"ok {title} # SKIP {error}")
            continue
        failed = failed or bool(offences)
        print(("not ok " if offences else "ok ") + title)
        for path, line, what in offences:
            print(f"# {path}:{line}: {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
