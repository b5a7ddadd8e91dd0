"""``--plain``: the same session without a screen; what changes is told line by line, for screen readers and logs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from perftui import __version__
from perftui.cli.arguments import Options
from perftui.cli.line_writer import LineWriter
from perftui.cli.setup import amendment, chosen_glyphs, configuration
from perftui.config.clock_face import ClockFace
from perftui.config.load import Loaded
from perftui.config.schema import Config
from perftui.config.watch import ConfigWatch
from perftui.domain.errors import Exit, PerftuiError
from perftui.domain.text import clean
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror
from perftui.session.local import follow
from perftui.view.conditions import TABLES, conditions
from perftui.view.facts import figures, told_watches
from perftui.view.glyphs import to_ascii
from perftui.view.scene import Scene
from perftui.view.telling import Calm, Telling

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# rates exist after the second poll; who does not answer by then is told without them
_FIRST_SUMMARY_S = 10.0
# for the last lines, and for threads of polls that hang
_PATIENCE_S = 2.0
_AWAY_S = 1.0


def plain(options: Options, news: Callable[[], str] = lambda: "") -> int:
    """Until a signal (128 + n), the end of its input or of who reads (0), or ``--seconds`` of the demo.

    ``news`` is asked once a second whether there is more to say.
    """
    loaded = configuration(options)
    before = {number: signal.getsignal(number) for number in _ENDING}
    teller = _Teller(options, loaded, news)
    try:
        asyncio.run(teller.run())
    finally:
        teller.hurry.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
    if teller.trouble:
        raise PerftuiError(f"stdout: {teller.trouble}", Exit.SOURCE_FAILED)
    return teller.code


class _Teller:
    """Tells what the session's updates bring, until it is told to leave."""

    def __init__(self, options: Options, loaded: Loaded, news: Callable[[], str]) -> None:
        self._options, self._path, self._news = options, loaded.path, news
        self.code, self.trouble = int(Exit.OK), ""
        self.hurry = threading.Timer(_PATIENCE_S, lambda: os._exit(self.code))
        self.hurry.daemon = True
        self._config = loaded.config
        self._glyphs, self._face = chosen_glyphs(loaded.config), ClockFace(loaded.config.timezone)
        self._telling = Telling(_calm(loaded.config))
        self._mirror = Mirror()
        self._offset = ""
        self._began_at = time.monotonic()
        self._summary_at: float | None = None

    async def run(self) -> None:
        """Raises what ends the session."""
        loop = asyncio.get_running_loop()
        self._writer = LineWriter(
            sys.stdout.fileno(),
            sys.stdout.encoding or "utf-8",
            partial(self._broken, loop),
        )
        self._following = asyncio.ensure_future(
            follow(
                self._config, self._needed, self._update,
                path=None if self._path is None else str(self._path),
                keep=not self._options.no_journal,
                config_watch=lambda: ConfigWatch(self._path, os.environ, amendment(self._options)),
            )
        )  # fmt: skip
        for number in _ENDING:
            # who started us with a signal ignored (nohup does) wants it ignored
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._signalled, 128 + number)
        if self._options.seconds is not None:
            loop.call_later(self._options.seconds, self.leave, int(Exit.OK))
        if sys.stdin is not None and sys.stdin.isatty():
            loop.add_reader(sys.stdin.fileno(), self._typed, sys.stdin.fileno())
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        finally:
            self.hurry.start()
            await asyncio.to_thread(self._writer.flush, _PATIENCE_S / 2)

    def leave(self, code: int) -> None:
        """End, in order."""
        self.code = code
        self._following.cancel()

    def _signalled(self, code: int) -> None:
        if self._following.done() or self.code:  # it was in vain
            os._exit(code)
        self.leave(code)

    def _broken(self, loop: asyncio.AbstractEventLoop, why: str) -> None:
        """In the writer's thread; the loop may have ended meanwhile."""
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._cut_off, why)

    def _cut_off(self, why: str) -> None:
        self.trouble = why
        self.leave(int(Exit.OK))

    def _typed(self, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            # it is typed for somebody else; reading would stop us
            loop.remove_reader(descriptor)
            loop.call_later(_AWAY_S, loop.add_reader, descriptor, self._typed, descriptor)
            return
        try:
            text = os.read(descriptor, 1024)
        except OSError:
            text = b""
        if not text:
            loop.remove_reader(descriptor)
        if not text or text.strip() == b"q":
            self.leave(int(Exit.OK))
        elif self._summary_at is not None:
            self._summarise()

    def _needed(self, config: Config) -> tuple[Sequence[Watch], Sequence[str]]:
        """Another configuration is in force."""
        if config.timezone != self._config.timezone:
            self._face, self._offset = ClockFace(config.timezone), ""
        self._config = config
        self._telling.calm = _calm(config)
        wanted = told_watches(config)
        return [Watch(one.name, one.selectors, config.window, None, one.cells) for one in wanted], TABLES

    def _update(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._say_offset()
        if news := self._news():
            self._say([clean(news)])
        now, every = time.monotonic(), self._config.plain.summary
        if self._summary_at is None:
            if _has_rates(mirror) or now - self._began_at >= _FIRST_SUMMARY_S:
                self._summarise()
        elif every and now - self._summary_at >= every:
            self._summarise()
        else:
            scene = self._scene()
            self._say(self._telling.tell(conditions(scene), figures(scene), now))

    def _summarise(self) -> None:
        self._summary_at, scene = time.monotonic(), self._scene()
        lines = self._telling.summary(conditions(scene), figures(scene), self._summary_at)
        self._say([f"summary, {len(lines)} lines", *lines])

    def _scene(self) -> Scene:
        now, face = time.time(), self._face
        at = self._mirror.at or now
        return Scene(self._mirror, self._config, self._glyphs, now, at, self._config.window, face.text, face.offset(at))

    def _say_offset(self) -> None:
        """Once, and again when summer begins or ends."""
        offset = self._face.offset(time.time())
        if offset == self._offset:
            return
        zone = self._config.timezone
        times = f"times are {'local' if zone == 'local' else f'those of {zone}'}, UTC{offset}"
        if self._offset or self._mirror.session is None:
            self._say([times])
        else:
            keys = ", Enter tells all that stands, q and Enter ends" if sys.stdin and sys.stdin.isatty() else ""
            self._say([f"perftui {__version__} on {self._mirror.session.host}, {times}{keys}"])
        self._offset = offset

    def _say(self, lines: Sequence[str]) -> None:
        clock = self._face.text(time.time())
        self._writer.say(f"{clock} {line if self._glyphs.braille else to_ascii(line)}" for line in lines)


def _calm(config: Config) -> Calm:
    return Calm(config.plain.change, config.plain.every)


def _has_rates(mirror: Mirror) -> bool:
    """Whether every source that is polled has answered twice, or failed."""
    polled = [source for source in mirror.sources if source.polls]
    return bool(polled) and all(source.polls > 1 or source.error for source in polled)
