#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A check that finds nothing new is one conditional request, and less than 2 KB on the wire."""

import socket
import threading

import promise
from promise import NOTHING

LIMIT = 2000


class Wire:
    """Counts what goes over the wire to a server, both ways, headers and all."""

    def __init__(self, test, port):
        self.target = port
        self.bytes = 0
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        test.addCleanup(self.listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self.target))
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source, sink):
        try:
            while data := source.recv(65536):
                self.bytes += len(data)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class NothingNew(promise.Promise):
    """Versions 1.0.0 to 1.2.0 are published, and 1.0.0 is installed."""

    def setUp(self):
        super().setUp()
        self.init()
        for number in range(3):
            self.add(f"1.{number}.0", {"share/file": f"{number}\n"})
        self.server = self.serve()
        self.wire = Wire(self, self.server.port)
        self.install = self.bundle("1.0.0", self.wire.url)

    def cost_of(self, verb, *arguments, **options):
        """The requests, connections and bytes that a command took."""
        requests = len(self.server.settled_requests())
        connections, count = self.wire.connections, self.wire.bytes
        self.install.onward(verb, *arguments, **options)
        return (self.server.settled_requests()[requests:], self.wire.connections - connections,
                self.wire.bytes - count)

    def assert_cheap(self, cost):
        requests, connections, count = cost
        self.assertEqual(requests, [("/metadata/timestamp.json", 304, 0)])
        self.assertEqual(connections, 1)
        self.assertLess(count, LIMIT)
        self.assertGreater(count, 100)

    def test_a_check_after_an_update(self):
        self.install.onward("update", "--yes")
        for _ in range(3):
            self.assert_cheap(self.cost_of("check", status=NOTHING))
        self.assert_cheap(self.cost_of("update", "--yes", status=NOTHING))

    def test_a_check_that_tells_again_of_what_is_known(self):
        requests, _, _ = self.cost_of("check")
        self.assertLessEqual(len(requests), 4)
        self.assert_cheap(self.cost_of("check"))

    def test_a_new_timestamp_alone_fetches_nothing_else(self):
        self.install.onward("update", "--yes")
        self.publish("refresh", self.repository)
        requests, _, _ = self.cost_of("check", status=NOTHING)
        self.assertEqual([path for path, status, _ in requests if status == 200],
                         ["/metadata/timestamp.json"])
        self.assert_cheap(self.cost_of("check", status=NOTHING))

    def test_what_needs_no_network_asks_nothing(self):
        self.install.onward("update", "--yes")
        for verb in ("status", "verify", "log", "prune", "mark-good", "rollback"):
            self.assertEqual(self.cost_of(verb), ([], 0, 0), verb)
        before = self.wire.connections
        self.assert_runs(self.install, "1.0.0")
        self.assertEqual(self.wire.connections, before)


if __name__ == "__main__":
    promise.main()
