"""What the conductor is told on its command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from perftui.demo.commands import answer
from perftui.demo.faults import Fault, parse

DEFAULT_FAULT = "pool"
# a healthy time to compare with comes first
DEFAULT_FAULT_AFTER_S = 9.0
_LONGEST_S = 7 * 86400.0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """What is wrong goes where everything that it says goes."""
        answer({"error": message})
        self.exit(2)


class Options(NamedTuple):
    """``remove`` takes the folder away at the end. ``fault`` None: a healthy demo.

    Seconds count from when the demo is ready; ``lift_after`` from the injection.
    """

    folder: Path
    remove: bool
    fault: Fault | None
    fault_after: float
    lift_after: float | None
    seconds: float | None


def read_options(arguments: Sequence[str]) -> Options:
    """Ends the process with one answer and exit code 2 when something is wrong."""
    parser = _Parser(prog="python -m perftui.demo", description="a small system to look at")
    parser.add_argument("--folder", type=Path, required=True, help="where events.jsonl is written")
    parser.add_argument("--remove", action="store_true", help="remove the folder, which must be empty now, at the end")
    parser.add_argument("--fault", type=_fault, metavar="NAME[:SIZE]", help=f"inject this (default: {DEFAULT_FAULT})")
    parser.add_argument("--no-fault", action="store_true", help="inject nothing")
    parser.add_argument("--fault-after", type=_seconds, default=DEFAULT_FAULT_AFTER_S, metavar="S")
    parser.add_argument("--lift-after", type=_seconds, metavar="S", help="lift it after so long")
    parser.add_argument("--seconds", type=_seconds, metavar="S", help="end after so long")
    read = parser.parse_args(arguments)
    if read.no_fault and read.fault is not None:
        parser.error("either --fault or --no-fault")
    if read.remove and read.folder.exists() and next(read.folder.iterdir(), None) is not None:
        parser.error(f"{read.folder} is not empty: it is not ours to remove")
    fault = None if read.no_fault else read.fault or parse(DEFAULT_FAULT)
    return Options(read.folder, read.remove, fault, read.fault_after, read.lift_after, read.seconds)


def _fault(text: str) -> Fault:
    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_S:
        raise argparse.ArgumentTypeError("a number of seconds, from 0 to a week")
    return seconds
