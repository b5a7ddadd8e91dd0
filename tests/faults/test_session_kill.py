"""The session process is killed without warning: nothing that it acknowledged is lost, and the console knows why."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from pathlib import Path

from perftui.link.client import Client, LinkState
from perftui.link.mirror import Mirror
from perftui.session.launch import SessionProcess

KILLS = int(os.environ.get("PERFTUI_PROVE_KILLS", "20"))
DEADLINE_S = 20.0


async def reached(condition: object, deadline_s: float = DEADLINE_S) -> None:
    """Wait until ``condition()``; its own deadline, no fixed sleep."""
    assert callable(condition)
    until = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        await asyncio.sleep(0.01)


def config(folder: Path) -> str:
    path = folder / "perftui.toml"
    path.write_text(f'[storage]\npath = "{folder / "history.db"}"\n[intervals]\nhost = "200ms"\n')
    return str(path)


def acknowledged(mirror: Mirror) -> float | None:
    return None if mirror.storage is None else mirror.storage.acknowledged_at


def test_a_killed_session_is_noticed_within_a_second_and_loses_no_acknowledged_tick(tmp_path: Path) -> None:
    launcher = SessionProcess(config(tmp_path))

    async def one() -> float:
        mirror = Mirror()
        client = Client(mirror, "test", lambda: None, lambda: None)
        running = asyncio.ensure_future(client.run(launcher.start()))
        await reached(lambda: acknowledged(mirror) is not None)
        at = acknowledged(mirror)
        assert at is not None
        assert launcher.pid is not None
        os.kill(launcher.pid, signal.SIGKILL)
        await reached(lambda: client.state is LinkState.ENDED, 1.0)
        await reached(lambda: launcher.ended() == "killed by SIGKILL", 1.0)
        await running
        return at

    kept: list[float] = []
    for _ in range(KILLS):
        kept.append(asyncio.run(one()))
        with sqlite3.connect(tmp_path / "history.db") as journal:
            assert journal.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ticks = [at for (at,) in journal.execute("SELECT at FROM ticks ORDER BY at")]
        journal.close()
        assert all(any(at - 2.0 <= tick <= at for tick in ticks) for at in kept)


def test_a_session_ends_with_its_console_and_on_request(tmp_path: Path) -> None:
    launcher = SessionProcess(config(tmp_path))
    sock = launcher.start()
    sock.close()
    asyncio.run(reached(lambda: launcher.ended() == "ended"))
    with launcher.start():
        assert launcher.ended() == ""
        launcher.stop(DEADLINE_S)
    assert launcher.ended() in ("ended", "killed by SIGTERM")
