"""Starts the session process for a console, and tells in words how it ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from perftui.config.overrides import Given

if TYPE_CHECKING:
    import subprocess

_POLL_S = 0.005


def how_it_ended(code: int | None, more: str = "") -> str:
    """The exit code of a child in words, empty for None; ``more`` says where to look when it failed."""
    if code is None:
        return ""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    return "ended" if code == 0 else f"failed ({'; '.join(filter(None, (f'exit {code}', more)))})"


class _Child(Protocol):
    """The part of ``subprocess.Popen`` that is used; codes are negative after a signal."""

    pid: int

    def poll(self) -> int | None: ...

    def send_signal(self, sig: int) -> None: ...


class SessionProcess:
    """A private session: it lives as long as its console. ``start`` may be called again after it ended.

    ``given`` are sources to watch beside those of the configuration.
    """

    def __init__(self, config_path: str | None, *, keep: bool = True, given: Given | None = None) -> None:
        self._arguments = ["--config", config_path] if config_path else []
        self._arguments += [] if given is None else given.arguments()
        if not keep:
            self._arguments.append("--no-journal")
        self._process: _Child | None = None
        self._ready: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def prestart(self) -> None:
        """Start it before anybody asks for it, as a copy of this process: what is loaded here is loaded there.

        Where a copy is not safe, as other threads run, it is started like any other. Raises OSError.
        """
        # what both processes need is loaded once
        import asyncio

        from perftui.config import watch
        from perftui.link import framing

        _ = asyncio, watch, framing
        copies = sys.platform.startswith("linux") and len(list(Path("/proc/self/task").iterdir())) == 1
        self._ready = self._linked(self._forked if copies else self._spawned)

    def start(self) -> socket.socket:
        """Start it, or take the one that was started, and give the console's end of the link. Raises OSError."""
        ready, self._ready = self._ready, None
        return ready if ready is not None else self._linked(self._spawned)

    def _linked(self, begin: Callable[[socket.socket], _Child]) -> socket.socket:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = begin(theirs)
        except BaseException:
            ours.close()
            raise
        return ours

    def _spawned(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        import subprocess  # takes 8 ms, and most consoles never need it

        return subprocess.Popen(
            [sys.executable, "-m", "perftui.session", "--fd", str(theirs.fileno()), *self._arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            # ctrl+c in the terminal is the console's business; the session ends with its console
            start_new_session=True,
        )

    def _forked(self, theirs: socket.socket) -> _Child:
        pid = os.fork()
        if pid:
            return _Forked(pid)
        code = 1
        try:
            _detach(theirs.fileno())
            from perftui.session.serve import main

            code = main(["--fd", str(theirs.fileno()), *self._arguments])
        finally:
            # nothing of what the console has to do at its end may be done twice
            os._exit(code)

    def ended(self) -> str:
        """How it ended, in words; empty while it runs."""
        return how_it_ended(
            None if self._process is None else self._process.poll(), "see session.log in the state folder"
        )

    def stop(self, timeout_s: float = 3.0) -> None:
        """End it and wait until its journal is written; by force when it takes too long."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        until = time.monotonic() + timeout_s
        while self._process.poll() is None:
            if time.monotonic() > until:
                self._process.send_signal(signal.SIGKILL)
            time.sleep(_POLL_S)


class _Forked:
    """A child by its number, waited for once."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._code = 1  # somebody else waited for it
            else:
                self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def send_signal(self, sig: int) -> None:
        # once it is waited for, the number may be another's
        if self.poll() is None:
            os.kill(self.pid, sig)


def _detach(link: int) -> None:
    """In the copy: no terminal, no files but the link, no signal handlers of the console, a name of its own."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    for fd in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if fd > 2 and fd != link:
            with contextlib.suppress(OSError):
                os.close(fd)
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text("perftui-session", "ascii")
