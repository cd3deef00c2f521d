# SPDX-License-Identifier: LGPL-2.1-or-later
"""The server and the bad line of the measurements."""

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

NGINX = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format sizes '$request_method $uri $status $request_length $bytes_sent';
  access_log {log};
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on; tcp_nopush on; keepalive_timeout 5; keepalive_requests 100000;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port):
    return socket.create_connection(("127.0.0.1", port))


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find_nginx():
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def nginx_command(folder, root, port, is_logging):
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    log = os.path.join(folder, "access.log") + " sizes" if is_logging else "off"
    config = os.path.join(folder, "nginx.conf")
    with open(config, "w", encoding="utf-8") as file:
        file.write(NGINX.format(user=user, folder=folder, port=port, root=root, log=log))
    return [find_nginx(), "-p", folder, "-c", config, "-e", os.path.join(folder, "error.log")]


@contextlib.contextmanager
def serve(build, root, port, is_logging=False):
    """Hands @root out; gives the path of the log of requests. Without nginx, the publisher's own
    server does it, which logs nothing here and is slower."""
    with tempfile.TemporaryDirectory() as folder:
        if find_nginx():
            command = nginx_command(folder, root, port, is_logging)
        else:
            command = [os.path.join(build, "src/publish/onward-publish"), "serve", root, "--quiet",
                       "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not accepts(port) and server.poll() is None:
                time.sleep(0.02)
            yield os.path.join(folder, "access.log")
        finally:
            server.terminate()
            server.wait()


class Relay:
    """A bad line to the server at @port; what crossed it is known when it has ended."""

    def __init__(self, build, port, options):
        command = [os.path.join(build, "tests/bench/bench-relay"), str(port), *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline())

    def end(self):
        """Returns how many connections and cuts there were, and bytes up and down."""
        return json.loads(self.process.communicate()[0])
