#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libonward, as an application in another language uses it through introspection."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Onward", "1")
from gi.repository import Gio, GLib, Onward  # noqa: E402

TIMEOUT_S = 60


class Site:
    """A published application in versions 1.0.0 and 1.1.0, served on the loopback."""

    def __init__(self, publish, folder):
        self.publish = publish
        self.folder = folder
        self.repository = os.path.join(folder, "repo")
        self.run("init", self.repository, "--id", "io.github.onward.Test", "--name", "Test",
                 "--command", "bin/app", "--no-passphrase")
        notes = os.path.join(folder, "notes.md")
        with open(notes, "w", encoding="utf-8") as file:
            file.write("* Something *new*\n")
        self.add("1.0.0")
        self.add("1.1.0", "--notes", notes)
        self.server = subprocess.Popen(
            [publish, "serve", self.repository, "--quiet", "--rate", "3M"],
            stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().split()[-1]

    def run(self, *arguments):
        subprocess.run([self.publish, *arguments], check=True, stdout=subprocess.DEVNULL)

    def add(self, version, *options):
        tree = os.path.join(self.folder, version)
        os.makedirs(os.path.join(tree, "bin"))
        program = os.path.join(tree, "bin", "app")
        with open(program, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho {version}\n")
        os.chmod(program, 0o755)
        with open(os.path.join(tree, "data"), "wb") as file:
            file.write(os.urandom(3_000_000))
        os.makedirs(os.path.join(tree, "voices"))
        with open(os.path.join(tree, "voices", "large"), "wb") as file:
            file.write(os.urandom(1_500_000))
        self.run("add", self.repository, tree, "--version", version, "--compression", "zstd",
                 "--deltas", "0", "--component", "voices=voices", *options)

    def install(self, *options):
        path = tempfile.mkdtemp(dir=self.folder) + "/install"
        self.run("bundle", self.repository, "--version", "1.0.0", "--repository", self.url,
                 "--output", path, *options)
        return path

    def stop(self):
        self.server.terminate()
        self.server.wait()


def wait(begin, finish):
    """Runs one asynchronous operation to its end and returns what it gave."""
    loop = GLib.MainLoop()
    results = []

    def on_done(_source, result):
        results.append(result)
        loop.quit()

    begin(on_done)
    GLib.timeout_add_seconds(TIMEOUT_S, loop.quit)
    loop.run()
    return finish(results[0])


def check(client):
    return wait(lambda done: client.check_async(True, None, done), client.check_finish)


def run_until(client, *states):
    loop = GLib.MainLoop()

    def on_status(*_):
        if client.get_status().get_state() in states:
            loop.quit()

    handler = client.connect("notify::status", on_status)
    GLib.timeout_add_seconds(TIMEOUT_S, loop.quit)
    on_status()
    if client.get_status().get_state() not in states:
        loop.run()
    client.disconnect(handler)
    assert client.get_status().get_state() in states, client.get_status().get_state()


def test_checks_describes_and_updates(site):
    client = Onward.Client.new(site.install())
    assert client.props.version == "1.0.0"
    assert client.props.application_name == "Test"
    assert check(client)
    assert wait(lambda done: client.describe_async(None, done), client.describe_finish)
    status = client.props.status
    assert status.is_described() and status.get_bytes_total() > 3_000_000
    assert [release.get_version() for release in status.get_releases()] == ["1.1.0"]
    assert "Something" in status.get_release().get_notes(["en"])

    seen = set()
    client.connect("notify::status", lambda *_: seen.add(client.get_status().get_state()))
    assert client.start()
    run_until(client, Onward.State.APPLIED, Onward.State.FAILED)
    assert client.props.version == "1.1.0"
    assert {Onward.State.DOWNLOADING, Onward.State.STAGING, Onward.State.APPLIED} <= seen
    assert client.mark_good()


def test_pauses_and_resumes(site):
    client = Onward.Client.new(site.install())
    check(client)
    client.start()
    assert client.pause()
    run_until(client, Onward.State.PAUSED)
    assert client.resume()
    run_until(client, Onward.State.APPLIED, Onward.State.FAILED)
    assert client.props.version == "1.1.0"


def test_speed_can_be_changed_while_it_runs(site):
    client = Onward.Client.new(site.install())
    told = []
    client.connect("notify::rate-limit", lambda *_: told.append(client.props.rate_limit))
    check(client)
    client.props.rate_limit = 2000
    client.start()
    run_until(client, Onward.State.DOWNLOADING)
    pause = GLib.MainLoop()
    GLib.timeout_add(500, pause.quit)
    pause.run()
    # At this speed it would take half an hour.
    assert client.get_status().get_state() == Onward.State.DOWNLOADING
    client.set_rate_limit(0)
    run_until(client, Onward.State.APPLIED, Onward.State.FAILED)
    assert client.props.version == "1.1.0"
    assert told == [2000, 0], told


def test_networks_that_cost_are_a_choice(site):
    client = Onward.Client.new(site.install())
    assert not client.props.use_metered
    client.props.use_metered = True
    assert client.get_use_metered()
    assert client.get_status().get_obstacle() == Onward.Obstacle.NONE
    assert Onward.obstacle_get_nick(Onward.Obstacle.METERED) == "metered"


def test_stops_when_nobody_holds_it(site):
    install = site.install()
    client = Onward.Client.new(install)
    check(client)
    versions = []
    client.connect("notify::version", lambda *_: versions.append(client.props.version))
    client.start()
    assert client.get_status().get_state() == Onward.State.DOWNLOADING
    del client
    gc.collect()

    other = Onward.Client.new(install)
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            assert check(other)
            break
        except GLib.Error as error:
            assert error.matches(Onward.error_quark(), Onward.Error.BUSY), error.message
    assert not versions
    assert other.props.version == "1.0.0"
    assert other.get_status().get_state() == Onward.State.PAUSED
    assert other.was_interrupted()
    assert other.resume()
    run_until(other, Onward.State.APPLIED, Onward.State.FAILED)
    assert other.props.version == "1.1.0"


def test_tells_that_a_restart_is_due(site):
    install = site.install()
    application, updater = Onward.Client.new(install), Onward.Client.new(install)
    versions = []
    application.connect("notify::version", lambda *_: versions.append(application.props.version))
    assert check(updater)
    updater.start()
    run_until(updater, Onward.State.APPLIED, Onward.State.FAILED)
    assert not check(application)
    assert application.get_status().is_restart_due()
    assert versions == ["1.1.0"], versions
    assert not Onward.Client.new(install).get_status().is_restart_due()


def test_names_its_errors(site):
    client = Onward.Client.new(site.install())
    try:
        client.pause()
        raise AssertionError("pausing nothing was accepted")
    except GLib.Error as error:
        assert error.matches(Onward.error_quark(), Onward.Error.WRONG_STATE), error.message
    try:
        Onward.Client.new("/nonexistent")
        raise AssertionError("a folder that is no install was opened")
    except GLib.Error as error:
        assert error.matches(Onward.error_quark(), Onward.Error.NOT_FOUND), error.message


def test_knows_the_install_it_was_started_from(site):
    install = site.install()
    GLib.setenv("ONWARD_INSTALL", install, True)
    assert Onward.Client.new_for_application().props.install_dir == install
    GLib.unsetenv("ONWARD_INSTALL")
    try:
        Onward.Client.new_for_application()
        raise AssertionError("an install was found out of nowhere")
    except GLib.Error as error:
        assert error.matches(Onward.error_quark(), Onward.Error.NOT_FOUND), error.message


def test_opens_the_updater_that_the_application_ships(site):
    install = site.install()
    client = Onward.Client.new(install)
    told = os.path.join(install, "told")
    program = os.path.join(install, "current", "bin", "onward-updater")
    with open(program, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\necho "$@" > {told}.new && mv {told}.new {told}\n')
    os.chmod(program, 0o755)
    # This program is an interpreter: there is no updater beside it.
    assert client.open_updater()
    deadline = time.monotonic() + TIMEOUT_S
    while not os.path.exists(told) and time.monotonic() < deadline:
        time.sleep(0.01)
    with open(told, encoding="utf-8") as file:
        assert file.read() == f"--install {install}\n"


def test_verifies_and_rolls_back(site):
    install = site.install()
    client = Onward.Client.new(install)
    check(client)
    client.start()
    run_until(client, Onward.State.APPLIED, Onward.State.FAILED)
    assert wait(lambda done: client.verify_async(None, done), client.verify_finish) == []
    assert wait(lambda done: client.rollback_async(None, done), client.rollback_finish) == "1.0.0"
    with open(os.path.join(install, "current", "data"), "ab") as file:
        file.write(b"!")
    changed = wait(lambda done: client.verify_async(None, done), client.verify_finish)
    assert changed == ["changed data"], changed
    assert "applied" in client.read_log()


def list_components(client):
    return wait(client.list_components_async, client.list_components_finish)


def test_components_come_while_the_main_loop_runs(site):
    install = site.install("--without", "voices")
    client = Onward.Client.new(install)
    voices = os.path.join(install, "current", "voices")
    assert list_components(client) == ["absent 1500000 voices"], list_components(client)

    # Half a second or more at the rate of this server: time goes on meanwhile, and nobody ever sees
    # a part of it.
    ticks, told, statuses = [], [], []

    def on_tick():
        ticks.append(os.listdir(voices) if os.path.isdir(voices) else None)
        return GLib.SOURCE_CONTINUE

    client.connect("component-progress", lambda _client, *told_now: told.append(told_now))
    client.connect("maintenance-status", lambda _client, status: statuses.append(status))
    tick = GLib.timeout_add(10, on_tick)
    done, size = wait(lambda done: client.ensure_component_async("voices", None, done),
                      client.ensure_component_finish)
    GLib.source_remove(tick)
    assert done and 1_500_000 <= size < 1_600_000, (done, size)
    assert len(ticks) >= 5, len(ticks)
    assert all(names in (None, ["large"]) for names in ticks), ticks
    assert told and told[-1][0] == "voices" and told[-1][1] == told[-1][2], told
    assert {status.get_state() for status in statuses} == {Onward.State.DOWNLOADING}, statuses
    assert statuses[-1].get_progress() == 1.0, statuses[-1].get_progress()
    assert client.get_status().get_state() == Onward.State.IDLE
    assert [at for _, at, _ in told] == sorted(at for _, at, _ in told), told
    assert os.path.getsize(os.path.join(voices, "large")) == 1_500_000
    assert list_components(client) == ["present 1500000 voices"]
    assert not wait(lambda done: client.verify_async(None, done), client.verify_finish)

    # What is there costs nothing.
    assert wait(lambda done: client.ensure_component_async("voices", None, done),
                client.ensure_component_finish) == (True, 0)
    assert wait(lambda done: client.remove_component_async("voices", done),
                client.remove_component_finish)
    assert not os.path.exists(voices)


def test_components_that_cannot_come(site):
    client = Onward.Client.new(site.install("--without", "voices"))
    try:
        wait(lambda done: client.ensure_component_async("none", None, done),
             client.ensure_component_finish)
        raise AssertionError("there is no such component")
    except GLib.Error as error:
        assert error.matches(Onward.error_quark(), Onward.Error.NOT_FOUND), error

    # Cancelled in the middle, it is absent; what was fetched serves the next time.
    cancellable = Gio.Cancellable()
    client.connect("component-progress", lambda *_: cancellable.cancel())
    try:
        wait(lambda done: client.ensure_component_async("voices", cancellable, done),
             client.ensure_component_finish)
        raise AssertionError("it was cancelled")
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error
    assert list_components(client) == ["absent 1500000 voices"]
    assert wait(lambda done: client.ensure_component_async("voices", None, done),
                client.ensure_component_finish)[0]


def install_with_preferences(site):
    """An install whose version brings the schema of the preferences along."""
    install = site.install()
    folder = os.path.join(install, "current", "share", "glib-2.0", "schemas")
    os.makedirs(folder)
    shutil.copy(sys.argv[2], folder)
    return install


def check_unasked(client):
    return wait(lambda done: client.check_async(False, None, done), client.check_finish)


def test_checks_as_often_as_the_user_wants(site):
    client = Onward.Client.new(site.install())
    assert client.get_settings() is None
    assert check_unasked(client)

    install = install_with_preferences(site)
    client = Onward.Client.new(install)
    settings = client.get_settings()
    settings.set_string("check-interval", "never")
    assert not check_unasked(client) and check(client)
    # What is known is told as long as any checks are wanted.
    assert not check_unasked(client)
    settings.set_string("check-interval", "weekly")
    assert check_unasked(client)
    assert client.remind_later(0)
    assert not check_unasked(client), "a week has not passed"
    settings.set_string("check-interval", "daily")
    assert check_unasked(client)
    settings.reset("check-interval")


def test_installs_unasked_for_who_wants_that(site):
    install = install_with_preferences(site)
    said = os.path.join(install, "said")
    updater = os.path.join(install, "current", "bin", "onward-updater")
    with open(updater, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\necho "$@" >{said}.new && mv {said}.new {said}\n')
    os.chmod(updater, 0o755)
    client = Onward.Client.new(install)
    settings = client.get_settings()
    assert check(client) and not client.install_unasked()
    settings.set_boolean("download-automatically", True)
    # The updater would not look for what nobody has asked for.
    settings.set_string("check-interval", "never")
    assert not client.install_unasked()
    settings.reset("check-interval")
    assert client.install_unasked()
    while not os.path.exists(said):
        time.sleep(0.02)
    with open(said, encoding="utf-8") as file:
        assert file.read() == f"--install {install} --background\n"
    settings.reset("download-automatically")


def test_skipped_versions_are_listed_and_forgotten(site):
    client = Onward.Client.new(site.install())
    assert client.list_skipped() == [] and client.forget_skipped()
    assert check_unasked(client) and client.skip()
    assert client.list_skipped() == ["1.1.0"]
    assert not check_unasked(client)
    assert client.forget_skipped() and client.list_skipped() == []
    assert check_unasked(client)


def newest(client):
    assert check(client)
    return client.get_status().get_release().get_version()


def test_channel_is_the_choice_of_the_user(site):
    site.add("1.2.0-beta.1", "--channel", "beta")
    install = site.install()
    client = Onward.Client.new(install)
    assert client.list_channels() == ["stable", "beta"]
    assert client.get_channel() == "stable" and newest(client) == "1.1.0"
    assert client.set_channel("beta") and client.get_channel() == "beta"
    assert newest(client) == "1.2.0-beta.1"

    # It holds for every process, and what it led to is found again.
    other = Onward.Client.new(install)
    assert other.get_channel() == "beta"
    assert other.get_status().get_release().get_version() == "1.2.0-beta.1"
    assert other.set_channel("stable") and newest(other) == "1.1.0"
    try:
        client.set_channel("../nightly")
        raise AssertionError("that is no name")
    except GLib.Error as error:
        assert error.matches(Onward.error_quark(), Onward.Error.MALFORMED), error


def main():
    tests = [(name[5:].replace("_", "-"), function) for name, function in globals().items()
             if name.startswith("test_")]
    failed = 0
    print(f"1..{len(tests)}")
    with tempfile.TemporaryDirectory(prefix="onward-test-") as folder:
        site = Site(sys.argv[1], folder)
        try:
            for number, (name, function) in enumerate(tests, 1):
                try:
                    function(site)
                    print(f"ok {number} /client/{name}", flush=True)
                except Exception as error:  # pylint: disable=broad-except
                    failed += 1
                    print(f"not ok {number} /client/{name} # {error!r}", flush=True)
        finally:
            site.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
