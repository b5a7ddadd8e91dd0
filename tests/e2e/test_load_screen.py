"""A load driven by keys alone: begun in the form, seen as it runs, stopped by the panic key, its record at hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.terminal import console


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        with self.server.lock:  # type: ignore[attr-defined]
            self.server.answered += 1  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answered = 0
        self.lock = threading.Lock()


@pytest.fixture
def server() -> Iterator[_Server]:
    running = _Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield running
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def test_a_load_begins_in_the_form_is_seen_and_stops_at_the_panic_key(server: _Server, tmp_path: Path) -> None:
    place = f"127.0.0.1:{server.server_address[1]}"
    with console(tmp_path, "--screen", "load") as terminal:
        terminal.wait_for("N or enter fills this in")
        terminal.type("N")
        terminal.wait_for("New load")
        terminal.type(f"http://{place}/")
        terminal.wait_for(f"20/s for 30 s = 600 requests to {place}")
        assert server.answered == 0
        terminal.type("\r")
        terminal.wait_for("● running")
        terminal.wait_for("Response times")
        terminal.wait_for(lambda seen: server.answered > 20 and "response " in seen.text)
        terminal.type("1")
        terminal.wait_for("● load 20/s")
        terminal.type("7p")
        terminal.wait_for("▲ stopped")
        terminal.wait_for("perftui load show")
        answered = server.answered
        assert answered < 600
        terminal.wait_for("Past loads")
        terminal.wait_for("Throughput")
        assert server.answered == answered
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def test_a_host_that_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    with console(tmp_path, "--screen", "load") as terminal:
        terminal.wait_for("N or enter fills this in")
        terminal.type(":load http://127.0.0.1:9/ 5 5s\r")
        terminal.wait_for("5/s for 5 s = 25 requests to 127.0.0.1:9")
        terminal.type("\r")
        terminal.wait_for("✗ refused: no load was sent")
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
