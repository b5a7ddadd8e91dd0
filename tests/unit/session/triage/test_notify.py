"""A program of the user's hears of alerts: each once, not too often, and never for longer than it may take."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import msgspec

from perftui.config.schema import Notify
from perftui.domain.alerts import Alert, AlertState, Severity
from perftui.domain.triage import AlertRow, Doing
from perftui.session.triage.notify import Notifier
from perftui.session.triage.rows import row
from tests.fakes import FakeClock
from tests.unit.session.triage.alerts import NOW, alert

KEEP = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def _row(one: Alert) -> AlertRow:
    return row(one, (one.source,), None, Doing.NOTHING, NOW)


def _fired(name: str = "Slow", severity: Severity = Severity.WARNING) -> AlertRow:
    return _row(alert(name, since=NOW, severity=severity, job="$(touch x)"))


def _told(tmp_path: Path, settings: Notify, *rows: AlertRow) -> tuple[list[dict[str, object]], str]:
    """What the program heard, and what the notifier complains of."""
    log = tmp_path / "heard"
    if not settings.command:
        settings = msgspec.structs.replace(settings, command=(sys.executable, "-c", KEEP, str(log)))

    async def run() -> str:
        notifier = Notifier(settings, "box", FakeClock(NOW))
        for one in rows:
            notifier.turn(one)
        await asyncio.gather(*notifier._tasks)
        return notifier.problem

    problem = asyncio.run(run())
    lines = log.read_text().splitlines() if log.exists() else []
    return [json.loads(line) for line in lines], problem


def test_the_program_reads_one_object_and_nothing_is_run_by_a_shell(tmp_path: Path) -> None:
    (heard,), problem = _told(tmp_path, Notify(), _fired())

    assert (heard["event"], heard["name"], heard["watched_from"]) == ("firing", "Slow", "box")
    assert heard["labels"] == {"alertname": "Slow", "severity": "warning", "job": "$(touch x)"}
    assert problem == ""


def test_the_end_is_told_to_whom_the_beginning_was_told(tmp_path: Path) -> None:
    over = msgspec.structs.replace(_fired(), state=AlertState.RESOLVED)
    heard, _ = _told(tmp_path, Notify(), over, _fired(), over, over)

    assert sorted(str(one["event"]) for one in heard) == ["firing", "resolved"]


def test_what_fired_before_the_session_began_is_no_news(tmp_path: Path) -> None:
    assert _told(tmp_path, Notify(), _row(alert(since=NOW - 60))) == ([], "")


def test_what_is_less_severe_is_not_told(tmp_path: Path) -> None:
    heard, _ = _told(tmp_path, Notify(severity=Severity.CRITICAL), _fired("A"), _fired("B", Severity.CRITICAL))

    assert [one["name"] for one in heard] == ["B"]


def test_too_many_are_counted_and_not_told_later(tmp_path: Path) -> None:
    heard, problem = _told(tmp_path, Notify(per_minute=2), *(_fired(name) for name in "ABCD"))

    assert len(heard) == 2
    assert problem == "notify: 2 were not told: more than 2 a minute"


def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = (sys.executable, "-c", "import time; time.sleep(600)")
    began = time.monotonic()
    _, problem = _told(tmp_path, Notify(command=slow, deadline=0.5), _fired())

    assert time.monotonic() - began < 300
    assert "took longer than 0.5 s and was ended" in problem


def test_a_program_that_fails_or_is_not_there_is_named(tmp_path: Path) -> None:
    failing = (sys.executable, "-c", "import sys; print('no \\x1b[31m network', file=sys.stderr); sys.exit(3)")

    assert _told(tmp_path, Notify(command=failing), _fired())[1] == f"notify: {sys.executable}: exit 3 no  [31m network"
    assert "No such file" in _told(tmp_path, Notify(command=("/nowhere",)), _fired())[1]
