"""``perftui load run``: lines on stderr while it runs, its record on stdout.

Ctrl-C stops it and keeps what was measured; a closed terminal does the same. Exit code 99 when a threshold is broken.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from perftui.cli.arguments import Options
from perftui.cli.load_detach import detach
from perftui.cli.load_formats import check_out, export
from perftui.cli.load_permit import audit_log, detail, permitted
from perftui.cli.load_plan import plan_of
from perftui.cli.load_records import marks_folder
from perftui.cli.load_running import Keeper, Running, say
from perftui.cli.load_text import report, stopped
from perftui.cli.setup import configuration
from perftui.config.paths import journal_path
from perftui.domain.errors import Exit, PerftuiError
from perftui.load.handoff.launcher import launcher
from perftui.load.plan import job_of
from perftui.load.transport import Transport
from perftui.store.running import RunMark

_OWN_ENGINE = "perftui"


def run(options: Options) -> int:
    """The record's exit code. Raises PerftuiError with everything that forbids the load."""
    config = configuration(options).config
    plan = plan_of(options, config.load)
    if options.engine != _OWN_ENGINE and plan.transport is not Transport.NATIVE:
        raise PerftuiError(f'--engine {options.engine}: transport = "compat" is of our own engine')
    for name in options.out:
        check_out(name)
    audit = audit_log()
    job, host = job_of(plan)
    permit = permitted(options, config.load, plan, job, host, audit)
    job = permit.job
    detached = None
    if options.detach:
        log = marks_folder() / f"{job.run_id}.log"
        detached = detach(log)
        if detached is None:
            return _detached(options, job.run_id, log)
    path = journal_path(config.storage.path) if config.storage.enabled and not options.no_journal else None
    keeper = Keeper(path, job.run_id, f"load {host}", permit)
    running = Running(
        plan, job, keeper, lambda told: launcher(options.engine, plan, job, told, options.workers),
        options.process or "", detached,
    )  # fmt: skip
    audit.note("load", "started", engine=options.engine, **detail(plan, job, host, permit.confirmed))
    mark = RunMark(marks_folder(), job.run_id)
    try:
        mark.take(running.started)
        run = asyncio.run(running.run())
        audit.note("load", run.stopped_by, run_id=job.run_id, sent=run.tally.sent)
        found = permit.marked(running.found)
        say(keeper.keep(found, running.started))
    finally:
        mark.release()
    say(audit.problem)
    print(json.dumps(found, indent=2, allow_nan=False) if options.json else "\n".join(report(found)), flush=True)
    say(stopped(run.stopped_by))
    # last: a disk that is full must not cost the report
    for name in options.out:
        export(found, name)
    return int(found["exit_code"])


def _detached(options: Options, run_id: str, log: Path) -> int:
    if options.json:
        print(json.dumps({"run_id": run_id, "log": str(log)}))
    else:
        print(f"load {run_id} goes on without this terminal: perftui load history, load stop {run_id}\nlog: {log}")
    return int(Exit.OK)
