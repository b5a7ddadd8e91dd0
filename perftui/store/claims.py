"""What people said of alerts: claims, snoozes and notes, and the deeds that can be undone, as lines of a file.

Several perftui on one machine share the file: each appends whole lines and reads what the others appended. A claim
holds for firings that began before it was made: a new firing of the same alert is never hidden by an old claim.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from perftui.domain.alerts import Severity
from perftui.domain.text import clean

KEPT_S = 30 * 86400.0
_REWRITE_BYTES = 1 << 20
_LONGEST_LINE = 8192
_MOST = 20_000


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: who said what of which firing. ``do`` is ack, unack, snooze, unsnooze, note, did or undid.

    ``began`` is when the alert's condition became true, ``rank`` its severity (0 is worst) when it was snoozed.
    ``did`` notes a deed elsewhere, in ``text`` as ``silence SOURCE/ID`` or ``expire SOURCE/ID``, that ``undid`` takes
    back; ``id`` names it. ``was`` is what an undo brings back: the note before, or a silence as JSON.
    """

    at: float
    who: str
    do: str
    key: str = ""
    began: float = 0.0
    until: float | None = None
    rank: int = 2
    text: str = ""
    id: str = ""
    was: str = ""


class Claim(msgspec.Struct, frozen=True):
    """What holds for one alert; an empty name means that nobody did it."""

    acked_by: str = ""
    acked_at: float | None = None
    snoozed_by: str = ""
    snoozed_at: float | None = None
    snoozed_until: float | None = None
    snoozed_rank: int = 2
    note: str = ""
    note_by: str = ""
    note_at: float | None = None

    def acked(self, active_at: float) -> bool:
        """Whether a firing that began then is claimed."""
        return self.acked_at is not None and active_at <= self.acked_at

    def snoozed(self, active_at: float, severity: Severity, now: float) -> bool:
        """Whether a firing that began then is put off; worse than it was when it was put off, it is not."""
        return (
            self.snoozed_at is not None
            and active_at <= self.snoozed_at
            and self.snoozed_until is not None
            and now < self.snoozed_until
            and severity.rank >= self.snoozed_rank
        )

    def noted(self, active_at: float) -> bool:
        return self.note_at is not None and active_at <= self.note_at


class Claims:
    """``version`` grows with everything that was learned. ``problem`` says why the file can't be kept, else is empty.

    ``path`` None keeps everything in memory.
    """

    def __init__(self, path: Path | None, wall: Callable[[], float]) -> None:
        self._path, self._wall = path, wall
        self._offset = 0
        self._inode: int | None = None
        self._rest = b""
        self._by_key: dict[str, Claim] = {}
        self._deeds: list[Said] = []
        self.version = 0
        self.problem = ""

    def of(self, key: str) -> Claim | None:
        return self._by_key.get(key)

    def poll(self) -> None:
        """Read what was appended since the last time; a file that is gone or was replaced is read anew."""
        if self._path is None:
            return
        try:
            with self._path.open("rb") as file:
                stat = os.fstat(file.fileno())
                if stat.st_ino != self._inode or stat.st_size < self._offset:
                    self._inode, self._offset, self._rest = stat.st_ino, 0, b""
                    self._by_key, self._deeds = {}, []
                if stat.st_size == self._offset:
                    return
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror}"
            return
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._learn(said for line in lines if (said := _said(line)) is not None)

    def say(self, *saids: Said) -> None:
        """Keep it, in memory at least: when the file can't be written, ``problem`` says why."""
        if self._path is None:
            self._learn(saids)
            return
        data = b"".join(msgspec.json.encode(said) + b"\n" for said in saids)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.closing(_Appending(self._path)) as file:
                file.write(data)
            self.problem = ""
            self.poll()
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror}"
            self._learn(saids)

    def last_deed(self, who: str, since: float) -> tuple[Said, ...]:
        """All lines of the newest thing that this person did and did not undo, not before ``since``; empty for none."""
        undone = {said.id for said in self._deeds if said.do == "undid"}
        for said in reversed(self._deeds):
            if said.do != "undid" and said.who == who and said.id not in undone and said.at >= since:
                return tuple(other for other in self._deeds if other.id == said.id)
        return ()

    def tidy(self) -> None:
        """Once at the start: a file that became long is written anew with what still matters. Never raises."""
        if self._path is None:
            return
        try:
            if self._path.stat().st_size < _REWRITE_BYTES:
                return
            with contextlib.closing(_Appending(self._path)) as file:
                file.replace(self._worth_keeping(self._path.read_bytes()))
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror}"

    def _worth_keeping(self, data: bytes) -> bytes:
        oldest = self._wall() - KEPT_S
        found = [said for line in data.split(b"\n") if (said := _said(line)) is not None and said.at >= oldest]
        return b"".join(msgspec.json.encode(said) + b"\n" for said in found[-_MOST // 2 :])

    def _learn(self, saids: Iterable[Said]) -> None:
        for said in saids:
            self.version += 1
            if said.key:
                self._by_key[said.key] = _after(self._by_key.get(said.key, Claim()), said)
            if said.id:
                self._deeds.append(said)
        while len(self._by_key) > _MOST:
            self._by_key.pop(next(iter(self._by_key)))
        del self._deeds[:-_MOST]


class _Appending:
    """A file that one process at a time writes whole lines to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        while True:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            # who waited for the lock may hold a file that was replaced meanwhile
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(self._fd).st_ino:
                    return
            os.close(self._fd)

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._fd, data) :]

    def replace(self, data: bytes) -> None:
        beside = self._path.with_name(self._path.name + ".new")
        beside.touch(mode=0o600)
        beside.write_bytes(data)
        beside.replace(self._path)

    def close(self) -> None:
        os.close(self._fd)


def _said(line: bytes) -> Said | None:
    """None for a line that is no sentence of ours: broken, of a newer version, or far too long."""
    if not line or len(line) > _LONGEST_LINE:
        return None
    try:
        said = msgspec.json.decode(line, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return msgspec.structs.replace(
        said, who=clean(said.who, 64), text=clean(said.text, 1000), was=clean(said.was, 4000)
    )


def _after(claim: Claim, said: Said) -> Claim:
    change = msgspec.structs.replace
    if said.do == "ack":
        return change(claim, acked_by=said.who, acked_at=said.at)
    if said.do == "unack":
        return change(claim, acked_by="", acked_at=None)
    if said.do == "snooze":
        return change(claim, snoozed_by=said.who, snoozed_at=said.at, snoozed_until=said.until, snoozed_rank=said.rank)
    if said.do == "unsnooze":
        return change(claim, snoozed_by="", snoozed_at=None, snoozed_until=None)
    if said.do == "note":
        return change(claim, note=said.text, note_by=said.who, note_at=said.at if said.text else None)
    return claim
