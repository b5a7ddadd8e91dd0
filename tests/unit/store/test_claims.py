"""What people said of alerts outlives them and holds only for firings that began before."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.alerts import Severity
from perftui.store.claims import _REWRITE_BYTES, KEPT_S, Claims, Said
from tests.fakes import FakeClock

ACK = Said(100.0, "anna@box", "ack", "f1", 50.0, id="d1")


def _claims(path: Path | None) -> Claims:
    claims = Claims(path, FakeClock(200.0))
    claims.poll()
    return claims


def test_a_claim_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "made" / "triage.jsonl"
    _claims(path).say(ACK)
    claim = _claims(path).of("f1")

    assert claim is not None
    assert (claim.acked_by, claim.acked_at) == ("anna@box", 100.0)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_claim_never_holds_for_a_firing_that_began_later() -> None:
    claims = _claims(None)
    claims.say(ACK, Said(100.0, "anna", "snooze", "f1", 50.0, 500.0), Said(100.0, "anna", "note", "f1", 50.0, text="x"))
    claim = claims.of("f1")

    assert claim is not None
    assert claim.acked(50.0)
    assert claim.noted(50.0)
    assert claim.snoozed(50.0, Severity.INFO, 200.0)
    assert not any((claim.acked(100.1), claim.noted(100.1), claim.snoozed(100.1, Severity.INFO, 200.0)))


def test_a_snooze_ends_with_its_time_and_when_it_becomes_worse() -> None:
    claims = _claims(None)
    claims.say(Said(100.0, "anna", "snooze", "f1", 50.0, 500.0, Severity.WARNING.rank))
    claim = claims.of("f1")

    assert claim is not None
    assert claim.snoozed(50.0, Severity.WARNING, 499.0)
    assert claim.snoozed(50.0, Severity.INFO, 499.0)
    assert not claim.snoozed(50.0, Severity.WARNING, 500.0)
    assert not claim.snoozed(50.0, Severity.CRITICAL, 300.0)


def test_what_another_perftui_says_is_heard_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "triage.jsonl"
    mine, other = _claims(path), _claims(path)
    other.say(ACK)
    version = mine.version
    mine.poll()

    assert mine.version > version
    assert mine.of("f1") == other.of("f1")


def test_half_lines_and_strange_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "triage.jsonl"
    line = msgspec.json.encode(ACK)
    path.write_bytes(b"\xff\n{}\n" + b"x" * 10_000 + b"\n" + line[:20])
    claims = _claims(path)
    assert claims.of("f1") is None

    with path.open("ab") as file:
        file.write(line[20:] + b"\n")
    claims.poll()
    assert claims.of("f1") is not None


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "triage.jsonl"
    claims = _claims(path)
    claims.say(ACK)
    other = tmp_path / "other"
    other.write_bytes(msgspec.json.encode(msgspec.structs.replace(ACK, key="f2")) + b"\n")
    other.replace(path)
    claims.poll()

    assert claims.of("f1") is None
    assert claims.of("f2") is not None


def test_where_nothing_can_be_written_it_holds_for_the_session_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    claims = _claims(tmp_path / "file" / "triage.jsonl")
    claims.say(ACK)

    assert claims.of("f1") is not None
    assert "file" in claims.problem


def test_a_long_file_is_written_anew_without_what_is_too_old(tmp_path: Path) -> None:
    path = tmp_path / "triage.jsonl"
    clock = FakeClock(KEPT_S + 1000.0)
    old = msgspec.json.encode(Said(10.0, "anna", "note", "old", text="x" * 900)) + b"\n"
    new = msgspec.json.encode(Said(KEPT_S + 500.0, "anna", "ack", "new")) + b"\n"
    path.write_bytes(old * (_REWRITE_BYTES // len(old) + 1) + new)
    claims = Claims(path, clock)
    claims.tidy()
    claims.poll()

    assert path.read_bytes() == new
    assert claims.of("new") is not None


def test_the_last_deed_is_ones_own_and_not_taken_back() -> None:
    claims = _claims(None)
    both = (ACK, msgspec.structs.replace(ACK, key="f2"))
    claims.say(*both)
    claims.say(Said(120.0, "otto@box", "ack", "f3", id="d2"))

    assert claims.last_deed("anna@box", 0.0) == both
    assert claims.last_deed("anna@box", 101.0) == ()
    claims.say(Said(130.0, "anna@box", "undid", id="d1"))
    assert claims.last_deed("anna@box", 0.0) == ()


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("claims") / "triage.jsonl"
    path.write_bytes(data)
    claims = _claims(path)
    claims.say(ACK)

    assert _claims(path).problem == ""
