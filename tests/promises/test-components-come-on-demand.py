#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A part of an application that an install can do without costs nothing until somebody asks for it,
and then its own bytes; updates bring what is present, and that only."""

import os
import shutil
import signal

import promise
from promise import BLOCK, BUSY, CANCELLED, DONE, FAILED, NETWORK, NOTHING, USAGE, noise

# Each is a frame of its own in a pack.
SIZE = 3 * BLOCK
PARTS = ("--component", "voices=voices", "--component", "help=share/help", "--component",
         "help=share/manual/", "--component", "maps=maps", "--on-demand", "maps")


def files(version):
    """Of everything that is large a little changes with each version."""
    def large(name):
        return noise(SIZE, name) + noise(9_000, name + version)
    return {"data/base.bin": large("base"), "share/text": f"text of {version}\n",
            "voices/de/voice.bin": large("de"), "voices/list": f"voices of {version}\n",
            "voices/empty": "", "voices/link": promise.Link("de/voice.bin"),
            "voices/text": f"text of {version}\n",
            "share/help/index": "help\n", "share/manual/index": f"manual of {version}\n",
            "maps/world.bin": large("world")}


# What `onward update` says as well.
LOST = r"Connection lost\. Trying again in \d+ s\n.* downloaded –"


class Components(promise.Promise):
    """Version 1.0.0 has three components; “maps” comes on demand only."""

    def setUp(self):
        super().setUp()
        self.in_common(self.make_versions)
        self.server = self.serve()

    def make_versions(self):
        self.init()
        self.add("1.0.0", files("1.0.0"), *PARTS)

    def add_next(self, *options, version="1.1.0"):
        self.add(version, files(version), *(options or PARTS))

    def install_without(self, *names, **options):
        words = [word for name in names for word in ("--without", name)]
        return self.bundle("1.0.0", self.server.url, *words, **options)

    def assert_holds(self, install, version, *absent):
        """The version here is the one that was published, but for these folders."""
        shutil.rmtree(self.folder / "wanted", ignore_errors=True)
        shutil.copytree(self.tree(version), self.folder / "wanted", symlinks=True)
        for name in absent:
            shutil.rmtree(self.folder / "wanted" / name)
        self.assertEqual(promise.snapshot(install.version(version)),
                         promise.snapshot(self.folder / "wanted"))
        self.assertEqual(install.onward("verify").stdout, "")
        self.assert_runs(install, version)
        self.assertEqual(install.strays(), [])

    def packs(self):
        self.server.settled_requests()
        return self.server.bytes_of_packs()

    def present(self, install):
        return {event["name"]: event["present"]
                for event in install.onward("component", "list", "--json").events()}

    def test_only_its_own_bytes_are_fetched(self):
        install = self.install_without("voices")
        self.assert_holds(install, "1.0.0", "voices", "maps")
        self.assertEqual(self.present(install), {"help": True, "maps": False, "voices": False})
        *told, event = install.onward("component", "add", "voices", "--json").events()
        self.assertEqual({one["event"] for one in told}, {"status"})
        self.assertEqual(told[-1]["bytes-done"], told[-1]["bytes-total"])
        self.assertEqual((event["event"], event["name"]), ("added", "voices"))
        # Whole blocks travel: those at the ends of what it has in the pack, and that of the head.
        self.assertGreater(self.packs(), SIZE)
        self.assertLess(self.packs(), SIZE + 4 * BLOCK)
        self.assert_holds(install, "1.0.0", "maps")
        self.assertEqual(self.present(install), {"help": True, "maps": False, "voices": True})

    def test_what_is_there_asks_nobody(self):
        install = self.install_without("voices")
        self.server.end()
        install.onward("component", "add", "help")
        install.onward("component", "remove", "voices")

    def test_it_can_be_given_up(self):
        install = self.install_without("voices")
        install.onward("check", status=NOTHING)
        self.server.end()
        for verb in (("component", "add", "voices"), ("repair",)):
            (install.version("1.0.0") / "data/base.bin").unlink(missing_ok=True)
            install.onward(*verb, "--retries", "0", status=NETWORK)
        self.assertEqual(self.present(install)["voices"], False)

    def lose(self, install, *verb):
        """Runs a verb whose server goes away in the middle, and comes back when that was told."""
        slow = self.serve(rate=1_000_000)
        config = install.folder / "onward.ini"
        kept = config.read_text()
        config.write_text(kept.replace(self.server.url, slow.url))
        running = install.start_onward(*verb)
        promise.wait_until(lambda: slow.bytes_of_packs() > 0, "its bytes come")
        slow.end()
        promise.wait_until(lambda: any(b"Trying again in" in line for line in running.errors),
                           "the lost connection is told")
        again = self.serve(port=slow.port)
        result = running.wait()
        again.end()
        config.write_text(kept)
        self.assertEqual(result.status, DONE, str(result))
        return result.stderr.splitlines()

    def test_a_lost_connection_is_told_in_an_updates_words(self):
        install = self.install_without("voices")
        said = self.lose(install, "component", "add", "voices")
        self.assertEqual(said[0], "Connecting…")
        self.assertRegex("\n".join(said), LOST)
        self.assertIn("Component “voices” of version 1.0.0 is present", said[-1])
        (install.version("1.0.0") / "data/base.bin").unlink()
        said = self.lose(install, "repair")
        self.assertRegex("\n".join(said), LOST)
        self.assertIn("1 file of version 1.0.0 repaired", said[-1])
        self.assert_holds(install, "1.0.0", "maps")

    def test_an_interrupt_is_told_with_what_it_costs(self):
        install = self.install_without("voices")
        slow = self.serve(rate=100_000)
        config = install.folder / "onward.ini"
        config.write_text(config.read_text().replace(self.server.url, slow.url))
        running = install.start_onward("component", "add", "voices")
        promise.wait_until(lambda: running.errors, "it fetches")
        running.signal(signal.SIGINT)
        result = running.wait()
        self.assertEqual(result.status, CANCELLED)
        self.assertIn("Adding component “voices” to 1.0.0: it was interrupted; what was received "
                      "is kept\n", result.stderr)

    def test_a_name_that_is_none_is_told(self):
        install = self.install_without("voices")
        for verb in ("add", "remove"):
            result = install.onward("component", verb, "voice", status=FAILED)
            self.assertIn("“help”, “maps”, “voices”", result.stderr)
        install.onward("component", "add", status=USAGE)
        install.onward("component", "lend", "voices", status=USAGE)
        self.assertEqual(self.server.settled_requests(), [])

    def test_an_update_brings_what_is_present(self):
        slim, whole = self.install_without("voices", "help"), self.install_without(name="whole")
        self.add_next()
        for install, absent in ((slim, ("voices", "share/help", "share/manual", "maps")),
                                (whole, ("maps",))):
            install.onward("update", "--yes")
            self.assert_holds(install, "1.1.0", *absent)
            install.onward("mark-good")

        # What was added then comes with the next one as well, and what was removed does not.
        slim.onward("component", "add", "help")
        whole.onward("component", "remove", "help")
        whole.onward("component", "add", "maps")
        self.add_next(version="1.2.0")
        slim.onward("update", "--yes")
        whole.onward("update", "--yes")
        self.assert_holds(slim, "1.2.0", "voices", "maps")
        self.assert_holds(whole, "1.2.0", "share/help", "share/manual")

    def test_what_is_absent_costs_an_update_nothing(self):
        install = self.install_without("voices")
        self.add_next("--deltas", "0", *PARTS)
        install.onward("update", "--yes", "--no-delta")
        self.assertLess(self.packs(), SIZE + 4 * BLOCK)
        self.assert_holds(install, "1.1.0", "voices", "maps")

    def test_a_delta_serves_who_has_a_part_as_well(self):
        install = self.install_without("voices")
        self.add_next()
        install.onward("update", "--yes")
        self.assert_holds(install, "1.1.0", "voices", "maps")
        # Of the large file only what is new in it: what is absent is in deltas of its own.
        self.assertLess(self.packs(), SIZE / 4)

    def test_removing_takes_the_files_away(self):
        install = self.install_without()
        (install.version("1.0.0") / "voices/mine").write_text("mine\n")
        event, = install.onward("component", "remove", "voices", "--json").events()
        self.assertEqual((event["event"], event["name"]), ("removed", "voices"))
        left = [name for name in promise.snapshot(install.version("1.0.0")) if "voices" in name]
        self.assertEqual(sorted(left), ["voices", "voices/mine"])
        os.unlink(install.version("1.0.0") / "voices/mine")
        os.rmdir(install.version("1.0.0") / "voices")
        self.assert_holds(install, "1.0.0", "voices", "maps")

    def test_it_comes_back_beside_files_of_the_users(self):
        install = self.install_without("voices")
        (install.version("1.0.0") / "voices").mkdir()
        (install.version("1.0.0") / "voices/mine").write_text("mine\n")
        install.onward("component", "add", "voices")
        self.assertEqual((install.version("1.0.0") / "voices/mine").read_text(), "mine\n")
        os.unlink(install.version("1.0.0") / "voices/mine")
        self.assert_holds(install, "1.0.0", "maps")

    def test_what_runs_keeps_its_files_until_it_ends(self):
        install = self.install_without()
        running = install.start("wait")
        running.wait_for_line(lambda line: line == b"1.0.0 wait\n", "the application runs")
        install.onward("component", "remove", "voices")
        self.assertTrue((install.version("1.0.0") / "voices/de/voice.bin").exists())
        self.assertFalse(self.present(install)["voices"])
        self.assertEqual(install.onward("verify").stdout, "")
        running.process.stdin.close()
        running.wait()
        install.onward("check", status=NOTHING)
        self.assert_holds(install, "1.0.0", "voices", "maps")

    def test_it_comes_while_the_application_runs(self):
        install = self.install_without("voices")
        running = install.start("wait")
        running.wait_for_line(lambda line: line == b"1.0.0 wait\n", "the application runs")
        install.onward("component", "add", "voices")
        self.assertTrue(running.is_running())
        self.assert_holds(install, "1.0.0", "maps")

    def test_components_that_come_and_go(self):
        install = self.install_without("voices")
        self.add_next("--component", "help=share/help", "--component", "data=data", "--component",
                      "words=share/manual", "--on-demand", "words")
        # That is told before anything is decided, to whom it concerns.
        for result in (install.onward("check"), install.onward("update", status=USAGE)):
            self.assertNotIn("no longer has", result.stderr)
        whole = self.install_without(name="whole")
        told = "Version 1.1.0 no longer has the component “voices”: what it holds is a part of the"
        self.assertIn(told, whole.onward("check").stderr)
        event, = whole.onward("check", "--json").events()
        self.assertEqual(event["lost-components"], ["voices"])
        self.assertIn(told, whole.onward("update", status=USAGE).stderr)
        self.add_next(version="1.2.0")
        self.assertIn(told, whole.onward("update", "--yes", "--to", "1.1.0").stderr)
        self.assert_holds(whole, "1.1.0", "share/manual")
        install.onward("update", "--yes", "--to", "1.1.0")
        # “voices” is no component any more, but a part of the rest.
        self.assertEqual(self.present(install), {"help": True, "data": True, "words": False})
        self.assert_holds(install, "1.1.0", "share/manual")

    def test_what_goes_is_told_again_when_an_update_goes_on(self):
        install = self.install_without()
        self.add_next("--component", "help=share/help")
        slow = self.serve(rate=100_000)
        config = install.folder / "onward.ini"
        config.write_text(config.read_text().replace(self.server.url, slow.url))
        update = install.start_onward("update", "--yes", "--json", "--no-delta")
        update.wait_for_status(lambda event: event.get("state") == "downloading", "it downloads")
        update.kill()
        event, = install.onward("check", "--json").events()
        self.assertEqual(event["lost-components"], ["voices"])
        self.assertIn("no longer has the component “voices”",
                      install.onward("update", status=USAGE).stderr)

    def test_a_bundle_can_have_what_comes_on_demand(self):
        install = self.bundle("1.0.0", self.server.url, "--with", "maps")
        self.assert_holds(install, "1.0.0")
        result = self.publish("bundle", self.repository, "--version", "1.0.0", "--repository",
                              self.server.url, "--output", self.folder / "none", "--without", "no",
                              status=USAGE)
        self.assertIn("“help”, “maps”, “voices”", result.stderr)

    def test_a_repair_knows_what_is_present(self):
        install = self.install_without("voices")
        os.unlink(install.version("1.0.0") / "share/help/index")
        os.unlink(install.folder / "receipts/1.0.0")
        install.onward("repair")
        self.assertLess(self.packs(), 3 * BLOCK)
        self.assert_holds(install, "1.0.0", "voices", "maps")

    def test_going_back_finds_what_was_present_then(self):
        install = self.install_without("voices")
        self.add_next()
        install.onward("update", "--yes")
        install.onward("mark-good")
        install.onward("component", "add", "voices")
        install.onward("rollback")
        self.assert_holds(install, "1.0.0", "voices", "maps")

    def test_another_updater_is_not_disturbed(self):
        self.add_next()
        install = self.bundle("1.0.0", self.server.url, "--without", "voices")
        slow = self.serve(rate="100000")
        config = install.folder / "onward.ini"
        config.write_text(config.read_text().replace(self.server.url, slow.url))
        update = install.start_onward("update", "--yes", "--json")
        update.wait_for_status(lambda event: event.get("state") == "downloading", "it downloads")
        install.onward("component", "add", "voices", status=BUSY)
        update.kill()


if __name__ == "__main__":
    promise.main()
