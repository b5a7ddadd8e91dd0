"""Requests a second and CPU beside wrk, hey and ab, and an open loop's rate: ``python -m benchmarks.load.rivals``.

nginx answers on loopback with one worker. Rounds are interleaved; a tool that is not there is left out.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.load.engine import job, run
from perftui.load.job import Model

_CONNECTIONS = 10
_NGINX = """
daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path {home}/a; proxy_temp_path {home}/b; fastcgi_temp_path {home}/c;
    uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{body}"; }} }}
}}
"""


class Result(NamedTuple):
    """Requests a second, and milliseconds of CPU for 1 000 of them."""

    rate: float
    cpu_ms: float


def _tool(arguments: list[str], pattern: str) -> Result:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    text = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    match = re.search(pattern, text)
    rate = float(match[1]) if match is not None else float("nan")
    return Result(rate, cpu_s * 1e6 / (rate * took))


def _ours(port: int, seconds: float) -> Result:
    result = run(job(port, 0.0, seconds, Model.CLOSED, _CONNECTIONS))
    return Result(result.tally.done / result.measured_s, result.cpu_s * 1e6 / result.tally.done)


def _closed(port: int, seconds: float, rounds: int) -> None:
    url, whole = f"http://127.0.0.1:{port}/", f"{max(1, round(seconds))}"
    tools: dict[str, Callable[[], Result]] = {"perftui": lambda: _ours(port, seconds)}
    if shutil.which("wrk"):
        wrk = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{whole}s", url]
        tools["wrk"] = lambda: _tool(wrk, r"Requests/sec:\s+([\d.]+)")
    if shutil.which("hey"):
        hey = ["hey", "-z", f"{whole}s", "-c", f"{_CONNECTIONS}", url]
        tools["hey"] = lambda: _tool(hey, r"Requests/sec:\s+([\d.]+)")
    if shutil.which("ab"):
        ab = ["ab", "-k", "-t", whole, "-n", "100000000", "-c", f"{_CONNECTIONS}", url]
        tools["ab"] = lambda: _tool(ab, r"Requests per second:\s+([\d.]+)")
    seen: dict[str, list[Result]] = {name: [] for name in tools}
    for _ in range(rounds):
        for name, measure in tools.items():
            seen[name].append(measure())
    print(f"closed loop, {_CONNECTIONS} connections, {rounds} rounds of {seconds:g} s, medians\n")
    print("| tool | requests/s | of wrk's | ms of CPU for 1 000 |\n|---|---|---|---|")
    rates = {name: statistics.median(result.rate for result in results) for name, results in seen.items()}
    for name, results in seen.items():
        cpu = statistics.median(result.cpu_ms for result in results)
        share = f"{rates[name] / rates['wrk']:.2f}" if "wrk" in rates else "-"
        print(f"| {name} | {rates[name]:.0f} | {share} | {cpu:.1f} |")


def _open(port: int, rate: float, seconds: float) -> None:
    result = run(job(port, rate, seconds, Model.OPEN, 50))
    tally = result.tally
    lags = [(tally.lag.quantile(q) or 0.0) / 1e6 for q in (0.5, 0.99)]
    kept = 1 - (tally.late + tally.waited + tally.dropped) / max(1, tally.offered)
    cpu_ms = result.cpu_s * 1e6 / max(1, tally.done)
    print(f"| {rate:.0f} | {kept * 100:.2f} % | {cpu_ms:.1f} | {lags[0]:.3f} | {lags[1]:.3f} |")


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nginx is None:
        sys.exit("nginx is missing: run `make services`")
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "nginx.conf").write_text(_NGINX.format(home=home, port=port, body="x" * 256))
        server = subprocess.Popen([nginx, "-p", home, "-c", "nginx.conf", "-e", f"{home}/error.log"])
        try:
            time.sleep(1)
            _closed(port, options.seconds, options.rounds)
            print("\nopen loop\n")
            print("| offered/s | sent within 5 ms | ms of CPU for 1 000 | lag p50 ms | lag p99 ms |")
            print("|---|---|---|---|---|")
            for rate in (200.0, 1000.0, 10_000.0):
                _open(port, rate, options.seconds)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
