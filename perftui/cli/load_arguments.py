"""The arguments of ``perftui load``."""

from __future__ import annotations

import argparse

from perftui.cli.load_shape_arguments import add_shape


def add_load(parser: argparse.ArgumentParser, kind: type[argparse.ArgumentParser]) -> None:
    """``kind`` is the parser of its commands."""
    commands = parser.add_subparsers(dest="load_command", metavar="run|check", parser_class=kind)
    run = commands.add_parser("run", help="run a plan, or a load on a URL; exit code 99 when a threshold is broken")
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
    _confirmed(run)
    run.add_argument("--json", action="store_true", help="print the record as JSON")
    check = commands.add_parser("check", help="send one request of a plan, and tell what came back")
    check.add_argument(
        "target", metavar="URL|NAME|PLAN", help="a URL, a target of the configuration, or a plan in TOML"
    )
    _confirmed(check)
    check.add_argument("--json", action="store_true", help="print the record as JSON")


def _confirmed(parser: argparse.ArgumentParser) -> None:
    """What a host that is not near, and a production target, need; on a terminal it is asked for."""
    parser.add_argument("--confirm-host", metavar="HOST", help="its name once more, for a host that is not near")
    parser.add_argument("--name", metavar="NAME", help="the name of a production target in the configuration")
    parser.add_argument("--reason", metavar="TEXT", help="why a production target is loaded; the record keeps it")
