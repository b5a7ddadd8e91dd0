"""The command: says what it will do, asks the terminal, lets the console run in it, and tells what came out."""

from __future__ import annotations

import os
import random
import sys
import time

from perftui.cli.arguments import Options
from perftui.cli.doctor import Finding, bytecode
from perftui.cli.selftest.interruption import InterruptedBySignal, Interruptions
from perftui.cli.selftest.keystrokes import strokes
from perftui.cli.selftest.multiplexer import tmux_settings
from perftui.cli.selftest.rehearsal import ConsoleFigures, Rehearsal, command, script
from perftui.cli.selftest.report import as_json, as_text
from perftui.cli.selftest.verdicts import Figures, Verdict, judge
from perftui.cli.selftest.work import names_above
from perftui.cli.setup import chosen_glyphs, configuration, given
from perftui.config.meaning import bindings
from perftui.config.schema import Config
from perftui.domain.errors import Exit, PerftuiError
from perftui.tui.probe.glass import probe_sync, probe_widths
from perftui.tui.probe.line import GoneError, TerminalLine
from perftui.tui.probe.link import probe_link
from perftui.tui.probe.surroundings import surroundings
from perftui.view.glyphs import to_ascii

_SECONDS = 10.0
# what asking, starting and pressing keys take of the time on a quick link
_BESIDES_S, _LEAST_S = 6.0, 2.0
_HANGUP = 129
_NEEDS = "perftui selftest needs a terminal: it measures the one that it is started in"


def selftest(options: Options) -> int:
    """1 when something is bad, as ``doctor``; 128 + n after signal n."""
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise PerftuiError(f"{_NEEDS}, and TERM={os.environ.get('TERM', '')} can't show a console")
    config = configuration(options).config
    try:
        line = TerminalLine(time.monotonic)
    except OSError:
        raise PerftuiError(_NEEDS) from None
    seconds = _SECONDS if options.seconds is None else options.seconds
    print(_announcement(seconds), file=sys.stderr, flush=True)
    try:
        with Interruptions(), line:
            figures = _figures(line, options, config, max(_LEAST_S, seconds - _BESIDES_S))
    except InterruptedBySignal as interruption:
        return 128 + interruption.number
    except GoneError:
        return _HANGUP
    verdicts = [*judge(figures), *_python(options)]
    if options.json:
        print(as_json(figures, verdicts))
    else:
        text = as_text(verdicts, min(110, figures.surroundings.columns))
        print(text if chosen_glyphs(config).braille else to_ascii(text))
    return Exit.GATE_FAILED if any(verdict.state == "bad" for verdict in verdicts) else Exit.OK


def _announcement(seconds: float) -> str:
    return (
        f"perftui selftest: for about {max(seconds, _BESIDES_S + _LEAST_S):g} s, longer on a slow link.\n"
        "It sends up to 256 kB of letters to see what the link carries, then opens the console, watches it and\n"
        "presses some keys. ctrl+c ends it."
    )


def _figures(line: TerminalLine, options: Options, config: Config, seconds: float) -> Figures:
    glyphs = chosen_glyphs(config)
    # whatever noise it is, it is sent once and means nothing
    link = probe_link(line, random.Random())  # noqa: S311
    patience_s = 0.0 if link.rtt_most_s is None else 2.0 + 3 * link.rtt_most_s
    around = surroundings(os.environ, names_above(), line.size)
    sync = probe_sync(line, patience_s) if link.answers else None
    widths = probe_widths(line, patience_s) if link.answers and glyphs.braille else ()
    console = _rehearse(line, options, config, seconds, answers=link.answers)
    tmux = tmux_settings() if around.inside == "tmux" else None
    return Figures(around, link, sync, widths, glyphs.name, console, tmux, options.link_budget)


def _rehearse(line: TerminalLine, options: Options, config: Config, seconds: float, *, answers: bool) -> ConsoleFigures:
    line.settle()
    with Rehearsal(line, command(sys.executable, _arguments(options)), time.monotonic, answers=answers) as rehearsal:
        return rehearsal.run(seconds, script(strokes(bindings(config))))


def _arguments(options: Options) -> list[str]:
    """Those of the console that was asked for."""
    arguments = ["--driver", options.driver, *given(options).arguments()]
    named = (("--config", options.config), ("--theme", options.theme), ("--screen", options.screen))
    for name, value in (*named, ("--window", options.window)):
        if value is not None:
            arguments += [name, value]
    if options.link_budget is not None:
        arguments += ["--link-budget", f"{options.link_budget:.0f}"]
    return arguments + ["--no-mouse"] * options.no_mouse


def _python(options: Options) -> list[Verdict]:
    return [_verdict(finding) for finding in bytecode(options) if finding.state != "ok"]


def _verdict(finding: Finding) -> Verdict:
    return Verdict(finding.name, finding.text, "", finding.state, finding.way_out)
