"""What 1 000 agents and 20 000 tasks cost, second by second: in the session, on the link, and on the screen.

``python -m benchmarks.work`` plays a workflow whose agents begin and end 300 tasks a second, ticks the session on it,
takes the Update over as a console does, and draws both screens. CPU milliseconds; 1 when a bound does not hold.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from perftui.config.clock_face import ClockFace
from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Config, Sources, WorkflowSource
from perftui.domain.workflow import Event, EventType
from perftui.link.framing import _session_decoder, frame
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror
from perftui.session.advisor import Advisor
from perftui.session.judge import Judge
from perftui.session.state import State
from perftui.session.subscriber import Subscriber
from perftui.session.triage.triage import Triage
from perftui.session.work import Work
from perftui.store.claims import Claims
from perftui.store.firings import Firings
from perftui.store.history import History
from perftui.store.memory import MemoryStore
from perftui.view.agents import Manning, agents_picture, agents_watches
from perftui.view.glyphs import UTF8
from perftui.view.scene import Scene
from perftui.view.workflow import workflow_picture
from perftui.view.working import Working

AGENTS, TASKS, A_SECOND = 1_000, 20_000, 300
WIDTH, HEIGHT = 120, 39
# a key is answered at once, and a second's work leaves most of the second to others
BOUNDS_MS = {"a key": 50.0, "screen": 50.0, "session": 100.0}
_START = 1_700_000_000.0
_T = TypeVar("_T")


class Play:
    """A workflow in which every agent works, and ``A_SECOND`` tasks end and begin each second."""

    def __init__(self, agents: int, tasks: int) -> None:
        self._agents, self._next, self._running = agents, 0, list[tuple[str, str]]()
        self.events = [Event(_START, EventType.WORKFLOW_STARTED, workflow="w", name="load")]
        self.events += [Event(_START, EventType.AGENT_JOINED, agent=f"agent_{n:04}") for n in range(agents)]
        self.events += [
            Event(_START, EventType.TASK_QUEUED, workflow="w", phase=f"p{n % 4}", task=f"task_{n:05}", kind=f"k{n % 7}")
            for n in range(tasks)
        ]
        for number in range(agents):
            self._begin(_START + 1, f"agent_{number:04}")

    def _begin(self, at: float, agent: str) -> None:
        task = f"task_{self._next:05}"
        self._next += 1
        self._running.append((task, agent))
        self.events.append(Event(at, EventType.TASK_STARTED, workflow="w", task=task, agent=agent))

    def second(self, at: float) -> list[Event]:
        """What happens in one second."""
        events, self.events = self.events, []
        for number in range(A_SECOND):
            task, agent = self._running.pop(0)
            when = at + number / A_SECOND
            self.events.append(
                Event(when, EventType.TASK_FINISHED, workflow="w", task=task, agent=agent, status="ok", cpu_s=0.1)
            )
            self._begin(when, agent)
        return events


def _config() -> Config:
    return msgspec.structs.replace(DEFAULTS, sources=Sources(workflow={"w": WorkflowSource(path="w.jsonl")}))


class Bench:
    """Took is CPU: what other programs do at the same time is not ours."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}

    def time(self, name: str, run: Callable[..., _T], *args: object) -> _T:
        begun = time.process_time()
        result = run(*args)
        self.took.setdefault(name, []).append((time.process_time() - begun) * 1e3)
        return result


def run(seconds: int) -> dict[str, list[float]]:
    """Milliseconds by what was done, one for each second."""
    config, memory, bench = _config(), MemoryStore(3600), Bench()
    state = State(
        History(memory, None), Judge((), memory), Advisor(config, memory), Triage(Claims(None, time.time), Firings())
    )
    work, subscriber, mirror = Work(config, memory), Subscriber(state, lambda: None), Mirror()
    for table in ("workflows", "phases", "tasks", "agents", "pools"):
        subscriber.watch_table(table, True)
    play, working, manning = Play(AGENTS, TASKS), Working(), Manning()
    face = ClockFace("UTC")
    for second in range(seconds):
        now = _START + 2 + second
        events = play.second(now)
        if second == 0:
            work.take("w", events)
        else:
            bench.time("session: events", work.take, "w", events)
        for batch in bench.time("session: rows and series", work.tick, now):
            state.take(batch, 1.0)
        tables = {name: held.rows for name, held in state.tables.items()}
        bench.time("session: advice", state.advisor.tick, now, (), tables, ())
        for item in agents_watches(manning, WIDTH, HEIGHT):
            subscriber.watch(Watch(item.name, item.selectors, 300.0, None, item.cells))
        update = bench.time("session: what changed", subscriber.update, now)
        if update is None:
            continue
        text = frame(update)
        bench.took.setdefault("bytes of an update, kB", []).append(len(text) / 1e3)
        arrived = bench.time("screen: take over", _session_decoder.decode, text[4:])
        bench.time("screen: mirror", mirror.apply, arrived)
        scene = Scene(mirror, config, UTF8, now, now, 300.0, face.text, "")
        bench.time("screen: workflow, update", working.update, mirror)
        bench.time("screen: workflow, draw", workflow_picture, scene, working, WIDTH, HEIGHT)
        bench.time("screen: agents, update", manning.update, mirror)
        bench.time("screen: agents, draw", agents_picture, scene, manning, WIDTH, HEIGHT)
        filters = ("k3", "task_01", "agent_0", "")
        bench.time("a key: filter tasks", working.tasks.set_filter, filters[second % 4])
        columns = [column.id for column in working.tasks.columns]
        bench.time("a key: sort tasks", working.tasks.sort_by, columns[second % len(columns)])
        bench.time("a key: filter agents", manning.table.set_filter, filters[second % 4])
    return bench.took


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.work", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    print(f"{AGENTS} agents, {TASKS} tasks, {A_SECOND} end and begin each second; CPU ms")
    print(f"{'':34}{'median':>9}{'worst':>9}{'first':>9}")
    failed = []
    for name, took in run(options.seconds).items():
        later = took[1:]
        median, worst = statistics.median(later), max(later)
        bound = BOUNDS_MS.get(name.partition(":")[0])
        print(f"{name:34}{median:9.2f}{worst:9.2f}{took[0]:9.2f}" + (f"   bound {bound:.0f}" if bound else ""))
        if bound is not None and median > bound:
            failed.append(name)
    for name in failed:
        print(f"FAILED: {name} takes longer than its bound")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
