"""``perftui check --live``: every expression is asked of its source once, so that wrong and empty ones are known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from perftui.config.expressions import expressions, http_sources
from perftui.config.problems import Path
from perftui.config.schema import Config, HttpSource, MetricSource
from perftui.domain.errors import ErrorKind, Exit, QueryError
from perftui.domain.health import SourceError
from perftui.domain.queries import is_derived
from perftui.domain.series import parse_selector
from perftui.domain.text import clean
from perftui.profiles.load import detect, with_profiles
from perftui.sources.base import Explorer, Source

_AT_ONCE = 4
# for all its expressions a source has this many times the time that it has for one
_TIMEOUTS = 10.0
_QUESTION_IS_WRONG = (ErrorKind.BAD_QUERY, ErrorKind.UNSUPPORTED)


class Verdict(Enum):
    """``UNUSED``: a ready panel has nothing to show, which is nobody's mistake. ``AWAY``: it could not be asked."""

    OK = "ok"
    UNUSED = "unused"
    EMPTY = "EMPTY"
    WRONG = "WRONG"
    AWAY = "AWAY"


class Asked(NamedTuple):
    """An expression and where it stands; ``ready``: in a panel that perftui brings."""

    place: str
    expr: str
    ready: bool = False


class Told(NamedTuple):
    """What became of it, in words."""

    verdict: Verdict
    place: str
    text: str


async def look(
    config: Config, sources: Sequence[Source], place: Callable[[Path], str], tell: Callable[[Told], None]
) -> Exit:
    """Ask everything, and tell what comes, source by source. ``place`` says where in which file a key stands.

    1 when an expression is wrong or matches nothing; 4 when something could not be asked.
    """
    verdicts: set[Verdict] = set()
    known = {source.name: source for source in sources}
    for path, settings in http_sources(config):
        source = known.get(path[-1])
        if source is None:
            tell(Told(Verdict.OK, path[-1], "is switched off and was not asked"))
            continue
        async for told in _look_at(config, source, settings, place):
            tell(told)
            verdicts.add(told.verdict)
    if Verdict.AWAY in verdicts:
        return Exit.SOURCE_FAILED
    return Exit.GATE_FAILED if verdicts & {Verdict.WRONG, Verdict.EMPTY} else Exit.OK


async def _look_at(
    config: Config, source: Source, settings: HttpSource, place: Callable[[Path], str]
) -> AsyncIterator[Told]:
    trouble = await _trouble(source)
    if trouble:
        yield Told(Verdict.AWAY, source.name, trouble)
        return
    yield Told(Verdict.OK, source.name, "; ".join(("answers", *getattr(source, "notes", ()))))
    if not isinstance(source, Explorer) or not isinstance(settings, MetricSource):
        return
    asked = list(_configured(config, source.name, place))
    if settings.profiles:
        fitting, unknown = await _fitting(source, settings.timeout)
        asked += _ready(config, source.name, fitting)
        if unknown:
            yield Told(Verdict.UNUSED, source.name, unknown)
    for told in await _answers(source, asked, settings.timeout * _TIMEOUTS):
        yield told


def _configured(config: Config, name: str, place: Callable[[Path], str]) -> Iterator[Asked]:
    """Expressions for this source, and the raw series of a scraped one, whose selectors are expressions too."""
    yield from (Asked(place(path), expr) for path, expr, owner in expressions(config) if owner == name)
    selectors: dict[Path, str] = {("alerts", rule_id, "series"): rule.series for rule_id, rule in config.alerts.items()}
    for panel_id, panel in config.panels.items():
        for key in ("series", "figures"):
            selectors |= {("panels", panel_id, key, at): text for at, text in enumerate(getattr(panel, key))}
    queries = config.sources.scrape[name].queries if name in config.sources.scrape else None
    for path, text in selectors.items():
        selector = parse_selector(text)
        raw = queries is not None and selector.name not in queries and not is_derived(selector.name)
        if raw and selector.source == name:
            yield Asked(place(path), text.partition("/")[2])


def _ready(config: Config, name: str, fitting: tuple[str, ...]) -> list[Asked]:
    fits: Mapping[str, tuple[str, ...]] = {name: fitting}
    added = {key: panel for key, panel in with_profiles(config, fits).panels.items() if key not in config.panels}
    return [
        Asked(f"ready panel {key}[{index}]", expr, ready=True)
        for key, panel in added.items()
        for index, expr in enumerate(panel.promql)
    ]


async def _fitting(source: Explorer, timeout_s: float) -> tuple[tuple[str, ...], str]:
    """The ready panels that fit; or why nobody can know."""
    try:
        metrics = await asyncio.wait_for(source.metrics(), 2 * timeout_s + 1.0)
    except QueryError as error:
        return (), f"no ready panels, its metrics are not known: {_words(error)}"
    except asyncio.TimeoutError:
        return (), "no ready panels, its metrics are not known: no answer"
    return detect([metric.name for metric in metrics]), ""


async def _trouble(source: Source) -> str:
    """Why it can't be asked. It ends its polls itself, in time; ours is for the case that this fails."""
    try:
        batch = await asyncio.wait_for(source.poll(), source.deadline_s + 1.0)
    except asyncio.TimeoutError:
        return f"no answer within {source.deadline_s:g} s"
    return "" if batch.error is None else _words(batch.error)


async def _answers(source: Explorer, asked: Sequence[Asked], patience_s: float) -> list[Told]:
    """Each expression is asked once, however often it stands somewhere."""
    gate = asyncio.Semaphore(_AT_ONCE)
    tasks = {expr: asyncio.ensure_future(_ask(source, expr, gate)) for expr in {one.expr: None for one in asked}}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=patience_s)
    found = []
    for one in asked:
        task = tasks[one.expr]
        if not task.done():
            found.append(Told(Verdict.AWAY, one.place, f"no answer, {patience_s:g} s for all of them are over"))
            continue
        verdict, text = task.result()
        empty = verdict is Verdict.EMPTY and one.ready
        found.append(Told(Verdict.UNUSED if empty else verdict, one.place, text))
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return found


async def _ask(source: Explorer, expr: str, gate: asyncio.Semaphore) -> tuple[Verdict, str]:
    async with gate:
        try:
            tried = await source.try_query(expr)
        except QueryError as error:
            return Verdict.WRONG if error.kind in _QUESTION_IS_WRONG else Verdict.AWAY, _words(error)
    warned = "".join(f"; it warns: {clean(text, 200)}" for text in tried.warnings)
    if tried.kind not in ("vector", "scalar"):
        return Verdict.WRONG, f"gives a {tried.kind}, and panels draw vectors and scalars{warned}"
    if not tried.series:
        return Verdict.EMPTY, f"matches nothing{warned}"
    return Verdict.OK, f"{tried.series} series in {tried.took_s * 1e3:.0f} ms{warned}"


def _words(error: SourceError | QueryError) -> str:
    said = error.message if isinstance(error, SourceError) else str(error)
    return f"{error.kind.value}: {said}" if error.kind in _QUESTION_IS_WRONG else said
