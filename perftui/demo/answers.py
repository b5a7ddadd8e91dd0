"""How the demo's processes answer over HTTP; apart from what they tell, as agents tell and don't answer."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Answers(BaseHTTPRequestHandler):
    """Answers with a length, in one piece each, over connections that stay."""

    protocol_version = "HTTP/1.1"
    # an answer in two pieces would wait 40 ms for the acknowledgement of the first
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60

    def answer(self, code: int, body: bytes, content_type: str = "application/json") -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Nobody reads a log of the demo."""


def metrics_only(text: Callable[[], str]) -> type[Answers]:
    """A handler for a process that has nothing but its metrics."""

    class Metrics(Answers):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self.answer(200, text().encode(), METRICS_TYPE)
            else:
                self.answer(404, b"")

    return Metrics
