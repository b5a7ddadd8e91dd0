"""A service on loopback whose /metrics really move: what the panels of the scenario show.

``python -m benchmarks.terminal.exporter`` prints its port. Values are functions of the time alone, so that every round
and every program sees the same. It can be told to hang, and to have many series.
"""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_ROOT = Path(__file__).parents[2]
_GOLDEN = 0.618034


def wave(number: int, at: float) -> float:
    """From 0 to 1, another one for each number: slow and quick waves, and what looks like noise."""
    phase = number * _GOLDEN
    slow, quick = math.sin(at / 7 + 9 * phase), math.sin(at * 1.7 + 5 * phase)
    noise = math.sin(at * 12.9898 + number * 78.233) * 43758.5453
    return min(1.0, max(0.0, 0.5 + 0.22 * slow + 0.13 * quick + 0.3 * (noise - math.floor(noise) - 0.5)))


def exposition(at: float, more: int = 0) -> str:
    """The service's metrics at a time; ``more`` series beside them."""
    second = float(int(at))
    lines = ["# TYPE app_latency_seconds gauge"]
    for n, quantile in enumerate(_QUANTILES):
        seconds = 0.01 * (n + 1) ** 2 * (0.5 + wave(n, second))
        lines.append(f'app_latency_seconds{{q="{quantile}"}} {seconds:.5f}')
    for name, label, values, scale, first in _FAMILIES:
        lines.append(f"# TYPE {name} gauge")
        lines += [
            f'{name}{{{label}="{value}"}} {scale * wave(first + n, second):.4f}' for n, value in enumerate(values)
        ]
    if more:
        lines.append("# TYPE app_many gauge")
        lines += [f'app_many{{n="{n:05}"}} {wave(n, second):.4f}' for n in range(more)]
    return "\n".join(lines) + "\n"


_QUANTILES = ("p50", "p95", "p99")
_FAMILIES: tuple[tuple[str, str, tuple[str, ...], float, int], ...] = (
    ("app_requests_rate", "code", ("200", "404", "500"), 900.0, 10),
    ("app_queue_depth", "queue", ("mail", "orders", "search", "stock"), 400.0, 20),
    ("app_worker_busy_ratio", "worker", ("w1", "w2", "w3", "w4"), 1.0, 30),
    ("app_shard_load_ratio", "shard", ("s1", "s2", "s3", "s4"), 1.0, 40),
    ("app_pool_used_ratio", "pool", ("db", "http", "cache", "disk"), 1.0, 50),
    ("app_region_errors_ratio", "region", ("eu", "us", "asia"), 0.2, 80),
    ("app_threads", "kind", ("io", "work", "timer", "idle"), 200.0, 90),
    ("app_jobs", "state", ("running", "waiting", "done", "failed"), 5000.0, 60),
    ("app_heap_bytes", "part", ("young", "old"), 4e9, 70),
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    more = 0
    hangs_until = 0.0


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/hang":
            self.server.hangs_until = time.monotonic() + float(parse_qs(asked.query)["seconds"][0])
        elif asked.path == "/metrics":
            while time.monotonic() < self.server.hangs_until:
                time.sleep(0.05)
        body = exposition(time.time(), self.server.more).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


class Exporter:
    """A running one, at ``url``."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.url = f"{self.base}/metrics"

    def hang(self, seconds: float) -> None:
        """It accepts requests from now on and answers them only after that time."""
        with urllib.request.urlopen(f"{self.base}/hang?seconds={seconds}", timeout=5) as answer:  # noqa: S310 (loopback)
            answer.read()


@contextlib.contextmanager
def exporter(more: int = 0) -> Iterator[Exporter]:
    """One in a process of its own, so that it takes no time from the meter."""
    command = [sys.executable, "-m", "benchmarks.terminal.exporter", str(more)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_ROOT, text=True)
    try:
        assert process.stdout is not None  # noqa: S101 (it was asked for)
        yield Exporter(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def main() -> None:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.more = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
