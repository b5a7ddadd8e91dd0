"""Which expressions each source evaluates: configured ones, those of ready panels, and what consoles explore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from perftui.config.queries import configured_queries, panel_selectors
from perftui.config.schema import Config
from perftui.domain.queries import Query
from perftui.domain.series import Selector, parse_selector
from perftui.profiles.load import with_profiles
from perftui.sources.base import Explorer, Source

MAX_EXPLORED = 32
# how long an explored expression lives on while nobody watches it
_FORGOTTEN_S = 30.0


@runtime_checkable
class Picky(Protocol):
    """A source that delivers of its many series only those that somebody wants."""

    def set_interest(self, selectors: Sequence[Selector]) -> None: ...


class Questions:
    """``explorers`` are the sources that evaluate expressions, by name; ``more`` is what else one of them is asked."""

    def __init__(
        self,
        config: Config,
        sources: Sequence[Source],
        more: Callable[[str], tuple[Query, ...]] = lambda source: (),
    ) -> None:
        self._config, self._more = config, more
        self._picky = {source.name: source for source in sources if isinstance(source, Picky)}
        self.explorers = {source.name: source for source in sources if isinstance(source, Explorer)}
        self._explored: dict[tuple[str, str], tuple[Query, float]] = {}
        self._set: dict[str, tuple[Query, ...]] = {}
        self._interest: dict[str, frozenset[Selector]] = {}
        self._extended: tuple[dict[str, tuple[str, ...]], Config, Config] | None = None
        self._told: tuple[Config, tuple[object, ...]] | None = None
        self._watched: frozenset[Selector] = frozenset()
        self._tell()

    def configure(self, config: Config) -> None:
        """Another configuration is in force from the next tick on."""
        self._config = config

    def explore(self, source: str, query: Query, now: float) -> None:
        """Evaluate it as long as a console watches it. Raises ValueError when there are too many."""
        if (source, query.name) not in self._explored and len(self._explored) >= MAX_EXPLORED:
            raise ValueError(f"{MAX_EXPLORED} expressions are explored already: close some charts")
        self._explored[(source, query.name)] = (query, now)
        self._tell()

    def tick(self, now: float, watched: frozenset[Selector]) -> None:
        """Forget what nobody watches any more, and tell the sources what changed."""
        names = {(selector.source, selector.name) for selector in watched} if self._explored else set()
        for key, (query, seen) in list(self._explored.items()):
            if key in names:
                self._explored[key] = (query, now)
            elif now - seen > _FORGOTTEN_S:
                del self._explored[key]
        self._watched = watched if self._picky else frozenset()
        self._tell()

    def troubles(self) -> dict[str, str]:
        """Why expressions have no values, by ``source/name``."""
        return {
            f"{name}/{query}": text
            for name, source in self.explorers.items()
            for query, text in getattr(source, "troubles", {}).items()
        }

    def _tell(self) -> None:
        """Bring the sources up to date; cheap while nothing is wanted that was not wanted before."""
        config = self._full_config()
        more = {name: self._more(name) for name in self.explorers}
        explored = [(owner, query) for (owner, _), (query, _) in self._explored.items()]
        wanted = (more, explored, self._watched)
        # a configuration does not change: another one is another object
        if self._told is not None and self._told[0] is config and self._told[1] == wanted:
            return
        self._told = (config, wanted)
        for name, source in self.explorers.items():
            own = [query for owner, query in explored if owner == name]
            queries = tuple(dict.fromkeys((*configured_queries(config, name), *more[name], *own)))
            if self._set.get(name) != queries:
                self._set[name] = queries
                source.set_queries(queries)
        self._tell_interest(config)

    def _tell_interest(self, config: Config) -> None:
        if not self._picky:
            return
        texts = [text for panel in config.panels.values() for text in panel_selectors(config, panel)]
        texts += [rule.series for rule in config.alerts.values() if rule.enabled]
        wanted = self._watched.union(map(parse_selector, texts))
        for name, source in self._picky.items():
            asked = {query.name for query in self._set.get(name, ())}
            interest = frozenset(one for one in wanted if one.source == name and one.name not in asked)
            if self._interest.get(name) != interest:
                self._interest[name] = interest
                source.set_interest(sorted(interest, key=repr))

    def _full_config(self) -> Config:
        """With the ready panels that fit; made anew only when these or the configuration changed."""
        found = {name: tuple(getattr(source, "profiles", ())) for name, source in self.explorers.items()}
        known = self._extended
        if known is None or known[0] != found or known[1] is not self._config:
            self._extended = (found, self._config, with_profiles(self._config, found))
        return self._extended[2] if self._extended is not None else self._config
