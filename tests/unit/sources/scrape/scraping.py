"""Expositions as text, scraped at given moments, and expressions evaluated over them: what several tests need."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

from perftui.sources.scrape.exposition import Exposition, Parser
from perftui.sources.scrape.promql.evaluate import Evaluator
from perftui.sources.scrape.promql.functions import Value
from perftui.sources.scrape.promql.parse import parse
from perftui.sources.scrape.promql.tree import Node, selects
from perftui.sources.scrape.samples import Samples
from perftui.sources.turns import finish

DATA = Path(__file__).parents[3] / "data" / "expositions"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def recorded(name: str) -> bytes:
    """A real exposition."""
    return gzip.decompress((DATA / f"{name}.prom.gz").read_bytes())


def read(text: str | bytes, content_type: str = TEXT, parser: Parser | None = None) -> Exposition:
    body = text.encode() if isinstance(text, str) else text
    return finish((parser or Parser(200_000)).read(body, content_type))


class Scraped:
    """One endpoint whose expositions are given; expressions are read for a scrape every ``interval_s``."""

    def __init__(self, *exprs: str, interval_s: float = 1.0, **limits: int) -> None:
        self.interval_s = interval_s
        self.parser = Parser(200_000)
        self.samples = Samples(interval_s, **limits)
        self.evaluator = Evaluator(self.samples, lambda: self.samples.at)
        self.trees: dict[str, Node] = {}
        self.want(*exprs)

    def want(self, *exprs: str) -> None:
        self.trees = {expr: parse(expr, self.interval_s) for expr in exprs}
        found = (select for tree in self.trees.values() for select in selects(tree))
        self.samples.want((select.picker, select.range_s) for select in found if select.range_s)

    def scrape(self, at: float, text: str, content_type: str = TEXT) -> None:
        finish(self.samples.take(at, read(text, content_type, self.parser)))

    def scrapes(self, texts: Iterable[str], start: float = 1000.0) -> None:
        """One after the other, an interval apart."""
        for number, text in enumerate(texts):
            self.scrape(start + number * self.interval_s, text)

    def value(self, expr: str) -> Value:
        tree = self.trees.get(expr)
        return finish(self.evaluator.value(parse(expr, self.interval_s) if tree is None else tree))

    def vector(self, expr: str) -> dict[str, float]:
        """Values by labels, written as in PromQL without the braces."""
        value = self.value(expr)
        assert not isinstance(value, float)
        return {",".join(f"{label}={text}" for label, text in labels): number for labels, number in value.items()}
