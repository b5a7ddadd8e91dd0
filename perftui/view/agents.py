"""The Agents screen: the figures of a pool and how they went, and the table of its agents."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.domain.workflow import AgentRow
from perftui.link.mirror import Mirror
from perftui.view.agents_panel import agents_summary, queue_line
from perftui.view.agents_pool import pool_height, pool_lines, pool_selectors
from perftui.view.agents_rows import AGENTS, POOLS, Crew, crew
from perftui.view.agents_strip import Strips, all_selectors, strip_selectors
from perftui.view.agents_table import Heat, agent_table
from perftui.view.compose import compose
from perftui.view.connecting import no_agents
from perftui.view.frame import framed
from perftui.view.layout import Region
from perftui.view.marks import WORKFLOWS
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.table_frame import table_picture
from perftui.view.text import Line, fit
from perftui.view.watches import Wanted
from perftui.view.work_panels import stale
from perftui.view.workflow_rows import shown
from perftui.view.wrap import wrapped

TABLES = (AGENTS, POOLS, WORKFLOWS)
POOL_WATCH, HEAT_WATCH = "agents.pool", "agents.heat"
_POOL, _AGENTS = "pool", "agents"
_LEAST_TABLE = 6
_TINY_WIDTH, _TINY_HEIGHT = 30, 8


class Manning:
    """What a person looks at: the agents of one pool; it stays as it was between updates.

    ``pool`` is the name of a source, empty for the first. ``_watched`` are the agents whose strips are watched: those
    in sight and as many around them, so that not every step of the cursor asks for others.
    """

    def __init__(self) -> None:
        self.pool = ""
        self.crew = Crew((), (), None, 0.0)
        self.pools: tuple[str, ...] = ()
        self.heat = Heat()
        self.table = agent_table(lambda: self.crew.at, lambda: self.crew.slow_s, self.heat)
        self._watched: frozenset[str] = frozenset()

    def update(self, mirror: Mirror) -> None:
        """Take over the mirrored tables."""
        everybody = crew(mirror)
        self.pools = tuple(
            dict.fromkeys([*(one.key for one in everybody.pools), *(a.source for a in everybody.agents)])
        )
        if self.pool not in self.pools:
            self.pool = self.pools[0] if self.pools else ""
        self.crew = crew(mirror, self.pool) if len(self.pools) > 1 else everybody
        self.table.update({row.key: row for row in self.crew.agents})

    def next_pool(self) -> None:
        if self.pools:
            self.pool = self.pools[(self.pools.index(self.pool) + 1) % len(self.pools)]

    def in_reach(self, rows: int) -> list[AgentRow]:
        """The agents whose strips are worth watching when ``rows`` of them are in sight."""
        known = {row.key: row for row in self.crew.agents}
        sight = [key for key in self.table.visible(self.table.top, rows) if key in known]
        if not self._watched.issuperset(sight) or len(self._watched) > 4 * max(1, rows):
            around = self.table.visible(self.table.top - rows, 3 * rows if self.table.top >= rows else 2 * rows)
            self._watched = frozenset(around)
        return [known[key] for key in self._watched if key in known]


def agents_regions(width: int, height: int) -> dict[str, Region]:
    """Where each part stands; none where there is only room for a line an agent."""
    if height < _TINY_HEIGHT or width < _TINY_WIDTH:
        return {}
    top = min(pool_height(width - 4) + 2, max(4, height // 2))
    if height - top < _LEAST_TABLE:
        return {_AGENTS: Region(0, 0, width, height)}
    return {_POOL: Region(0, 0, width, top), _AGENTS: Region(0, top, width, height - top)}


def agents_watches(manning: Manning, width: int, height: int) -> tuple[Wanted, ...]:
    """The windows of the pool's figures, and of the agents in sight."""
    regions = agents_regions(width, height)
    if not regions or not manning.pool:
        return ()
    rows = regions[_AGENTS].height - 3
    wanted = [Wanted(HEAT_WATCH, strip_selectors(manning.in_reach(rows)), max(2, width // 2))]
    if _POOL in regions:
        wanted.append(Wanted(POOL_WATCH, pool_selectors(manning.pool), max(2, width)))
    return tuple(one for one in wanted if one.selectors)


def all_watches(sources: tuple[str, ...], width: int) -> tuple[Wanted, ...]:
    """For who looks once, and can't know the agents yet."""
    selectors = tuple(selector for source in sources for selector in pool_selectors(source))
    wanted = (
        Wanted(HEAT_WATCH, all_selectors(sources), max(2, width // 2)),
        Wanted(POOL_WATCH, selectors, max(2, width)),
    )
    return wanted if sources else ()


def agents_picture(scene: Scene, manning: Manning, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    if not manning.pool:
        body = wrapped(no_agents(scene), Role.LABEL, max(0, width - 4))
        return framed(indented(body), width=width, height=height, title="Agents", glyphs=scene.glyphs)
    manning.heat.strips = Strips(scene, scene.window(HEAT_WATCH))
    regions = agents_regions(width, height)
    if not regions:
        return _lines(scene, manning, width, height)
    pictures = {}
    for name, region in regions.items():
        draw = _pool if name == _POOL else _table
        pictures[name] = draw(scene, manning, region.width, region.height)
    return compose(regions, pictures, width, height)


def _lines(scene: Scene, manning: Manning, width: int, height: int) -> tuple[Line, ...]:
    """The pool in a line or two, then its agents."""
    found = manning.crew
    lines = [fit(agents_summary(scene, found, width), width, scene.glyphs.ellipsis)]
    lines += [queue_line(scene, pool, width) for pool in found.pools[:1]]
    if height > len(lines) + 1 and manning.table.order:
        lines += manning.table.picture(width, height - len(lines), scene.glyphs)
    return tuple([*lines, *[fit((), width)] * height][:height])


def _title(manning: Manning, name: str) -> str:
    place = f", pool {manning.pools.index(manning.pool) + 1} of {len(manning.pools)}" if len(manning.pools) > 1 else ""
    return f"{name}  {shown(manning.pool)}{place}"


def _pool(scene: Scene, manning: Manning, width: int, height: int) -> tuple[Line, ...]:
    found, inner = manning.crew, max(0, width - 4)
    body: tuple[Line, ...] = wrapped("no figures of this pool yet", Role.LABEL, inner)
    if found.pools:
        body = pool_lines(scene, found.pools[0], scene.window(POOL_WATCH), inner, max(0, height - 2))
    return framed(
        indented(body), width=width, height=height, title=_title(manning, "Pool"),
        summary=stale(scene, found.at) or agents_summary(scene, found, inner - 20), glyphs=scene.glyphs,
    )  # fmt: skip


def _table(scene: Scene, manning: Manning, width: int, height: int) -> tuple[Line, ...]:
    return table_picture(
        scene, manning.table, width, height, title=_title(manning, "Agents"), noun="agent", empty="no agents yet",
        at=manning.crew.at,
    )  # fmt: skip
