# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pairs of real packages that are measured, by name; what is downloaded is kept."""

import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def fetch(program, source, package, version, folder):
    """Leaves in @folder what @package holds in this version; what is made, @program makes."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        os.chmod(work, 0o755)
        content = pathlib.Path(work, "content")
        content.mkdir()
        if source == "made":
            subprocess.run([program, "program", content / "program", package, version], check=True)
        elif source == "npm":
            subprocess.run(["npm", "pack", "--silent", f"{package}@{version}"], cwd=work,
                           check=True, stdout=subprocess.DEVNULL)
            archive, = pathlib.Path(work).glob("*.tgz")
            subprocess.run(["tar", "-xf", archive, "-C", content], check=True)
        else:
            subprocess.run(["apt-get", "download", "-q", f"{package}={version}"], cwd=work,
                           check=True, stdout=subprocess.DEVNULL)
            archive, = pathlib.Path(work).glob("*.deb")
            subprocess.run(["dpkg", "-x", archive, content], check=True)
        content.rename(folder)


def read(names):
    """The words of every line about a pair that is asked for; of all, when none is."""
    for line in (HERE / "delta-pairs.txt").read_text().splitlines():
        words = line.split()
        if words and not line.startswith("#") and (not names or words[0] in names):
            yield words
