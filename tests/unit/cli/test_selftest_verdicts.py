"""Figures become verdicts and advice."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from perftui.cli.selftest.multiplexer import TmuxSettings
from perftui.cli.selftest.rehearsal import ConsoleFigures, Press
from perftui.cli.selftest.report import as_json, as_text
from perftui.cli.selftest.verdicts import Figures, Verdict, judge
from perftui.tui.probe.glass import Drawn
from perftui.tui.probe.link import LinkProbe
from perftui.tui.probe.surroundings import Surroundings, surroundings

AROUND = Surroundings("xterm-256color", "truecolor", "", "true", "", False, False, 120, 40)
SSH = msgspec.structs.replace(AROUND, ssh=True)
NEAR = LinkProbe(0.001, 0.002, 5e6, "about", 260_000)
MODEM = LinkProbe(0.05, 0.06, 14e3, "about", 15_000)
RUN = ConsoleFigures(
    "", 0.3, 0.6, 4.0, 400.0, 0.33, 1.0, 0.002, 0.01, 0.01, 0.003,
    (Press("row", 0.005, 60), Press("screen", 0.04, 9000)),
)  # fmt: skip
WELL = Figures(AROUND, NEAR, True, (Drawn("lines", 3, 3, True),), "utf8", RUN)


def but(base: Any = WELL, **changes: Any) -> Any:
    return msgspec.structs.replace(base, **changes)


def verdict(figures: Figures, name: str) -> Verdict:
    return next(verdict for verdict in judge(figures) if verdict.name == name)


def test_where_all_is_well_nothing_is_advised() -> None:
    assert [found.state for found in judge(WELL) if found.state != "ok"] == []
    assert [found.advice for found in judge(WELL) if found.advice] == []
    assert as_text(judge(WELL)).endswith("Nothing is worth changing.")


def slow_keys(seconds: float) -> ConsoleFigures:
    return but(RUN, keys=(Press("row", seconds, 60), Press("row", None, 0)))


@pytest.mark.parametrize(
    ("figures", "name", "state", "words"),
    [
        (but(link=LinkProbe()), "round trip", "watch", "no answers to cursor reports: pacing is off"),
        (but(link=LinkProbe()), "round trip", "watch", "--link-budget 8kB"),
        (but(link=LinkProbe(), budget=2000.0), "round trip", "watch", "--link-budget 2kB"),
        (but(link=but(NEAR, rtt_s=0.3)), "round trip", "watch", "the way is long"),
        (but(link=MODEM), "link carries", "watch", "the link carries about 14 kB/s: start with --link-budget 8kB"),
        (but(link=but(MODEM, bytes_per_s=341.0, rate_is="below")), "link carries", "watch", "--link-budget 200,"),
        (but(link=but(MODEM, bytes_per_s=10.0)), "link carries", "watch", "--link-budget 100,"),
        (but(link=but(MODEM, bytes_per_s=1200.0)), "sends", "watch", "send less"),
        (but(link=but(MODEM, bytes_per_s=450.0)), "sends", "bad", "send less"),
        (but(link=MODEM, surroundings=SSH), "compresses", "watch", "use ssh -C: what was sent here compresses to 33%"),
        (but(link=LinkProbe(), surroundings=SSH), "compresses", "watch", "use ssh -C"),
        (but(link=MODEM), "compresses", "ok", ""),
        (but(surroundings=SSH), "compresses", "ok", ""),
        (but(link=MODEM, surroundings=SSH, console=but(RUN, compressed=0.9)), "compresses", "ok", ""),
        (but(console=but(RUN, ui_cpu=0.04)), "CPU, console", "watch", "draw less"),
        (but(console=but(RUN, ui_cpu=0.01504)), "CPU, console", "ok", ""),
        (but(console=but(RUN, session_cpu=0.04)), "CPU, session", "watch", "ask less"),
        (but(console=but(RUN, drawn_s=0.4)), "picture drawn", "watch", "--link-budget"),
        (but(console=but(RUN, first_picture_s=3.0)), "first picture", "watch", "perftui doctor"),
        (but(console=but(RUN, first_picture_s=None)), "first picture", "watch", "perftui doctor"),
        (but(console=slow_keys(0.4)), "key to paint", "watch", "smaller window"),
        (but(console=slow_keys(0.4), link=but(NEAR, rtt_s=0.35)), "key to paint", "ok", ""),
        (but(console=slow_keys(2.0)), "key to paint", "bad", "smaller window"),
        (but(console=ConsoleFigures("it ended with exit code 4")), "console", "bad", "perftui check"),
        (but(surroundings=but(AROUND, columns=60)), "terminal", "watch", "80x24"),
        (but(surroundings=but(AROUND, colours="16", term="xterm", colorterm="")), "colours", "watch", "256color"),
        (but(surroundings=but(SSH, colours="256", colorterm="")), "colours", "ok", "ssh does not send it"),
        (but(surroundings=but(AROUND, colours="none", no_color=True)), "colours", "ok", ""),
        (but(surroundings=but(AROUND, colours="none", term="vt100", colorterm="")), "colours", "ok", ""),
        (but(widths=(Drawn("lines", 6, 3, True),)), "glyphs", "watch", "narrow"),
        (but(widths=(Drawn("flags", 4, 2, False),)), "glyphs", "ok", ""),
        (but(widths=()), "glyphs", "ok", ""),
        (but(surroundings=but(AROUND, inside="screen", colours="16")), "screen", "watch", "~/.screenrc"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_way_out(figures: Figures, name: str, state: str, words: str) -> None:
    found = verdict(figures, name)
    assert (found.state, words in found.advice) == (state, True), found
    assert bool(found.advice) is bool(words)


TMUX = but(AROUND, inside="tmux", term="tmux-256color")


@pytest.mark.parametrize(
    ("around", "tmux", "words"),
    [
        (TMUX, TmuxSettings("3.4", 10, ("RGB", "sync")), []),
        (TMUX, None, []),
        (TMUX, TmuxSettings("3.4", 500, ("RGB", "sync")), ["set -sg escape-time 10"]),
        (but(TMUX, term="xterm-256color"), TmuxSettings("3.4", 0, ("sync",)), ['default-terminal "tmux-256color"']),
        (but(TMUX, colours="256"), TmuxSettings("3.4", 0, ("256", "sync")), ["',*:RGB'", "COLORTERM=truecolor"]),
        (TMUX, TmuxSettings("3.4", 0, ("RGB",)), ["',*:sync'"]),
        # a tmux that doesn't know of features has told nothing about them
        (TMUX, TmuxSettings("3.0", 0, ("",)), []),
    ],
)
def test_tmux_is_told_its_settings(around: Surroundings, tmux: TmuxSettings | None, words: list[str]) -> None:
    found = verdict(but(surroundings=around, tmux=tmux), "tmux")
    assert bool(found.advice) is bool(words)
    assert all(word in found.advice for word in words)


def test_inside_tmux_the_time_is_that_to_tmux() -> None:
    assert "to tmux" in verdict(but(surroundings=TMUX), "round trip").value


def test_the_worst_stands_first() -> None:
    text = as_text(judge(but(link=MODEM, console=slow_keys(2.0))))
    advice = text.split("What to change:")[1]
    assert advice.index("key to paint") < advice.index("link carries")


def test_a_command_is_never_broken_at_a_hyphen() -> None:
    for columns in range(20, 120):
        text = as_text(judge(but(link=MODEM, surroundings=SSH)), columns)
        assert "--link-budget" in text
        assert "ssh -C" in " ".join(text.split())
        assert max(map(len, text.splitlines())) <= max(40, columns)


def test_json_has_the_same() -> None:
    document = msgspec.json.decode(as_json(WELL, judge(WELL)))
    assert document["link"]["rtt_s"] == NEAR.rtt_s
    assert len(document["verdicts"]) == len(judge(WELL))
    assert document["advice"] == []


@pytest.mark.parametrize(
    ("environment", "above", "inside", "ssh"),
    [
        ({}, [], "", False),
        ({"SSH_CONNECTION": "a b c d"}, ["bash", "sshd"], "", True),
        ({}, ["bash", "sshd-session"], "", True),
        ({"TMUX": "/run/x,1,0"}, ["bash"], "tmux", False),
        ({"STY": "1.pts"}, ["bash", "SCREEN"], "screen", False),
        ({"STY": "1.pts", "TMUX": "/run/x"}, ["bash", "tmux: server"], "tmux", False),
        # tmux in screen or the other way: the nearer one counts
        ({"STY": "1.pts", "TMUX": "/run/x"}, ["bash", "screen", "bash", "tmux: server"], "screen", False),
        ({}, ["bash", "mosh-server"], "mosh", True),
        ({"MOSH_CONNECTION": "x"}, ["bash"], "mosh", False),
    ],
)  # fmt: skip
def test_what_lies_between_is_known(environment: dict[str, str], above: list[str], inside: str, ssh: bool) -> None:
    found = surroundings({"TERM": "xterm", **environment}, above, (80, 24))
    assert (found.inside, found.ssh) == (inside, ssh)


def test_a_hostile_environment_is_cleaned() -> None:
    around = surroundings({"TERM": "x\x1b[31m", "TERM_PROGRAM": "\x07" * 999}, (), (80, 24))
    text = as_text(judge(but(surroundings=around)))
    assert "\x1b" not in text
    assert "\x07" not in text
