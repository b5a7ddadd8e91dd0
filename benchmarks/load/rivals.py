"""Requests a second and CPU for each, beside wrk, ab, hey, Locust, aiohttp and httpx, in interleaved rounds."""

from __future__ import annotations

import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.load.engine import job, run
from benchmarks.load.nginx import serving
from perftui.load.job import Model

_CLIENT = Path(__file__).with_name("rival_client.py")
_IN_PYTHON = {"locust": "Locust FastHttpUser", "aiohttp": "aiohttp", "httpx": "httpx"}
_CONNECTIONS = (10, 50)


class Result(NamedTuple):
    """Requests a second, and milliseconds of CPU for 1 000 of them."""

    rate: float
    cpu_ms: float


Tools = dict[str, Callable[[int], Result]]


def measure(rounds: int, seconds: float, python: Path, only: Sequence[str]) -> None:
    """One table for each number of connections; ``python`` is the interpreter that has the Python clients.

    ``only`` are words of the tools to measure ours beside, none for all.
    """
    with serving() as port:
        tools, missing = _tools(port, seconds, python)
        if only:
            tools = {name: tool for name, tool in tools.items() if {"perftui", *only} & set(name.split())}
        for connections in _CONNECTIONS:
            seen: dict[str, list[Result]] = {name: [] for name in tools}
            for _ in range(rounds):
                for name, tool in tools.items():
                    seen[name].append(tool(connections))
            _print(connections, rounds, seconds, seen)
        if missing:
            print(f"\nnot here, and so not measured: {', '.join(missing)}")


def _tools(port: int, seconds: float, python: Path) -> tuple[Tools, list[str]]:
    url, whole = f"http://127.0.0.1:{port}/", f"{max(1, round(seconds))}"
    programs: dict[str, tuple[Callable[[int], list[str]], str]] = {
        "wrk": (lambda c: ["wrk", "-t1", f"-c{c}", f"-d{whole}s", url], r"Requests/sec:\s+([\d.]+)"),
        "ab": (lambda c: ["ab", "-k", "-t", whole, "-n", "100000000", "-c", f"{c}", url], r"per second:\s+([\d.]+)"),
        "hey": (lambda c: ["hey", "-z", f"{whole}s", "-c", f"{c}", url], r"Requests/sec:\s+([\d.]+)"),
    }
    tools: Tools = {"perftui": lambda connections: _ours(port, seconds, connections)}
    missing = []
    for name, (command, pattern) in programs.items():
        if shutil.which(name):
            tools[name] = lambda connections, command=command, pattern=pattern: _program(command(connections), pattern)
        else:
            missing.append(name)
    for package, name in _IN_PYTHON.items():
        if _has(python, package):
            tools[name] = lambda connections, package=package: _client(python, package, url, connections, seconds)
        else:
            missing.append(f"{name} (in {python})")
    return tools, missing


def _ours(port: int, seconds: float, connections: int) -> Result:
    result = run(job(port, 0.0, seconds, Model.CLOSED, connections))
    return Result(result.tally.done / result.measured_s, result.cpu_s * 1e6 / result.tally.done)


def _program(arguments: list[str], pattern: str) -> Result:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    text = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    match = re.search(pattern, text)
    if match is None:
        sys.exit(f"{arguments[0]} said nothing that is understood:\n{text}")
    return Result(float(match[1]), cpu_s * 1e6 / (float(match[1]) * took))


def _client(python: Path, package: str, url: str, connections: int, seconds: float) -> Result:
    arguments = [str(python), str(_CLIENT), package, url, f"{connections}", f"{seconds}"]
    answer = json.loads(subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1])
    return Result(answer["done"] / answer["seconds"], answer["cpu_s"] * 1e6 / answer["done"])


def _has(python: Path, package: str) -> bool:
    arguments = [str(python), "-c", f"import importlib.util; assert importlib.util.find_spec({package!r})"]
    return python.exists() and subprocess.run(arguments, capture_output=True, check=False).returncode == 0


def _print(connections: int, rounds: int, seconds: float, seen: dict[str, list[Result]]) -> None:
    print(f"\nclosed loop, {connections} connections, {rounds} interleaved rounds of {seconds:g} s, medians\n")
    print("| tool | requests/s | of wrk's | ms of CPU for 1 000 |\n|---|---|---|---|")
    rates = {name: statistics.median(result.rate for result in results) for name, results in seen.items()}
    for name, results in seen.items():
        cpu_ms = statistics.median(result.cpu_ms for result in results)
        share = f"{rates[name] / rates['wrk']:.3f}" if "wrk" in rates else "-"
        print(f"| {name} | {rates[name]:.0f} | {share} | {cpu_ms:.1f} |")
    others = [f"{rates['perftui'] / rates[name]:.2f} of {name}" for name in rates if name != "perftui"]
    print(f"\nperftui's requests/s: {', '.join(others)}")
