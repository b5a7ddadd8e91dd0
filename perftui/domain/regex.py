"""Regular expressions that match a whole text in linear time: no expression that anybody types can stop a screen.

The tree becomes a machine of states that may be in many of them at once (Thompson, 1968); sets of states that were met
once are remembered with where each character leads from them, so that matching is a walk through a table.
"""

from __future__ import annotations

import re
from functools import lru_cache

from perftui.domain.regex_syntax import Anchor, Chars, Either, Many, Node, Row, read

_MOST_STATES = 1000
# of states in remembered sets and of steps between these
_MOST_REMEMBERED = 200_000
_MOST_RESULTS = 20_000
_ANYTHING = Many(Chars(((10, 10),), negated=True), 0, None)
# what stood before: nothing, a letter of a word, the end of a line, something else
_START, _WORD, _LINE, _OTHER = range(4)


class Regex:
    """An anchored expression, as Alertmanager means it: ``^(?:...)$``. Raises ValueError in words for a bad one."""

    def __init__(self, pattern: str) -> None:
        tree = read(pattern)
        self._results: dict[str, bool] = {}
        self._texts, self._simple = _texts(tree), _simple(tree)
        self._machine = None if self._texts is not None or self._simple else _Machine(tree)

    def matches(self, text: str) -> bool:
        """Whether the whole text is one that the expression describes."""
        if self._simple is not None:
            return self._simple.fullmatch(text) is not None
        if self._machine is None:
            return text in (self._texts or ())
        known = self._results.get(text)
        if known is None:
            known = self._machine.matches(text)
            if len(self._results) >= _MOST_RESULTS:
                self._results.clear()
            self._results[text] = known
        return known


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Regex:
    """The expression, made once. Raises ValueError in words."""
    return Regex(pattern)


def _texts(tree: Node) -> frozenset[str] | None:
    """The texts of ``a|bc|d``, which need no machine; None for what is more than that."""
    texts = [_text(node) for node in (tree.nodes if isinstance(tree, Either) else (tree,))]
    return None if None in texts else frozenset(text for text in texts if text is not None)


def _text(node: Node) -> str | None:
    chars = node.nodes if isinstance(node, Row) else (node,)
    found = [char.ranges[0][0] for char in chars if isinstance(char, Chars) and _is_plain(char)]
    return "".join(map(chr, found)) if len(found) == len(chars) else None


def _simple(tree: Node) -> re.Pattern[str] | None:
    """For Python's own machine, which is quicker: characters one after the other of which one is repeated, or which
    stand between two ``.*``.

    It has little to go back to in these. None for what is more than that.
    """
    parts = tree.nodes if isinstance(tree, Row) else (tree,)
    repeated = [part for part in parts if isinstance(part, Many)]
    chars = [part.node if isinstance(part, Many) else part for part in parts]
    between = len(repeated) == 2 and parts[0] == parts[-1] == _ANYTHING
    if not (len(repeated) == 1 or between) or not all(isinstance(char, Chars) and not char.fold for char in chars):
        return None
    return re.compile("".join(map(_python, parts)))


def _python(node: Node) -> str:
    """One character, repeated or not, as Python writes it."""
    if isinstance(node, Many):
        return f"{_python(node.node)}{{{node.least},{'' if node.most is None else node.most}}}"
    if not isinstance(node, Chars):
        return ""
    if _is_plain(node):
        return re.escape(chr(node.ranges[0][0]))
    listed = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in node.ranges)
    if not listed:  # all of them, or none
        return r"[\s\S]" if node.negated else r"[^\s\S]"
    return f"[{'^' if node.negated else ''}{listed}]"


def _is_plain(char: Chars) -> bool:
    return not char.fold and not char.negated and len(char.ranges) == 1 and char.ranges[0][0] == char.ranges[0][1]


class _Set:
    """States before what is empty between them is walked through; ``steps`` leads on by character."""

    __slots__ = ("accepts", "before", "states", "steps")

    def __init__(self, states: frozenset[int], before: int) -> None:
        self.states, self.before = states, before
        self.steps: dict[str, _Set] = {}
        self.accepts: bool | None = None


class _Machine:
    """State 0 is the end. A state takes one character (``_takes``), asks for a place (``_asks``), or is nothing; then
    it goes on to all of ``_next``.
    """

    def __init__(self, tree: Node) -> None:
        self._takes: list[Chars | None] = [None]
        self._asks: list[str] = [""]
        self._next: list[tuple[int, ...]] = [()]
        first = frozenset({self._made(tree, 0)})
        self._first = _Set(first, _START)
        self._sets = {(first, _START): self._first}
        self._remembered = 0

    def matches(self, text: str) -> bool:
        at = self._first
        for char in text:
            following = at.steps.get(char)
            at = self._step(at, char) if following is None else following
            if not at.states:
                return False
        if at.accepts is None:
            at.accepts = 0 in self._reached(at, "")
        return at.accepts

    def _step(self, at: _Set, char: str) -> _Set:
        takers = [state for state in self._reached(at, char) if (one := self._takes[state]) and one.takes(char)]
        states = frozenset(goal for state in takers for goal in self._next[state])
        before = _WORD if _is_word(char) else _LINE if char == "\n" else _OTHER
        self._remembered += 1 + len(states)
        if self._remembered > _MOST_REMEMBERED:  # it must not fill the memory
            self._remembered = 0
            self._sets.clear()
            self._first = _Set(self._first.states, _START)
            at.steps.clear()
        found = self._sets.setdefault((states, before), _Set(states, before))
        at.steps[char] = found
        return found

    def _reached(self, at: _Set, char: str) -> set[int]:
        """All states that can be reached without a character, when this one (empty: none) comes next."""
        found, waiting = set(at.states), list(at.states)
        while waiting:
            state = waiting.pop()
            if self._takes[state] is None and self._holds(self._asks[state], at.before, char):
                new = [goal for goal in self._next[state] if goal not in found]
                found.update(new)
                waiting += new
        return found

    @staticmethod
    def _holds(asked: str, before: int, char: str) -> bool:
        if not asked:
            return True
        if asked in ("word", "inside"):
            boundary = (before == _WORD) is not _is_word(char)
            return boundary is (asked == "word")
        if asked.endswith("start"):
            return before == _START or (asked == "line_start" and before == _LINE)
        return not char or (asked == "line_end" and char == "\n")

    def _add(self, following: tuple[int, ...], takes: Chars | None = None, asks: str = "") -> int:
        if len(self._next) >= _MOST_STATES:
            raise ValueError("the regular expression is too large: counts multiply what they stand behind")
        self._takes.append(takes)
        self._asks.append(asks)
        self._next.append(following)
        return len(self._next) - 1

    def _made(self, node: Node, goal: int) -> int:
        """The first state of what leads through a node to ``goal``."""
        if isinstance(node, Chars):
            return self._add((goal,), takes=node)
        if isinstance(node, Anchor):
            return self._add((goal,), asks=node.kind)
        if isinstance(node, Either):
            return self._add(tuple(self._made(one, goal) for one in node.nodes))
        if isinstance(node, Row):
            for one in reversed(node.nodes):
                goal = self._made(one, goal)
            return goal
        return self._many(node, goal)

    def _many(self, node: Many, goal: int) -> int:
        end = goal
        if node.most is None:
            loop = self._add(())
            self._next[loop] = (self._made(node.node, loop), goal)
            end = loop
        for _ in range(0 if node.most is None else node.most - node.least):
            end = self._add((self._made(node.node, end), goal))
        for _ in range(node.least):
            end = self._made(node.node, end)
        return end


def _is_word(char: str) -> bool:
    return char != "" and char.isascii() and (char.isalnum() or char == "_")
