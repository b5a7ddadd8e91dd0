"""Silences as an Alertmanager tells and takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.matchers import matches
from perftui.domain.text import clean
from perftui.domain.triage import Matcher, Silence, SilenceState
from perftui.sources.rfc3339 import epoch_s, rfc3339

_MOST_MATCHERS = 64
MOST_COMING, MOST_EXPIRED = 5000, 200
# a start that was read and comes back may have lost this much to clocks that are corrected
_SAME_S = 5.0


class _Matcher(msgspec.Struct, gc=False):
    name: str
    value: str
    isRegex: bool = False  # noqa: N815 (the API's word)
    isEqual: bool = True  # noqa: N815


class _Status(msgspec.Struct, gc=False):
    state: str


class _Told(msgspec.Struct, gc=False):
    """A ``gettableSilence`` of the API, version 2."""

    id: str
    status: _Status
    matchers: list[_Matcher]
    startsAt: str  # noqa: N815
    endsAt: str  # noqa: N815
    createdBy: str = ""  # noqa: N815
    comment: str = ""


class Known(NamedTuple):
    """A silence with the server's times, and what it must be given back unchanged when it is extended."""

    silence: Silence
    id: str
    starts_at: str
    matchers: tuple[Matcher, ...]


_DECODER = msgspec.json.Decoder(_Told)


def read_silence(source: str, element: bytes) -> Known | None:
    """None when it lacks what a silence must have. Raises msgspec.DecodeError for what is no silence at all."""
    told = _DECODER.decode(element)
    starts_at, ends_at = epoch_s(told.startsAt), epoch_s(told.endsAt)
    if starts_at is None or ends_at is None or told.status.state not in {state.value for state in SilenceState}:
        return None
    matchers = tuple(Matcher(one.name, one.value, one.isEqual, one.isRegex) for one in told.matchers)
    shown = tuple(
        Matcher(clean(one.name, 128), clean(one.value, 512), one.equal, one.regex) for one in matchers[:_MOST_MATCHERS]
    )
    silence = Silence(
        clean(told.id, 64), source, shown, starts_at, ends_at,
        clean(told.createdBy, 128), clean(told.comment, 512), SilenceState(told.status.state),
    )  # fmt: skip
    return Known(silence, told.id, told.startsAt, matchers)


def kept(known: Sequence[Known]) -> list[Known]:
    """All that silence now or later, first to end first, and the last ones that are over."""
    over = [one for one in known if one.silence.state is SilenceState.EXPIRED]
    coming = [one for one in known if one.silence.state is not SilenceState.EXPIRED]
    coming.sort(key=lambda one: (one.silence.ends_at, one.id))
    over.sort(key=lambda one: (-one.silence.ends_at, one.id))
    return coming[:MOST_COMING] + over[:MOST_EXPIRED]


def check_silence(matchers: Sequence[Matcher], starts_at: float, ends_at: float, author: str, comment: str) -> None:
    """Raises QueryError for what nobody should write, even where an Alertmanager takes it."""
    problem = ""
    try:
        if not matchers or matches(matchers, {}):
            problem = "these matchers silence everything: give one that an alert without labels does not fulfil"
    except ValueError as error:
        problem = str(error)
    if ends_at <= starts_at:
        problem = "a silence ends after it begins"
    if not author.strip() or not comment.strip():
        problem = "a silence needs an author and a comment: others will ask why"
    if problem:
        raise QueryError(ErrorKind.BAD_QUERY, problem)


def postable(
    matchers: Sequence[Matcher], starts_at: float, ends_at: float, author: str, comment: str, old: Known | None
) -> dict[str, Any]:
    """The body of a POST, by the server's clock.

    An ``old`` silence is changed in place only if its matchers and its start are the same, to the second: else the
    server ends it and makes another. So they go back as they came.
    """
    same_start = old is not None and abs(starts_at - old.silence.starts_at) <= _SAME_S
    same_matchers = old is not None and tuple(matchers) == old.silence.matchers
    given = old.matchers if old is not None and same_matchers else matchers
    body: dict[str, Any] = {
        "matchers": [
            {"name": one.name, "value": one.value, "isRegex": one.regex, "isEqual": one.equal} for one in given
        ],
        "startsAt": old.starts_at if old is not None and same_start else rfc3339(starts_at),
        "endsAt": rfc3339(ends_at),
        "createdBy": author,
        "comment": comment,
    }
    return body if old is None else {"id": old.id, **body}
