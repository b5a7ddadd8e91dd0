"""Hosts a Monitor in a process of its own, for the console at the other end of an inherited socket."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perftui import __version__
from perftui.config.defaults import DEFAULTS
from perftui.config.load import load
from perftui.config.overrides import Given, with_given
from perftui.config.paths import made, state_folder
from perftui.config.schema import Config
from perftui.config.watch import ConfigWatch
from perftui.link.messages import SessionInfo
from perftui.session.actions import Actions
from perftui.session.build import build_monitor
from perftui.session.monitor import Monitor
from perftui.session.server import Connection
from perftui.session.who import host, user, who
from perftui.store.audit import Audit

_LOG_LIMIT_BYTES = 1024 * 1024
# how long the thread of a poll that hangs may hold up the end of the process
_PATIENCE_S = 2.0


def main(arguments: Sequence[str]) -> int:
    """0 when the console is gone or asked for the end; 1 after an error, which is in the log."""
    gc.disable()  # until all that stays is made
    parser = argparse.ArgumentParser(prog="python -m perftui.session")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--config")
    parser.add_argument("--no-journal", action="store_true")
    for name in Given._fields:
        parser.add_argument(f"--{name}", action="append", default=[])
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_serve(options))
    except Exception:  # noqa: BLE001 (the last place that can say what went wrong)
        write_log(traceback.format_exc())
        return 1
    return 0


async def _serve(options: argparse.Namespace) -> None:
    path = Path(options.config) if options.config else None
    given = Given(*(tuple(getattr(options, name)) for name in Given._fields))

    def amend(config: Config) -> Config:
        return with_given(config, given)

    watch = ConfigWatch(path, os.environ, amend)
    loaded = load(path, os.environ, amend)
    # a session that is started again may find a file that was broken meanwhile: nothing of it is trusted then
    config = amend(DEFAULTS) if loaded.problems else loaded.config
    monitor = build_monitor(config, keep=not options.no_journal, config_watch=watch)
    monitor.state.problems = tuple(str(problem) for problem in loaded.problems)
    info = SessionInfo(host(), user(), os.getpid(), __version__, time.time(), options.config)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_note)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(name, stopped.set)
    watching = asyncio.ensure_future(monitor.run())
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=options.fd))
    audit = Audit(state_folder() / "audit.jsonl", who(), time.time)
    actions = Actions(monitor, who(), audit, time.time, stopped.set)
    served = asyncio.ensure_future(Connection(monitor, actions, info, reader, writer, time.time).serve())
    # what exists now lives as long as the session: the collector need not look at it, now or later
    gc.freeze()
    gc.enable()
    asked = asyncio.ensure_future(stopped.wait())
    await _first_of(watching, served, asked)
    if served.done() and not asked.done():
        # a load that its console let go of needs nobody
        await _first_of(watching, asyncio.ensure_future(monitor.left_alone()), asked)
    await _ended(watching, served, monitor)


async def _first_of(*tasks: asyncio.Future[Any]) -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


async def _ended(watching: asyncio.Future[None], served: asyncio.Future[None], monitor: Monitor) -> None:
    """Close in order; an error that ended one of them is raised when the journal is safe."""
    for task in (served, watching):
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    failed = any(not task.cancelled() and task.exception() is not None for task in (served, watching))
    timer = threading.Timer(_PATIENCE_S, os._exit, (int(failed),))
    timer.daemon = True
    timer.start()
    for task in (served, watching):
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


def _note(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Errors in callbacks, which nobody waits for, belong into the log too."""
    error = context.get("exception")
    words = "" if error is None else "".join(traceback.format_exception(error))
    write_log(f"{context['message']}\n{words}")


def write_log(text: str) -> None:
    """Append to ``session.log`` in the state folder, which is begun anew when it is large."""
    with contextlib.suppress(OSError):
        path = made(state_folder()) / "session.log"
        if path.exists() and path.stat().st_size > _LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} perftui {__version__}\n{text}\n")
    print(text, file=sys.stderr)
