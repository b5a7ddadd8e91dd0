"""The thread that writes to the terminal: the newest picture, when the link has room for it; never a queue of pictures.

Whoever draws changes the picture and goes on. The lock is held only while cells are copied or compared, never while
something is written: a link that carries nothing holds up this thread alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from perftui.tui.driver.encoder import Spot, differing, update
from perftui.tui.driver.grid import Grid, Row, drawn_rows
from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.pacing import ASK, Pace
from perftui.tui.driver.pens import Pen
from perftui.tui.driver.sketch import is_heading, sketch

_SYNC = ("\x1b[?2026h", "\x1b[?2026l")
# what is shorter arrives in one piece anyway; what takes longer should be seen as it comes
_SYNC_FROM, _SYNC_WITHIN_S = 1024, 0.1
_ENTER, _LEAVE = "\x1b[?1049h", "\x1b[?1049l"
_END_S = 1.0
# a picture that needs more than that many times the room is sketched first
_SEVERAL_GOES = 2
# bytes that a row, and a cell of it, usually need
_ROW, _CELL = 8, 3


class Writer:
    """``send`` writes all of the bytes, however long that takes, and never raises."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        size: tuple[int, int],
        *,
        look: Callable[[Pen], Pen],
        pace: Pace,
        meter: LinkMeter,
        monotonic: Callable[[], float],
        erases_in_colour: bool,
    ) -> None:
        self._send, self._pace, self._meter, self._monotonic = send, pace, meter, monotonic
        self._erases = erases_in_colour
        # a lock that its owner may take again: signal handlers write too
        self._changed = threading.Condition(threading.RLock())
        self._grid = Grid(*size, look)
        self._shown: dict[int, Row] = {}
        self._spot = Spot()
        self._controls: list[str] = []
        self._new_size: tuple[int, int] | None = None
        self._drawn = self._left = self._listening = self._hushed = self._probe = False
        self._turn = 0
        self.syncs = False
        self._thread: threading.Thread | None = None

    # what the console does

    def write(self, data: str) -> None:
        with self._changed:
            self._take_size()
            controls, unsure = self._grid.feed(data)
            for control in controls:
                self._left = control == _LEAVE or (self._left and control != _ENTER)
                if control == _LEAVE:
                    # not every terminal takes the look back that it had when it was entered
                    self._controls.append("\x1b[m")
                if control != "\x07" or "\x07" not in self._controls:
                    self._controls.append(control)
            if unsure:
                self._forget()
            if controls:
                self._changed.notify()

    def shows(self, drawn: str, width: int, height: int) -> None:
        """What was drawn before this writer was there: what stays as it is need not be sent."""
        with self._changed:
            self._take_size()
            if (width, height) == (self._grid.width, self._grid.height):
                self._shown = dict(enumerate(drawn_rows(drawn, width, height)))

    def flush(self) -> None:
        """A picture is complete, or controls are, before there is one."""
        with self._changed:
            if not self._grid.touched:
                return
            if self._drawn:
                self._meter.skipped()
            self._drawn = True
            self._changed.notify()

    def draw(self, rows: Mapping[int, Sequence[tuple[str, Pen]]], ground: Pen, size: tuple[int, int]) -> bool:
        """A complete picture that differs from the one before in these rows. The pens are those that ``pen_of`` gave.

        False, and nothing done, on another size, and while there is no picture before it: what lies around these rows
        is Textual's to draw, and blank until then.
        """
        with self._changed:
            self._take_size()
            grid = self._grid
            if not grid.touched or size != (grid.width, grid.height) or any(not 0 <= y < size[1] for y in rows):
                return False
            for y, spans in rows.items():
                self._grid.put(y, spans, ground)
            self.flush()
            return True

    def pen_of(self, text: str) -> Pen:
        """What a text that Textual wrote looks like here."""
        return self._grid.pen_of(text)

    @property
    def pending(self) -> bool:
        """Whether there is a picture, or a part of one, that was not sent and may be."""
        return self._drawn and self._grid.touched and not (self._left or self._hushed)

    def resize(self, width: int, height: int) -> None:
        """Takes effect with what is drawn next: signal handlers may come at any moment, in the middle of a picture."""
        self._new_size = (width, height)

    def told_size(self, width: int, height: int) -> None:
        """The terminal reports its size; when that is no other one, the picture is still there."""
        if self._new_size is not None or (width, height) != (self._grid.width, self._grid.height):
            self.resize(width, height)

    def redraw(self) -> None:
        """Nobody knows any more what is shown."""
        with self._changed:
            self._forget()
            self._drawn = True
            self._changed.notify()

    def answered(self) -> None:
        """The terminal told where its cursor is."""
        with self._changed:
            if self._pace.answered(self._monotonic()) and self._pace.rtt is not None:
                self._meter.answered(self._pace.rtt)
            # with nothing to send, the writer need not be woken to find that out
            if self._hushed or self.pending:
                self._changed.notify_all()

    def start(self) -> None:
        with self._changed:
            self._pace.forget()
            self._hushed = False
            self._thread = threading.Thread(target=self._run, name="perftui-output", daemon=True)
        self._thread.start()

    def listen(self) -> None:
        """From now on somebody reads what the terminal answers."""
        with self._changed:
            self._listening = self._probe = True
            self._changed.notify()

    def hush(self) -> None:
        """No pictures any more; ends when the terminal has answered, as answers that come later end in the shell."""
        with self._changed:
            self._hushed, self._listening = True, False
            until = self._monotonic() + self._pace.patience_s
            while self._pace.awaits and (left := until - self._monotonic()) > 0:
                self._changed.wait(left)

    def stop(self) -> bool:
        """Write the controls that are left; whether that was possible in time."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify()
        if thread is not None:
            thread.join(_END_S)
        return thread is None or not thread.is_alive()

    # what the thread does

    def _run(self) -> None:
        this = threading.current_thread()
        while True:
            with self._changed:
                room = self._wait(this)
                last = self._thread is not this
                data, frame = self.take(0 if last else room)
            if data:
                self._send(data)
                self._meter.sent(len(data), frame=frame)
            if last:
                return

    def _wait(self, this: threading.Thread) -> int:
        """Until there is something to send and room for it; how much room."""
        while self._thread is this:
            now = self._monotonic()
            pending = self.pending
            room = self._pace.room(now) if pending else 0
            if room > 0 or self._controls or self._probe:
                return room
            self._changed.wait(self._pace.wait_s(now) if pending else None)
        return 0

    def take(self, room: int) -> tuple[bytes, bool]:
        """Controls first, then as much of the picture as there is room for; whether that completes it."""
        now = self._monotonic()
        controls, self._controls = "".join(self._controls), []
        body, whole = self._picture(room) if room > 0 and not self._left else ("", False)
        if body and whole and self._pays_to_sync(len(body)):
            body = body.join(_SYNC)
        asks = bool(controls or body or self._probe) and self._listening and self._pace.asks(now)
        data = (controls + body + ASK * asks).encode("utf-8", "replace")
        self._probe = False
        if data:
            self._pace.sent(len(data), now, asks)
        return data, bool(body) and whole

    def _picture(self, room: int) -> tuple[str, bool]:
        self._take_size()
        grid = self._grid
        known = self._differences()
        wanted = self._chosen(room, known)
        shown = {y: self._shown.get(y) for y in wanted}
        body, self._spot = update(wanted, shown, self._spot, erases_in_colour=self._erases, known=known)
        self._shown.update(wanted)
        grid.dirty -= {y for y, row in wanted.items() if row == grid.rows[y]}
        self._drawn = bool(grid.dirty)
        return body, not grid.dirty

    def _differences(self) -> dict[int, list[int]]:
        """Cells of dirty rows that differ from what is shown, where that is known; rows without any are clean."""
        grid = self._grid
        known = {y: differing(grid.rows[y], self._shown[y]) for y in grid.dirty if y in self._shown}
        grid.dirty -= {y for y, cells in known.items() if not cells}
        return known

    def _chosen(self, room: int, known: dict[int, list[int]]) -> dict[int, Row]:
        """What is sent now; ``known`` follows where that is not the row as it is.

        Where that takes several goes, text goes first: it tells what the new picture is.
        """
        grid, spent = self._grid, 0
        # rows in turn, so that those above that change all the time leave those below their share
        turn = sorted(grid.dirty, key=lambda row: (row < self._turn, row))
        costs = {y: _CELL * len(known[y]) + _ROW if y in known else 2 * grid.width for y in turn}
        chosen: dict[int, Row] = {}
        if sum(costs.values()) > _SEVERAL_GOES * room:
            for y in sorted(turn, key=lambda row: (row > 0 and not is_heading(grid.rows[row]), row)):
                if spent >= room:
                    break
                shown = self._shown.get(y)
                row = sketch(grid.rows[y], shown)
                if shown is None:
                    spent += 2 * grid.width
                elif cells := differing(row, shown):
                    spent += _CELL * len(cells) + _ROW
                    known[y] = cells
                else:
                    continue
                chosen[y] = row
        for y in turn:
            if spent < room and y not in chosen:
                spent += costs[y]
                chosen[y] = grid.lend(y)
                self._turn = y + 1
        return chosen

    def _pays_to_sync(self, size: int) -> bool:
        rate = self._pace.rate
        return self.syncs and size > _SYNC_FROM and (rate is None or size / rate < _SYNC_WITHIN_S)

    def _take_size(self) -> None:
        size, self._new_size = self._new_size, None
        if size is not None:
            self._grid.resize(*size)
            self._forget()

    def _forget(self) -> None:
        self._shown.clear()
        self._spot = Spot()
        self._grid.dirty = set(range(self._grid.height))
