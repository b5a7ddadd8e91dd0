"""Reads a JSON list element by element: ten thousand of them take a while, and the loop gets its turn in between.

Finding where elements begin and end takes a few milliseconds for five megabytes, making something of each takes long.
An element that came before, byte for byte, is not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec

from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.turns import Steps

_T = TypeVar("_T")
_STRANGE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Elements(Generic[_T]):
    """``make`` makes something of the bytes of one element, None of one that is not what it should be.

    ``unreadable`` counts those of the last list.
    """

    def __init__(self, make: Callable[[bytes], _T | None]) -> None:
        self._make = make
        self._known: dict[bytes, _T] = {}
        self.unreadable = 0

    def read(self, body: bytes) -> Steps[list[_T]]:
        """What was made of the elements of a list, in their order. Raises QueryError for what is no list of such."""
        made, known, unreadable = list[_T](), dict[bytes, _T](), 0
        for element in _elements(body):
            key = blake2b(element, digest_size=16).digest()
            one = self._known.get(key)
            if one is None:
                one = self._made(element)
            if one is None:
                unreadable += 1
            else:
                known[key] = one
                made.append(one)
            yield
        if unreadable and not made:
            raise QueryError(ErrorKind.BAD_DATA, "the answer is JSON, but none of an Alertmanager: is the URL right?")
        self._known, self.unreadable = known, unreadable
        return made

    def _made(self, element: msgspec.Raw) -> _T | None:
        try:
            return self._make(bytes(element))
        except _STRANGE:
            return None


def _elements(body: bytes) -> Iterator[msgspec.Raw]:
    try:
        return iter(msgspec.json.decode(body, type=list[msgspec.Raw]))
    except msgspec.ValidationError:
        raise QueryError(
            ErrorKind.BAD_DATA, "the answer is JSON, but none of an Alertmanager: is the URL right?"
        ) from None
    except _STRANGE:
        raise QueryError(ErrorKind.BAD_DATA, "the answer is not JSON, or cut in the middle") from None
