#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every house rule finds what it is there to find, and leaves good files alone."""

import importlib.util
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import c_source  # noqa: E402
import tap  # noqa: E402

spec = importlib.util.spec_from_file_location("style", os.path.join(HERE, "check-style.py"))
style = importlib.util.module_from_spec(spec)
spec.loader.exec_module(style)

SPDX = "/* " + style.LICENCE + " */\n"
THING = "src/core/onward-thing.c"
DOC = "/**\n * onward_thing:\n */\n"


def function(body, name="onward_thing", kind="int", doc=DOC):
    return f"{SPDX}\n{doc}{kind}\n{name} (void)\n{{\n{body}}}\n"


# Rule, path, good text, bad text, line of the offence.
CASES = [
    ("files_name_their_licence", THING, SPDX, "int x;\n", 1),
    ("files_name_their_licence", "tests/x.py", f"#!x\n# {style.LICENCE}\n", "#!x\n", 1),
    ("headers_are_included_once", "src/core/onward-thing.h", SPDX + "\n#pragma once\n", SPDX, 1),
    ("functions_are_short", THING, function("  f ();\n" * 57), function("  f ();\n" * 58), 7),
    ("functions_are_short", THING,
     function("  f ();\n" * 90, name="onward_thing_class_init"), function("\n" * 90), 7),
    ("most_functions_are_very_short", THING, function("  f ();\n" * 9), function("  f ();\n" * 16),
     1),
    ("files_are_short", THING, "\n" * 600, "\n" * 601, 601),
    ("nesting_is_shallow", THING,
     function("  if (a)\n    for (;;)\n      while (b)\n        {\n          if (c)\n"
              "            d ();\n          else if (e)\n            f ();\n        }\n"),
     function("  if (a)\n    for (;;)\n      while (b)\n        switch (c)\n          {\n"
              "          case 1:\n            do\n              d ();\n            while (e);\n"
              "          }\n"), 7),
    ("nesting_is_shallow", THING, function("  x = (struct s) { { { { { 1 } } } } };\n"),
     function("  if (a) if (a) if (a) if (a) if (a) b ();\n"), 7),
    ("public_names_begin_with_the_file", THING, function("", name="onward_thing_do"),
     function("", name="onward_things"), 7),
    ("public_names_begin_with_the_file", THING, function("", name="do_it", kind="static int"),
     function("", name="do_it"), 7),
    ("public_functions_are_explained", THING, function(""), function("", doc="/* A note. */\n"), 5),
    ("public_functions_are_explained", THING, function("", kind="static int", doc=""),
     function("", doc=""), 4),
    ("no_call_is_forbidden", THING, function('  p ("go" "to x"); /* goto */\n'),
     function("  go" "to out;\n"), 9),
    ("no_call_is_forbidden", THING, function("  my_system ();\n"), function("  system (x);\n"), 9),
    ("no_call_is_forbidden", THING, function("  g_error_free (e);\n"), function("  g_error (x);\n"),
     9),
    ("signals_fail_no_call", THING, function("  TEMP_FAILURE_RETRY (\n    open (x));\n"),
     function("  open (x);\n"), 9),
    ("signals_fail_no_call", THING, function("  self->read (x);\n"), function("  n = read (x);\n"),
     9),
    ("nothing_is_put_off", "src/README.md", "onward-XXXX" "XX\n", "\nTO" "DO: more\n", 2),
    ("no_machine_is_named", "src/README.md", "a network/work/x\n", "see /wo" "rk/main\n", 1),
    ("layers_hold", "src/fetch/onward-thing.c", "#include <libsoup/soup.h>\n",
     "#include <gtk/gtk.h>\n", 1),
    ("layers_hold", "src/trust/onward-thing.c", "#include <gnutls/gnutls.h>\n",
     "\n#include <libsoup/soup.h>\n", 2),
    ("layers_hold", THING, "/* g_getenv (x) */\n", "x = g_getenv (y);\n", 1),
    ("layers_hold", THING, "onward_state_next (x);\n", "x = g_get_user_state_dir ();\n", 1),
    ("layers_hold", "src/lib/onward-thing.c", "onward_state_get (x);\n",
     "onward_journal_set_state (x, y);\n", 1),
    ("lines_are_tidy", THING, "x" * 100 + "\n", "\n" + "x" * 101 + "\n", 2),
    ("lines_are_tidy", "README.md", "x" * 101 + "\n", "x \n", 1),
    ("lines_are_tidy", THING, "x\n", "x\n\tx\n", 2),
    ("lines_are_tidy", THING, "x\n", "x", 1),
    ("promises_are_documented", "tests/promises/test-resume.py", None, "x\n", 1),
    ("tests_are_half_of_the_code", THING, "", "x\n", 1),
    ("c_files_are_formatted", THING, function("  f ();\n"), function("f ();\n"), 8),
    ("shell_scripts_are_sound", "dev", "#!/bin/sh\necho hi\n", "#!/bin/sh\necho $1\n", 2),
]


def offences(rule, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return list(getattr(style, rule)(style.Tree(root)))


class Rules(unittest.TestCase):
    # Each rule passes over the good file and finds the bad one, at its line.
    def test_good_and_bad(self):
        with open(os.path.join(HERE, "../../.clang-format"), encoding="utf-8") as file:
            clang_format = file.read()
        for rule, path, good, bad, line in CASES:
            for text in (good, bad):
                if text is None:
                    continue
                try:
                    found = offences(rule, {path: text, ".clang-format": clang_format})
                except LookupError as error:
                    print(f"# {rule}: {error}")
                    continue
                with self.subTest(rule=rule, text=text):
                    where = "tests" if rule == "tests_are_half_of_the_code" else path
                    where = "src" if rule == "most_functions_are_very_short" else where
                    expected = [(where, line)] if text == bad else []
                    self.assertEqual([o[:2] for o in found], expected)

    # No rule is without a case here.
    def test_every_rule_is_tested(self):
        tested = {case[0] for case in CASES} | {"translations_are_listed"}
        self.assertEqual({rule.__name__ for rule in style.RULES}, tested)

    # Translatable text in a file that translators never see is found, and so is a lost file.
    def test_translations(self):
        files = {"po/POTFILES": "src/a.c\nsrc/gone.c\n", "src/a.c": '_("x");\n', "src/b.c": "x;\n"}
        self.assertEqual([o[:2] for o in offences("translations_are_listed", files)],
                         [("po/POTFILES", 2)])
        files = {"po/POTFILES": "# none\n", "src/a.c": 'x = _("x");\n',
                 "src/a.ui": '<x translatable="yes"/>\n'}
        self.assertEqual([o[0] for o in offences("translations_are_listed", files)],
                         ["src/a.c", "src/a.ui"])

    # A promise is documented as soon as a README names its file.
    def test_promises(self):
        files = {"tests/promises/test-resume.py": "", "README.md": "see `test-resume.py`\n"}
        self.assertEqual(offences("promises_are_documented", files), [])


class Source(unittest.TestCase):
    # What looks like a function but is none is passed over; macros and attributes do no harm.
    def test_functions(self):
        text = ('#define X(a) \\\n  { a }\nG_DEFINE_TYPE (X, x, y)\n\n'
                'struct s\n{\n  int (*f) (void);\n};\n'
                'static const char *names[] = { "{" };\n\nint a (void) { return \'}\'; }\n\n'
                "static inline G_GNUC_UNUSED char *\nb (int (*f) (void))\n{\n}\n")
        found = list(c_source.find_functions(text, c_source.blank_literals(text)))
        self.assertEqual([(f.name, f.line, f.length, f.static) for f in found],
                         [("a", 11, 1, False), ("b", 14, 3, True)])


if __name__ == "__main__":
    tap.main()
