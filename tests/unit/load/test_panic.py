"""Stopping: nothing is sent after it, whoever stops and however; and the engine never outlives its starter."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import textwrap

import pytest

from perftui.load.connection import Connection
from perftui.load.engine import Engine
from perftui.load.frames import Delta, Frames, Stop, Summary, Up, frame, read_up
from perftui.load.job import Model
from tests.unit.load import misbehaving as server
from tests.unit.load.misbehaving import OK, says, serving
from tests.unit.load.runs import job

# what starts an engine and waits; with an argument more, somebody else holds the engine's stdin too
_STARTER = textwrap.dedent("""
    import os, signal, subprocess, sys
    engine = subprocess.Popen([sys.executable, "-m", "perftui.load"], stdin=subprocess.PIPE, stdout=sys.stdout)
    engine.stdin.write(bytes.fromhex(sys.argv[1])); engine.stdin.flush()
    if len(sys.argv) > 2 and os.fork() == 0:
        os.close(1)
        print(os.getpid(), file=sys.stderr, flush=True)
    signal.pause()
""")


@pytest.mark.parametrize("model", [Model.OPEN, Model.CLOSED])
@pytest.mark.parametrize("answer", [says(OK), server.hangs])
def test_nothing_is_sent_once_stop_has_returned(
    model: Model, answer: server.Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    happened: list[str] = []
    start = Connection.start

    def spied(self: Connection, *arguments: object) -> None:
        happened.append("sent")
        start(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "start", spied)

    async def whole(port: int) -> list[Up]:
        told: list[Up] = []

        def emit(message: Up, *, can_wait: bool = False) -> bool:
            told.append(message)
            if isinstance(message, Delta) and "sent" in happened and "stopped" not in happened:
                asyncio.get_running_loop().call_soon(stop)
            return True

        def stop() -> None:
            engine.command(Stop())
            happened.append("stopped")

        engine = Engine(job(port, rate=200, seconds=60, model=model, connections=4), emit, "", 0)
        await asyncio.wait_for(engine.run(), 60)
        return told

    with serving(answer, seen=seen) as port:
        told = asyncio.run(whole(port))

    sent = sum(message.tally.sent for message in told if isinstance(message, Delta))
    offered = sum(message.tally.offered - message.tally.dropped for message in told if isinstance(message, Delta))
    assert happened[-1] == "stopped"
    assert len(seen) <= happened.count("sent") == sent == offered
    assert isinstance(told[-1], Summary)
    assert told[-1].stopped_by == "user"


@pytest.mark.parametrize(
    "shares_stdin",
    [False, pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells"))],
)
def test_the_engine_ends_with_its_parent_however_that_ends(shares_stdin: bool) -> None:
    with serving(says(OK)) as port:
        raw = frame(job(port, seconds=600, ramp_s=0.1)).hex()
        starter = subprocess.Popen(
            [sys.executable, "-c", _STARTER, raw, *(["shared"] if shares_stdin else [])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert starter.stdout is not None
        assert starter.stderr is not None
        holder = int(starter.stderr.readline()) if shares_stdin else 0
        try:
            frames, seen = Frames(), []
            while not any(isinstance(message, Delta) and message.counted for message in seen):
                seen += [read_up(body) for body in frames.feed(os.read(starter.stdout.fileno(), 65536))]
            starter.kill()
            starter.wait()
            # the engine holds the only other end of this pipe: it ends when the engine has
            while select.select([starter.stdout], [], [], 60)[0]:
                data = os.read(starter.stdout.fileno(), 65536)
                if not data:
                    break
                seen += [read_up(body) for body in frames.feed(data)]
        finally:
            starter.kill()
            if holder:
                os.kill(holder, signal.SIGKILL)
            starter.wait()
            starter.stdout.close()
            starter.stderr.close()

    assert data == b""
    assert isinstance(seen[-1], Summary)
    assert seen[-1].stopped_by in ("lost", "signal")
