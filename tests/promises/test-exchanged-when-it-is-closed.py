#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An application that must live at one path is exchanged when its last copy has been closed, and
never before: which one is waited for is told, and whoever stops waiting loses nothing."""

import signal

import promise
from promise import BUSY, CANCELLED, DONE, ONWARD, Program, noise

# Starts its own updater, which outlives it.
UPDATES_ITSELF = Program(f"""#!/bin/sh
echo 1.2.0 "$@"
test "$1" = update && "{ONWARD}" update --yes --install "$ONWARD_INSTALL" >/dev/null 2>&1 &
""")


class InPlace(promise.Promise):
    """Version 1.0.0 is installed in place, 1.1.0 is published."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve()
        self.install = self.install_in_place("1.0.0")

    def make_versions(self):
        self.init()
        for version in ("1.0.0", "1.1.0"):
            self.add(version, {"share/version": version, "lib/same.bin": noise(90_000, "same")})

    def install_in_place(self, version, **options):
        return self.bundle(version, self.server.url, "--layout", "in-place", "--keep", "data",
                           **options)

    def start_copy(self, version="1.0.0"):
        copy = self.install.start("wait")
        copy.wait_for_line(lambda line: line == f"{version} wait\n".encode(), "it runs")
        return copy

    def close(self, copy):
        copy.process.stdin.write(b"\n")
        copy.process.stdin.flush()
        self.assertEqual(copy.wait().status, DONE)

    def start_update(self, copies):
        """An update that waits for one of the copies; returns it with that."""
        update = self.install.start_onward("update", "--yes", "--json")
        status = update.wait_for_status(lambda status: status.get("obstacle") == "running",
                                        "it waits")
        self.assertEqual(status["state"], "ready")
        names = {f"app ({copy.process.pid})": copy for copy in copies}
        self.assertIn(status["waiting-for"], names)
        return update, names[status["waiting-for"]]

    def assert_nothing_changed(self):
        self.assertFalse((self.install.folder / "current").is_symlink())
        self.assertEqual(self.install.current(), "1.0.0")
        self.assert_is_version(self.install, "1.0.0", beside=("data",))

    def assert_updated(self):
        self.assertFalse((self.install.folder / "current").is_symlink())
        self.assert_runs(self.install, "1.1.0")
        self.assert_is_version(self.install, "1.1.0", beside=("data",))
        self.assertEqual(self.install.versions(), ["1.0.0", "1.1.0"])
        self.install.onward("verify")
        self.assertEqual(self.install.strays(), [])

    def test_it_waits_for_every_copy_and_then_exchanges(self):
        first, second = copies = [self.start_copy(), self.start_copy()]
        update, awaited = self.start_update(copies)
        self.assert_nothing_changed()
        (self.install.version("1.0.0") / "data").mkdir()
        (self.install.version("1.0.0") / "data/mine.txt").write_text("saved late\n")
        self.close(awaited)
        last = second if awaited is first else first
        update.wait_for_status(
            lambda status: status.get("waiting-for") == f"app ({last.process.pid})",
            "it waits for the other one")
        self.assert_nothing_changed()
        self.close(last)
        self.assertEqual(update.wait().status, DONE)
        self.assert_updated()
        self.assertEqual((self.install.folder / "current/data/mine.txt").read_text(),
                         "saved late\n")

    def test_people_are_told_what_to_close(self):
        copy = self.start_copy()
        waiting, _ = self.start_update([copy])
        self.assertIn(f"Version 1.0.0 is open: app (process {copy.process.pid})",
                      self.install.onward("status").stdout)
        waiting.kill()
        update = self.install.start_onward("update", "--yes")
        promise.wait_until(lambda: f"Waiting for app ({copy.process.pid}) to be closed" in
                           b"".join(update.errors).decode(), "it is told")
        self.close(copy)
        self.assertEqual(update.wait().status, DONE)
        self.assert_updated()

    def test_who_stops_waiting_goes_on_later(self):
        copy = self.start_copy()
        for number in (signal.SIGINT, signal.SIGKILL):
            update, _ = self.start_update([copy])
            update.signal(number)
            self.assertIn(update.wait().status, (CANCELLED, -signal.SIGKILL))
            self.assert_nothing_changed()
        self.close(copy)
        self.assert_runs(self.install, "1.0.0")
        self.install.onward("update", "--yes")
        self.assert_updated()

    def test_an_updater_that_the_application_started_does_not_wait_for_itself(self):
        self.add("1.2.0", {"bin/app": UPDATES_ITSELF})
        self.install = self.install_in_place("1.2.0", name="self-made")
        self.add("1.3.0", {})
        self.install.run("update")
        promise.wait_until(lambda: self.install.current() == "1.3.0", "it is updated")
        self.assert_runs(self.install, "1.3.0")

    def test_going_back_needs_it_closed_too(self):
        self.install.onward("update", "--yes")
        copy = self.start_copy("1.1.0")
        result = self.install.onward("rollback", status=BUSY)
        self.assertIn(f"app ({copy.process.pid}) is running", result.stderr)
        self.assertEqual(self.install.current(), "1.1.0")
        self.close(copy)
        self.install.onward("rollback")
        self.assert_nothing_changed()
        self.assert_runs(self.install, "1.0.0")

    def test_damage_is_repaired_where_it_is_while_it_runs(self):
        copy = self.start_copy()
        (self.install.version("1.0.0") / "share/version").write_text("damaged")
        (self.install.version("1.0.0") / "lib/same.bin").unlink()
        (self.install.folder / "receipts/1.0.0").unlink()
        self.install.onward("repair")
        self.assert_nothing_changed()
        self.assertTrue((self.install.folder / "receipts/1.0.0").exists())
        self.close(copy)
        self.install.onward("update", "--yes")
        self.assert_updated()


if __name__ == "__main__":
    promise.main()
