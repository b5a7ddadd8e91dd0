"""A console whose process table has 10 000 rows of which 100 change each second, while their order stays.

No machine has that many processes at hand, so a stand-in speaks for the session, over the real link, in a process of
its own (``python -m benchmarks.terminal.rows session FD``). The console is the real one, from its imports to its
driver.
"""

from __future__ import annotations

import itertools
import os
import random
import socket
import subprocess
import sys
import threading
import time
from typing import Any

ROWS, CHANGING = 10_000, 100
_NAMES = ("python", "postgres", "nginx", "kworker", "java", "sshd")
_GOLDEN = 0.618034


def _session(connection: socket.socket) -> None:
    """Greet, send the table once it is asked for, then its changes once a second, as a session does."""
    import msgspec

    from perftui.domain.processes import ProcessRow
    from perftui.link.framing import frame
    from perftui.link.messages import (
        PROTOCOL,
        ClientMessage,
        Hello,
        SessionInfo,
        TablePart,
        Update,
        WatchTable,
        Welcome,
    )

    chance = random.Random(7)

    def row(pid: int) -> ProcessRow:
        """What it reads, writes and holds changes; its share of the CPU, which the table is sorted by, stays."""
        name, load = _NAMES[pid % len(_NAMES)], pid * _GOLDEN % 1.0
        command = f"/usr/bin/{name} --worker {pid} --config /etc/{name}/{name}.conf"
        memory, read = chance.random() * 1e9, chance.random() * 1e6
        return ProcessRow(f"{pid}-1", pid, 1, name, "app", "S", load, memory, 4, None, read, None, 0.0, command)

    def send(**what: Any) -> None:
        number = next(numbers)
        connection.sendall(frame(Update(number, number - 1, time.time(), full=number == 1, **what)))

    def change() -> None:
        while True:
            time.sleep(1.0)
            changed = tuple(row(pid) for pid in chance.sample(range(ROWS), CHANGING))
            with lock:
                send(tables={"processes": TablePart(False, time.time(), changed)})

    numbers, lock = itertools.count(1), threading.Lock()
    stream, decode = connection.makefile("rb"), msgspec.msgpack.Decoder(ClientMessage).decode
    while head := stream.read(4):
        message = decode(stream.read(int.from_bytes(head, "big")))
        with lock:
            if isinstance(message, Hello):
                info = SessionInfo("box", "me", os.getpid(), "bench", time.time())
                connection.sendall(frame(Welcome(PROTOCOL, info)))
            elif isinstance(message, WatchTable) and message.table == "processes":
                send(tables={"processes": TablePart(True, time.time(), tuple(map(row, range(ROWS))))})
                threading.Thread(target=change, daemon=True).start()


class StandIn:
    """What the console takes for its session process."""

    def __init__(self, config_path: str | None, **how: object) -> None:
        """As a session is asked for; it needs none of that."""
        self._process: subprocess.Popen[bytes] | None = None
        self._ready: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def prestart(self) -> None:
        """Ahead of the console that will ask for it."""
        self._ready = self._spawned()

    def start(self) -> socket.socket:
        ready, self._ready = self._ready, None
        return ready or self._spawned()

    def _spawned(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "benchmarks.terminal.rows", "session", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)
        return ours

    def ended(self) -> str:
        return "" if self._process is None or self._process.poll() is None else "the stand-in ended"

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _console() -> int:
    """`perftui --screen host`, with the stand-in for its session."""
    from perftui.session import launch

    launch.SessionProcess = StandIn  # type: ignore[assignment,misc]  # by shape
    sys.argv[1:] = ["--screen", "host", "--no-journal"]

    from perftui.__main__ import main

    return main()


if __name__ == "__main__":
    if sys.argv[1:2] == ["session"]:
        _session(socket.socket(fileno=int(sys.argv[2])))
    else:
        sys.exit(_console())
