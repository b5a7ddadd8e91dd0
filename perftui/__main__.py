"""``perftui`` and ``python -m perftui``: quiet on early signals, quick to the command, one message on errors."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def _interrupted(number: int, _: FrameType | None) -> None:
    """Before the console stands there is nothing to restore: leave at once, without a traceback."""
    os._exit(128 + number)


def main() -> int:
    """Run the command of this process's arguments; the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # who started us with a signal ignored (nohup does) wants it ignored
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupted)
    from perftui.cli.main import run  # after the handlers: importing takes the first 50 ms

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
