"""The world around the programs: servers, threads and files that take their time.

The linter does not see this module, as it does not see the servers that real programs talk to.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from tempfile import mkdtemp

DELAY = float(os.environ.get("SLOW", "0.15"))
"""Seconds that everything here takes: well above what counts as a stall."""

COMMAND = [sys.executable, "-S", "-c", f"import time; time.sleep({DELAY}); print('done')"]
"""A program that takes a while."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        time.sleep(DELAY)
        told = {"ok": True, "method": self.command, "path": self.path, "sent": sent}
        body = json.dumps(told).encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def http() -> str:
    """The address of a web server that answers late."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread(server.serve_forever)
    return f"http://127.0.0.1:{server.server_address[1]}"


def tcp(greeting: bytes = b"hello\r\n", answer: bytes = b"", end: bytes = b"\r\n") -> tuple[str, int]:
    """The host and port of a server that greets late, and answers late to each `end` of a message."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        time.sleep(DELAY)
        connection.sendall(greeting)
        while answer and (asked := connection.recv(65536)):
            time.sleep(DELAY)
            connection.sendall(answer * asked.count(end))

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            thread(talk, connection)

    thread(serve)
    host, port = listener.getsockname()
    return host, port


def thread(function: Callable[..., object], *arguments: object) -> threading.Thread:
    """A started thread that nobody has to wait for."""
    started = threading.Thread(target=function, args=arguments, daemon=True)
    started.start()
    return started


def after(function: Callable[..., object], *arguments: object) -> threading.Thread:
    """Call a function in a thread, a while from now."""
    timer = threading.Timer(DELAY, function, arguments)
    timer.daemon = True
    timer.start()
    return timer


def folder() -> Path:
    """A new folder."""
    return Path(mkdtemp())


def fifo(text: str = "late\n") -> str:
    """The path of a file that opens late and gives its text later still."""
    path = folder() / "fifo"
    os.mkfifo(path)

    def write() -> None:
        time.sleep(DELAY)
        with path.open("w") as file:
            time.sleep(DELAY)
            file.write(text)

    thread(write)
    return str(path)


def sink() -> tuple[str, Queue[str]]:
    """The path of a file that opens late to be written, and where its text arrives."""
    path, written = folder() / "sink", Queue[str]()
    os.mkfifo(path)

    def read() -> None:
        time.sleep(DELAY)
        with path.open() as file:
            written.put(file.read())

    thread(read)
    return str(path), written


def pipe() -> int:
    """A descriptor from which a line can be read later."""
    reader, writer = os.pipe()
    after(os.write, writer, b"late\n")
    return reader


def module() -> str:
    """The name of a module that takes its time to be imported."""
    place = folder()
    name = f"late_{place.name.replace('-', '_')}"
    (place / f"{name}.py").write_text(f"import time\n\ntime.sleep({DELAY})\n", encoding="utf-8")
    sys.path.append(str(place))
    return name
