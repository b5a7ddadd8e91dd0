"""The arguments of ``perftui load``."""

from __future__ import annotations

import argparse
from typing import Any

from perftui.cli.load_shape_arguments import add_shape

FORMATS = ("text", "json", "csv", "hgrm", "hdr", "k6", "junit")


def add_load(parser: argparse.ArgumentParser, kind: type[argparse.ArgumentParser]) -> None:
    """``kind`` is the parser of its commands."""
    commands = parser.add_subparsers(dest="load_command", metavar="WHAT", parser_class=kind)
    _run(commands.add_parser("run", help="run a plan, or a load on a URL; exit code 99 when a threshold is broken"))
    check = commands.add_parser("check", help="go through a plan once, every request or step, and tell what came back")
    check.add_argument(
        "target", metavar="URL|NAME|PLAN", help="a URL, a target of the configuration, or a plan in TOML"
    )
    _confirmed(check)
    check.add_argument("--json", action="store_true", help="print the record as JSON")
    _export(commands.add_parser("export", help="write a plan down for another tool; nothing is sent"))
    _past(commands)


def _run(run: argparse.ArgumentParser) -> None:
    run.add_argument("target", metavar="URL|NAME|PLAN", help="a URL, a known target, or a plan in TOML")
    run.add_argument("--model", choices=("open", "closed"), help="arrivals come when they come, or users wait (open)")
    add_shape(run)
    run.add_argument("--rate", type=float, metavar="N", help="arrivals a second (20)")
    run.add_argument("--connections", type=int, metavar="N", help="at most so many; users of the closed model (10)")
    run.add_argument("--duration", metavar="SPAN", help="how long it is measured, such as 30s (30s)")
    run.add_argument(
        "--threshold",
        metavar="COND",
        action="append",
        default=argparse.SUPPRESS,
        help="such as 'p(95)<200'; several times",
    )
    run.add_argument(
        "--check",
        metavar="COND",
        action="append",
        default=argparse.SUPPRESS,
        help="such as 'status == 200'; several times",
    )
    run.add_argument("--abort-on-fail", action="store_true", help="end the run when one of --threshold is broken")
    run.add_argument("--engine", choices=("perftui", "locust", "k6"), default="perftui", help="who sends it (perftui)")
    run.add_argument("--workers", type=int, default=0, metavar="N", help="of Locust: a master and so many processes")
    run.add_argument(
        "--transport",
        choices=("native", "compat"),
        help="compat: httpx, for HTTP/2 and proxies, at most 100/s",
    )
    run.add_argument("--http2", action="store_const", const=True, help="ask for HTTP/2, with --transport compat")
    run.add_argument("--proxy", metavar="URL", help="send it through this proxy, with --transport compat")
    _confirmed(run)
    run.add_argument("--detach", action="store_true", help="let it go on when this terminal is gone")
    run.add_argument(
        "--out",
        metavar="FILE",
        action="append",
        default=argparse.SUPPRESS,
        help="write it there too, as its ending says: .json .csv .hgrm .hlog .k6.json .xml (JUnit); several times",
    )
    run.add_argument("--json", action="store_true", help="print the record as JSON")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="URL|NAME|PLAN", help="a URL, a known target, or a plan in TOML")
    parser.add_argument("--to", choices=("locust", "k6"), required=True, help="a locustfile, or a script for k6")
    parser.add_argument("--out", dest="output", metavar="FILE", help="a new file for it (standard output)")


def _past(commands: Any) -> None:
    """What looks at runs that are over, or ends one."""
    history = commands.add_parser("history", help="list past loads, and those that are under way")
    history.add_argument("--limit", type=_count, metavar="N", help="at most so many (20)")
    history.add_argument("--json", action="store_true", help="print them as JSON")
    show = commands.add_parser("show", help="tell of a past load, or write it in another format")
    show.add_argument("runs", metavar="RUN", nargs=1, help="the beginning of its id, or last")
    show.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    show.add_argument(
        "--out", metavar="FILE", action="append", default=argparse.SUPPRESS, help="write it there instead"
    )
    compare = commands.add_parser("compare", help="put two loads beside each other: which differences stand out?")
    compare.add_argument("runs", metavar="RUN", nargs=2, help="the beginning of their ids; last is the newest")
    compare.add_argument("--json", action="store_true", help="print it as JSON")
    stop = commands.add_parser("stop", help="end a load that is under way, and keep what it has measured")
    stop.add_argument("runs", metavar="RUN", nargs=1, help="the beginning of its id, or last")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 999999")
    return int(text)


def _confirmed(parser: argparse.ArgumentParser) -> None:
    """What a host that is not near, and a production target, need; on a terminal it is asked for."""
    parser.add_argument("--confirm-host", metavar="HOST", help="its name once more, for a host that is not near")
    parser.add_argument("--name", metavar="NAME", help="the name of a production target in the configuration")
    parser.add_argument("--reason", metavar="TEXT", help="why a production target is loaded; the record keeps it")
