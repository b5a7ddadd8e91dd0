"""What the engine and its starter say to each other over two pipes: four bytes of length, then msgpack."""

from __future__ import annotations

import struct
from typing import Protocol

import msgspec

from perftui.load.job import Job
from perftui.load.tally import Tally

MAX_FRAME_BYTES = 8 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The engine is up. ``probe`` says what the first request got: a status, or a kind of error; empty for none."""

    pid: int
    loop: str
    probe: str


class Phase(msgspec.Struct, frozen=True, tag="phase"):
    """What it does from now on: ``ramp``, ``warm-up``, ``measure``, ``drain``, ``paused``.

    ``at_s`` is since the first arrival.
    """

    name: str
    at_s: float


class Delta(msgspec.Struct, frozen=True, tag="delta"):
    """What happened since the last one. ``counted`` is false for the ramp; ``cpu_s`` is all that was used so far.

    ``level`` is where its calls belong; of several levels there is one for each, the newest last. They end with the
    tenths of a second of the measured time, of which ``measured_s`` is over (negative in the ramp).
    """

    at_s: float
    measured_s: float
    counted: bool
    tally: Tally
    in_flight: int
    backlog: int
    connections: int
    rate: float
    cpu_s: float
    level: int = 0


class LevelEnd(msgspec.Struct, frozen=True, tag="level_end"):
    """A level whose rate was decided on is over, in seconds of the measured time; the words are those of ``Move``."""

    number: int
    kind: str
    rate: float
    from_s: float
    until_s: float
    outcome: str
    limit: str = ""
    value: float | None = None
    is_silent: bool = False


class Breach(msgspec.Struct, frozen=True, tag="breach"):
    """A threshold is broken, as of now; ``aborts`` when the run ends for it."""

    expr: str
    value: float | None
    aborts: bool


class Summary(msgspec.Struct, frozen=True, tag="summary"):
    """The last frame: how long it measured, the CPU it took meanwhile, and what ended it."""

    measured_s: float
    cpu_s: float
    stopped_by: str


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Send nothing more, and say so at once."""

    reason: str = "user"


class Pause(msgspec.Struct, frozen=True, tag="pause"):
    """Hold the schedule still, or let it go on."""

    on: bool


class Rate(msgspec.Struct, frozen=True, tag="rate"):
    """From now on ``factor`` times the planned rate."""

    factor: float


class Emit(Protocol):
    """Takes a frame; False when it can wait and there was no room for it."""

    def __call__(self, message: Up, *, can_wait: bool = False) -> bool: ...


Up = Hello | Phase | Delta | LevelEnd | Breach | Summary
Down = Stop | Pause | Rate
_encoder = msgspec.msgpack.Encoder()
_up: msgspec.msgpack.Decoder[Up] = msgspec.msgpack.Decoder(Hello | Phase | Delta | LevelEnd | Breach | Summary)
_down: msgspec.msgpack.Decoder[Down] = msgspec.msgpack.Decoder(Stop | Pause | Rate)
_job = msgspec.msgpack.Decoder(Job)


def frame(message: Up | Down | Job) -> bytes:
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Bytes in, whole frames out."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete now. Raises ValueError for a frame larger than any may be."""
        self._rest += data
        found = []
        while len(self._rest) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._rest)
            if size > MAX_FRAME_BYTES:
                raise ValueError(f"a frame of {size} bytes")
            end = _LENGTH.size + size
            if len(self._rest) < end:
                break
            found.append(bytes(self._rest[_LENGTH.size : end]))
            del self._rest[:end]
        return found


def read_up(body: bytes) -> Up:
    """Raises msgspec.DecodeError."""
    return _up.decode(body)


def read_down(body: bytes) -> Down:
    """Raises msgspec.DecodeError."""
    return _down.decode(body)


def read_job(body: bytes) -> Job:
    """Raises msgspec.DecodeError."""
    return _job.decode(body)
