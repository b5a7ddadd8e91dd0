"""A load from a console, without its screen: the real link, session and engine, against a server that counts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import psutil
import pytest

from perftui.domain.load import LoadPhase
from perftui.link.messages import Watch
from tests.e2e.load_site import CLIENT, Console, Site, audited, kept, until

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked for in /proc")


def _run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, 120))


def test_a_load_is_told_while_it_runs_drawn_as_series_and_kept_when_it_is_over() -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            console.client.watch(Watch("w", ("load/response_p95", "load/sent"), 60.0, None, 60))
            console.client.watch_table("load_runs", True)
            run_id = await console.start(site.plan(duration="2s", thresholds=[{"expr": "p(95)<60000"}]))
            second = await console.client.request("load_start", plan=site.plan(), client=CLIENT)
            assert "running already" in second.error
            await until(lambda: console.mirror.load is not None and console.mirror.load.done, "answers are told")
            await until(lambda: len(console.mirror.windows["w"].series) == 2, "series are told")
            await console.over()
            await until(lambda: run_id in console.mirror.tables["load_runs"].rows, "it stands among past loads")

            state, row = console.mirror.load, console.mirror.tables["load_runs"].rows[run_id]
            assert state is not None
            record = await console.ask("load_record", run_id=run_id)
            assert (state.phase, state.done, state.thresholds[0].ok) == (LoadPhase.DONE, 200, True)
            assert (row.done, row.failed, row.ok, row.stopped_by) == (200, 0, True, "duration")
            assert (record["sent"], record["done"], site.hits) == (200, 200, 200)
            assert sum(second["done"] for second in record["seconds"]) == 200
            assert sum(count for _, count in record.pop("buckets")) == 200
            assert record == kept(run_id)
            assert audited() == [("load", "started"), ("load", "duration")]

    _run(main())


def test_what_may_not_be_loaded_is_refused_with_what_would_have_to_be_typed() -> None:
    async def main() -> None:
        async with Console() as console:
            plan = {"url": "http://203.0.113.7/", "rate": 5000.0}
            judged = await console.ask("load_judge", plan=plan)
            assert (judged["host"], judged["peak_rate"], judged["needs"]) == ("203.0.113.7", 5000.0, ["host"])
            assert "over the cap of 200/s" in judged["problems"][0]
            refused = await console.client.request("load_start", plan=plan, client=CLIENT)
            assert "no load was sent" in refused.error
            assert "203.0.113.7 is no address of a private network" in refused.error
            wrong = await console.client.request("load_start", plan={"url": "x", "speed": 3}, client=CLIENT)
            assert "speed" in wrong.error
            for action, args in (("load_pause", {"on": True}), ("load_rate", {"factor": 2.0})):
                assert "no load is running" in (await console.client.request(action, **args)).error
            await console.ask("load_stop")
            assert console.mirror.load is None
            ((action, result),) = audited()
            assert (action, "over the cap" in result) == ("load", True)

    _run(main())


def test_stopping_ends_it_at_once_and_what_was_sent_stands_in_the_record() -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            run_id = await console.start(site.plan())
            await until(lambda: site.hits > 20, "requests")
            engine = console.engine()
            await console.ask("load_stop")
            await console.over()
            await site.let_go()
            await until(lambda: kept(run_id).get("stopped_by") == "user", "its record")

            assert not engine.is_running()
            assert kept(run_id)["sent"] == site.hits
            assert console.mirror.load is not None
            assert (console.mirror.load.phase, console.mirror.load.stopped_by) == (LoadPhase.STOPPED, "user")

    _run(main())


def test_a_session_that_is_ended_stops_its_load_first() -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            run_id = await console.start(site.plan())
            await until(lambda: site.hits > 20, "requests")
            engine = console.engine()
            await asyncio.to_thread(console.session.stop)
            await site.let_go()

            assert not _lives(engine)
            assert (kept(run_id)["stopped_by"], kept(run_id)["sent"]) == ("the session ended", site.hits)
            assert audited()[-1] == ("load", "the session ended")

    _run(main())


def test_it_can_be_held_still_and_made_faster_by_hand() -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            await console.start(site.plan(rate=20.0))
            await until(lambda: site.hits, "requests")
            await console.ask("load_pause", on=True)
            mirror = console.mirror
            await until(lambda: mirror.load is not None and mirror.load.phase is LoadPhase.PAUSED, "it stands still")
            await console.ask("load_pause", on=False)
            assert await console.ask("load_rate", factor=3.0) == {"factor": 3.0}
            await until(lambda: mirror.load is not None and mirror.load.rate == 60.0, "it is faster")
            assert mirror.load is not None
            assert mirror.load.factor == 3.0

    _run(main())


def test_a_console_that_falls_silent_loses_its_load_and_one_that_lets_it_go_does_not() -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            silent = await console.start(site.plan())
            assert await console.ask("load_lease", run_id=silent, client="another") is False
            console.is_alive = False
            await console.over()
            await site.let_go()
            await until(lambda: kept(silent).get("stopped_by") == "its console is gone", "its record")
            assert kept(silent)["sent"] == site.hits

            before, session = site.hits, psutil.Process(console.session.pid)
            detached = await console.start(site.plan(duration="2500ms"))
            await console.ask("load_detach", run_id=detached)
            await until(lambda: console.mirror.load is not None and not console.mirror.load.leased, "it is let go")
            console.hang_up()
            await until(lambda: not _lives(session), "the end")
            assert kept(detached)["stopped_by"] == "duration"
            assert site.hits - before == 250

    _run(main())


def test_an_engine_that_is_killed_is_told_as_lost_with_what_it_had_counted() -> None:
    async def main() -> None:
        async with Site() as site, Console() as console:
            run_id = await console.start(site.plan())
            await until(lambda: console.mirror.load is not None and console.mirror.load.done > 20, "answers")
            console.engine().kill()
            await console.over()
            await site.let_go()
            await until(lambda: kept(run_id).get("stopped_by") == "engine", "its record")

            assert console.mirror.load is not None
            assert console.mirror.load.phase is LoadPhase.LOST
            assert 20 < kept(run_id)["done"] <= site.hits
            assert audited()[-1] == ("load", "engine")

    _run(main())


@pytest.mark.parametrize("killed", ["console", "session"])
def test_whoever_is_killed_nothing_goes_on_sending_and_the_results_are_kept(killed: str) -> None:
    async def main() -> None:
        async with Site() as site:
            console = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.e2e.load_site", str(site.port), cwd=ROOT, stdout=asyncio.subprocess.PIPE
            )
            assert console.stdout is not None
            told = json.loads(await console.stdout.readline())
            run_id = told["run_id"]
            others = [psutil.Process(told[name]) for name in ("session", "engine")]
            await until(lambda: kept(run_id).get("done"), "a record of what happened so far")
            os.kill(console.pid if killed == "console" else told["session"], signal.SIGKILL)
            await until(lambda: not any(map(_lives, others)), "session and engine are gone")
            await site.let_go()
            if killed == "session":
                console.kill()
            await console.wait()

            record = kept(run_id)
            if killed == "console":
                assert (record["stopped_by"], record["sent"]) == ("its console is gone", site.hits)
                assert audited()[-1] == ("load", "its console is gone")
            else:
                assert record["stopped_by"] == "lost: whoever started it was killed"
                assert 0 < record["done"] <= site.hits

    _run(main())


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
