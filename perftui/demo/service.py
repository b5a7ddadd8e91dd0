"""The shop: an HTTP service on loopback with real work and real waits, `/metrics`, and a handler that can be made slow.

``python -m perftui.demo.service FD PARENT PORT`` (port 0: any). The conductor tells it a token first; who has the
token may ``POST /fault``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import sys
import threading
import time
import zlib
from http.server import ThreadingHTTPServer
from typing import Any

from perftui.demo import lifeline
from perftui.demo.answers import METRICS_TYPE, Answers
from perftui.demo.exposition import Requests, process_text

_MOST_CONNECTIONS = 64
_LONGEST_BODY = 1024
# what a handler waits for its database, in seconds from and to
_WAITS = {"/catalog": (0.003, 0.006), "/cart": (0.005, 0.009), "/checkout": (0.010, 0.018)}
# an item of the store takes between 200 and 400 ms, always the same time
_FETCH_S = (0.2, 0.4)
_ITEM_BYTES = 65_536
_PRODUCTS = [(f"product {number:03}", 199 + 37 * number) for number in range(60)]


class Shop:
    """What the handlers share; ``token`` is empty until it is told, and then nobody may inject anything."""

    def __init__(self) -> None:
        self.requests = Requests("http_requests_total", "http_request_duration_seconds", (*_WAITS, "/fetch"), ("200",))
        self.token = ""
        self.slower: dict[str, float] = {}
        self._dice = random.Random(1)  # noqa: S311 (the same every time, no secret)
        # text that compresses to a fifth, such as logs do
        words = [f"{self._dice.randrange(1 << 20):05x}" for _ in range(400)]
        self._blob = " ".join(self._dice.choice(words) for _ in range(2 * _ITEM_BYTES // 6)).encode()

    def serve(self, path: str) -> bytes | None:
        """The answer to a GET; None when nothing is there."""
        if path.startswith("/fetch/"):
            return self._fetch(path.removeprefix("/fetch/"))
        if path not in _WAITS:
            return None
        time.sleep(self._dice.uniform(*_WAITS[path]) + self.slower.get(path, 0.0))
        if path == "/catalog":
            page = [{"name": name, "cents": cents} for name, cents in sorted(_PRODUCTS, reverse=True)]
            return json.dumps(page).encode()
        if path == "/cart":
            lines = [(name, 1 + number % 3, cents) for number, (name, cents) in enumerate(_PRODUCTS)]
            return json.dumps({"lines": lines, "cents": sum(count * cents for _, count, cents in lines)}).encode()
        receipt = hashlib.pbkdf2_hmac("sha256", b"order", b"shop", 2000).hex()
        return json.dumps({"receipt": receipt}).encode()

    def _fetch(self, item: str) -> bytes:
        place = zlib.crc32(item.encode())
        shortest, longest = _FETCH_S
        time.sleep(shortest + (longest - shortest) * (place % 1000) / 999)
        offset = place % (len(self._blob) - _ITEM_BYTES)
        return self._blob[offset : offset + _ITEM_BYTES]

    def inject(self, token: str, body: bytes) -> int:
        """Make a handler slower by ``{"handler": ..., "sleep_s": ...}``; the status to answer with."""
        if not self.token or not hmac.compare_digest(token.encode(), self.token.encode()):
            return 403
        try:
            wanted: Any = json.loads(body)
            handler, sleep_s = wanted["handler"], float(wanted["sleep_s"])
        except (ValueError, TypeError, KeyError):
            return 400
        if handler not in _WAITS or not 0 <= sleep_s <= 10:
            return 400
        self.slower[handler] = sleep_s
        return 200


def _handler(shop: Shop) -> type[Answers]:
    class Handler(Answers):
        def do_GET(self) -> None:  # noqa: N802 (the library's name)
            if self.path == "/metrics":
                self.answer(200, (shop.requests.text() + process_text()).encode(), METRICS_TYPE)
                return
            began = time.perf_counter()
            body = shop.serve(self.path)
            code = 404 if body is None else 200
            self.answer(code, body or b"{}")
            self.wfile.flush()
            name = "other" if body is None else "/" + self.path.split("/")[1]
            shop.requests.count(name, str(code), time.perf_counter() - began)

        def do_POST(self) -> None:  # noqa: N802 (the library's name)
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > _LONGEST_BODY:
                self.close_connection = True
                self.answer(413, b"{}")
                return
            body = self.rfile.read(int(length))
            code = shop.inject(self.headers.get("X-Demo-Token", ""), body) if self.path == "/fault" else 404
            self.answer(code, b"{}")

    return Handler


class Server(ThreadingHTTPServer):
    """Serves so many connections at once; more are turned away."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: type[Answers]) -> None:
        self._places = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__(("127.0.0.1", port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody hung up: nobody is there to be told."""


def main() -> None:
    line = lifeline.take(sys.argv[1:])
    shop = Shop()
    shop.token = line.inbox.get()["token"]
    with Server(int(sys.argv[3]), _handler(shop)) as server:
        line.say({"ready": server.server_address[1]})
        server.serve_forever()


if __name__ == "__main__":
    main()
