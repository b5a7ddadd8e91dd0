"""The demo's conductor as a child of this process: started, told what to do, listened to, and ended with it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perftui.domain.errors import Exit, PerftuiError
from perftui.domain.text import clean
from perftui.session.launch import how_it_ended

# a machine that is under load starts eight processes slowly
_READY_S = 20.0
_PATIENCE_S = 3.0
_MOST_NEWS = 20
_LONGEST_LINE = 64 * 1024


class DemoProcess:
    """``start`` gives what it says when it is ready. It ends when this process does, however that ends.

    Raises PerftuiError when there is no place for its files.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="perftui-demo-"))
        except OSError as error:
            raise PerftuiError(f"the demo has no place for its files: {error}", Exit.SOURCE_FAILED) from None
        self._arguments = list(arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self._ready: dict[str, Any] | None = None
        self._heard = threading.Event()
        self._news: deque[str] = deque(maxlen=_MOST_NEWS)
        self._ending = False
        self._told_end = False

    def start(self) -> dict[str, Any]:
        """Raises PerftuiError when it can't be started or says why not."""
        command = [sys.executable, "-m", "perftui.demo", "--folder", str(self.folder), *self._arguments]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise PerftuiError(f"the demo can't be started: {error.strerror}", Exit.SOURCE_FAILED) from None
        threading.Thread(target=self._listen, args=(self._process,), name="demo", daemon=True).start()
        self._heard.wait(_READY_S)
        if self._ready is None:
            why = self._news[0] if self._news else self._ended() or f"it said nothing within {_READY_S:g} s"
            self.stop()
            if self._process.returncode == Exit.USAGE:
                raise PerftuiError(why)
            raise PerftuiError(f"the demo can't be started: {why}", Exit.SOURCE_FAILED)
        return self._ready

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in iter(lambda: lines.readline(_LONGEST_LINE), b""):
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict):
                        self._take(said)
        process.wait()
        self._heard.set()

    def _take(self, said: dict[str, Any]) -> None:
        if self._ready is None and "service" in said:
            self._ready = said
        elif "error" in said:
            self._news.append(f"demo: {clean(str(said['error']), 300)}")
        elif "ok" in said:
            self._news.append(f"demo: {clean(str(said['ok']), 300)}")
        self._heard.set()

    def control(self, text: str) -> str:
        """Do what the prompt's ``:fault`` asks: ``off`` lifts, ``on`` injects the usual fault, NAME[:SIZE] that one.

        Never waits: what the demo answers is among the news.
        """
        word = " ".join(text.split())
        line = "lift" if word in ("off", "none", "lift") else "fault" if word in ("", "on") else f"fault {word}"
        try:
            if self._process is None or self._process.stdin is None or self._process.poll() is not None:
                raise BrokenPipeError
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except (OSError, ValueError):
            return f"the demo is not there any more: {self._ended() or 'it does not listen'}"
        return ""

    def news(self) -> str:
        """What it said, or that it ended, since the last call; empty when there is nothing new."""
        if self._news:
            return self._news.popleft()
        ended = self._ended()
        if ended and not self._ending and not self._told_end:
            self._told_end = True
            return f"the demo has ended: {ended}; everything that it had started ended with it"
        return ""

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return not self._ending and bool(self._ended())

    def _ended(self) -> str:
        return how_it_ended(None if self._process is None else self._process.poll())

    def stop(self) -> None:
        """End it and wait until all that it started has ended; its folder goes too."""
        self._ending = True
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                if process.stdin is not None:
                    process.stdin.close()  # the end of its input is the end of the demo
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
