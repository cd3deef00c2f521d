#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed beside the updater holds by the rules of those who read it.

usage: test-data.py SOURCE-ROOT BUILD-ROOT
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD = (os.path.abspath(path) for path in (sys.argv.pop(1), sys.argv.pop(1)))
sys.path.insert(0, os.path.join(SOURCE, "tests", "style"))

import tap  # noqa: E402

ID = "io.github.onward.Updater"


def run(*command, **options):
    """The exit status of a program and all it said."""
    if shutil.which(command[0]) is None:
        raise unittest.SkipTest(command[0] + " is not installed")
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False, **options)
    return result.returncode, result.stdout.strip()


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


class Data(unittest.TestCase):
    def test_desktop_file_is_valid(self):
        path = os.path.join(BUILD, "data", ID + ".desktop")
        self.assertEqual(run("desktop-file-validate", path), (0, ""))

    def test_desktop_file_is_translated(self):
        self.assertIn("Name[zh_CN]=软件更新", read(BUILD, "data", ID + ".desktop"))

    def test_metainfo_is_valid(self):
        path = os.path.join(BUILD, "data", ID + ".metainfo.xml")
        status, said = run("appstreamcli", "validate", "--no-net", "--strict", path)
        self.assertEqual(status, 0, said)

    def test_metainfo_is_translated(self):
        self.assertIn('xml:lang="zh_CN"', read(BUILD, "data", ID + ".metainfo.xml"))

    def test_xml_is_well_formed(self):
        for folder, ending in (("data", (".xml", ".xml.in")), ("data/icons", ".svg"),
                               ("src/updater", ".xml"), ("src/updater/ui", ".ui")):
            for name in os.listdir(os.path.join(SOURCE, folder)):
                if name.endswith(ending):
                    path = os.path.join(SOURCE, folder, name)
                    self.assertEqual(run("xmllint", "--noout", "--nonet", path), (0, ""))

    def test_schema_is_strict(self):
        folder = os.path.join(SOURCE, "data")
        self.assertEqual(run("glib-compile-schemas", "--strict", "--dry-run", folder), (0, ""))

    def test_bus_service_names_an_absolute_program(self):
        text = read(BUILD, "data", ID + ".service")
        self.assertIn(f"\nName={ID}\n", text)
        self.assertRegex(text, r"(?m)^Exec=/\S*/onward-updater --service$")

    def test_icons_are_square(self):
        for name, size in ((ID + ".svg", 128), (ID + "-symbolic.svg", 16)):
            text = read(SOURCE, "data", "icons", name)
            self.assertIn(f'viewBox="0 0 {size} {size}"', text)


class Flatpak(unittest.TestCase):
    def test_manifest_is_read_without_a_warning(self):
        path = os.path.join(SOURCE, "flatpak", ID + ".yml")
        if shutil.which("flatpak-builder") is None:
            self.skipTest("flatpak-builder is not installed")
        # GLib's own diagnostics are none of the manifest's.
        result = subprocess.run(["flatpak-builder", "--show-manifest", path], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                env={**os.environ, "G_ENABLE_DIAGNOSTIC": "0"})
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_manifest_asks_for_little_and_pins_its_sources(self):
        text = read(SOURCE, "flatpak", ID + ".yml")
        self.assertNotIn("--filesystem=host", text)
        self.assertNotIn("--device=all", text)
        self.assertEqual(len(re.findall(r"\burl: https://", text)), text.count("url:"))
        self.assertEqual(len(re.findall(r"\bsha256: [0-9a-f]{64}\n", text)), text.count("url:"))


class Translations(unittest.TestCase):
    def languages(self):
        lines = read(SOURCE, "po", "LINGUAS").split("\n")
        return [line for line in lines if line and not line.startswith("#")]

    def check(self, language):
        path = os.path.join(SOURCE, "po", language + ".po")
        return run("msgfmt", "--check", "--statistics", path, "-o", os.devnull,
                   env={**os.environ, "LC_ALL": "C", "LANGUAGE": ""})

    def test_every_catalog_is_sound(self):
        for language in self.languages():
            status, said = self.check(language)
            self.assertEqual(status, 0, said)

    def test_chinese_and_english_are_complete(self):
        for language in ("en", "zh_CN"):
            self.assertRegex(self.check(language)[1], r"^\d+ translated messages\.$")

    def test_catalogs_have_every_message_of_the_source(self):
        with tempfile.TemporaryDirectory() as folder:
            template = os.path.join(folder, "onward.pot")
            files = [line for line in read(SOURCE, "po", "POTFILES").split("\n")
                     if line and not line.startswith("#")]
            status, said = run("xgettext", "--from-code=UTF-8", "-k_", "-kN_", "-kngettext:1,2",
                               "-kC_:1c,2",
                               "--add-comments", "-o", template, *files, cwd=SOURCE,
                               env={**os.environ, "GETTEXTDATADIR": "/usr/share"})
            self.assertEqual(status, 0, said)
            for language in ("en", "zh_CN"):
                catalog = os.path.join(SOURCE, "po", language + ".po")
                status, said = run("msgcmp", "--use-untranslated", catalog, template)
                self.assertEqual(status, 0, said)

    def test_languages_that_run_from_the_right_have_a_catalog(self):
        self.assertLessEqual({"ar", "fa", "he", "ur"}, set(self.languages()))


tap.main()
