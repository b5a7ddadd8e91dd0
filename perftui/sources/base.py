"""What every source is to the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from perftui.domain.queries import Exemplar, MetricInfo, Query, Tried
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.triage import Matcher


class Source(Protocol):
    """Something that can be polled. The session sees to timing: one poll in flight, a deadline, back-off.

    A source may also have ``notes`` (what a person should know of it), ``watched`` (whether somebody looks), ``blind``
    (why its alerts can't be told), ``profiles`` (which ready panels fit), ``troubles`` (why a query of its has no
    values, by the query's name), ``alerts_due`` (its alerts were neither told nor refused yet;
    None: it has none to tell), ``watchdog`` (the name
    of an alert that always fires), ``behind`` (there is more to read: the next poll follows at once),
    ``longest_pause_s`` (between tries while it fails, where trying costs nothing, or much) and ``rest_s`` (how long it
    is left alone after a poll at least, whatever its interval says).
    """

    @property
    def name(self) -> str:
        """The part of a series id before the slash."""

    @property
    def kind(self) -> str: ...

    @property
    def interval_s(self) -> float: ...

    @property
    def deadline_s(self) -> float: ...

    @property
    def wanted(self) -> bool:
        """False while nobody looks at what it measures: it is not polled then."""

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        """The series seen so far; the tuple is the same object while nothing changed."""

    async def poll(self) -> Batch:
        """Measure now. Failure outside is ``Batch.error``, never an exception."""

    async def close(self) -> None: ...


@runtime_checkable
class Explorer(Protocol):
    """A source that evaluates expressions, and can be asked what there is. Everything raises QueryError when the
    outside fails or refuses, and can be cancelled.
    """

    def set_queries(self, queries: Sequence[Query]) -> None:
        """What every poll from now on evaluates; results of the others are kept, but grow no more."""

    async def try_query(self, expr: str) -> Tried:
        """Ask an expression once, to learn whether it is good before it becomes one of the queries."""

    async def metrics(self) -> tuple[MetricInfo, ...]:
        """All metrics by name."""

    async def labels(self, metric: str) -> Mapping[str, tuple[str, ...]]:
        """Label names of a metric, each with its values (bounded)."""

    async def exemplars(self, expr: str, start: float, end: float) -> tuple[Exemplar, ...]:
        """Events behind the histograms of an expression, newest first."""


@runtime_checkable
class Historian(Protocol):
    """A source that can tell the past of its queries itself."""

    async def past(
        self, names: Sequence[str], start: float, end: float, step_s: float
    ) -> dict[str, list[tuple[float, float]]]:
        """Samples by series id of the queries with these names, in ``[start, end)`` at multiples of ``step_s``.

        Raises QueryError.
        """


@runtime_checkable
class Silencer(Protocol):
    """A source that silences alerts, an Alertmanager. Both methods raise QueryError in words.

    ``may_silence`` is the configuration's permission, ``watchdog`` the name of the alert that always fires.
    ``cluster`` is equal for all that tell each other of silences, empty for one that is alone.
    """

    may_silence: bool
    watchdog: str
    cluster: str

    @property
    def name(self) -> str: ...

    async def silence(
        self,
        matchers: Sequence[Matcher],
        starts_at: float,
        ends_at: float,
        author: str,
        comment: str,
        silence_id: str = "",
    ) -> str:
        """Begin a silence, or change that of the id; the id that holds from now on. Times are epoch seconds."""

    async def expire(self, silence_id: str) -> None:
        """End a silence now; one that ended already is no error."""


@runtime_checkable
class Recounting(Protocol):
    """A source that knows how often its alerts became active."""

    async def activations(self, span_s: float) -> Mapping[tuple[tuple[str, str], ...], int]:
        """How often each became active in the last ``span_s`` seconds, by its labels. Raises QueryError."""
