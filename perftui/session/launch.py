"""Starts the session process for a console, and tells in words how it ended."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys

from perftui.config.overrides import Given


def how_it_ended(code: int | None, more: str = "") -> str:
    """The exit code of a child in words, empty for None; ``more`` says where to look when it failed."""
    if code is None:
        return ""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    return "ended" if code == 0 else f"failed ({'; '.join(filter(None, (f'exit {code}', more)))})"


class SessionProcess:
    """A private session: it lives as long as its console. ``start`` may be called again after it ended.

    ``given`` are sources to watch beside those of the configuration.
    """

    def __init__(self, config_path: str | None, *, keep: bool = True, given: Given | None = None) -> None:
        self._arguments = ["--config", config_path] if config_path else []
        self._arguments += [] if given is None else given.arguments()
        if not keep:
            self._arguments.append("--no-journal")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> socket.socket:
        """Start it, and give the console's end of the link. Raises OSError."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "perftui.session", "--fd", str(theirs.fileno()), *self._arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    # ctrl+c in the terminal is the console's business; the session ends with its console
                    start_new_session=True,
                )
        except BaseException:
            ours.close()
            raise
        return ours

    def ended(self) -> str:
        """How it ended, in words; empty while it runs."""
        return how_it_ended(
            None if self._process is None else self._process.poll(), "see session.log in the state folder"
        )

    def stop(self, timeout_s: float = 3.0) -> None:
        """End it and wait until its journal is written; by force when it takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
