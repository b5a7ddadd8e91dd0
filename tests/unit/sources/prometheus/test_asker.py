"""Neither a wrong nor a slow expression takes the others along; what comes late comes with its own time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import Query
from perftui.sources.prometheus.asker import Asker, Round
from perftui.sources.prometheus.library import Told
from perftui.sources.prometheus.standing import Standings
from tests.unit.session.virtual_time import EPOCH, run

_TAGGED = re.compile(r'label_replace\(\n(.*?)\n, "__q", "(\d+)", "", ""\)', re.S)
TIMEOUT_S = 5.0


class _Library:
    """Answers every expression with its length, after ``delays`` seconds, or fails with what stands in ``wrong``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.wrong: dict[str, QueryError] = {}
        self.delays: dict[str, float] = {}
        self.scalars: set[str] = set()

    async def query(self, text: str) -> Told:
        self.asked.append(text)
        exprs = [(expr, tag) for expr, tag in _TAGGED.findall(text)] or [(text, "")]
        delay = max((self.delays.get(expr, 0.0) for expr, _ in exprs), default=0.0)
        await asyncio.sleep(min(delay, TIMEOUT_S))
        if delay >= TIMEOUT_S:
            raise QueryError(ErrorKind.TIMEOUT, "no answer within 5 s")
        joined = exprs[0][1] != ""
        for expr, _ in exprs:
            if expr in self.wrong or (joined and expr in self.scalars):
                raise self.wrong.get(expr) or QueryError(ErrorKind.BAD_QUERY, "expected type instant vector")
        if text in self.scalars:
            return Told([10.0, "7"], ())
        return Told([_item(expr, tag) for expr, tag in exprs], ("partial",) if "warns" in text else ())


def _item(expr: str, tag: str) -> dict[str, Any]:
    return {"metric": {"__q": tag} if tag else {}, "value": [10.0, str(len(expr))]}


class _Bench:
    def __init__(self, *exprs: str) -> None:
        loop = asyncio.get_running_loop()
        self.library, self.standings = _Library(), Standings()
        self.standings.set([Query(f"n{number}", expr) for number, expr in enumerate(exprs)])
        self.asker = Asker(
            "main", self.library, self.standings, lambda expr: expr,  # type: ignore[arg-type]
            interval_s=1.0, timeout_s=TIMEOUT_S, wall=lambda: EPOCH + loop.time(), monotonic=loop.time,
        )  # fmt: skip
        self.now: Callable[[], float] = loop.time

    async def second(self) -> Round:
        """One round, and the rest of its second."""
        began = self.now()
        found = await self.asker.round()
        await asyncio.sleep(max(0.0, 1.0 - (self.now() - began)))
        return found

    @property
    def troubles(self) -> dict[str, str]:
        return self.standings.troubles(self.now(), TIMEOUT_S)


def _run(work: Callable[..., Coroutine[Any, Any, None]], *exprs: str) -> None:
    async def whole() -> None:
        await work(_Bench(*exprs))

    run(whole)


def test_ten_expressions_travel_in_one_request() -> None:
    async def work(bench: _Bench) -> None:
        found = await bench.second()

        assert len(found.values) == 25
        assert found.values["main/n3"] == len("expr 3")
        assert len(bench.library.asked) == 3

    _run(work, *(f"expr {number}" for number in range(25)))


def test_long_expressions_do_not_make_an_address_that_proxies_cut() -> None:
    async def work(bench: _Bench) -> None:
        found = await bench.second()

        assert len(found.values) == 20
        assert max(map(len, bench.library.asked)) < 4000

    _run(work, *(f"{'x' * 600} + {number}" for number in range(20)))


def test_a_wrong_expression_is_named_and_kept_out_for_a_minute_while_the_others_go_on() -> None:
    async def work(bench: _Bench) -> None:
        bench.library.wrong["b"] = QueryError(ErrorKind.BAD_QUERY, "no such function")

        first, second = await bench.second(), await bench.second()

        assert first.values.keys() == second.values.keys() == {"main/n0", "main/n2"}
        assert first.error is None
        assert bench.troubles == {"n1": "no such function"}
        assert len(bench.library.asked) == 1 + 3 + 1  # together, each alone, then without the culprit
        await asyncio.sleep(60.0)
        bench.library.wrong.clear()
        third = await bench.second()
        assert third.values.keys() == {"main/n0", "main/n1", "main/n2"}
        assert bench.troubles == {}

    _run(work, "a", "b", "c")


def test_a_scalar_is_found_once_and_wrapped_from_then_on() -> None:
    async def work(bench: _Bench) -> None:
        bench.library.scalars.add("1 + 1")

        first, second = await bench.second(), await bench.second()

        assert first.values["main/n1"] == 7.0
        assert second.values.keys() == first.values.keys()
        assert len(bench.library.asked) == 1 + 2 + 1
        assert "vector(\n1 + 1\n)" in bench.library.asked[-1]

    _run(work, "a", "1 + 1")


def test_a_slow_answer_holds_up_nothing_and_comes_later_with_the_time_of_its_question() -> None:
    async def work(bench: _Bench) -> None:
        bench.library.delays["expr 10"] = 2.5  # alone in the second request
        rounds = [await bench.second() for _ in range(4)]

        assert [len(found.values) for found in rounds] == [10, 10, 10, 10]
        assert bench.now() == 4.0
        assert rounds[3].late == {"main/n10": ((EPOCH, float(len("expr 10"))),)}

    _run(work, *(f"expr {number}" for number in range(11)))


def test_while_an_answer_is_waited_for_that_is_said() -> None:
    async def work(bench: _Bench) -> None:
        bench.library.delays["expr 10"] = 9.0
        for _ in range(3):
            await bench.second()

        assert bench.troubles == {"n10": "waiting for an answer, 3 s of 5 s"}

    _run(work, *(f"expr {number}" for number in range(11)))


def test_an_expression_that_never_answers_in_time_is_told_apart_from_those_it_travelled_with() -> None:
    async def work(bench: _Bench) -> None:
        bench.library.delays["slow"] = 9.0
        for _ in range(14):
            found = await bench.second()

        assert "main/n10" in found.values  # it had travelled with the slow one
        assert "main/n11" not in found.values
        assert bench.troubles == {"n11": "no answer within 5 s"}

    _run(work, *(f"expr {number}" for number in range(11)), "slow")


def test_a_server_that_answers_nobody_is_the_round_s_error_and_no_expression_s_fault() -> None:
    async def work(bench: _Bench) -> None:
        bench.library.wrong = {f"expr {n}": QueryError(ErrorKind.REFUSED, "connection refused") for n in range(25)}
        failed = await bench.second()
        assert failed.error is not None
        assert failed.error.kind is ErrorKind.REFUSED
        assert len(bench.library.asked) == 3

        bench.library.wrong.clear()
        found = await bench.second()
        assert len(found.values) == 25
        assert len(bench.library.asked) == 6
        assert bench.troubles == {}

    _run(work, *(f"expr {number}" for number in range(25)))


def test_a_server_that_hangs_is_named_when_its_time_is_over() -> None:
    async def work(bench: _Bench) -> None:
        bench.library.delays["a"] = 99.0
        found = await bench.asker.round()

        assert bench.now() == TIMEOUT_S
        assert found.error is not None
        assert found.error.kind is ErrorKind.TIMEOUT

    _run(work, "a")


def test_without_expressions_the_server_is_asked_whether_it_lives() -> None:
    async def work(bench: _Bench) -> None:
        found = await bench.second()

        assert (found.values, found.error) == ({}, None)
        assert bench.library.asked == ["vector(1)"]

    _run(work)


def test_warnings_and_the_server_s_clock_are_noted() -> None:
    async def work(bench: _Bench) -> None:
        found = await bench.second()

        assert found.warnings == ["partial"]
        assert found.skews_s == [10.0 - EPOCH]

    _run(work, "warns")
