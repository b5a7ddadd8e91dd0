"""What sources are asked: what is configured, what fits, what consoles explore, and for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from perftui.config.schema import AlertRule, Config, Panel, PrometheusSource, Sources
from perftui.domain.queries import Exemplar, MetricInfo, Query, Tried, query_name
from perftui.domain.samples import Batch
from perftui.domain.series import Selector, parse_selector
from perftui.session.questions import MAX_EXPLORED, Questions
from tests.fakes import FakeSource

EXPLORED = Query(query_name("up"), "up")
WATCHED = frozenset([parse_selector(f"main/{EXPLORED.name}")])


class _Explorer(FakeSource):
    """Knows expressions, and delivers of its series only those that are wanted."""

    def __init__(self, name: str = "main") -> None:
        super().__init__([Batch(name, 0.0, 0.0)], name=name)
        self.queries: tuple[Query, ...] = ()
        self.interest: tuple[Selector, ...] = ()
        self.told = 0
        self.troubles = {"q": "no"}
        self.profiles: tuple[str, ...] = ()

    def set_queries(self, queries: Sequence[Query]) -> None:
        self.queries = tuple(queries)
        self.told += 1

    def set_interest(self, selectors: Sequence[Selector]) -> None:
        self.interest = tuple(selectors)

    async def try_query(self, expr: str) -> Tried:
        return Tried(Query(query_name(expr), expr), "vector", 1, 0.0)

    async def metrics(self) -> tuple[MetricInfo, ...]:
        return ()

    async def labels(self, metric: str) -> Mapping[str, tuple[str, ...]]:
        return {}

    async def exemplars(self, expr: str, start: float, end: float) -> tuple[Exemplar, ...]:
        return ()


def _config(**panels: Panel) -> Config:
    main = PrometheusSource(url="http://127.0.0.1:1", queries={"named": "a"})
    return Config(panels=panels, sources=Sources(prometheus={"main": main}))


def test_named_expressions_and_those_of_panels_are_asked_each_once() -> None:
    source = _Explorer()

    Questions(_config(one=Panel(promql=("b", "c")), two=Panel(promql=("c",)), three=Panel()), [source])

    assert source.queries == (Query("named", "a"), Query(query_name("b"), "b"), Query(query_name("c"), "c"))


def test_another_configuration_changes_what_is_asked_and_the_same_tells_nothing() -> None:
    source = _Explorer()
    questions = Questions(_config(), [source])
    questions.tick(1.0, frozenset())
    assert source.told == 1

    questions.configure(_config(one=Panel(promql=("b",))))
    questions.tick(2.0, frozenset())

    assert [query.expr for query in source.queries] == ["a", "b"]


def test_ready_panels_that_fit_later_are_asked_for_from_the_next_tick_on() -> None:
    source = _Explorer()
    questions = Questions(_config(), [source])
    questions.tick(1.0, frozenset())
    before = len(source.queries)

    source.profiles = ("server",)
    questions.tick(2.0, frozenset())

    assert len(source.queries) > before


def test_what_else_a_source_is_asked_may_change_from_tick_to_tick() -> None:
    source = _Explorer()
    more: list[Query] = []
    questions = Questions(_config(), [source], lambda name: tuple(more))
    questions.tick(1.0, frozenset())

    more.append(Query("burn", "b"))
    questions.tick(2.0, frozenset())

    assert [query.name for query in source.queries] == ["named", "burn"]


def test_an_expression_that_is_explored_under_the_same_name_takes_the_others_place() -> None:
    source = _Explorer()
    questions = Questions(_config(), [source])
    questions.explore("main", Query("x", "up"), 0.0)

    questions.explore("main", Query("x", "down"), 1.0)

    assert [query.expr for query in source.queries] == ["a", "down"]


def test_an_explored_expression_lives_while_it_is_watched_and_a_little_longer() -> None:
    source = _Explorer()
    questions = Questions(_config(), [source])

    questions.explore("main", EXPLORED, 0.0)
    assert EXPLORED in source.queries
    questions.tick(100.0, WATCHED)
    questions.tick(129.0, frozenset())
    assert EXPLORED in source.queries
    questions.tick(131.0, frozenset())
    assert EXPLORED not in source.queries


def test_too_many_explored_expressions_are_refused_with_a_reason() -> None:
    questions = Questions(_config(), [_Explorer()])
    for number in range(MAX_EXPLORED):
        questions.explore("main", Query(query_name(str(number)), str(number)), 0.0)

    with pytest.raises(ValueError, match="close some charts"):
        questions.explore("main", EXPLORED, 0.0)


def test_a_source_with_many_series_is_told_which_of_them_are_wanted() -> None:
    source = _Explorer("web")
    config = Config(
        panels={"one": Panel(series=("web/a", "host/b"), figures=("web/c",))},
        alerts={"x": AlertRule("x", "web/d", warning=1.0), "off": AlertRule("x", "web/e", warning=1.0, enabled=False)},
    )
    questions = Questions(config, [source])

    questions.tick(1.0, frozenset([parse_selector('web/f{job="x"}'), parse_selector("host/g")]))

    assert {selector.name for selector in source.interest} == {"a", "c", "d", "f"}

    questions.tick(2.0, frozenset())

    assert {selector.name for selector in source.interest} == {"a", "c", "d"}


def test_troubles_carry_the_name_of_their_source() -> None:
    assert Questions(_config(), [_Explorer()]).troubles() == {"main/q": "no"}
