#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lays out the versions of Inkwell as folders that can be published.

usage: trees.py BUILD-FOLDER FOLDER

Makes FOLDER/1.0.0, FOLDER/1.1.0 and FOLDER/2.0.0. All three hold the same programs and a large
file that never changes. 1.1.0 adds a file and grows another; 2.0.0 moves both to another folder,
adds a symbolic link and a large new file, and has a new look. What is in the large files is random,
so that it cannot be compressed, and the same in every run.
"""

import os
import random
import shutil
import sys

VERSIONS = ("1.0.0", "1.1.0", "2.0.0")
ICON = "share/icons/hicolor/scalable/apps/io.github.onward.Inkwell.svg"
CONTENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "content")
PROGRAMS = {
    "bin/inkwell": "tests/sample/inkwell",
    "bin/onward-updater": "src/updater/onward-updater",
    "lib/libonward-1.so.0": "src/lib/libonward-1.so.0",
}
SETTINGS = "share/glib-2.0/schemas/gschemas.compiled"
THESAURUS_SIZE = 5_500_000


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def write(tree, path, data):
    path = os.path.join(tree, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def copy(tree, path, source, mode=0o644):
    path = os.path.join(tree, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copyfile(source, path)
    os.chmod(path, mode)


def copy_common(build, tree, version):
    """What every version ships: its programs, the library they use, the schema of the user's
    preferences for updates, an icon and a large file."""
    for path, source in PROGRAMS.items():
        copy(tree, path, os.path.join(build, source), 0o755)
    copy(tree, SETTINGS, os.path.join(build, "data", "gschemas.compiled"))
    copy(tree, ICON, os.path.join(CONTENT, "io.github.onward.Inkwell.svg"))
    write(tree, "share/inkwell/version", version.encode() + b"\n")
    write(tree, "share/inkwell/paper.texture", noise("paper", 2_000_000))


def copy_look(tree, suffix):
    copy(tree, "share/inkwell/style.css", os.path.join(CONTENT, f"style{suffix}.css"))
    copy(tree, "share/inkwell/welcome.txt", os.path.join(CONTENT, f"welcome{suffix}.txt"))


def make_1_0_0(tree):
    copy_look(tree, "")
    write(tree, "share/inkwell/words/english.words", noise("english", 900_000))


def more_words():
    return noise("english", 900_000) + noise("more", 9000)


def make_1_1_0(tree):
    copy_look(tree, "")
    write(tree, "share/inkwell/words/english.words", more_words())
    write(tree, "share/inkwell/words/british.words", noise("british", 120_000))


def make_2_0_0(tree):
    copy_look(tree, "-2")
    folder = "share/inkwell/dictionaries/"
    write(tree, folder + "english.words", more_words())
    write(tree, folder + "british.words", noise("british", 120_000))
    os.symlink("english.words", os.path.join(tree, folder, "default.words"))
    write(tree, "share/inkwell/thesaurus", noise("thesaurus", THESAURUS_SIZE))


def make(build, folder):
    """Makes all versions anew below @folder. Returns {version: its folder}."""
    made = {}
    for version, finish in zip(VERSIONS, (make_1_0_0, make_1_1_0, make_2_0_0)):
        tree = made[version] = os.path.join(folder, version)
        shutil.rmtree(tree, ignore_errors=True)
        copy_common(build, tree, version)
        finish(tree)
    return made


def list_notes(version):
    """The arguments that hand the release notes of @version to onward-publish add."""
    arguments = []
    for language in ("en", "zh_CN"):
        path = os.path.join(CONTENT, f"notes-{version}.{language}.md")
        if os.path.exists(path):
            arguments += ["--notes", f"{path}:{language}"]
    return arguments


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for made_version, made_tree in make(sys.argv[1], sys.argv[2]).items():
        print(made_version, made_tree)
