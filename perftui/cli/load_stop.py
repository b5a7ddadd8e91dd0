"""``perftui load stop RUN_ID``: end a load that another perftui runs, and keep what it has measured."""

from __future__ import annotations

import os
import signal
import time

from perftui.cli.arguments import Options
from perftui.cli.load_permit import audit_log
from perftui.cli.load_records import LAST, marks
from perftui.domain.errors import Exit, PerftuiError
from perftui.domain.text import clean

_PATIENCE_S, _EVERY_S = 20.0, 0.05


def stop(options: Options) -> int:
    """0 when it has ended. Raises PerftuiError when there is no such load, or it does not end."""
    wanted = options.runs[0]
    running = marks()
    found = running[-1:] if wanted == LAST else [mark for mark in running if mark.run_id.startswith(wanted)]
    if len(found) != 1:
        known = ", ".join(mark.run_id for mark in running) or "none"
        raise PerftuiError(f"no load that is under way begins with {clean(wanted, 80)} (under way: {known})")
    mark = found[0]
    audit = audit_log()
    try:
        os.kill(mark.pid, signal.SIGTERM)
    except OSError as error:
        audit.note("load_stop", error.strerror or str(error), run_id=mark.run_id)
        raise PerftuiError(f"load {mark.run_id} can't be stopped: {error.strerror}", Exit.SOURCE_FAILED) from None
    until = time.monotonic() + _PATIENCE_S
    while any(each.run_id == mark.run_id for each in marks()):
        if time.monotonic() > until:
            audit.note("load_stop", "it does not end", run_id=mark.run_id)
            raise PerftuiError(f"load {mark.run_id} (pid {mark.pid}) does not end", Exit.SOURCE_FAILED)
        time.sleep(_EVERY_S)
    audit.note("load_stop", "done", run_id=mark.run_id)
    print(f"load {mark.run_id} has ended: perftui load show {mark.run_id}")
    return int(Exit.OK)
