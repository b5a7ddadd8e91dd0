"""Reads an expression; what is wrong is told with the character it is at and what was expected there."""

from __future__ import annotations

import math

from perftui.config.promql import LONGEST
from perftui.domain.series import Matcher
from perftui.sources.scrape.promql.lexer import Token, seconds, tokens, unquote
from perftui.sources.scrape.promql.patterns import check_pattern
from perftui.sources.scrape.promql.tree import (
    Aggregate,
    Binary,
    Call,
    ExpressionError,
    Matching,
    Negative,
    Node,
    Number,
    Picker,
    Select,
    Text,
)
from perftui.sources.scrape.promql.types import checked
from perftui.sources.scrape.promql.words import (
    AGGREGATIONS,
    COMPARISONS,
    FUNCTIONS,
    WITH_PARAMETER,
    only_elsewhere,
    unknown_function,
)

_DEEPEST = 60
_MOST_OPERATORS = 150
_LEVELS = {
    **dict.fromkeys(("or",), 1),
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(COMPARISONS, 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
    "^": 6,
}


def parse(expr: str, interval_s: float) -> Node:
    """The tree of an expression for what is scraped every ``interval_s``. Raises ExpressionError.

    ``$win`` is four scrapes, the shortest window in which a missed scrape makes no gap.
    """
    if len(expr) > LONGEST:
        raise ExpressionError(LONGEST, f"an expression has up to {LONGEST} characters")
    return _Reader(tokens(expr), interval_s).whole()


class _Reader:
    def __init__(self, found: list[Token], interval_s: float) -> None:
        self._tokens = found
        self._spans = {"$win": 4 * interval_s, "$__rate_interval": 4 * interval_s, "$__interval": interval_s}
        self._position = self._depth = self._operators = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _peek(self, ahead: int = 1) -> Token:
        return self._tokens[min(self._position + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._next
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def _taken(self, *texts: str) -> Token | None:
        """The next token, when it is one of these signs or words (words in any case)."""
        token = self._next
        if token.kind in ("sign", "name") and token.text.lower() in texts:
            return self._take()
        return None

    def _expect(self, sign: str) -> Token:
        token = self._taken(sign)
        if token is None:
            raise self._wrong(f'expected "{sign}"')
        return token

    def _wrong(self, expected: str) -> ExpressionError:
        return ExpressionError(self._next.at, f"{expected} and found {self._next}")

    def whole(self) -> Node:
        if self._next.kind == "end":
            raise ExpressionError(1, "an expression is not empty")
        node = self._expression(1)
        if self._next.kind != "end":
            raise self._wrong("expected an operator or the end")
        return node

    def _expression(self, level: int) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError(self._next.at, f"it is nested more than {_DEEPEST} deep")
        left = self._operand()
        while (operator := self._operator(level)) is not None:
            flag = self._taken("bool") is not None
            if flag and operator.text.lower() not in COMPARISONS:
                raise ExpressionError(operator.at, '"bool" only stands behind a comparison')
            matching = self._matching()
            of = _LEVELS[operator.text.lower()]
            right = self._expression(of if operator.text == "^" else of + 1)
            left = checked(Binary(operator.at, operator.text.lower(), left, right, matching, flag))
        self._depth -= 1
        return left

    def _operator(self, level: int) -> Token | None:
        token = self._next
        if token.kind not in ("sign", "name") or _LEVELS.get(token.text.lower(), 0) < level:
            return None
        self._operators += 1
        if self._operators > _MOST_OPERATORS:
            raise ExpressionError(token.at, f"an expression has up to {_MOST_OPERATORS} operators here")
        return self._take()

    def _matching(self) -> Matching:
        how = self._taken("on", "ignoring")
        if how is None:
            return Matching()
        labels = self._labels()
        group = self._taken("group_left", "group_right")
        if group is None:
            return Matching(how.text.lower() == "on", labels)
        include = self._labels() if self._next.text == "(" else ()
        return Matching(how.text.lower() == "on", labels, group.text.lower().removeprefix("group_"), include)

    def _labels(self) -> tuple[str, ...]:
        self._expect("(")
        found: list[str] = []
        while self._taken(")") is None:
            if self._next.kind != "name" or ":" in self._next.text:
                raise self._wrong("expected a label's name")
            found.append(self._take().text)
            if self._taken(",") is None and self._next.text != ")":
                raise self._wrong('expected "," or ")"')
        return tuple(dict.fromkeys(found))

    def _operand(self) -> Node:
        sign = self._taken("-", "+")
        if sign is None:
            node = self._primary()
            if self._next.text == "[":
                raise ExpressionError(self._next.at, _SUBQUERY)
            return node
        # a sign binds as a product does: -2^2 is -(2^2)
        inner = self._expression(_LEVELS["^"])
        if sign.text == "+":
            return inner
        return Number(sign.at, -inner.value) if isinstance(inner, Number) else checked(Negative(sign.at, inner))

    def _primary(self) -> Node:
        token = self._next
        if token.kind == "number":
            value = self._take().text
            return Number(token.at, float(int(value, 16)) if value[:2] in ("0x", "0X") else float(value))
        if token.kind == "text":
            return Text(token.at, unquote(self._take().text, token.at))
        if self._taken("(") is not None:
            node = self._expression(1)
            self._expect(")")
            return node
        if token.kind == "name":
            return self._named()
        if token.text == "{":
            return self._selector("", token.at)
        raise self._wrong("expected a metric, a function or a number")

    def _named(self) -> Node:
        token = self._take()
        word = token.text.lower()
        if word in AGGREGATIONS and (self._next.text == "(" or self._next.text.lower() in ("by", "without")):
            return self._aggregation(token, word)
        if self._next.text == "(" or (only_elsewhere(word) and self._next.text.lower() in ("by", "without")):
            return self._call(token)
        if word in ("inf", "nan"):
            return Number(token.at, math.inf if word == "inf" else math.nan)
        return self._selector(token.text, token.at)

    def _call(self, token: Token) -> Node:
        if token.text not in FUNCTIONS:
            raise ExpressionError(token.at, unknown_function(token.text))
        return checked(Call(token.at, token.text, self._arguments()))

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        found: list[Node] = []
        while self._taken(")") is None:
            found.append(self._expression(1))
            if self._taken(",") is None and self._next.text != ")":
                raise self._wrong('expected "," or ")"')
        return tuple(found)

    def _aggregation(self, token: Token, word: str) -> Node:
        how = self._taken("by", "without")
        labels = self._labels() if how is not None else ()
        arguments = self._arguments()
        if how is None:
            how = self._taken("by", "without")
            labels = self._labels() if how is not None else ()
        wanted = 2 if word in WITH_PARAMETER else 1
        if len(arguments) != wanted:
            raise ExpressionError(token.at, f"{word} takes {wanted} argument{'s' * (wanted > 1)}, not {len(arguments)}")
        parameter = arguments[0] if wanted == 2 else None
        without = how is not None and how.text.lower() == "without"
        return checked(Aggregate(token.at, word, arguments[-1], labels, without, parameter))

    def _selector(self, name: str, at: int) -> Node:
        matchers = self._matchers(name) if self._next.text == "{" else ()
        if not name and all(matcher.matches("") for matcher in matchers):
            raise ExpressionError(at, "a selector needs a name, or a matcher that does not match what is empty")
        select = Select(at, Picker(name, matchers))
        if self._next.text == "[":
            select = Select(at, select.picker, self._range())
        if self._next.text == "@" or self._next.text.lower() == "offset":
            raise ExpressionError(
                self._next.at, f"{self._next.text} is not known to scraped sources; a Prometheus server knows it"
            )
        return select

    def _matchers(self, name: str) -> tuple[Matcher, ...]:
        self._expect("{")
        found: list[Matcher] = []
        while self._taken("}") is None:
            if self._next.text == "$sel":
                self._take()
            else:
                found.append(self._matcher(name))
            if self._taken(",") is None and self._next.text != "}":
                raise self._wrong('expected "," or "}"')
        return tuple(found)

    def _matcher(self, name: str) -> Matcher:
        label = self._take()
        if label.kind != "name" or ":" in label.text:
            raise ExpressionError(label.at, f'expected a label\'s name or "}}" and found {label}')
        if label.text == "__name__" and name:
            raise ExpressionError(label.at, "the metric's name is already given")
        operator = self._taken("=", "!=", "=~", "!~")
        if operator is None:
            raise self._wrong('expected "=", "!=", "=~" or "!~"')
        value = self._take()
        if value.kind != "text":
            raise ExpressionError(value.at, f"expected a value in quotes and found {value}")
        text = unquote(value.text, value.at)
        if operator.text in ("=~", "!~"):
            try:
                check_pattern(text)
            except ValueError as error:
                raise ExpressionError(value.at, str(error)) from None
        return Matcher(label.text, operator.text, text)

    def _range(self) -> float:
        self._expect("[")
        token = self._take()
        if token.text not in self._spans and token.kind != "span":
            raise ExpressionError(token.at, f"expected a span such as 30s, or $win, and found {token}")
        if self._next.text.startswith(":"):
            raise ExpressionError(self._next.at, _SUBQUERY)
        self._expect("]")
        length = self._spans.get(token.text) or seconds(token.text)
        if length <= 0:
            raise ExpressionError(token.at, "a window is longer than nothing")
        return length


_SUBQUERY = "ranges of expressions (subqueries) are not known to scraped sources; a Prometheus server knows them"
