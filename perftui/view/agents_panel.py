"""The panel of agents: who works on what, how busy each was, and whether work waits for them."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.domain.units import Unit, format_value
from perftui.domain.workflow import AgentRow, PoolRow
from perftui.view.agents_rows import (
    FULL,
    TIMEOUTS,
    UNEVEN,
    Crew,
    agent_role,
    agent_sign,
    doing,
    in_trouble,
    waits,
)
from perftui.view.agents_strip import Strips
from perftui.view.scene import Scene
from perftui.view.text import Line, Span, fit, left, text_width
from perftui.view.workflow_panel import joined
from perftui.view.workflow_rows import shown

_P95 = 15
# what is left of an agent in fewer cells is not worth a column of its own
_LEAST_COLUMN, _MOST_COLUMNS = 36, 3
_LEAST_STRIP, _LEAST_NAME = 6, 6
_MOST_DOING = 24


def agents_summary(scene: Scene, crew: Crew, width: int) -> Line:
    """How many are busy, and the share of their time that was worked, in ``width`` cells."""
    total = sum(pool.total for pool in crew.pools)
    busy = [pool.active for pool in crew.pools if pool.active is not None]
    known = [(pool.utilisation, pool.total) for pool in crew.pools if pool.utilisation is not None and pool.total]
    share = sum(value * size for value, size in known) / sum(size for _, size in known) if known else None
    full = share is not None and share > FULL
    told = f"{sum(busy)} of {total}" if len(busy) == len(crew.pools) else f"{total}"
    worked = format_value(share, Unit.RATIO) + (f" {scene.glyphs.watch}" if full else "")
    texts = (f"{told} {'busy' if ' ' in told else 'agents'}  {worked}", f"{told}  {worked}", worked)
    text = next((text for text in texts if text_width(text) <= width), worked)
    return ((text, Role.WATCH if full else Role.VALUE),)


def queue_in_frame(crew: Crew, width: int, height: int) -> bool:
    """Whether the agents need all lines of a body, so that the queue had better stand in the frame below them."""
    return places(crew, width, height)[1] >= height


def places(crew: Crew, width: int, height: int) -> tuple[int, int, int]:
    """Columns, lines for agents, and how many agents they show; as few columns as show them all, if any do."""
    size = len(crew.agents)
    most = max(1, min(_MOST_COLUMNS, width // _LEAST_COLUMN))
    for across in range(1, most + 1):
        lines = -(-size // across)
        if lines + min(1, len(crew.pools)) <= height:
            return across, height - min(len(crew.pools), height - lines), size
    for across in range(1, most + 1):
        if -(-size // across) <= height:
            return across, height, size
    # the last line says how many there are more
    return most, height, max(0, height - 1) * most


def agents_body(scene: Scene, crew: Crew, strips: Strips, width: int, height: int) -> tuple[Line, ...]:
    """The agents, those in trouble first; then a line a pool, unless it stands in the frame."""
    across, room, size = places(crew, width, height)
    listed = crew.agents[:size]
    column = (width - 2 * (across - 1)) // across
    names = min(max((text_width(shown(row.agent)) for row in listed), default=0), max(_LEAST_NAME, column // 4))
    tasks = max((text_width(doing(row, crew.at)) for row in listed if not in_trouble(row)), default=0)
    # in steps: strips must not become longer and shorter with every task
    tasks = min(_MOST_DOING, -(-tasks // 4) * 4)
    cells = [_agent_line(scene, crew, row, strips, column, names, tasks) for row in listed]
    high = -(-size // across)
    lines = [_beside(cells[row::high], width, scene.glyphs.ellipsis) for row in range(high)]
    if size < len(crew.agents) and room > 0:
        more = f"{scene.glyphs.ellipsis} {len(crew.agents) - size} more: screen 3 lists them all"
        lines.append(fit(((more, Role.LABEL),), width, scene.glyphs.ellipsis))
    several = len(crew.pools) > 1
    lines += [queue_line(scene, pool, width, named=several) for pool in crew.pools[: height - room]]
    return tuple(lines[: max(0, height)])


def _beside(cells: Sequence[Line], width: int, ellipsis: str) -> Line:
    line: Line = cells[0]
    for cell in cells[1:]:
        line = (*line, ("  ", Role.TEXT), *cell)
    return fit(line, width, ellipsis)


def _agent_line(scene: Scene, crew: Crew, row: AgentRow, strips: Strips, width: int, names: int, tasks: int) -> Line:
    """Sign and name always; what it does, its p95 and its strip as there is room for them."""
    glyphs = scene.glyphs
    head: Line = (
        (f"{agent_sign(row, glyphs)} ", agent_role(row)),
        (left(shown(row.agent), names, glyphs.ellipsis), Role.VALUE),
    )
    room = width - names - 2
    if in_trouble(row):
        return fit((*head, (f"  {doing(row, crew.at)}", Role.BAD)), width, glyphs.ellipsis)
    tail: list[Span] = []
    if room >= _P95 + 2 + _LEAST_STRIP:
        tail.append(_p95(scene, crew, row))
        room -= _P95
    if room >= tasks + 2:
        work: Span = (f"  {left(doing(row, crew.at), tasks, glyphs.ellipsis)}", agent_role(row))
        tail.insert(0, work)
        room -= tasks + 2
    middle: Line = ()
    if room >= _LEAST_STRIP + 2:
        middle = (("  ", Role.TEXT), *strips.line(row, room - 2))
    return fit((*head, *middle, *tail), width, glyphs.ellipsis)


def _p95(scene: Scene, crew: Crew, row: AgentRow) -> Span:
    slow = crew.slow_s is not None and row.p95_s is not None and row.p95_s > crew.slow_s
    text = left(f"p95 {format_value(row.p95_s, Unit.SECONDS)}", _P95 - 4, scene.glyphs.ellipsis)
    return f"  {text}{f' {scene.glyphs.watch}' if slow else '  '}", Role.WATCH if slow else Role.LABEL


def queue_line(scene: Scene, pool: PoolRow, width: int, *, named: bool = False) -> Line:
    """Queue, wait, balance and timeouts, each with a sign when it is worth a look."""

    def figure(name: str, text: str, *, watch: bool) -> Span:
        sign = f" {scene.glyphs.watch}" if watch else ""
        return f"{name} {text}{sign}", Role.WATCH if watch else Role.VALUE

    tight = waits(pool)
    uneven = pool.balance is not None and pool.balance < UNEVEN
    late = pool.timeout_ratio is not None and pool.timeout_ratio > TIMEOUTS
    queue = scene.glyphs.dash if pool.queue is None else str(pool.queue)
    parts: list[Span] = [(shown(pool.key), Role.LABEL)] if named else []
    parts += [
        figure("queue", queue, watch=tight and bool(pool.queue)),
        figure("wait p95", format_value(pool.wait_p95_s, Unit.SECONDS), watch=tight),
        figure("balance", format_value(pool.balance, Unit.RATIO), watch=uneven),
        figure("timeouts", format_value(pool.timeout_ratio, Unit.RATIO), watch=late),
    ]
    return fit(joined(parts, width), width, scene.glyphs.ellipsis)
