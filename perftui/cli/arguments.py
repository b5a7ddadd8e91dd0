"""The command line: what can be asked for, and help for who asked for something else."""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Sequence
from typing import NoReturn

from perftui import __version__
from perftui.cli.first_frame.asked import console_asked
from perftui.domain.errors import PerftuiError

SCREENS = ("overview", "workflow", "agents", "metrics", "alerts", "load", "host", "sources")
MIN_SIZE, MAX_SIZE = (20, 5), (400, 200)
_LEAST_RATE = 100


class Options(argparse.Namespace):
    """The parsed arguments of every command; a command reads those that are its own."""

    command: str = "console"
    config: str | None = None
    theme: str | None = None
    screen: str | None = None
    window: str | None = None
    live: bool = False
    no_journal: bool = False
    no_mouse: bool = False
    plain: bool = False
    driver: str = "delta"
    link_budget: float | None = None
    format: str = "text"
    size: tuple[int, int] | None = None
    wait: float | None = None
    output: str | None = None
    file: str | None = None
    name: str | None = None
    json: bool = False
    headless: bool = False
    seconds: float | None = None
    fault: str | None = None
    no_fault: bool = False
    fault_after: float | None = None
    lift_after: float | None = None
    of_workflow: str = ""
    phase: str | None = None
    task: str | None = None
    kind: str | None = None
    agent: str | None = None
    attempt: int | None = None
    events: str | None = None
    timeout: float | None = None
    load_command: str = ""
    target: str | None = None
    model: str | None = None
    shape: str | None = None
    rate: float | None = None
    connections: int | None = None
    duration: str | None = None
    step: float | None = None
    factor: float | None = None
    hold: str | None = None
    top: float | None = None
    recorded: str | None = None
    scale: float | None = None
    speed: float | None = None
    process: str | None = None
    abort_on_fail: bool = False
    confirm_host: str | None = None
    to: str = ""
    engine: str = "perftui"
    workers: int = 0
    reason: str | None = None
    detach: bool = False
    transport: str | None = None
    http2: bool | None = None
    proxy: str | None = None
    limit: int | None = None
    deed: str | None = None
    filter: str | None = None
    state: str | None = None
    severity: str | None = None
    note: str | None = None
    span: str | None = None
    comment: str | None = None
    yes: bool = False

    def __init__(self) -> None:
        super().__init__()
        # lists of their own: argparse appends to what it finds
        self.prometheus: list[str] = []
        self.scrape: list[str] = []
        self.workflow: list[str] = []
        self.panel: list[str] = []
        self.argv: list[str] = []
        self.threshold: list[str] = []
        self.check: list[str] = []
        self.keys: list[str] = []
        self.at: list[str] = []
        self.runs: list[str] = []
        self.out: list[str] = []


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise PerftuiError(f"{message}\n{self.format_usage().strip()}\nperftui --help tells more.")


def parse_arguments(arguments: Sequence[str]) -> Options:
    """Raises PerftuiError for what is not understood; ``--help`` and ``--version`` print and raise SystemExit."""
    if not arguments:
        # what most people type: the parser takes 8 ms to make, and there is nothing to read
        return Options()
    if console_asked(arguments) is not None and "demo" not in arguments:
        # commands have ten times as many arguments; what is wrong is told with all of them
        with contextlib.suppress(PerftuiError):
            return _console_parser().parse_args(arguments, Options())
    return _parser().parse_args(arguments, Options())


def _console_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="perftui",
        description="The terminal console that performance engineers keep open while a test runs.",
        epilog="Without a command it opens the console on this machine. Guide: docs/guide in the repository.",
    )
    parser.add_argument("--version", action="version", version=f"perftui {__version__}")
    _config(parser)
    parser.add_argument("--theme", metavar="NAME", help="wear this theme (perftui themes lists them)")
    parser.add_argument("--screen", choices=SCREENS, help="begin with this screen")
    parser.add_argument("--window", metavar="SPAN", help="show this much time, such as 15m or 2h")
    _sources(parser)
    parser.add_argument("--no-journal", action="store_true", help="keep the history in memory only")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--plain", action="store_true", help="tell what changes, line by line, without a screen")
    parser.add_argument(
        "--driver", choices=("delta", "stock"), default="delta", help="stock: draw with Textual's own terminal driver"
    )
    parser.add_argument(
        "--link-budget", type=_rate, metavar="RATE", help="send at most this much a second, such as 2kB"
    )
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = _console_parser()
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _snapshot(commands.add_parser("snapshot", help="print one screen, or its data, and end"))
    check = commands.add_parser("check", help="check the configuration, all problems at once")
    check.add_argument("file", nargs="?", metavar="FILE", help="the file to check, else the one that would be used")
    check.add_argument("--live", action="store_true", help="ask every expression of its source")
    _config(check)
    _sources(check)
    doctor = commands.add_parser("doctor", help="check this installation, terminal and machine")
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    _config(doctor)
    _selftest(commands.add_parser("selftest", help="measure the console in this terminal, and say what to change"))
    _demo(commands.add_parser("demo", help="open the console on a real workload with a real fault"))
    _exec(commands.add_parser("exec", help="run a command as a task of a workflow, and tell so in its events"))
    from perftui.cli.load_arguments import add_load

    add_load(commands.add_parser("load", help="send a load to a server, and measure it"), _Parser)
    _alerts(commands.add_parser("alerts", help="list alerts, claim, silence, and take it back"))
    init = commands.add_parser("init", help="write an example configuration")
    init.add_argument("file", nargs="?", metavar="FILE", help="where to (default: ./perftui.toml)")
    themes = commands.add_parser("themes", help="list the themes, or show one")
    themes.add_argument("name", nargs="?", metavar="NAME", help="the theme to show")
    return parser


def _config(parser: argparse.ArgumentParser) -> None:
    # SUPPRESS: a command's own default must not undo what stood before the command
    help_text = "configuration file (else $PERFTUI_CONFIG, ./perftui.toml, your own)"
    parser.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help=help_text)


def _sources(parser: argparse.ArgumentParser) -> None:
    kinds = (
        ("prometheus", "URL", "a Prometheus server"),
        ("scrape", "URL", "an endpoint with /metrics"),
        ("workflow", "PATH", "a file of workflow events, or a folder"),
    )
    for name, what, told in kinds:
        parser.add_argument(
            f"--{name}", metavar=what, action="append", default=argparse.SUPPRESS,
            help=f"watch {told}; may be given several times",
        )  # fmt: skip


def _snapshot(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    _sources(parser)
    parser.add_argument("--format", choices=("text", "json", "svg"), default="text", help="default: text")
    parser.add_argument("--screen", choices=SCREENS, default=argparse.SUPPRESS, help="default: overview")
    parser.add_argument("--theme", metavar="NAME", default=argparse.SUPPRESS, help="colours of the SVG")
    parser.add_argument(
        "--panel", metavar="ID", action="append", help="this panel alone, large, as text; may be given several times"
    )
    parser.add_argument(
        "--size", type=_size, metavar="COLSxROWS", help="default: 120x40, a panel 80x24; columns as $COLUMNS says"
    )
    parser.add_argument("--wait", type=_seconds, metavar="S", help="watch this long (default: until rates exist)")
    parser.add_argument("--output", metavar="FILE", help="write to this file instead of stdout")


def _selftest(parser: argparse.ArgumentParser) -> None:
    _config(parser)
    _sources(parser)
    parser.add_argument("--seconds", type=_seconds, metavar="N", help="how long about (default: 10)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fault", metavar="NAME[:SIZE]", help="pool:4, slow:400, failing:40 or straggler:12")
    parser.add_argument("--no-fault", action="store_true", help="leave everything well")
    parser.add_argument("--fault-after", type=_seconds, metavar="S", help="inject it after so many seconds")
    parser.add_argument("--lift-after", type=_seconds, metavar="S", help="lift it again so many seconds later")
    parser.add_argument(
        "--plain", action="store_true", default=argparse.SUPPRESS, help="tell what changes, until it is left"
    )
    parser.add_argument("--headless", action="store_true", help="tell what happens, without a screen")
    parser.add_argument("--seconds", type=_seconds, metavar="N", help="how long without a screen (default: 30)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="without a screen (default: text)")
    parser.add_argument("--theme", metavar="NAME", default=argparse.SUPPRESS, help="wear this theme")
    parser.add_argument("--screen", choices=SCREENS, default=argparse.SUPPRESS, help="begin with this screen")
    parser.add_argument("--size", type=_size, metavar="COLSxROWS", help="of the last text (default: 120x40)")


def _exec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workflow", metavar="W", dest="of_workflow", required=True, help="the run that it belongs to")
    parser.add_argument("--phase", metavar="P", help="the phase of the run")
    parser.add_argument("--task", metavar="T", help="the task's name (default: the command's, and a number)")
    parser.add_argument("--kind", metavar="K", help="what kind of work it is (default: the command's name)")
    parser.add_argument("--agent", metavar="A", help="who does it (default: an agent of its own)")
    parser.add_argument("--attempt", metavar="N", type=_attempt, help="how often it is tried, from 1")
    parser.add_argument("--events", metavar="FILE", help="where to tell it (default: $PERFTUI_EVENTS)")
    parser.add_argument("--timeout", metavar="S", type=_timeout, help="end it after so many seconds: exit code 124")
    parser.add_argument("argv", metavar="-- COMMAND", nargs=argparse.REMAINDER, help="the command with its arguments")


def _alerts(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", metavar="WHAT", parser_class=_Parser)
    listed = _deed(deeds, "list", "what is pending, fires or is suppressed")
    listed.add_argument("--filter", metavar="MATCHERS", help="such as 'severity=critical,job=~\"api|web\"'")
    listed.add_argument("--state", choices=("pending", "firing", "suppressed", "resolved"))
    listed.add_argument("--severity", choices=("critical", "warning", "info"))
    _deed(deeds, "silences", "the silences of all Alertmanagers")
    alert = ("ALERT", "fingerprint, its beginning, or name")
    _deed(deeds, "show", "everything that is known of an alert", *alert)
    _deed(deeds, "ack", "claim alerts", *alert).add_argument("--note", metavar="TEXT")
    _deed(deeds, "unack", "give claims back", *alert)
    _for(_deed(deeds, "snooze", "put alerts off, here and not in Alertmanager", *alert))
    _deed(deeds, "unsnooze", "end that", *alert)
    _deed(deeds, "note", "note something down", *alert).add_argument("--note", metavar="TEXT", required=True)
    silence = _deed(deeds, "silence", "begin a silence", "MATCHER", "such as alertname=Slow or 'job=~\"api|web\"'")
    _for(silence)
    silence.add_argument("--comment", metavar="TEXT", required=True, help="why")
    silence.add_argument("--at", metavar="NAME", action="append", default=[], help="this Alertmanager (default: all)")
    silence.add_argument("--yes", action="store_true", help="also when it hides many alerts, or others'")
    _for(_deed(deeds, "extend", "prolong a silence", "ID", "NAME/ID as perftui alerts silences tells it"))
    _deed(deeds, "expire", "end a silence", "ID", "NAME/ID as perftui alerts silences tells it")
    _deed(deeds, "undo", "take the last thing back that you did")


def _deed(
    deeds: argparse._SubParsersAction[_Parser], name: str, told: str, what: str = "", help_text: str = ""
) -> argparse.ArgumentParser:
    parser = deeds.add_parser(name, help=told)
    _config(parser)
    _sources(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--wait", type=_seconds, metavar="S", help="watch this long (default: until all are told)")
    if what:
        parser.add_argument("keys", metavar=what, nargs="+", help=help_text)
    return parser


def _for(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--for", dest="span", metavar="SPAN", required=True, help="for how long, such as 30m or 2h")


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,4})x(\d{1,4})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 120x40")
    width, height = int(match[1]), int(match[2])
    if not (MIN_SIZE[0] <= width <= MAX_SIZE[0] and MIN_SIZE[1] <= height <= MAX_SIZE[1]):
        raise argparse.ArgumentTypeError(f"a size is from 20x5 to 400x200, not {text}")
    return width, height


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("from 0 to 3600 seconds")
    return seconds


def _timeout(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _attempt(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 999999")
    return int(text)


def _rate(text: str) -> float:
    """Bytes a second."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:([km])(i?))?b?(?:/s)?", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate such as 500, 2kB or 1MB")
    kilo = 1024.0 if match[3] else 1000.0
    rate = float(match[1]) * {None: 1.0, "k": kilo, "m": kilo * kilo}[match[2]]
    if rate < _LEAST_RATE:
        raise argparse.ArgumentTypeError(f"a budget is from {_LEAST_RATE} bytes a second, not {text}")
    return rate
