"""Two real Alertmanagers in a cluster and a real Prometheus: both tell what fires, and what is silenced on either."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from perftui.config.schema import AlertmanagerSource as Settings
from perftui.config.schema import PrometheusSource as PrometheusSettings
from perftui.domain.alerts import Alert, AlertState
from perftui.domain.errors import ErrorKind, Exit, QueryError
from perftui.domain.matchers import format_matchers, matches, parse_matchers
from perftui.domain.samples import Batch
from perftui.domain.triage import Matcher, Silence, SilenceState
from perftui.sources.alertmanager.source import AlertmanagerSource
from perftui.sources.prometheus.source import PrometheusSource
from tests.alert_services import Alertmanager, Pipeline, alertmanager, made_up, pipeline
from tests.prometheus_server import free_port

pytestmark = [pytest.mark.service("prometheus"), pytest.mark.service("alertmanager")]
_PATIENCE_S = 60.0
_BUSY = (Matcher("alertname", "Busy"),)
Sources = tuple[AlertmanagerSource, AlertmanagerSource]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline(tmp_path_factory.mktemp("pipeline")) as running:
        yield running


@pytest.fixture
def down(services: Pipeline) -> Iterator[Pipeline]:
    """The second exporter is dead, and comes back."""
    services.exporters[1].kill()
    yield services
    services.exporters[1].start()
    services.wait_for(lambda manager: "TargetDown" not in manager.states())


def _source(manager: Alertmanager, name: str = "alerts", **settings: Any) -> AlertmanagerSource:
    given = Settings(url=manager.url, **{"allow_silence": True, **settings})
    return AlertmanagerSource(name, given, environ={}, wall=time.time, monotonic=time.monotonic)


@contextlib.asynccontextmanager
async def _both(services: Pipeline) -> AsyncIterator[Sources]:
    one, two = (_source(manager, name) for manager, name in zip(services.managers, ("one", "two"), strict=True))
    try:
        yield one, two
    finally:
        await one.close()
        await two.close()


async def _polled(source: AlertmanagerSource, condition: Callable[[Batch], object]) -> Batch:
    """The first poll of which it is true."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        batch = await source.poll()
        assert batch.error is None, batch.error
        if condition(batch):
            return batch
        assert time.monotonic() < end, f"it never came to that: {batch}"
        await asyncio.sleep(0.05)


def _alerts(batch: Batch, name: str) -> list[Alert]:
    return [alert for alert in batch.alerts or () if alert.name == name]


def _states(batch: Batch, name: str) -> set[AlertState]:
    return {alert.state for alert in _alerts(batch, name)}


def _silence(batch: Batch, silence_id: str) -> Silence | None:
    return next((one for one in batch.silences or () if one.id == silence_id), None)


def _run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


def test_a_rule_that_fires_is_told_by_both_with_one_fingerprint_which_is_prometheuss_too(down: Pipeline) -> None:
    async def story() -> None:
        async with _both(down) as sources:
            batches = [await _polled(source, lambda batch: _alerts(batch, "TargetDown")) for source in sources]
            one, two = (_alerts(batch, "TargetDown")[0] for batch in batches)
            told = await _of_prometheus(down, one.fingerprint)

            assert one.fingerprint == two.fingerprint
            assert (one.source, two.source) == ("one", "two")
            assert one.since == pytest.approx(two.since, abs=0.002)
            assert (one.severity.value, one.state) == ("critical", AlertState.FIRING)
            assert one.summary == f"{down.exporters[1].target} is down"
            assert dict(one.annotations)["runbook_url"] == "https://runbooks.example/down"
            assert one.expr == "up == 0"
            assert (told.all_labels, told.severity) == (one.all_labels, one.severity)
            assert [source.notes[0] for source in sources] == ["Alertmanager 0.25.0, cluster of 2, ready"] * 2
            assert sources[0].cluster == sources[1].cluster != ""

    _run(story)


async def _of_prometheus(services: Pipeline, fingerprint: str) -> Alert:
    settings = PrometheusSettings(url=services.prometheus.url, profiles=False, alerts_interval=1.0)
    source = PrometheusSource("main", settings, environ={}, wall=time.time, monotonic=time.monotonic)
    end = time.monotonic() + _PATIENCE_S
    try:
        while True:
            found = {alert.fingerprint: alert for alert in (await source.poll()).alerts or ()}
            if fingerprint in found:
                return found[fingerprint]
            assert time.monotonic() < end, "the server knows no such alert"
            await asyncio.sleep(0.1)
    finally:
        await source.close()


def test_what_another_alert_hides_is_told_with_that_alert(down: Pipeline) -> None:
    async def story() -> None:
        async with _both(down) as sources:
            for source in sources:
                batch = await _polled(source, lambda batch: _states(batch, "NoFigures") == {AlertState.SUPPRESSED})
                (hidden,), (hides,) = _alerts(batch, "NoFigures"), _alerts(batch, "TargetDown")

                assert hidden.inhibited_by == (hides.fingerprint,)
                assert hidden.silenced_by == ()

    _run(story)


def test_a_silence_is_seen_on_both_is_extended_and_is_gone_on_both_when_it_is_expired(services: Pipeline) -> None:
    async def story() -> None:
        async with _both(services) as (one, two):
            await _polled(one, lambda batch: _states(batch, "Busy") == {AlertState.FIRING})
            began = time.time()
            silence_id = await one.silence(_BUSY, began, began + 600, "me@here", "a test: <b>load</b>")
            for source in (one, two):
                batch = await _polled(source, lambda batch: _states(batch, "Busy") == {AlertState.SUPPRESSED})
                told = _silence(batch, silence_id)
                assert told is not None
                assert {alert.silenced_by for alert in _alerts(batch, "Busy")} == {(silence_id,)}
                assert (told.matchers, told.author, told.comment) == (_BUSY, "me@here", "a test: <b>load</b>")
                assert (told.state, told.matched) == (SilenceState.ACTIVE, 2)
                assert told.ends_at == pytest.approx(began + 600, abs=1)
            again = await two.silence(told.matchers, told.starts_at, told.ends_at + 600, "me@here", "longer", told.id)
            assert again == silence_id
            for source in (one, two):
                await _polled(source, lambda batch: (s := _silence(batch, again)) and s.ends_at > began + 1100)
            await one.expire(again)
            await one.expire(again)
            for source in (one, two):
                batch = await _polled(source, lambda batch: _states(batch, "Busy") == {AlertState.FIRING})
                ended = _silence(batch, again)
                assert ended is not None
                assert ended.state is SilenceState.EXPIRED

    _run(story)


def test_a_silence_whose_matchers_change_becomes_another_one_and_the_old_one_ends(services: Pipeline) -> None:
    async def story() -> None:
        async with _both(services) as (one, _):
            began = time.time()
            first = await one.silence(_BUSY, began, began + 60, "me", "first")
            await _polled(one, lambda batch: _silence(batch, first))
            second = await one.silence((Matcher("alertname", "Idle"),), began, began + 60, "me", "second", first)
            assert second != first
            batch = await _polled(one, lambda batch: _states(batch, "Idle") == {AlertState.SUPPRESSED})
            ended = _silence(batch, first)
            assert ended is not None
            assert ended.state is SilenceState.EXPIRED
            await one.expire(second)

    _run(story)


def test_what_the_server_refuses_is_told_in_its_words(services: Pipeline) -> None:
    async def story() -> None:
        async with _both(services) as (one, _):
            now = time.time()
            with pytest.raises(QueryError, match="end time can't be in the past"):
                await one.silence(_BUSY, now - 100, now - 50, "me", "late")
            with pytest.raises(QueryError, match="it knows no silence with this id") as caught:
                await one.expire("4dd83a51-cd24-4b3c-a6a0-2a94aab8a0a6")
            assert caught.value.kind is ErrorKind.MISSING
            for silence_id in ("../alerts", "", "no-such-id"):
                with pytest.raises(QueryError):
                    await one.expire(silence_id)
            with pytest.raises(QueryError, match="it knows no silence"):
                await one.silence(_BUSY, now, now + 60, "me", "x", "4dd83a51-cd24-4b3c-a6a0-2a94aab8a0a6")

    _run(story)


def test_a_part_of_the_alerts_can_be_asked_for_and_the_watchdog_is_never_missed(services: Pipeline) -> None:
    async def story() -> None:
        manager = services.managers[0]
        for settings, names in (
            ({"filter": 'team="other"'}, {"Idle", "Watchdog"}),
            ({"filter": 'severity=~"warn.*",alertname!="Nothing"'}, {"Busy", "Watchdog"}),
            ({"receiver": "perf"}, {"Busy", "Watchdog"}),
            ({"filter": 'team="other"', "watchdog": ""}, {"Idle"}),
        ):
            source = _source(manager, **settings)
            batch = await source.poll()
            assert {alert.name for alert in batch.alerts or ()} == names
            assert any(note.startswith("only alerts with ") for note in source.notes)
            assert source.blind == ""
            await source.close()
        source = _source(manager, receiver="nobod")
        await source.poll()
        assert source.blind == "none of its receivers fits receiver = nobod: nobody, perf"
        await source.close()

    _run(story)


@pytest.mark.parametrize(
    "text",
    [
        'severity="warning"', 'severity!="warning"', 'severity=~"warn|info"', 'severity=~"warn.*|info"', 'team!~"p.*"',
        'instance=~"127\\\\.0\\\\.0\\\\.1:[0-9]+"', 'instance=~".*:\\d{4,5}"', 'missing=""', 'missing=~".*"',
        'missing!=""', 'alertname=~"(?i)busy"', 'alertname=~"[[:upper:]]dle|W\\w+"', 'team="per\\"f"',
        'alertname=~"B(us)+y$"',
    ],
)  # fmt: skip
def test_matchers_mean_what_the_server_means_by_them(services: Pipeline, text: str) -> None:
    matchers = parse_matchers(text)

    async def story() -> None:
        told, narrow = _source(services.managers[0]), _source(services.managers[0], filter=text, watchdog="")
        everything, some = await told.poll(), await narrow.poll()
        assert some.error is None, some.error
        assert {alert.fingerprint for alert in some.alerts or ()} == {
            alert.fingerprint for alert in everything.alerts or () if matches(matchers, dict(alert.all_labels))
        }, format_matchers(matchers)
        await told.close()
        await narrow.close()

    _run(story)


def test_check_live_asks_alertmanagers_and_tells_what_is_away_or_wrong(services: Pipeline, tmp_path: Path) -> None:
    one, two = services.managers
    path = tmp_path / "perftui.toml"
    tables = (
        ("one", f'url = "{one.url}"\nallow_silence = true'),
        ("two", f'url = "{two.url}/alertmanager"'),
        ("off", 'url = "http://127.0.0.1:1"\nenabled = false'),
        ("gone", f'url = "http://127.0.0.1:{free_port()}"\ntoken = "env:NO_SUCH_TOKEN"'),
    )
    path.write_text("".join(f"[sources.alertmanager.{name}]\n{lines}\n" for name, lines in tables), "utf-8")

    answer = subprocess.run(
        [sys.executable, "-m", "perftui", "check", "--live", str(path)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    lines = answer.stdout.splitlines()
    assert answer.returncode == Exit.SOURCE_FAILED, answer.stderr
    assert "sources.alertmanager.gone.token: " in lines[0]
    assert any(
        line.startswith("ok     one: answers; Alertmanager 0.25.0, cluster of 2, ready; 5 alerts: ") for line in lines
    )
    assert "AWAY   two: 404: there is no Alertmanager API (v2) here; is the path of the URL right?" in lines
    assert "ok     off: is switched off and was not asked" in lines
    assert any(line.startswith("AWAY   gone: ") and "NO_SUCH_TOKEN" in line for line in lines)


def test_one_that_hangs_is_named_and_read_again_when_it_goes_on(services: Pipeline) -> None:
    async def story() -> None:
        manager = services.managers[1]
        hanging = _source(manager, timeout=1.0)
        assert (await hanging.poll()).error is None
        manager.freeze()
        try:
            batch = await hanging.poll()
        finally:
            manager.thaw()
        assert batch.error is not None
        assert (batch.error.kind, batch.alerts) == (ErrorKind.TIMEOUT, None)
        assert (await hanging.poll()).error is None
        await hanging.close()

    _run(story)


def test_ten_thousand_alerts_are_read_in_turns_and_known_again(tmp_path: Path) -> None:
    async def story(manager: Alertmanager) -> None:
        source = _source(manager, timeout=90.0)
        batch = await source.poll()
        assert batch.error is None
        alerts = batch.alerts or ()
        assert len({alert.fingerprint for alert in alerts}) == len(alerts) == 10_000
        assert source.notes[1] == "10000 alerts: 7500 for perf, 2500 for nobody"
        assert (source.blind, source.interval_s) == ("", max(5.0, 10 * source._slowness_s))
        again = await source.poll()
        assert again.alerts is alerts
        began = time.time()
        await source.silence(
            parse_matchers('pod=~"checkout-0.*",severity="info"'), began, began + 60, "me", "all of it"
        )
        silenced = await _polled(
            source, lambda batch: any(one.state is AlertState.SUPPRESSED for one in batch.alerts or ())
        )
        hidden = [one for one in silenced.alerts or () if one.state is AlertState.SUPPRESSED]
        assert {one.severity.value for one in hidden} == {"info"}
        assert [one.matched for one in silenced.silences or ()] == [len(hidden)] == [3333]
        await source.close()

    with alertmanager(tmp_path, inhibit=False) as manager:
        manager.post("alerts", made_up(10_000, time.time()))
        asyncio.run(story(manager))
