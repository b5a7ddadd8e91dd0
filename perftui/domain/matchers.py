"""Conditions on labels as Alertmanager writes them: ``severity=~"critical|warning"``, ``{team="perf", env!="dev"}``.

Quoted and unquoted values, escapes and trailing commas are read as Alertmanager reads them (pkg/labels/parse.go); names
may be quoted too, as its later versions have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from perftui.domain.regex import compiled
from perftui.domain.triage import Matcher

_LONGEST = 20_000
_MOST = 64
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_OPERATOR = re.compile(r"\s*(=~|!~|!=|=)\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
_BARE = re.compile(r'(?:[^",\\]|\\.)*', re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n"}
_OPERATORS = {"=": (True, False), "!=": (False, False), "=~": (True, True), "!~": (False, True)}


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """The conditions in a text, with or without ``{ }``; all of them are to hold. Raises ValueError in words."""
    if len(text) > _LONGEST:
        raise ValueError(f"matchers have at most {_LONGEST} characters, these have {len(text)}")
    inner = text.strip()
    if inner.startswith("{"):
        if not inner.endswith("}"):
            raise ValueError("there is a { without a } at the end")
        inner = inner[1:-1]
    found: list[Matcher] = []
    at = _blank(inner, 0)
    while at < len(inner):
        matcher, at = _matcher(inner, at)
        found.append(matcher)
        if len(found) > _MOST:
            raise ValueError(f"at most {_MOST} matchers")
        at = _behind(inner, at)
    return tuple(found)


def matches(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether labels fulfil all conditions; a label that is missing is an empty one.

    Conditions that hold for no labels at all, ``matches(matchers, {})``, hold for every alert that lacks them:
    Alertmanager refuses to silence by such. Raises ValueError for a bad expression.
    """
    for matcher in matchers:
        given = labels.get(matcher.name, "")
        found = compiled(matcher.value).matches(given) if matcher.regex else given == matcher.value
        if found is not matcher.equal:
            return False
    return True


def format_matcher(matcher: Matcher) -> str:
    """As Alertmanager writes it, in a form that it reads again."""
    name = matcher.name if _NAME.fullmatch(matcher.name) else _quoted(matcher.name)
    operator = ("=" if matcher.equal else "!") + ("~" if matcher.regex else "" if matcher.equal else "=")
    return f"{name}{operator}{_quoted(matcher.value)}"


def format_matchers(matchers: Sequence[Matcher]) -> str:
    """All of them in ``{ }``."""
    return "{" + ",".join(map(format_matcher, matchers)) + "}"


def _matcher(text: str, at: int) -> tuple[Matcher, int]:
    name, at = _name(text, at)
    operator = _OPERATOR.match(text, at)
    if operator is None:
        raise ValueError(f'after the label "{name}" stands =, !=, =~ or !~{_seen(text, at)}')
    equal, regex = _OPERATORS[operator[1]]
    value, at = _value(text, operator.end())
    if regex:
        try:
            compiled(value)
        except ValueError as error:
            raise ValueError(f"{name}{operator[1]}: {error}") from None
    return Matcher(name, value, equal, regex), at


def _name(text: str, at: int) -> tuple[str, int]:
    quoted = _QUOTED.match(text, at)
    if quoted is not None:
        name = _unescaped(quoted[1])
        if not name:
            raise ValueError("a label's name is empty")
        return name, quoted.end()
    plain = _NAME.match(text, at)
    if plain is None:
        raise ValueError(f'expected the name of a label, such as severity="critical"{_seen(text, at)}')
    return plain[0], plain.end()


def _value(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] == '"':
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise ValueError(f"a quote does not end{_seen(text, at)}")
        return _unescaped(quoted[1]), quoted.end()
    bare = _BARE.match(text, at)
    end = at if bare is None else bare.end()
    if text[end : end + 1] == '"':
        raise ValueError(f'a quote inside of a value is written \\"{_seen(text, end)}')
    if text[end : end + 1] == "\\":
        raise ValueError(f"behind the last backslash stands nothing{_seen(text, end)}")
    return _unescaped(text[at:end].rstrip()), end


def _behind(text: str, at: int) -> int:
    """Over the comma behind a matcher; the last one may have one too."""
    at = _blank(text, at)
    if at < len(text):
        if text[at] != ",":
            raise ValueError(f"between matchers stands a comma{_seen(text, at)}")
        at = _blank(text, at + 1)
    return at


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _seen(text: str, at: int) -> str:
    rest = text[at : at + 20]
    return f", not {rest!r}" if rest else ", and there is nothing more"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _unescaped(text: str) -> str:
    """A backslash before any other character is one: that is how expressions such as ``\\d`` are written."""
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[0]), text)
