"""How an Alertmanager stands: its version, its cluster, its receivers.

Its status holds its whole configuration, which may hold secrets: that part is never decoded.
"""

from __future__ import annotations

import msgspec

from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.text import clean

_MOST_NAMES = 200


class _Peer(msgspec.Struct):
    name: str = ""


class _Cluster(msgspec.Struct):
    status: str = ""
    peers: list[_Peer] | None = None


class _Version(msgspec.Struct):
    version: str = ""


class _Told(msgspec.Struct):
    cluster: _Cluster = msgspec.field(default_factory=_Cluster)
    versionInfo: _Version = msgspec.field(default_factory=_Version)  # noqa: N815 (the API's word)


class _Receiver(msgspec.Struct):
    name: str


class Standing(msgspec.Struct, frozen=True):
    """``peers`` are the names of the members of its cluster, sorted, with its own; empty while it is alone."""

    version: str = ""
    cluster: str = ""
    peers: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For a person: ``Alertmanager 0.25.0, cluster of 2, ready``."""
        said = f"Alertmanager {self.version}".strip()
        if not self.peers:
            return said
        return f"{said}, cluster of {len(self.peers)}, {self.cluster or 'of unknown state'}"


def read_standing(body: bytes) -> Standing:
    """Raises QueryError."""
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _strange() from None
    peers = sorted(clean(peer.name, 64) for peer in (told.cluster.peers or ())[:_MOST_NAMES] if peer.name)
    return Standing(clean(told.versionInfo.version, 40), clean(told.cluster.status, 20), tuple(peers))


def read_receivers(body: bytes) -> tuple[str, ...]:
    """The names of its receivers. Raises QueryError."""
    try:
        told = msgspec.json.decode(body, type=list[_Receiver])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _strange() from None
    return tuple(clean(one.name, 64) for one in told[:_MOST_NAMES])


def _strange() -> QueryError:
    return QueryError(ErrorKind.BAD_DATA, "the answer has not the form that the API promises")
