"""What a server tells of itself: its name and version, how often it scrapes, which ready panels fit its metrics."""

from __future__ import annotations

import asyncio
import re
import statistics
from collections.abc import Callable

from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.prometheus.direct import Direct
from perftui.sources.prometheus.library import Library
from perftui.sources.prometheus.steps import DEFAULT_SCRAPE_S

_AGAIN_S = 300.0
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Learned:
    """``detect`` names the profiles that fit metric names; ``scrape_s`` above 0 was configured and is not learned.

    ``longest_s`` is the longest interval of a target, None while that is not known.
    """

    def __init__(
        self,
        library: Library,
        direct: Direct,
        scrape_s: float,
        detect: Callable[[list[str]], tuple[str, ...]],
        monotonic: Callable[[], float],
    ) -> None:
        self._library, self._direct, self._detect, self._monotonic = library, direct, detect, monotonic
        self._configured = scrape_s > 0
        self.scrape_s = scrape_s if scrape_s > 0 else DEFAULT_SCRAPE_S
        self.longest_s: float | None = scrape_s if scrape_s > 0 else None
        self.build = ""
        self.profiles: tuple[str, ...] = ()
        self.lacks: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None
        self._at: float | None = None

    def begin(self) -> asyncio.Task[None] | None:
        """Learn in the background when it is time; the task, while there is one."""
        if self._task is not None and self._task.done():
            self._task = None
        due = self._at is None or self._monotonic() - self._at >= _AGAIN_S
        if self._task is None and due:
            self._at = self._monotonic()
            self._task = asyncio.ensure_future(self._learn())
        return self._task

    def forget(self) -> None:
        """After an outage another server may answer, or this one with other metrics."""
        self._at = None

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _learn(self) -> None:
        await asyncio.gather(self._scrape_interval(), self._name(), self._metrics())

    async def _scrape_interval(self) -> None:
        if self._configured:
            return
        try:
            targets = await self._library.targets()
        except QueryError as error:
            self._lacking(
                "targets", error, f"scrape interval taken as {DEFAULT_SCRAPE_S:g} s (scrape_interval sets it)"
            )
            return
        self.lacks.pop("targets", None)
        spans = [seconds(str(target.get("scrapeInterval", ""))) for target in targets]
        known = [span for span in spans if span]
        if known:
            # between targets that differ the middle one: the longest would blur the windows of all others
            self.scrape_s = statistics.median_high(known)
            self.longest_s = max(known)

    async def _name(self) -> None:
        try:
            self.build = await self._direct.build()
            self.lacks.pop("buildinfo", None)
        except QueryError as error:
            self._lacking("buildinfo", error, "name and version are not known")

    async def _metrics(self) -> None:
        try:
            self.profiles = self._detect(await self._library.metric_names())
            self.lacks.pop("names", None)
        except QueryError as error:
            self._lacking("names", error, "no ready panels")

    def _lacking(self, endpoint: str, error: QueryError, consequence: str) -> None:
        """Endpoints that a dialect has not are told; what fails for another reason is tried again soon."""
        if error.kind in (ErrorKind.MISSING, ErrorKind.DENIED, ErrorKind.UNSUPPORTED, ErrorKind.BAD_QUERY):
            self.lacks[endpoint] = f"no {endpoint} API: {consequence}"
        else:
            self._at = None


def seconds(text: str) -> float | None:
    """``15s``, ``1m30s``; None for anything else."""
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) or None
