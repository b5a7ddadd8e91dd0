"""Bell and desktop notification: only when asked for, only for news, and whatever the alert's text is."""

from __future__ import annotations

import io
import re

from hypothesis import given
from hypothesis import strategies as st

from perftui.config.schema import Notify
from perftui.domain.alerts import Severity
from perftui.tui.heard import Heard, notification
from tests.unit.session.triage.alerts import alert

BOTH = Notify(bell=True, desktop=True)


def _written(settings: Notify, *looks: tuple[str, ...], severity: Severity = Severity.WARNING) -> list[str]:
    terminal = io.StringIO()
    written: list[str] = []
    heard = Heard(lambda: terminal, urxvt=False)
    for names in looks:
        heard.look([alert(name, severity=severity) for name in names], settings)
        written.append(terminal.getvalue())
        terminal.seek(0)
        terminal.truncate()
    return [text for text in written if text]


def test_what_fires_at_the_first_look_is_no_news_and_what_comes_later_is() -> None:
    assert _written(BOTH, ("A",)) == []
    assert _written(BOTH, ("A",), ("A", "B"), ("A", "B")) == ["\x07\x1b]9;perftui: B: \x1b\\"]


def test_nobody_is_told_who_did_not_ask() -> None:
    assert _written(Notify(), (), ("A",)) == []


def test_what_is_less_severe_is_not_told() -> None:
    assert _written(BOTH, (), ("A",), severity=Severity.INFO) == []


@given(st.text(max_size=300), st.booleans())
def test_no_text_ends_the_sequence_or_begins_another(text: str, urxvt: bool) -> None:
    told = notification([alert(text or "x")], urxvt=urxvt)

    assert re.fullmatch(r"\x1b\](?:9;|777;notify;)[^\x00-\x1f\x7f-\x9f]*\x1b\\", told)
    assert told.count("\x1b") == 2
