"""A demo as its console has it: started, told, listened to; and a way to find every process that belongs to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).parents[2]
_BADGE = "PERFTUI_TEST_DEMO"
_PATIENCE_S = 60.0
Event = dict[str, Any]
Found = TypeVar("Found")


def until(condition: Callable[[], Found], what: str) -> Found:
    """What the condition gives once that is true; looked at until then."""
    latest = time.monotonic() + _PATIENCE_S
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException, psutil.Error):
            found = condition()
            if found:
                return found
        assert time.monotonic() < latest, f"it never happened: {what}"
        time.sleep(0.05)


class Demo:
    """``ready`` is the conductor's first line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.path = folder / "events.jsonl"
        self._badge = uuid.uuid4().hex
        self._answers: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "perftui.demo", "--folder", str(folder), *arguments],
            cwd=ROOT,
            env={**os.environ, _BADGE: self._badge},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.ready = self.answer()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(json.loads(line))

    def answer(self) -> Event:
        return self._answers.get(timeout=_PATIENCE_S)

    def send(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def tell(self, line: str) -> Event:
        """The answer to a command."""
        self.send(line.encode() + b"\n")
        return self.answer()

    def pid(self, name: str) -> int:
        return int(self.tell("status")["pids"][name])

    def events(self, *types: str) -> list[Event]:
        """Those that are complete, in the order of the file; of the given types, or all."""
        text = self.path.read_text("utf-8") if self.path.exists() else ""
        lines = text[: text.rfind("\n") + 1].splitlines()
        found = [json.loads(line) for line in lines]
        return [event for event in found if not types or event["type"] in types]

    def wait(self, type_: str, after: float = 0.0, **fields: Any) -> Event:
        """The first such event that is later than a time."""

        def look() -> Event | None:
            fitting = (event for event in self.events(type_) if event["ts"] > after and fields.items() <= event.items())
            return next(fitting, None)

        return until(look, f"{type_} {fields} after {after}")

    def processes(self) -> list[psutil.Process]:
        """Everything that runs and was started by this demo, whoever its parent is now."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(_BADGE) == self._badge and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def is_gone(self) -> bool:
        return self.process.poll() is not None and not self.processes()

    def close(self) -> None:
        """End it, its hard way if need be: a test that failed leaves nothing behind either."""
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextlib.contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[Demo]:
    started = Demo(folder, *arguments)
    try:
        yield started
    finally:
        started.close()


def get(url: str, path: str) -> tuple[int, bytes]:
    """One request over a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def fastest(url: str, path: str) -> float:
    """Seconds of the quickest of five requests: what it takes at least."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        get(url, path)
        times.append(time.monotonic() - began)
    return min(times)
