"""All files of a source: found, opened, read in order of time in bounded slices, and left when they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from perftui.domain.errors import QueryError
from perftui.domain.units import Unit, format_value
from perftui.domain.workflow import Event
from perftui.sources.workflow.lines import Lines
from perftui.sources.workflow.places import SET_ASIDE, Found, Identity
from perftui.sources.workflow.tail import CHUNK, NewLines, Tail

# a file that was renamed or deleted may still be written to by who has it open
_GRACE_S = 60.0
_MOST_OLD = 16
# a last line that nobody ended is taken when the file was left alone for so long
_QUIET_S = 5.0
_PROGRESS_FROM = 4 << 20


class Fetched(NamedTuple):
    """Lines, and the file that they are from."""

    tail: Tail
    found: NewLines


class Tails:
    """``monotonic`` tells how long a file has been quiet."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.lines = Lines()
        self._tails: dict[Identity, Tail] = {}
        self._old: dict[Identity, Tail] = {}
        self._changed_at: dict[Tail, float] = {}
        self._refused: dict[str, QueryError] = {}
        self._left_out = 0
        self._restarts = 0

    def close(self) -> None:
        for tail in (*self._tails.values(), *self._old.values()):
            tail.close()
        self._tails, self._old = {}, {}

    @property
    def behind(self) -> bool:
        """Whether it is known that there is more to read."""
        return any(tail.is_behind for tail in self._all())

    def _all(self) -> Iterator[Tail]:
        yield from self._old.values()
        yield from self._tails.values()

    def follow(self, found: Found) -> None:
        """Open what is new; what is no longer there under its name is read to its end."""
        for identity in [one for one in self._tails if one not in found.events]:
            self._old[identity] = self._tails.pop(identity)
        self._refused, self._left_out = {}, found.left_out
        for identity, path in found.events.items():
            if identity in self._old:
                self._tails[identity] = self._old.pop(identity)
            if identity in self._tails:
                self._tails[identity].path = path
                continue
            try:
                self._open(path, Path(path).name if found.is_folder or len(found.events) > 1 else "")
            except QueryError as error:
                self._refused[path] = error
        if self._refused and not self._tails:
            raise next(iter(self._refused.values()))

    def lose(self) -> None:
        """Nothing is there any more: what is open is read to its end."""
        self._old.update(self._tails)
        self._tails = {}

    def _open(self, path: str, name: str) -> None:
        tail = Tail(path, name)
        # a file in the place of another, or a copy that was set aside, holds what was read already
        copied = (one for one in self._all() if path in (one.path, f"{one.path}{SET_ASIDE}"))
        before = next((one for one in copied if one.continues_in(tail)), None)
        if before is not None:
            before.hand_over(tail)
        if before is not None and before.identity in self._old:
            self._leave(before)
        self._tails[tail.identity] = tail

    def _leave(self, tail: Tail) -> None:
        self._old.pop(tail.identity, None)
        self._changed_at.pop(tail, None)
        self._restarts += tail.restarts
        self.lines.skipped.too_long += tail.too_long
        tail.close()

    def fetch(self, most: int) -> list[Fetched]:
        """About ``most`` bytes of new lines, of the files first that are farthest back in time. Raises OSError."""
        now = self._monotonic()
        for tail in self._all():
            if tail.look() or tail not in self._changed_at:
                self._changed_at[tail] = now
        fetched: list[Fetched] = []
        behind = sorted((one for one in self._all() if one.is_behind), key=_newest)
        for tail in behind:
            before = tail.position
            # of several files not too much of one, as they are to be told in order of time
            fetched.append(Fetched(tail, tail.read(most if len(behind) == 1 else min(most, CHUNK))))
            most -= tail.position - before
            if most <= 0:
                break
        return fetched + self._finish(now)

    def decode(self, fetched: Sequence[Fetched]) -> list[Event]:
        """The events of these lines."""
        events: list[Event] = []
        for tail, found in fetched:
            before = len(events)
            self.lines.read(found.lines, tail.name, found.first, events)
            if len(events) > before:
                tail.newest_at = max(tail.newest_at, events[-1].at)
        return events

    def _finish(self, now: float) -> list[Fetched]:
        """Last lines that will not be ended; files that nobody writes to any more are left."""
        rests: list[Fetched] = []
        for tail in list(self._all()):
            quiet = now - self._changed_at[tail]
            if tail.is_behind or quiet < _QUIET_S:
                continue
            rests.append(Fetched(tail, tail.rest()))
            if tail.identity in self._old and quiet >= _GRACE_S:
                self._leave(tail)
        # the first are the oldest
        for tail in [one for one in self._old.values() if not one.is_behind][: max(0, len(self._old) - _MOST_OLD)]:
            self._leave(tail)
        return rests

    def notes(self) -> Iterator[str]:
        """How far reading is, and what could not be used."""
        size = sum(tail.size for tail in self._all())
        read = sum(tail.position for tail in self._all())
        if size - read > _PROGRESS_FROM:
            yield f"reading {100 * read // size} % of {format_value(size, Unit.BYTES)}"
        restarts = self._restarts + sum(tail.restarts for tail in self._all())
        if restarts:
            times = "once" if restarts == 1 else f"{restarts} times"
            yield f"a file was cut short or written anew {times}, and read from its beginning"
        if self._left_out:
            yield f"{self._left_out} more files are not read"
        for error in list(self._refused.values())[:3]:
            yield str(error)
        if not self._tails and not self._refused:
            yield "there are no *.jsonl files in it yet"
        yield from self._skipped()

    def _skipped(self) -> Iterator[str]:
        skipped = self.lines.skipped
        before = skipped.too_long
        skipped.too_long += sum(tail.too_long for tail in self._all())
        yield from skipped.notes()
        skipped.too_long = before


def _newest(tail: Tail) -> float:
    return tail.newest_at
