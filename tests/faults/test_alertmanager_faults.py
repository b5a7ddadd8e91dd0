"""An Alertmanager that is down, slow, astray, lying or hostile: the reason in time, and nothing of it does any harm."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import msgspec
import pytest

from perftui.config.schema import AlertmanagerSource as Settings
from perftui.domain.alerts import AlertState, Severity, fingerprint
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.samples import Batch
from perftui.domain.triage import Matcher, SilenceState
from perftui.session.collector import Collector
from perftui.sources.alertmanager.source import AlertmanagerSource
from tests.faults import misdeeds, scenarios
from tests.faults.alertmanager_api import CONFIG_SECRET, AlertmanagerServer
from tests.faults.fault_server import Request, Talk
from tests.faults.misdeeds import answers, cuts, says, tampers
from tests.faults.neighbours import GRACE_S, PATIENT_S, TIMEOUT_S, until
from tests.faults.scenarios import Scenario, playing
from tests.faults.stolen_time import StolenTime

_TEAM = (Matcher("team", "perf"),)
_ASTRAY = "none of an Alertmanager"

LYING = (
    playing("nothing at all with 200", answers(200), ErrorKind.BAD_DATA, "not JSON"),
    playing("half of its JSON", cuts(0.5), ErrorKind.BAD_DATA, "cut in the middle"),
    playing("all but the last bracket", tampers(lambda body: body[:-1]), ErrorKind.BAD_DATA, "cut in the middle"),
    playing("JSON twice", tampers(lambda body: body + body), ErrorKind.BAD_DATA, "not JSON"),
    playing("very deep JSON", answers(200, b"[" * 200_000), ErrorKind.BAD_DATA, "not JSON"),
    playing("deep JSON that is whole", answers(200, b"[" * 900 + b"]" * 900), ErrorKind.BAD_DATA, _ASTRAY),
    playing("the answer of a Prometheus", says({"status": "success", "data": {}}), ErrorKind.BAD_DATA, _ASTRAY),
    playing("a bare number", says(7), ErrorKind.BAD_DATA, _ASTRAY),
    playing("nothing", says(None), ErrorKind.BAD_DATA, _ASTRAY),
    playing("a list of numbers", says([1, 2]), ErrorKind.BAD_DATA, _ASTRAY),
    playing("alerts without labels", says([{"status": {"state": "active"}}]), ErrorKind.BAD_DATA, _ASTRAY),
    playing("no such state", tampers(lambda body: body.replace(b'"active"', b'"tired"')), ErrorKind.BAD_DATA, _ASTRAY),
    playing("no such time", tampers(lambda body: body.replace(b'"20', b'"x')), ErrorKind.BAD_DATA, _ASTRAY),
    playing("no known alphabet", tampers(lambda body: body.replace(b'"labels"', b'"\xff"')), ErrorKind.BAD_DATA,
            _ASTRAY),
    playing("its filter is refused", says("bad matcher format: x", 400), ErrorKind.BAD_QUERY, "bad matcher format: x"),
    playing("its parameters are refused", says({"code": 602, "message": "in query"}, 422), ErrorKind.BAD_QUERY,
            "in query"),
    playing("an old one without this API", answers(404, b"page not found"), ErrorKind.MISSING,
            "there is no Alertmanager API (v2) here; is the path of the URL right?"),
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[AlertmanagerServer]:
    server = AlertmanagerServer(
        [
            {"alertname": "Watchdog", "severity": "none"},
            {"alertname": "Slow", "severity": "critical", "team": "perf"},
        ]
    )
    yield server
    server.close()


@contextlib.asynccontextmanager
async def _opened(server: AlertmanagerServer, **settings: Any) -> AsyncIterator[AlertmanagerSource]:
    given: dict[str, Any] = {"timeout": TIMEOUT_S, "max_body": 1048576, "allow_silence": True, **settings}
    source = AlertmanagerSource(
        "alerts", Settings(url=server.url, **given), environ={}, wall=time.time, monotonic=time.monotonic
    )
    try:
        yield source
    finally:
        await source.close()


def _run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


def _states(batch: Batch) -> dict[str, AlertState]:
    return {alert.name: alert.state for alert in batch.alerts or ()}


WELL = {"Watchdog": AlertState.FIRING, "Slow": AlertState.FIRING}


@scenarios.each(*scenarios.TRANSPORT, *LYING)
def test_a_fault_is_named_in_time_and_forgotten_when_it_ends(scenario: Scenario, server: AlertmanagerServer) -> None:
    async def story() -> None:
        with StolenTime() as stolen:
            async with _opened(server) as source, _opened(server, timeout=PATIENT_S) as patient:
                assert _states(await patient.poll()) == WELL
                scenario.begin(server)
                before, started, taken = len(server.asked("alerts")), time.monotonic(), stolen.total_s
                batch = await source.poll()
                took_s = time.monotonic() - started - (stolen.total_s - taken)

                assert batch.error is not None
                assert (batch.error.kind, batch.alerts, batch.silences) == (scenario.kind, None, None), batch.error
                assert scenario.says in batch.error.message
                assert batch.error.message.isprintable()
                assert took_s <= TIMEOUT_S + GRACE_S
                assert len(server.asked("alerts")) - before <= 1, "it was tried again"

                scenarios.end(server)
                assert _states(await patient.poll()) == WELL

    _run(story)


def test_one_that_times_out_is_left_alone_for_as_long_and_then_asked_less_and_less(server: AlertmanagerServer) -> None:
    async def story() -> None:
        async with _opened(server) as source:
            server.play(misdeeds.hangs_before_headers)
            await source.poll()
            assert source.rest_s >= TIMEOUT_S
            assert source.longest_pause_s == 30.0
            assert source.interval_s == 5.0

        async with _opened(server, timeout=5.0) as source:
            await source.poll()
            assert source.longest_pause_s >= 50.0

    _run(story)


@pytest.mark.parametrize("filter_", ["", 'team="perf"'])
def test_a_slow_one_never_gets_two_questions_at_a_time_and_is_asked_a_tenth_of_the_time(
    server: AlertmanagerServer, filter_: str
) -> None:
    """Polled by a session that is woken all the time, while somebody writes."""
    lock, under_way, most = threading.Lock(), [0], [0]

    def slowly(talk: Talk) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.2)
        with lock:
            under_way[0] -= 1
        talk.answer()

    async def story() -> None:
        server.play(slowly)
        async with _opened(server, timeout=PATIENT_S, filter=filter_) as source:
            batches: list[Batch] = []
            collector = Collector(source, lambda _, batch: batches.append(batch), wall=time.time, random=lambda: 0.5)
            running = asyncio.ensure_future(collector.run())
            writing = []
            while len(batches) < 3:
                collector.wake()
                if len(writing) < 6:
                    now = time.time()
                    writing.append(asyncio.ensure_future(source.silence(_TEAM, now, now + 60, "me", "because")))
                await asyncio.sleep(0.02)
            await asyncio.gather(*writing)
            running.cancel()
            assert [batch.error for batch in batches] == [None] * len(batches)
            assert source.interval_s >= 10 * 0.4
            assert source.interval_s == max(5.0, 10 * source._slowness_s)
            assert 0 < source.interval_s - source.rest_s < source.interval_s / 4
            if source._slowness_s > 0.5:
                assert any("to answer: it is asked every" in note for note in source.notes)

    _run(story)
    assert most == [1]


def test_the_next_poll_of_a_slow_one_comes_after_its_rest(server: AlertmanagerServer) -> None:
    """A clock that stands still, so that the grid alone would let the next poll follow soon."""

    async def story() -> None:
        async with _opened(server) as source:
            wall = 1_000_004.0
            collector = Collector(source, lambda *_: None, wall=lambda: wall, random=lambda: 0.5)
            running = asyncio.ensure_future(collector.run())
            await until(lambda: collector._next_try_at is not None)
            running.cancel()
            assert source.rest_s > 4.0
            assert collector._next_try_at == pytest.approx(wall + source.rest_s)

    _run(story)


@pytest.mark.parametrize("skew_s", [600.0, -600.0])
def test_a_clock_that_is_ten_minutes_off_is_named_and_times_are_ours(server: AlertmanagerServer, skew_s: float) -> None:
    async def story() -> None:
        server.alerts.clear()
        server.skew_s = skew_s
        server.fire(alertname="Slow", severity="critical", team="perf", since_s=120.0)
        async with _opened(server, timeout=PATIENT_S) as source:
            batch = await source.poll()
            (alert,) = batch.alerts or ()
            assert alert.since == pytest.approx(time.time() - 120, abs=PATIENT_S)
            words = f"its clock is 600 s {'ahead of' if skew_s > 0 else 'behind'} ours"
            assert any(
                note in source.notes for note in (words, words.replace("600", "599"), words.replace("600", "601"))
            )

            began = time.time()
            silence_id = await source.silence(_TEAM, began, began + 60, "me", "one minute")
            batch = await source.poll()
            (silence,) = batch.silences or ()
            assert (silence.id, silence.state) == (silence_id, SilenceState.ACTIVE)
            assert silence.ends_at == pytest.approx(began + 60, abs=5)
            assert _states(batch) == {"Slow": AlertState.SUPPRESSED}
            again = await source.silence(silence.matchers, silence.starts_at, began + 120, "me", "two", silence_id)
            assert again == silence_id

            server.skew_s = 0.0
            for _ in range(10):
                await source.poll()
            assert not any("clock" in note for note in source.notes)

    _run(story)


_HOSTILE = {
    "alertname": "\x1b]0;owned\x07\x1b[31mRed",
    "severity": "CRITICAL",
    "markup": "[bold red]x[/] <script>alert(1)</script> [link=https://evil.example]y[/link]",
    "long": "x" * 65_536,
    "rtl": "\u202egnp.exe \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "wide": "\u754c\u9762\U0001f600" * 2000,
    "lines": "one\ntwo\r\nthree\0",
    "my label\n\x1b": "its name is hostile",
}


def test_hostile_labels_are_cleaned_and_cut_and_the_fingerprint_is_that_of_the_labels_as_they_came(
    server: AlertmanagerServer,
) -> None:
    async def story() -> None:
        own = server.fire(**_HOSTILE, annotations={"summary": "\x1b[2J" + "y" * 65_536, "runbook_url": "javascript:x"})
        server.receivers.append("\x1b[2J")
        async with _opened(server, timeout=PATIENT_S) as source:
            batch = await source.poll()
            assert source.blind == ""
            alert = next(alert for alert in batch.alerts or () if alert.fingerprint == own)
            texts = [
                alert.name,
                alert.summary,
                *(text for pair in alert.all_labels + alert.annotations for text in pair),
            ]
            assert all(text.isprintable() for text in texts)
            assert max(map(len, texts)) <= 1024
            assert alert.severity is Severity.CRITICAL
            assert own == fingerprint(_HOSTILE)
            assert dict(alert.labels)["markup"].startswith("[bold red]x[/] <script>")
            assert all(note.isprintable() for note in source.notes)

    _run(story)


def test_thousands_of_labels_are_cut_and_silences_with_hostile_words_are_cleaned(server: AlertmanagerServer) -> None:
    async def story() -> None:
        server.fire(alertname="Many", **{f"label{number:05}": "x" for number in range(5000)})
        async with _opened(server, timeout=PATIENT_S) as source:
            now = time.time()
            value = "\x1b[31m" + "v" * 1000
            silence_id = await source.silence((Matcher("team\x07", value),), now, now + 60, "\x1b[1mme", "\u202ec")
            batch = await source.poll()
            (silence,) = batch.silences or ()
            texts = [
                silence.author,
                silence.comment,
                *(text for one in silence.matchers for text in (one.name, one.value)),
            ]
            assert all(text.isprintable() for text in texts)
            assert max(len(alert.all_labels) for alert in batch.alerts or ()) == 64
            # what was cut on its way here goes back whole
            same = await source.silence(silence.matchers, silence.starts_at, now + 120, "me", "longer", silence_id)
            assert same == silence_id
            assert server.silences[silence_id]["matchers"][0]["value"] == value

    _run(story)


def test_alerts_that_can_not_be_read_among_others_are_counted_and_nobody_takes_that_for_peace(
    server: AlertmanagerServer,
) -> None:
    async def story() -> None:
        for spoilt in ({"labels": {"alertname": 1}}, {"startsAt": "yesterday"}, {"status": None}, {"labels": None}):
            server.fire(alertname="Spoilt")
            server.alerts[-1].update(spoilt)
        async with _opened(server) as source:
            batch = await source.poll()
            assert batch.error is None
            assert source.blind == "4 of its alerts can't be read"
            assert _states(batch) == WELL

    server.respond = _unchecked(server)  # type: ignore[method-assign]
    _run(story)


def _unchecked(server: AlertmanagerServer) -> Callable[[Request], Any]:
    """Its alerts as they stand, whatever they are."""
    well, status = server.respond, {"state": "active", "silencedBy": [], "inhibitedBy": []}

    def respond(request: Request) -> Any:
        return (
            server._said([{"status": status, **one} for one in server.alerts])
            if request.endpoint == "alerts"
            else well(request)
        )

    return respond


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        (answers(500, b"no"), "its silences can't be read: HTTP 500 (no)"),
        (cuts(0.5), "its silences can't be read: the answer is not JSON, or cut in the middle"),
        (answers(403), "its silences can't be read: 403: this user or token may not read it"),
    ],
)
def test_silences_that_can_not_be_read_leave_the_alerts_as_they_are(
    server: AlertmanagerServer, fault: Any, note: str
) -> None:
    async def story() -> None:
        server.silences["x"] = {}
        server.respond = _unchecked(server)  # type: ignore[method-assign]
        server.silences.clear()
        server.play(fault, lambda request: request.endpoint == "silences")
        async with _opened(server) as source:
            batch = await source.poll()
            assert (_states(batch), batch.silences, batch.error) == (WELL, None, None)
            assert note in source.notes
            server.play(None)
            assert (await source.poll()).silences == ()
            assert note not in source.notes

    _run(story)


@pytest.mark.parametrize("fault", [answers(404), answers(500), cuts(0.5), says([1]), says({"cluster": 7})])
def test_a_status_that_can_not_be_read_costs_nothing_but_a_note(server: AlertmanagerServer, fault: Any) -> None:
    async def story() -> None:
        server.play(fault, lambda request: request.endpoint in ("status", "receivers"))
        async with _opened(server) as source:
            assert _states(await source.poll()) == WELL
            await source.poll()
            assert any(note.startswith("its status can't be read: ") for note in source.notes)
            assert (source.cluster, len(server.asked("status"))) == ("", 1)

    _run(story)


def test_its_configuration_which_holds_secrets_is_told_nowhere(server: AlertmanagerServer) -> None:
    async def story() -> None:
        async with _opened(server) as source:
            batch = await source.poll()
            assert source.notes[0] == "Alertmanager 0.25.0, cluster of 2, ready"
            told = repr((source.notes, msgspec.to_builtins(batch), [repr(part) for part in vars(source).values()]))
            assert CONFIG_SECRET not in told

    _run(story)


def test_a_cluster_that_lost_a_member_and_a_wrong_fingerprint_are_named(server: AlertmanagerServer) -> None:
    async def story() -> None:
        async with _opened(server) as source:
            await source.poll()
            server.play(
                says({"cluster": {"status": "ready", "peers": [{"name": "A"}]}}), lambda one: one.endpoint == "status"
            )
            server.alerts[1]["fingerprint"] = "0123456789abcdef"
            source._stood_at = -1e9
            batch = await source.poll()
            assert "its cluster had 2 members" in source.notes
            assert "fingerprints that are not those of their labels: 1" in source.notes
            assert source.cluster == ""
            labels = {"alertname": "Slow", "severity": "critical", "team": "perf"}
            assert fingerprint(labels) in {alert.fingerprint for alert in batch.alerts or ()}

    _run(story)


def test_writing_is_refused_until_the_configuration_allows_it(server: AlertmanagerServer) -> None:
    async def story() -> None:
        async with _opened(server, allow_silence=False) as source:
            now = time.time()
            words = r"allow_silence = true in \[sources\.alertmanager\.alerts\]"
            with pytest.raises(QueryError, match=words):
                await source.silence(_TEAM, now, now + 60, "me", "because")
            with pytest.raises(QueryError, match=words):
                await source.expire("x")
            assert server.requests == []
            assert source.may_silence is False

    _run(story)


@pytest.mark.parametrize(
    ("matchers", "span_s", "author", "comment", "says"),
    [
        ((), 60, "me", "c", "silence everything"),
        ((Matcher("team", ".*", regex=True),), 60, "me", "c", "silence everything"),
        ((Matcher("team", "perf", equal=False),), 60, "me", "c", "silence everything"),
        ((Matcher("team", "(", regex=True),), 60, "me", "c", "a ( has no )"),
        (_TEAM, 0, "me", "c", "ends after it begins"),
        (_TEAM, 60, " ", "c", "author and a comment"),
        (_TEAM, 60, "me", "\n", "author and a comment"),
    ],
)
def test_what_nobody_should_write_is_refused_before_it_is_sent(
    server: AlertmanagerServer, matchers: tuple[Matcher, ...], span_s: float, author: str, comment: str, says: str
) -> None:
    async def story() -> None:
        async with _opened(server) as source:
            now = time.time()
            with pytest.raises(QueryError) as caught:
                await source.silence(matchers, now, now + span_s, author, comment)
            assert says in str(caught.value)
            assert server.requests == []

    _run(story)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (says("silence not found", 500), ErrorKind.MISSING, "it knows no silence with this id"),
        (says("silence not found", 404), ErrorKind.MISSING, "it knows no silence with this id"),
        (says("disk is full", 500), ErrorKind.BAD_DATA, "HTTP 500 (disk is full)"),
        (answers(401), ErrorKind.DENIED, "401: it wants to know who asks"),
        (answers(403), ErrorKind.DENIED, "403: this user or token may not write silences"),
        (answers(405), ErrorKind.UNSUPPORTED, "405"),
        (misdeeds.hangs_before_headers, ErrorKind.TIMEOUT, "the next poll shows whether it was done all the same"),
        (misdeeds.resets, ErrorKind.BAD_DATA, "reset"),
    ],
)
def test_a_write_that_fails_says_why(server: AlertmanagerServer, fault: Any, kind: ErrorKind, words: str) -> None:
    async def story() -> None:
        server.play(fault, lambda request: request.method != "GET")
        async with _opened(server) as source:
            now = time.time()
            for write in (source.expire("a-b"), source.silence(_TEAM, now, now + 60, "me", "c")):
                with pytest.raises(QueryError) as caught:
                    await write
                assert caught.value.kind is kind
                assert words in str(caught.value)
            assert len(server.written()) == 2
            assert _states(await source.poll()) == WELL

    _run(story)


def test_ending_a_silence_again_and_again_is_well_also_where_the_server_complains(server: AlertmanagerServer) -> None:
    async def story() -> None:
        async with _opened(server) as source:
            now = time.time()
            silence_id = await source.silence(_TEAM, now, now + 60, "me", "c")
            await source.expire(silence_id)
            await source.expire(silence_id)
            server.play(says(f"silence {silence_id} already expired", 500), lambda request: request.method == "DELETE")
            await source.expire(silence_id)
            with pytest.raises(QueryError, match="it knows no silence"):
                await source.expire("../../-/reload")
            assert not any("reload" in request.target for request in server.requests)

    _run(story)


def test_a_silence_that_was_taken_without_an_id_is_named(server: AlertmanagerServer) -> None:
    async def story() -> None:
        server.play(says({}), lambda request: request.method == "POST")
        async with _opened(server) as source:
            now = time.time()
            with pytest.raises(QueryError, match="told no id"):
                await source.silence(_TEAM, now, now + 60, "me", "c")

    _run(story)


def test_secrets_go_into_requests_and_nowhere_else(server: AlertmanagerServer) -> None:
    async def story() -> None:
        settings = Settings(url=server.url, token="env:TOKEN", headers={"X-Scope-OrgID": "team"})
        source = AlertmanagerSource(
            "alerts", settings, environ={"TOKEN": "s3cr3t"}, wall=time.time, monotonic=time.monotonic
        )
        server.play(answers(401, b"who?"))
        batch = await source.poll()
        await source.close()
        assert {request.headers["authorization"] for request in server.requests} == {"Bearer s3cr3t"}
        assert {request.headers["x-scope-orgid"] for request in server.requests} == {"team"}
        assert "s3cr3t" not in repr((batch, source.notes))

    _run(story)
