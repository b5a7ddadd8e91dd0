"""``perftui`` and ``python -m perftui``: a first picture, quiet on early signals, one message on errors."""

from __future__ import annotations

import gc
import os
import signal
import sys

from perftui.cli.first_frame.show import show
from perftui.cli.first_frame.terminal import EarlyTerminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def main() -> int:
    """Run the command of this process's arguments; the exit code."""
    terminal = EarlyTerminal()

    def interrupted(number: int, _: FrameType | None) -> None:
        """Before the console stands there is nothing else to restore: leave at once, without a traceback."""
        terminal.leave()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # who started us with a signal ignored (nohup does) wants it ignored
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupted)
    try:
        gc.disable()  # until the command is loaded: all that is made meanwhile stays
        show(terminal, sys.argv[1:])
        from perftui.cli.main import run  # after the first frame: importing takes longer than that

        return run(sys.argv[1:], terminal)
    finally:
        terminal.leave()


if __name__ == "__main__":
    sys.exit(main())
