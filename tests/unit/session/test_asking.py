"""Questions of consoles that take time: answered when the source does, cancelled when the console says so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from perftui.config.schema import Config
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.queries import MetricInfo, Tried
from perftui.domain.units import Unit
from perftui.link.client import Client
from perftui.link.messages import Reply, Request
from perftui.link.mirror import Mirror
from perftui.session.actions import MAX_ASKING, Actions
from perftui.session.monitor import Monitor
from perftui.store.audit import Audit
from tests.fakes import FakeClock
from tests.unit.session.test_questions import _Explorer
from tests.unit.session.test_server import LIVE, Session, hosted, until


class _Slow(_Explorer):
    """Never tells its labels; notes what was cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.cancelled = 0

    async def labels(self, metric: str) -> Mapping[str, tuple[str, ...]]:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return {}

    async def metrics(self) -> tuple[MetricInfo, ...]:
        return (MetricInfo("up", "gauge", Unit.NONE, "whether it is up"),)

    async def try_query(self, expr: str) -> Tried:
        if expr == "bad":
            raise QueryError(ErrorKind.BAD_QUERY, "parse error\x1b[31m: here")
        return await super().try_query(expr)


def _actions(source: _Explorer) -> tuple[Actions, Monitor]:
    clock = FakeClock()
    monitor = Monitor(Config(), [source], None, wall=clock, monotonic=clock, random=lambda: 0.5)
    return Actions(monitor, "me", Audit(None, "me", clock), clock, lambda: None), monitor


def _ask(explorer: _Explorer, action: str, **args: Any) -> Reply:
    actions, _ = _actions(explorer)
    request = Request(7, action, args)
    assert actions.takes_time(request)
    return asyncio.run(actions.ask(request))


def test_an_expression_that_is_good_is_evaluated_from_then_on() -> None:
    source = _Explorer()
    reply = _ask(source, "explore", source="main", expr=" up ")

    assert (reply.number, reply.error) == (7, "")
    assert isinstance(reply.data, Tried)
    assert [query.expr for query in source.queries] == ["up"]


def test_an_expression_that_is_wrong_is_answered_in_the_servers_words_without_control_characters() -> None:
    async def run() -> Reply:
        return await _actions(source := _Slow())[0].ask(Request(7, "explore", {"source": source.name, "expr": "bad"}))

    reply = asyncio.run(run())

    assert reply.error == "parse error [31m: here"


def test_a_source_that_is_not_there_is_answered_with_those_that_are() -> None:
    reply = _ask(_Explorer(), "metrics", source="mian")

    assert reply.error == "metrics: no source 'mian' takes expressions; there are: main"


def test_nonsense_is_answered_never_raised() -> None:
    assert _ask(_Explorer(), "explore", source="main").error == "explore: 'expr'"
    assert "characters" in _ask(_Explorer(), "explore", source="main", expr="").error
    assert _ask(_Explorer(), "exemplars", source="main", expr="up", start="x", end=1).error.startswith("exemplars: ")


def test_a_console_gets_its_answers_over_the_link_and_may_take_a_question_back() -> None:
    async def main(session: Session) -> None:
        source = session.monitor.questions.explorers["main"] = _Slow()
        console = await session.console(LIVE)
        metrics = await console.request("metrics", source="main")
        assert metrics.data == [["up", "gauge", "none", "whether it is up"]]
        number, answer = console.begin("labels", source="main", metric="up")
        await source.asked.wait()
        console.cancel(number)
        assert (await answer).error == "cancelled"
        assert source.cancelled == 1

    hosted(main)


def test_a_console_that_goes_takes_its_questions_along_and_too_many_are_refused() -> None:
    async def main(session: Session) -> None:
        source = session.monitor.questions.explorers["main"] = _Slow()
        console = await session.console(LIVE)
        asked = [console.begin("labels", source="main", metric="up")[1] for _ in range(MAX_ASKING)]
        assert (await console.request("ping")).data == "pong"
        assert "under way" in (await console.request("labels", source="main", metric="up")).error
        assert console._writer is not None
        console._writer.close()
        replies = await asyncio.gather(*asked)
        assert {reply.error for reply in replies} == {"the session has ended"}
        await until(lambda: source.cancelled == MAX_ASKING)

    hosted(main)


def test_without_a_session_a_question_is_answered_at_once() -> None:
    async def run() -> Reply:
        return await Client(Mirror(), "0.1", lambda: None, lambda: None).request("ping")

    assert asyncio.run(run()).error == "there is no session"
