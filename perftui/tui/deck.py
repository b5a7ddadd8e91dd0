"""What the app hands to its screens: the mirrored state, the configuration in force, and where in time they look."""

from __future__ import annotations

from collections.abc import Callable, Collection

from perftui.config.clock_face import ClockFace
from perftui.config.keymap import FAULT, Binding
from perftui.config.meaning import bindings
from perftui.config.schema import Charts, Config
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.units import Unit, format_value, three_digits
from perftui.link.client import Client
from perftui.link.cost import CostMeter
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror, Table
from perftui.profiles.load import with_profiles
from perftui.tui.driver.meter import LinkFigures
from perftui.tui.loads import Loads
from perftui.tui.playhead import Playhead
from perftui.tui.slow_link import SlowLink
from perftui.tui.themes import Skin
from perftui.view.glyphs import GlyphSet
from perftui.view.kept import Kept
from perftui.view.marks import WORKFLOWS
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line
from perftui.view.watches import Wanted

_CURSOR_STEPS = 100
_FAULT_CONTROL = "fault"


class Deck:
    """One for each console. Screens read it; only the app changes configuration, skin, playhead and banner.

    ``controls`` are names of commands of whoever opened the console, ``budgeted`` whether they limited the link.
    """

    def __init__(
        self,
        config: Config,
        mirror: Mirror,
        client: Client,
        skin: Skin,
        glyphs: GlyphSet,
        wall: Callable[[], float],
        cost: CostMeter,
        monotonic: Callable[[], float],
        controls: Collection[str] = (),
        link: Callable[[], LinkFigures | None] = lambda: None,
        budgeted: bool = False,
    ) -> None:
        self.mirror, self.client, self.skin, self.glyphs = mirror, client, skin, glyphs
        self.wall, self.monotonic = wall, monotonic
        self._cost, self._controls, self._link = cost, frozenset(controls), link
        self._budgeted, self._slow_link = budgeted, SlowLink()
        self.playhead = Playhead(config.window)
        self.cursor: float | None = None
        self.banner = ""
        self._held: tuple[Window | Table, ...] = ()
        self._profiles: dict[str, tuple[str, ...]] = {}
        self.loads = Loads(lambda: self.client, mirror)
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Another configuration is in force; the ready panels that fit are added to it."""
        self._given = config
        self._config = with_profiles(config, self._profiles)
        self._kept = Kept()
        self._face = ClockFace(config.timezone)
        self.bindings: tuple[Binding, ...] = tuple(
            binding for binding in bindings(config) if binding.id != FAULT or _FAULT_CONTROL in self._controls
        )

    @property
    def face(self) -> ClockFace:
        return self._face

    def config(self) -> Config:
        """The configuration in force, with the ready panels that fit what the sources measure."""
        return self._config

    def profiles_changed(self) -> bool:
        """Whether other ready panels fit than at the last look; then they are part of the configuration."""
        found = {source.name: source.profiles for source in self.mirror.sources if source.profiles}
        if found == self._profiles:
            return False
        self._profiles = found
        self._config = with_profiles(self._given, found)
        self._kept = Kept()
        return True

    def scene(self) -> Scene:
        """What to draw now."""
        now = self.wall()
        # the newest samples are those of the last Update: time that passed since has nothing to show yet
        live_edge = now if self.mirror.at is None else self.mirror.at
        end = self.playhead.at(live_edge)
        return Scene(
            mirror=self.mirror,
            config=self._config,
            glyphs=self.glyphs,
            now=now,
            end=end,
            span_s=self.playhead.span_s,
            clock_text=self._face.text,
            offset_text=self._face.offset(end),
            mode=self.playhead.mode,
            cursor=self.cursor,
            banner=self.banner,
            sweep=self._sweeps(),
            kept=self._kept,
        )

    def _sweeps(self) -> bool:
        """Whether charts spare the link."""
        slow = self._slow_link.look(self._link(), self.monotonic())
        return slow or self._budgeted if self._config.charts is Charts.AUTO else self._config.charts is Charts.SWEEP

    def windows_changed(self) -> bool:
        """Whether other windows and tables than at the last look are mirrored: they arrive after they were asked for.

        A table that only has other rows is the same one.
        """
        held: tuple[Window | Table, ...] = (*self.mirror.windows.values(), *self.mirror.tables.values())
        changed = list(map(id, held)) != list(map(id, self._held))
        self._held = held
        return changed

    @property
    def still(self) -> bool:
        """Whether new samples change nothing that is shown."""
        return self.playhead.mode is not Mode.LIVE

    def watch(self, wanted: tuple[Wanted, ...]) -> None:
        """Watch exactly these windows, at the playhead."""
        names = {item.name for item in wanted}
        for name in self.client.watched - names:
            self.client.unwatch(name)
        for item in wanted:
            cells = min(4096, item.cells)
            self.client.watch(
                Watch(item.name, item.selectors, self.playhead.span_s, self.playhead.end, cells, item.shift_s)
            )

    def seen(self, names: Collection[str]) -> tuple[tuple[int, int], ...]:
        """What identifies these tables as they are mirrored now; empty while none of them is."""
        tables = [self.mirror.tables[name] for name in names if name in self.mirror.tables]
        return tuple((id(table), table.version) for table in tables)

    def watch_tables(self, names: Collection[str]) -> None:
        """Watch exactly these tables, and that of the marks where a key depends on what they say."""
        wanted = {*names, *((WORKFLOWS,) if self._controls else ())}
        for name in self.client.watched_tables | wanted:
            self.client.watch_table(name, name in wanted)

    def move_cursor(self, steps: int) -> None:
        """Put the reading cursor at the right edge, or move it within the window."""
        scene = self.scene()
        stride = scene.span_s / _CURSOR_STEPS
        at = scene.end - stride / 2 if self.cursor is None else self.cursor + steps * stride
        self.cursor = min(max(at, scene.start), scene.end - stride / 2)

    def own_cost(self) -> Line:
        """CPU and memory of the console and its session together, once both were measured."""
        mine, session = self._cost.read(), self.mirror.cost
        if mine is None or session is None or mine.cpu_ratio is None or session.cpu_ratio is None:
            return ()
        memory = (mine.rss_bytes or 0.0) + (session.rss_bytes or 0.0)
        figures = f"{format_value(mine.cpu_ratio + session.cpu_ratio, Unit.RATIO)} {format_value(memory, Unit.BYTES)}"
        return (("self ", Role.LABEL), (figures, Role.VALUE))

    def link_line(self) -> Line:
        """The link to the terminal, once it was measured; how many frames a second only where it held some back."""
        link = self._link()
        if link is None:
            return ()
        figures = [format_value(link.bytes_per_s, Unit.BYTES_PER_SECOND)]
        if link.rtt_s is not None:
            figures.insert(0, format_value(link.rtt_s, Unit.SECONDS))
        if link.held_back:
            figures.append(f"{three_digits(link.frames_per_s)} frames/s")
        return (("link ", Role.LABEL), (" ".join(figures), Role.VALUE))
