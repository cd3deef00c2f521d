# SPDX-License-Identifier: LGPL-2.1-or-later
"""A terminal for a tool under test."""

import os
import pty
import re
import signal
import threading
import time

TIMEOUT = 60


class Terminal:
    """A tool with a terminal of its own, on which one can press Ctrl+C. What it draws is always
    read, as a terminal does."""

    def __init__(self, test, command, **variables):
        self.shown = b""
        self.ended = False
        self.seen = 0
        environment = test.environment(**variables)
        self.process, self.control = pty.fork()
        if self.process == 0:
            os.execvpe(str(command[0]), [str(word) for word in command], environment)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        test.addCleanup(self.end)

    def read(self):
        piece = b"."
        while piece:
            try:
                piece = os.read(self.control, 4096)
            except OSError:
                piece = b""
            self.shown += piece
        self.ended = True

    def end(self):
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        self.reader.join(TIMEOUT)
        os.close(self.control)

    def wait_for(self, pattern):
        """Until something like this is drawn, after what was waited for last."""
        limit = time.monotonic() + TIMEOUT
        while True:
            ended = self.ended
            found = re.search(pattern, self.shown[self.seen:])
            if found:
                self.seen += found.end()
                return
            if ended or time.monotonic() > limit:
                raise AssertionError(f"no {pattern} in {self.shown[self.seen:]}")
            time.sleep(0.02)

    def skip(self):
        """What is drawn already is not waited for."""
        self.seen = len(self.shown)

    def type(self, text):
        time.sleep(0.1)
        os.write(self.control, text)

    def type_at(self, prompt, text):
        self.wait_for(re.escape(prompt))
        self.type(text)

    def wait(self):
        self.reader.join(TIMEOUT)
        if not self.ended:
            raise AssertionError(f"it did not end: {self.shown}")
        _, status = os.waitpid(self.process, 0)
        self.process = 0
        return os.waitstatus_to_exitcode(status)
