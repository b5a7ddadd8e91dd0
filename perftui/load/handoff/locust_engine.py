"""A plan on Locust: one process, or a master and its workers, each of which tells us over a socket of its own.

Locust starts users and sends their requests; ``locust_watch`` inside it paces and times them. Its web page stays shut,
as it would let anybody on this machine start a load. The sockets end with us however we end, and the load with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.resources
import importlib.util
import json
import os
import shutil
import site
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.frames import Down, Pause, Rate, Stop, Up
from perftui.load.handoff.locustfile import locustfile
from perftui.load.handoff.outline import Outline
from perftui.load.handoff.samples import Sample
from perftui.load.handoff.watched import GRACE_S, START_S, Moment, Watched
from perftui.load.job import Job, Model
from perftui.load.schedule import Segment

_INSIDE = ("locust_watch", "locust_pace")
_LONGEST_LINE = 32 * 1024 * 1024


class Words(msgspec.Struct, frozen=True):
    """A line of ``locust_watch``. A row is name, due, start, lag, service (ns), bytes, status, error, broken checks."""

    version: str = ""
    pid: int = 0
    at: int = 0
    counts: tuple[int, int, int] = (0, 0, 0)
    rows: tuple[tuple[str, int, int, int, int, int, int, str, tuple[str, ...]], ...] = ()
    busy: int = 0
    waiting: int = 0
    cpu_s: float = 0.0
    rate: float = 0.0
    is_done: bool = False
    is_last: bool = False


class _Process:
    """One process of Locust; the master sends nothing itself."""

    def __init__(self, role: str, process: asyncio.subprocess.Process, writer: asyncio.StreamWriter) -> None:
        self.role, self.process, self._writer = role, process, writer
        self.words = Words()
        self.has_begun = False

    def say(self, **words: Any) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.dumps(words).encode() + b"\n")

    def close(self) -> None:
        self._writer.close()

    @property
    def is_sending(self) -> bool:
        return self.role != "master"


class LocustLaunch(Watched):
    """``workers`` processes and a master; 0 for one process that does both. Raises PerftuiError where there is none."""

    quality = "exact (every request as Locust timed it, from its intended start)"

    def __init__(self, job: Job, outline: Outline, told: Callable[[Up], None], workers: int = 0) -> None:
        super().__init__(job, told, {ask.name: [check.text for check in ask.checks] for ask in outline.asks})
        if workers < 0 or workers > job.connections:
            raise PerftuiError(f"{workers} workers need as many connections at least, there are {job.connections}")
        self._outline, self._workers = outline, workers
        self._program = program()
        self._processes: list[_Process] = []

    @property
    def pid(self) -> int:
        return self._processes[0].process.pid if self._processes else 0

    async def version(self) -> str:
        return "locust"

    def command(self, message: Down) -> None:
        """Stop, hold, or change the rate of an open model."""
        if isinstance(message, Stop):
            self.stop(message.reason)
        elif isinstance(message, Rate) and message.factor > 0:
            self._say(rate=self.capped(message))
        elif isinstance(message, Pause):
            self._say(pause=message.on)
            self.held(on=message.on)

    def _say(self, **words: Any) -> None:
        for process in self._processes:
            process.say(**words)

    async def whole(self, folder: Path) -> None:
        (folder / "locustfile.py").write_text(locustfile(self._outline, is_watched=True), encoding="utf-8")
        _place(folder)
        loop = asyncio.get_running_loop()
        listening: list[asyncio.Task[None]] = []
        try:
            started = [await self._start(folder, *each) for each in self._roles()]
            listening += [loop.create_task(self._listen(*each)) for each in started]
            await self._until_over(listening)
        finally:
            for task in listening:
                task.cancel()
            for each in self._processes:
                with contextlib.suppress(ProcessLookupError):
                    each.process.kill()
                await each.process.wait()
        if self.reason == "engine":
            self.reason = f"engine: {_last_words(folder)}"

    def _roles(self) -> list[tuple[str, int, list[str]]]:
        users = [str(self.job.connections)]
        users = ["-u", *users, "-r", *users]
        if not self._workers:
            return [("single", 0, users)]
        port = str(_free_port())
        where = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
        master = [*where, "--expect-workers", str(self._workers), *users]
        worker = ["--worker", "--master-host", "127.0.0.1", "--master-port", port]
        return [("master", 0, master), *(("worker", index, worker) for index in range(self._workers))]

    async def _start(
        self, folder: Path, role: str, index: int, more: list[str]
    ) -> tuple[_Process, asyncio.StreamReader]:
        ours, theirs = socket.socketpair()
        with theirs, (folder / f"{role}-{index}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *self._program, "-f", "locustfile.py", "--headless", "--only-summary", "--loglevel", "ERROR", *more,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=log, cwd=folder,
                pass_fds=(theirs.fileno(),), start_new_session=True,
                env=self._environment(folder, theirs.fileno(), index),
            )  # fmt: skip
        reader, writer = await asyncio.open_connection(sock=ours, limit=_LONGEST_LINE)
        found = _Process(role, process, writer)
        self._processes.append(found)
        return found, reader

    def _environment(self, folder: Path, fd: int, index: int) -> dict[str, str]:
        """Ours without what changes Locust from outside, with the secrets of the plan."""
        found = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST_", "PYTHON"))}
        found |= self._outline.secrets
        found |= {"HOME": str(folder), "PYTHONUSERBASE": site.getuserbase()}
        job = self.job
        settings = {
            "fd": fd, "index": index, "shares": max(1, self._workers), "is_open": job.model is Model.OPEN,
            "seed": job.seed if self._outline.is_poisson else None, "lead_s": self.lead_s, "length_s": job.length_s,
            "lead": _numbers(self._outline.lead), "stages": _numbers(job.segments), "backlog": job.backlog,
            "host": self._outline.host, "addresses": list(self._outline.addresses),
        }  # fmt: skip
        return {**found, "PERFTUI_WATCH": json.dumps(settings)}

    async def _listen(self, process: _Process, reader: asyncio.StreamReader) -> None:
        """Until it has said its last words, or has ended without."""
        try:
            while line := await reader.readline():
                self._take(process, msgspec.json.decode(line, type=Words))
                if process.words.is_last:
                    return
        except (msgspec.DecodeError, ValueError, OSError) as error:
            self.stop(f"engine: {clean(str(error), 200)}")
        finally:
            process.close()
        self.stop("engine")

    def _take(self, process: _Process, words: Words) -> None:
        process.words = words
        if words.version:
            said = [each for each in self._processes if each.words.version]
            if len(said) == self._workers + 1:
                self.run.engine = f"locust {clean(words.version, 40)}"
                self.hello(self.pid, self.run.engine)
            return
        if not process.is_sending:
            return
        process.has_begun = True
        for name, due, start, lag, service, size, status, error, broken in words.rows:
            meant, ended = due / 1e9 - self.lead_s, (start + service) / 1e9 - self.lead_s
            sample = Sample(
                name, meant, ended, start - due + service, service, error, size, broken,
                bool(status), max(0, start - due - lag), lag if self.job.model is Model.OPEN else None,
            )  # fmt: skip
            self.samples.add(sample)
        sending = [each for each in self._processes if each.is_sending]
        moment = Moment(
            words.at / 1e9,
            sum(each.words.busy for each in sending),
            sum(each.words.waiting for each in sending),
            self.job.connections,
            sum(each.words.rate for each in sending) / len(sending),
            max(each.words.cpu_s for each in sending),
        )
        self.tell(moment, *words.counts)
        if all(each.words.is_done for each in sending):
            self.stop("duration")

    async def _until_over(self, listening: Sequence[asyncio.Task[None]]) -> None:
        """Until there is a reason to stop; then all are told, and who has not ended within half a second is ended."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.stopped(), START_S)
        if not self.reason and not all(each.has_begun for each in self._processes if each.is_sending):
            self.stop("engine")
        await self.stopped()
        self._say(stop=self.reason)
        await asyncio.wait(listening, timeout=GRACE_S)


def program() -> list[str]:
    """How Locust is called. Raises PerftuiError with how to get it."""
    if importlib.util.find_spec("locust") is not None:
        return [sys.executable, "-m", "locust"]
    path = shutil.which("locust")
    if path is None:
        raise PerftuiError("there is no Locust here: pip install 'perftui[locust]', or put locust on the PATH")
    return [path]


def _place(folder: Path) -> None:
    """What runs inside Locust, at the place where it looks first: perftui need not be installed there."""
    place = folder
    for part in ("perftui", "load", "handoff"):
        place = place / part
        place.mkdir()
        (place / "__init__.py").touch()
    for name in _INSIDE:
        source = importlib.resources.files("perftui.load.handoff").joinpath(f"{name}.py").read_text("utf-8")
        (place / f"{name}.py").write_text(source, encoding="utf-8")


def _numbers(segments: Sequence[Segment]) -> list[tuple[float, float, float]]:
    return [(each.duration_s, each.start_rate, each.end_rate) for each in segments]


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _last_words(folder: Path) -> str:
    """The last line of what Locust had to say about its end."""
    for path in sorted(folder.glob("*.log")):
        lines = path.read_text("utf-8", "replace")[-4000:].strip().splitlines()
        if lines:
            return clean(lines[-1], 200)
    return "Locust has ended"
