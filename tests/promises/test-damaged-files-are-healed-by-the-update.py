#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever was damaged in an install, the next update ends at exactly the published tree, and
verify tells before what is wrong."""

import os
import random
import shutil

import promise
from promise import FAILED, Link, noise

ENGINE = noise(1_500_000, "engine")
OLD = {
    "lib/unchanged.bin": noise(1_200_000, "unchanged"),
    "lib/engine.bin": ENGINE,
    "lib/one.bin": noise(40_000, 1),
    "lib/two.bin": noise(40_000, 2),
    "lib/twin.bin": noise(40_000, 2),
    "lib/link": Link("one.bin"),
    "share/a.txt": "a\n" * 100,
    "share/b.txt": "b\n" * 100,
    "share/empty": "",
}
NEW = {**OLD, "lib/engine.bin": ENGINE[:700_000] + b"changed" + ENGINE[700_000:],
       "share/b.txt": "b, newer\n" * 100}


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def replace_by_link(path):
    path.unlink()
    path.symlink_to("/etc/hostname")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("in the way\n")


DAMAGES = (
    flip,
    os.unlink,
    lambda path: path.write_bytes(path.read_bytes()[:-1]),
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(path.read_bytes() + b"more"),
    lambda path: path.chmod(0o600),
    replace_by_link,
    replace_by_folder,
)


class Healed(promise.Promise):
    """Version 1.0.0 is installed and 1.1.0, with a small delta, is published."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve()
        self.install = self.bundle("1.0.0", self.server.url)

    def make_versions(self):
        self.init()
        self.add("1.0.0", OLD)
        self.add("1.1.0", NEW)

    def assert_healed(self, install, *options):
        install.onward("update", "--yes", *options)
        self.assert_runs(install, "1.1.0")
        self.assert_is_version(install, "1.1.0")
        install.onward("verify")
        self.assertEqual(install.strays(), [])

    def differences(self, install):
        result = install.onward("verify", status=FAILED)
        events = install.onward("verify", "--json", status=FAILED).events()
        self.assertEqual(result.stdout.splitlines(),
                         [f"{e['kind']} {e['path']}" for e in events])
        self.assertIn("What was checked: ", result.stderr)
        self.assertIn("not necessarily tampering", result.stderr)
        return set(result.stdout.splitlines())

    def test_verify_tells_what_is_changed_missing_and_extra(self):
        old = self.install.version("1.0.0")
        flip(old / "lib/one.bin")
        (old / "lib/two.bin").chmod(0o755)
        (old / "lib/twin.bin").unlink()
        (old / "lib/link").unlink()
        (old / "lib/link").symlink_to("two.bin")
        (old / "share/stranger").write_text("hello\n")
        (old / "more").mkdir()
        self.assertEqual(self.differences(self.install),
                         {"changed lib/one.bin", "changed lib/two.bin", "missing lib/twin.bin",
                          "changed lib/link", "extra share/stranger", "extra more"})

    def test_verify_explains_what_it_found(self):
        """How many there are of each kind, what that means, and what to do about each of them."""
        old = self.install.version("1.0.0")
        heals = "“onward repair” brings what is changed or missing anew"
        keeps = "What to do about extra files: "
        for damage, counts, advice in (
                (lambda: (old / "share/stranger").write_text("hello\n"),
                 "1 file differs from version 1.0.0: 0 changed, 0 missing, 1 extra", (keeps,)),
                (lambda: flip(old / "lib/one.bin"), "1 changed, 0 missing, 1 extra",
                 (heals, keeps)),
                (lambda: (old / "lib/twin.bin").unlink(), "1 changed, 1 missing, 1 extra",
                 (heals, keeps)),
                (lambda: (old / "share/stranger").unlink(), "1 changed, 1 missing, 0 extra",
                 (heals,))):
            damage()
            result = self.install.onward("verify", status=FAILED)
            self.assertIn(counts, result.stderr)
            self.assertEqual([text in result.stderr for text in (heals, keeps)],
                             [text in advice for text in (heals, keeps)], result.stderr)
            self.assertNotIn("anyway", result.stderr)

    def test_each_kind_of_damage_to_files_that_did_not_change(self):
        for number, damage in enumerate(DAMAGES):
            with self.subTest(damage=number):
                install = self.install.copy(f"copy-{number}")
                damage(install.version("1.0.0") / "lib/unchanged.bin")
                damage(install.version("1.0.0") / "share/a.txt")
                self.assertEqual({line.split()[1].split("/inside")[0]
                                  for line in self.differences(install)},
                                 {"lib/unchanged.bin", "share/a.txt"})
                self.assert_healed(install)

    def test_each_kind_of_damage_to_what_a_delta_builds_on(self):
        for number, damage in enumerate(DAMAGES):
            with self.subTest(damage=number):
                install = self.install.copy(f"copy-{number}")
                damage(install.version("1.0.0") / "lib/engine.bin")
                self.assert_healed(install)

    def test_damage_at_random(self):
        chance = random.Random(os.environ.get("ONWARD_TEST_SEED", "damage"))
        for number in range(6):
            install = self.install.copy(f"random-{number}")
            old = install.version("1.0.0")
            files = sorted(path for path in old.rglob("*")
                           if path.is_file() and not path.is_symlink())
            chosen = chance.sample(files, chance.randrange(1, len(files)))
            damages = [chance.randrange(len(DAMAGES)) for _ in chosen]
            for path, damage in zip(chosen, damages):
                if path.stat().st_size > 0 or DAMAGES[damage] is not flip:
                    DAMAGES[damage](path)
            with self.subTest(number=number, chosen=chosen, damages=damages):
                self.assert_healed(install, *chance.choice(((), ("--no-delta",))))

    def test_only_what_is_damaged_is_fetched_on_top(self):
        large = {**NEW, "lib/large.bin": noise(6_000_000, "large")}
        self.add("1.2.0", large)
        self.install.onward("update", "--yes")
        self.add("1.3.0", {**large, "share/b.txt": "b, newest\n"})
        before = self.server.bytes_of_packs()
        (self.install.version("1.2.0") / "lib/one.bin").unlink()
        self.install.onward("update", "--yes")
        self.assert_is_version(self.install, "1.3.0")
        self.assertLess(self.server.bytes_of_packs() - before, 5_000_000,
                        "what does not compress has a frame of its own")

    def test_a_version_of_which_nothing_is_left(self):
        shutil.rmtree(self.install.version("1.0.0"))
        self.install.version("1.0.0").mkdir()
        self.assert_healed(self.install)

    def test_the_updaters_own_files_may_be_damaged_or_gone(self):
        self.install.onward("check")
        own = ["receipts/1.0.0", "var/state.ini", "var/update.log"] + [
            f"var/trust/{role}.json" for role in ("root", "timestamp", "snapshot", "targets")]
        damages = {"flip": flip, "remove": os.unlink, "empty": lambda path: path.write_bytes(b""),
                   "noise": lambda path: path.write_bytes(noise(3000, "damage"))}
        for number, name in enumerate(own):
            for what, damage in damages.items():
                with self.subTest(name=name, damage=what):
                    install = self.install.copy(f"own-{number}-{what}")
                    if not (install.folder / name).exists():
                        continue
                    damage(install.folder / name)
                    self.assert_runs(install, "1.0.0")
                    install.onward("update", "--yes")
                    self.assert_runs(install, "1.1.0")
                    self.assert_is_version(install, "1.1.0")

    def test_the_folders_of_the_updater_may_be_gone(self):
        self.install.onward("check")
        for number, name in enumerate(("var", "var/trust", "receipts")):
            with self.subTest(name=name):
                install = self.install.copy(f"gone-{number}")
                shutil.rmtree(install.folder / name)
                self.assert_runs(install, "1.0.0")
                self.assert_healed(install)

    def test_a_damaged_version_before_does_not_hinder_the_next_update(self):
        self.install.onward("update", "--yes")
        self.install.onward("mark-good")
        shutil.rmtree(self.install.version("1.0.0") / "lib")
        self.add("1.2.0", {**NEW, "share/c.txt": "c\n"})
        self.install.onward("update", "--yes")
        self.assert_runs(self.install, "1.2.0")
        self.assert_is_version(self.install, "1.2.0")


if __name__ == "__main__":
    promise.main()
