"""What people do with alerts is answered, noted, and can be taken back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from perftui.domain.alerts import Alert, AlertState
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.samples import Batch
from perftui.domain.triage import AlertRow, Doing, Matcher, Silence, SilenceState
from perftui.session.triage.acts import Acts
from perftui.session.triage.triage import Triage
from perftui.session.triage.watchdog import Pipeline
from perftui.store.audit import Audit
from perftui.store.claims import Claims
from perftui.store.firings import Firings
from tests.fakes import FakeClock
from tests.unit.session.triage.alerts import NOW, alert

ME = "anna@box"
JOB = [["job", "api", True, False]]


class Manager:
    """An Alertmanager by shape: silences take effect with the next poll."""

    watchdog = "Watchdog"

    def __init__(self, name: str = "am", *, cluster: str = "", may_silence: bool = True) -> None:
        self.name, self.cluster, self.may_silence = name, cluster, may_silence
        self.made: list[tuple[Matcher, ...]] = []
        self.ended: list[str] = []
        self.failing: QueryError | None = None

    async def silence(
        self, matchers: Sequence[Matcher], starts_at: float, ends_at: float, author: str, comment: str,
        silence_id: str = "",
    ) -> str:  # fmt: skip
        if self.failing is not None:
            raise self.failing
        self.made.append(tuple(matchers))
        return silence_id or f"s{len(self.made)}"

    async def expire(self, silence_id: str) -> None:
        if self.failing is not None:
            raise self.failing
        self.ended.append(silence_id)


class Case:
    """Acts on one Alertmanager (or more), with two alerts of the job api and one of web."""

    def __init__(self, folder: Path, *managers: Manager) -> None:
        self.clock = FakeClock(NOW)
        self.log = folder / "audit.jsonl"
        self.triage = Triage(Claims(folder / "triage.jsonl", self.clock), Firings())
        self.managers = managers
        self.woken: list[str] = []
        self.acts = Acts(
            self.triage, list(managers), Audit(self.log, ME, self.clock), ME,
            wall=self.clock, wake=self.woken.append, tick=self.tick,
        )  # fmt: skip
        self.tell(alert("A", job="api"), alert("B", job="api"), alert("C", job="web"))

    def tell(self, *alerts: Alert, silences: tuple[Silence, ...] | None = None) -> None:
        self.triage.take(Batch("am", NOW, 0.0, alerts=alerts, silences=silences))
        self.tick()

    def tick(self) -> None:
        self.triage.tick(self.clock(), (), (), [Pipeline("am", "", manager=True)])

    def key(self, name: str) -> str:
        return self.row(name).key

    def row(self, name: str) -> AlertRow:
        return next(row for row in self.triage.rows.values() if row.name == name)

    def do(self, action: str, **args: Any) -> Any:
        if action in self.acts.at_once:
            return self.acts.at_once[action](args)

        async def ask() -> Any:
            return await self.acts.asking[action](args)

        return asyncio.run(ask())

    def silence(self, **args: Any) -> Any:
        return self.do("silence", **{"matchers": JOB, "duration_s": 900, "comment": "deploy", **args})

    def noted(self) -> list[tuple[str, str]]:
        return [(line["action"], line["result"]) for line in map(json.loads, self.log.read_text().splitlines())]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, Manager())


def test_a_claim_says_who_and_since_when_and_is_taken_back_with_one_key(case: Case) -> None:
    assert case.do("ack", keys=[case.key("A"), case.key("B")]) == 2
    assert (case.row("A").acked_by, case.row("A").acked_at, case.row("C").acked_by) == (ME, NOW, "")

    assert case.do("undo") == "taken back: ack of A, B"
    assert (case.row("A").acked_by, case.row("B").acked_by) == ("", "")
    assert case.noted() == [("ack", "done"), ("undo", "done")]


def test_notes_and_snoozes_are_taken_back_to_what_was_before(case: Case) -> None:
    case.do("note", key=case.key("A"), text="first")
    case.do("note", key=case.key("A"), text="second")
    case.do("undo")
    assert case.row("A").note == "first"
    case.do("snooze", keys=[case.key("A")], until=NOW + 60)
    case.do("unsnooze", keys=[case.key("A")])
    assert case.row("A").snoozed_until is None
    case.do("undo")
    assert case.row("A").snoozed_until == NOW + 60


@pytest.mark.parametrize("until", [NOW - 1, NOW, NOW + 31 * 86400.0])
def test_a_snooze_ends_in_the_future_but_not_too_far(case: Case, until: float) -> None:
    with pytest.raises(ValueError, match="put off for up to 30"):
        case.do("snooze", keys=[case.key("A")], until=until)


def test_what_does_not_fire_any_more_can_not_be_claimed(case: Case) -> None:
    key = case.key("A")
    case.tell()

    with pytest.raises(ValueError, match="does not fire any more"):
        case.do("ack", keys=[key])


def test_the_preview_counts_what_is_hidden_and_what_is_not_ones_own(case: Case) -> None:
    found = case.do("silence_preview", matchers=JOB, keys=[case.key("A")])
    assert found == {"firing": 2, "others": 1, "problem": "", "ask": "1 of them are not marked"}


@pytest.mark.parametrize(
    "matchers",
    [
        [],
        [["job", ".*", True, True]],
        [["job", ".+", True, True]],
        [["nothing", "", True, False]],
        [["a", "(", True, True]],
    ],
)
def test_what_hides_everything_or_makes_no_sense_is_refused(case: Case, matchers: list[list[Any]]) -> None:
    assert case.do("silence_preview", matchers=matchers)["problem"] != ""
    with pytest.raises(ValueError):  # noqa: PT011 (the words are those of the preview)
        case.silence(matchers=matchers, confirmed=True)
    assert case.managers[0].made == []


def test_a_silence_is_under_way_until_the_next_poll_shows_it(case: Case) -> None:
    assert case.silence() == {"ids": ["am/s1"], "problem": ""}
    assert (case.row("A").doing, case.row("C").doing) == (Doing.SILENCING, Doing.NOTHING)
    assert case.woken == ["am"]

    hidden = [alert(name, job="api", state=AlertState.SUPPRESSED, silenced_by=("s1",)) for name in "AB"]
    case.tell(*hidden)
    assert case.row("A").doing is Doing.NOTHING
    assert case.do("undo") == "taken back: silence at am"
    assert case.managers[0].ended == ["s1"]
    assert case.row("A").doing is Doing.EXPIRING


def test_more_than_fifty_and_others_alerts_have_to_be_confirmed(case: Case) -> None:
    case.tell(*(alert("A", job="api", instance=str(number)) for number in range(51)))
    with pytest.raises(ValueError, match="to be confirmed: it hides 51 alerts"):
        case.silence()
    assert case.silence(confirmed=True)["ids"] == ["am/s1"]


def test_a_silence_needs_a_comment_and_a_duration(case: Case) -> None:
    with pytest.raises(ValueError, match="needs a comment"):
        case.silence(comment=" ")
    with pytest.raises(ValueError, match="lasts up to 30"):
        case.silence(duration_s=0)


def test_without_permission_nothing_is_sent_and_the_key_is_named(tmp_path: Path) -> None:
    case = Case(tmp_path, Manager(may_silence=False))

    for names in ([], ["am"]):
        with pytest.raises(ValueError, match=r"set allow_silence = true in \[sources.alertmanager.am\]"):
            case.silence(sources=names)
    assert case.managers[0].made == []


def test_without_an_alertmanager_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"add \[sources.alertmanager.main\]"):
        Case(tmp_path).silence()


def test_a_refused_silence_is_no_longer_under_way(case: Case) -> None:
    case.managers[0].failing = QueryError(ErrorKind.DENIED, "401: no credentials")
    with pytest.raises(ValueError, match="am: 401: no credentials"):
        case.silence()

    assert case.row("A").doing is Doing.NOTHING
    assert case.noted() == [("silence", "am: 401: no credentials")]
    with pytest.raises(ValueError, match="nothing of yours"):
        case.do("undo")


def test_members_of_a_cluster_are_told_once_and_the_next_one_when_the_first_fails(tmp_path: Path) -> None:
    first, second, alone = Manager("a", cluster="x"), Manager("b", cluster="x"), Manager("c")
    case = Case(tmp_path, first, second, alone)
    case.silence()
    assert (len(first.made), len(second.made), len(alone.made)) == (1, 0, 1)

    first.failing = QueryError(ErrorKind.REFUSED, "connection refused")
    found = case.silence()
    assert (len(second.made), len(alone.made)) == (1, 2)
    assert found["ids"] == ["b/s1", "c/s2"]
    assert "connection refused" in found["problem"]


def test_a_silence_is_extended_and_ended_and_its_end_taken_back(case: Case) -> None:
    silence = Silence("s9", "am", (Matcher("job", "api"),), NOW - 60, NOW + 60, "otto", "why", SilenceState.ACTIVE)
    case.tell(alert("A", job="api"), silences=(silence,))

    assert case.do("extend", key="am/s9", duration_s=3600) == {"ids": ["am/s9"]}
    case.do("expire", key="am/s9")
    assert case.managers[0].ended == ["s9"]
    case.do("undo")
    assert case.managers[0].made[-1] == silence.matchers
    with pytest.raises(ValueError, match="no such silence"):
        case.do("expire", key="am/none")


def test_only_what_oneself_did_is_taken_back(tmp_path: Path) -> None:
    case = Case(tmp_path, Manager())
    case.do("ack", keys=[case.key("A")])
    other = Acts(
        case.triage, [], Audit(None, "otto@box", case.clock), "otto@box",
        wall=case.clock, wake=case.woken.append, tick=case.tick,
    )  # fmt: skip
    with pytest.raises(ValueError, match="nothing of yours"):
        asyncio.run(_undo(other))


async def _undo(acts: Acts) -> Any:
    return await acts.asking["undo"]({})


def test_the_log_is_for_its_owner_and_holds_no_line_breaks_of_others(case: Case) -> None:
    case.do("note", key=case.key("A"), text="two\nlines\x1b[31m")

    assert case.log.stat().st_mode & 0o777 == 0o600
    (line,) = case.log.read_text().splitlines()
    assert json.loads(line)["text"] == "two lines [31m"
    assert json.loads(line)["who"] == ME
