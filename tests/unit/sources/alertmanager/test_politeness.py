"""A slow Alertmanager over hours: never two questions at a time, and never for more than a tenth of its time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from perftui.config.schema import AlertmanagerSource as Settings
from perftui.domain.samples import Batch
from perftui.domain.triage import Matcher
from perftui.session.collector import Collector
from perftui.sources.alertmanager import api
from perftui.sources.alertmanager.source import AlertmanagerSource
from perftui.sources.failures import timed_out
from perftui.sources.http import Answer
from tests.unit.session.virtual_time import run, wall

_BODIES = {"status": b"{}", "alerts": b"[]", "silences": b"[]", "receivers": b"[]"}


def _now() -> float:
    return asyncio.get_running_loop().time()


class SlowServer:
    """In place of the HTTP client: every answer takes ``takes_s``, or ends with the client's patience."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.spans: list[tuple[float, float, str]] = []
        self._under_way = self.most_under_way = 0

    async def get(self, url: str, params: object = (), *, timeout_s: float) -> Answer:
        return await self._answer(url.rpartition("/")[2], timeout_s)

    async def send_json(self, method: str, url: str, value: object = None) -> Answer:
        return await self._answer("write", 30.0)

    async def close(self) -> None: ...

    async def _answer(self, endpoint: str, timeout_s: float) -> Answer:
        self._under_way += 1
        self.most_under_way = max(self.most_under_way, self._under_way)
        began = _now()
        await asyncio.sleep(min(self.takes_s, timeout_s))
        self._under_way -= 1
        self.spans.append((began, _now(), endpoint))
        if self.takes_s > timeout_s:
            raise timed_out(timeout_s)
        return Answer(200, _BODIES.get(endpoint, b'{"silenceID": "a"}'), "application/json", None, self.takes_s)

    @property
    def polls(self) -> list[float]:
        return [began for began, _, endpoint in self.spans if endpoint == "alerts"]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> SlowServer:
    server = SlowServer(request.param)
    monkeypatch.setattr(api, "HttpClient", lambda *_: server)
    return server


def _watched(seconds: float, *, writes: bool = False) -> list[Batch]:
    batches: list[Batch] = []

    async def main() -> None:
        settings = Settings(url="http://am", allow_silence=True)
        source = AlertmanagerSource("am", settings, environ={}, wall=wall, monotonic=_now)
        collector = Collector(source, lambda _, batch: batches.append(batch), wall=wall, random=lambda: 0.5)
        tasks: list[asyncio.Task[Any]] = [asyncio.ensure_future(collector.run())]
        for _ in range(int(seconds / 60)):
            await asyncio.sleep(60)
            if writes:
                matchers = (Matcher("a", "b"),)
                tasks += [
                    asyncio.ensure_future(source.silence(matchers, wall(), wall() + 60, "me", "c")) for _ in range(3)
                ]
                collector.wake()

    run(main)
    return batches


@pytest.mark.parametrize("slow", [10.0], indirect=True)
def test_one_that_takes_ten_seconds_is_asked_one_thing_at_a_time_for_a_tenth_of_an_hour(slow: SlowServer) -> None:
    batches = _watched(3600.0)

    assert slow.most_under_way == 1
    assert [batch.error for batch in batches] == [None] * len(batches)
    busy_s = sum(ended - began for began, ended, _ in slow.spans)
    assert len(slow.polls) > 10
    assert busy_s <= 360.0 + 30.0


@pytest.mark.parametrize("slow", [10.0], indirect=True)
def test_writes_wait_for_their_turn_and_a_poll_follows_each(slow: SlowServer) -> None:
    _watched(1800.0, writes=True)

    assert slow.most_under_way == 1
    assert len([1 for *_, endpoint in slow.spans if endpoint == "write"]) > 80
    assert all(later >= ended for (_, ended, _), (later, _, _) in zip(slow.spans, slow.spans[1:], strict=False))


@pytest.mark.parametrize("slow", [0.02], indirect=True)
def test_a_quick_one_is_asked_every_five_seconds(slow: SlowServer) -> None:
    _watched(120.0)

    gaps = [later - earlier for earlier, later in zip(slow.polls, slow.polls[1:], strict=False)]
    assert min(gaps) >= 5.0 - 1e-6
    assert max(gaps) < 5.2


@pytest.mark.parametrize("slow", [1e9], indirect=True)
def test_one_that_never_answers_is_asked_less_and_less(slow: SlowServer) -> None:
    batches = _watched(3600.0)

    gaps = [later - earlier - 30.0 for earlier, later in zip(slow.polls, slow.polls[1:], strict=False)]
    assert all(batch.error is not None for batch in batches)
    assert min(gaps) >= 30.0 - 1e-6
    assert gaps == sorted(gaps)
    assert 200 <= gaps[-1] <= 300
