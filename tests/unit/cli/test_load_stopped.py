"""What is said of a run that ended before its time."""

from __future__ import annotations

import pytest

from perftui.cli.load_text import stopped


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("duration", ""),
        ("requests", ""),
        ("user", "stopped by hand: the figures are of the time until then"),
        (
            "probe: refused",
            "the run was stopped: probe: refused (the first request was not answered well, so no load was sent)",
        ),
        (
            "engine",
            "the run was stopped: engine (its process ended without a word; what it had counted until then is kept)",
        ),
        ("threshold p(95)<1", "the run was stopped: threshold p(95)<1"),
    ],
)
def test_a_run_that_ended_early_says_why_and_what_its_figures_are(by: str, words: str) -> None:
    assert stopped(by) == words
