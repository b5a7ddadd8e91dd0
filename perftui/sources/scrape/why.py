"""Why an expression has no values, in a sentence that helps: a name that is wrong, a label, or only time."""

from __future__ import annotations

import difflib

from perftui.domain.series import Matcher
from perftui.domain.text import clean
from perftui.sources.scrape.promql.tree import Binary, Node, Picker, selects, walk
from perftui.sources.scrape.promql.words import COMPARISONS
from perftui.sources.scrape.samples import AHEAD_S, LOOK_BACK_S, Samples

_SHOWN = 5
_MEMO = 500


class Why:
    """Remembers similar names as long as the names of the metrics stay what they are."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._version = -1
        self._similar: dict[str, str] = {}

    def empty(self, tree: Node) -> str:
        """Why nothing came out of it."""
        found = selects(tree)
        for select in found:
            missing = self.missing(select.picker)
            if missing:
                return missing
        for select in found:
            astray = self.astray(select.picker, select.range_s)
            if astray:
                return astray
        windows = [(select.picker, select.range_s) for select in found if select.range_s]
        if windows and all(len(ring.times) < 2 for window in windows for _, ring in self._samples.window(window)):
            return "it needs two scrapes, and there was one"
        if any(isinstance(node, Binary) and node.operator in COMPARISONS for node in walk(tree)):
            return "nothing passes its comparison now"
        return "its result is empty now"

    def missing(self, picker: Picker) -> str:
        """Why a selector picks nothing; empty when it picks something."""
        samples = self._samples
        if samples.picked(picker):
            return ""
        if not picker.name:
            return "no metric matches its selector"
        if picker.name not in samples.names:
            return f"no metric is called {clean(picker.name, 80)}{self._meant(picker.name)}"
        for matcher in picker.matchers:
            if not samples.picked(Picker(picker.name, (matcher,))):
                return self._no_such_label(picker.name, matcher)
        return f"no series of {picker.name} matches all of its labels together"

    def astray(self, picker: Picker, range_s: float = 0.0) -> str:
        """Why samples that bring their own times count for nothing now; empty when one of them counts."""
        samples = self._samples
        if not samples.times:
            return ""
        ages = [samples.at - samples.times.get(series, samples.at) for series in samples.picked(picker)]
        if ages and min(ages) >= (range_s or LOOK_BACK_S):
            return f"its samples are too old: the times that they bring lie {min(ages):.0f} s back"
        if ages and not range_s and max(ages) < -AHEAD_S:
            return f"its samples are of the future: the times that they bring lie {-max(ages):.0f} s ahead of our clock"
        return ""

    def _no_such_label(self, name: str, matcher: Matcher) -> str:
        series = self._samples.names[name]
        values = sorted({value for one in series if (value := one.label(matcher.label))})
        if values:
            text = f'{clean(matcher.label, 40)}{matcher.op}"{clean(matcher.value, 60)}"'
            return f"no series of {name} has {text} (there is {_listed(values)})"
        labels = sorted({label for one in series for label, _ in one.labels})
        return f"{name} has no label {clean(matcher.label, 40)} ({_listed(labels) if labels else 'it has none'})"

    def _meant(self, name: str) -> str:
        if self._version != self._samples.names_version or len(self._similar) > _MEMO:
            self._version = self._samples.names_version
            self._similar.clear()
        found = self._similar.get(name)
        if found is None:
            # a comparison takes some time: names of a quite different length are none that was meant
            near = [other for other in self._samples.names if abs(len(other) - len(name)) <= 8][:2000]
            close = difflib.get_close_matches(name, near, 1, 0.7)
            found = self._similar[name] = f", did you mean {close[0]}?" if close else ""
        return found


def _listed(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(clean(word, 40) for word in words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
