# SPDX-License-Identifier: LGPL-2.1-or-later
"""How curl, wget and aria2c are asked for the same, each at its best."""

import os
import shutil

# How many connections each may have for many files.
PARALLEL = 16
# A tool that is cut off goes on where it was. curl has to be started again.
AGAIN = 'until curl -q -s -C - -o "$1" "$2"; do :; done'
# Without the settings of whoever runs it.
CURL = ["curl", "-q", "-s"]
WGET = ["wget", "-q", "--no-config"]
MISSING = [program for program in ("curl", "wget", "aria2c") if shutil.which(program) is None]


def installed(commands):
    """Those of @commands, by what they are called, whose program is there."""
    return {name: command for name, command in commands.items() if program_of(name) not in MISSING}


def program_of(name):
    return name.partition(",")[0]


def aria2c(folder, connections):
    return ["aria2c", "-q", "--no-conf", "--allow-overwrite=true", "--auto-file-renaming=false",
            "--file-allocation=none", "-x", str(connections), "-s", str(connections), "-k", "1M",
            "-d", folder]


def one_file(url, output):
    folder, name = os.path.split(output)
    return {
        "curl": [*CURL, "-o", output, url],
        "wget": [*WGET, "-O", output, url],
        "aria2c, 1 connection": [*aria2c(folder, 1), "-o", name, url],
        "aria2c, 4 connections": [*aria2c(folder, 4), "-o", name, url],
    }


def one_file_on_a_bad_line(url, output):
    folder, name = os.path.split(output)
    patient = ["-c", "-m", "0", "--retry-wait=0"]
    return {
        "curl, started again": ["sh", "-c", AGAIN, "sh", output, url],
        "wget": [*WGET, "-c", "-t", "0", "--waitretry=0", "-O", output, url],
        "aria2c, 1 connection": [*aria2c(folder, 1), *patient, "-o", name, url],
        "aria2c, 4 connections": [*aria2c(folder, 4), *patient, "-o", name, url],
        "aria2c, 16 connections": [*aria2c(folder, 16), *patient, "-o", name, url],
    }


def write_lists(folder, url, names):
    """The list of addresses for wget and aria2c, and the one for curl."""
    urls, config = os.path.join(folder, "urls"), os.path.join(folder, "curl.config")
    with open(urls, "w", encoding="utf-8") as file:
        file.writelines(f"{url}{name}\n" for name in names)
    with open(config, "w", encoding="utf-8") as file:
        file.writelines(f'url = "{url}{name}"\noutput = "{name}"\n' for name in names)
    return urls, config


def many_files(output, urls, config):
    """Every tool writes into @output, where it is started."""
    return {
        "curl, parallel": [*CURL, "--no-progress-meter", "-Z", "--parallel-max", str(PARALLEL),
                           "-K", config],
        "curl, one by one": [*CURL, "-K", config],
        "wget": [*WGET, "-P", output, "-i", urls],
        "aria2c": [*aria2c(output, 1), "-j", str(PARALLEL), "-i", urls],
    }
