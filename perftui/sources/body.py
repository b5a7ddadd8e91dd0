"""A body that comes in pieces: unpacked as it comes, and never more of it than was allowed."""

from __future__ import annotations

import zlib

from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.failures import too_large

_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Body:
    """``encoding`` is the Content-Encoding; ``limit`` bounds the unpacked bytes, so that no small answer grows."""

    def __init__(self, encoding: str, limit: int) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", *_WINDOW_BITS):
            raise QueryError(ErrorKind.BAD_DATA, "the answer is packed in a way that was not asked for")
        self._unpack = zlib.decompressobj(_WINDOW_BITS[name]) if name in _WINDOW_BITS else None
        self._limit, self._size = limit, 0
        self._parts: list[bytes] = []

    def add(self, piece: bytes) -> None:
        """Raises QueryError when the body is larger than allowed, or is not what its encoding says."""
        if self._unpack is None:
            self._keep(piece)
            return
        while piece:
            try:
                self._keep(self._unpack.decompress(piece, self._limit - self._size + 1))
            except zlib.error:
                raise QueryError(ErrorKind.BAD_DATA, "the packed answer is damaged") from None
            piece = self._unpack.unconsumed_tail

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise too_large(self._limit)
        self._parts.append(piece)

    def whole(self) -> bytes:
        """Everything, once the last piece came. Raises QueryError when a packed body is cut."""
        if self._unpack is not None and self._parts and not self._unpack.eof:
            raise QueryError(ErrorKind.BAD_DATA, "the packed answer is cut")
        return b"".join(self._parts)
