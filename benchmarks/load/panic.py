"""How long after Stop, and after its starter's end, requests still arrive; and when the engine's process is gone."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from benchmarks.load.engine import job
from perftui.load.frames import Delta, Frames, Stop, frame, read_up
from perftui.load.job import Job, Model

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_STARTER = """
import signal, subprocess, sys
engine = subprocess.Popen([sys.executable, "-m", "perftui.load"], stdin=subprocess.PIPE, stdout=sys.stdout)
engine.stdin.write(bytes.fromhex(sys.argv[1])); engine.stdin.flush()
signal.pause()
"""


class _Server:
    """Answers at once, and keeps the moment of the last request: threads, so that nothing waits for a loop."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.last = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            try:
                while client.recv(4096):
                    self.last = time.perf_counter()
                    client.sendall(_OK)
            except OSError:
                return


def measure(rounds: int) -> None:
    """Medians and the worst, in ms; bounds: 200 ms after Stop, 100 ms after the end of the starter."""
    print(f"\nstopping a closed loop with 10 connections, {rounds} times each, ms (median, worst)\n")
    print("| | last request arrives | engine's process is gone |\n|---|---|---|")
    server = _Server()
    what = job(server.port, 0.0, 600.0, Model.CLOSED, 10)
    for name, once in (
        ("Stop (at most 200)", _stopped),
        ("stdin closed (100)", _closed),
        ("kill -9 of the starter (100)", _killed),
    ):
        found = [once(server, what) for _ in range(rounds)]
        cells = [f"{statistics.median(column):.1f}, {max(column):.1f}" for column in zip(*found, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")


def _stopped(server: _Server, what: Job) -> tuple[float, float]:
    with _engine(what) as engine:
        _await_load(engine)
        return _measured(server, engine, lambda: _tell(engine, frame(Stop())))


def _closed(server: _Server, what: Job) -> tuple[float, float]:
    with _engine(what) as engine:
        _await_load(engine)
        assert engine.stdin is not None  # noqa: S101 (it was asked for)
        return _measured(server, engine, engine.stdin.close)


def _killed(server: _Server, what: Job) -> tuple[float, float]:
    with subprocess.Popen([sys.executable, "-c", _STARTER, frame(what).hex()], stdout=subprocess.PIPE) as starter:
        _await_load(starter)
        return _measured(server, starter, starter.kill)


def _measured(server: _Server, process: subprocess.Popen[bytes], end: Callable[[], object]) -> tuple[float, float]:
    started = time.perf_counter()
    end()
    assert process.stdout is not None  # noqa: S101 (it was asked for)
    # whoever holds the other end of its stdout is gone
    while os.read(process.stdout.fileno(), 65536):
        pass
    gone = time.perf_counter()
    # longer than any bound: what is still under way arrives meanwhile, or never
    time.sleep(0.3)
    return max(0.0, server.last - started) * 1e3, (gone - started) * 1e3


def _engine(what: Job) -> subprocess.Popen[bytes]:
    engine = subprocess.Popen([sys.executable, "-m", "perftui.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    _tell(engine, frame(what))
    return engine


def _tell(engine: subprocess.Popen[bytes], data: bytes) -> None:
    assert engine.stdin is not None  # noqa: S101 (it was asked for)
    engine.stdin.write(data)
    engine.stdin.flush()


def _await_load(process: subprocess.Popen[bytes]) -> None:
    """Until the engine counts."""
    frames = Frames()
    assert process.stdout is not None  # noqa: S101 (it was asked for)
    while True:
        for body in frames.feed(os.read(process.stdout.fileno(), 65536)):
            message = read_up(body)
            if isinstance(message, Delta) and message.counted and message.tally.done:
                return
