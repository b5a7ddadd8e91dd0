"""What the engine is told: one job, already judged safe, with every address looked up."""

from __future__ import annotations

from enum import Enum

import msgspec

from perftui.load.flow import Flow
from perftui.load.schedule import Arrivals, Segment


class Model(str, Enum):
    """Open: arrivals come when they come. Closed: every connection sends again when it has its answer."""

    OPEN = "open"
    CLOSED = "closed"


class Target(msgspec.Struct, frozen=True):
    """One request. ``request`` are its bytes; ``checks`` are texts of ``checks.parse_check``.

    ``keeps_answer``: whoever is told of a call wants the body too, not only status and headers.
    """

    name: str
    request: bytes
    is_head: bool = False
    weight: float = 1.0
    checks: tuple[str, ...] = ()
    keeps_answer: bool = False


class Address(msgspec.Struct, frozen=True):
    """Where to connect: a host's address and port, or the path of a unix socket."""

    host: str
    port: int = 0
    unix: str = ""


class Tls(msgspec.Struct, frozen=True):
    """``name`` is asked for (SNI) and verified; ``ca_file`` replaces the system's authorities."""

    name: str
    verify: bool = True
    ca_file: str = ""


class Compat(msgspec.Struct, frozen=True):
    """That httpx carries the load; ``proxy`` is a URL with an address that was judged, empty for none."""

    http2: bool = False
    proxy: str = ""


class Threshold(msgspec.Struct, frozen=True, rename="camel"):
    """A condition in k6's grammar, and whether breaking it ends the run (not before ``delay_abort_eval`` seconds)."""

    expr: str
    abort_on_fail: bool = False
    delay_abort_eval: float = 0.0


class Stretch(msgspec.Struct, frozen=True):
    """A part of the measured time whose figures are kept apart; ``rate`` is the mean that is meant in it."""

    duration_s: float
    rate: float
    kind: str = ""


class Search(msgspec.Struct, frozen=True, tag="search"):
    """Rates from ``start`` up (by ``step``, or times ``factor`` without one) to ``top``, ``hold_s`` each, then halved.

    It ends when what broke is within a share ``precision`` above what held. ``thresholds`` are those of a level.
    """

    start: float
    top: float
    hold_s: float
    step: float = 0.0
    factor: float = 2.0
    precision: float = 0.1
    recover_s: float = 10.0
    thresholds: tuple[str, ...] = ()


class Adapt(msgspec.Struct, frozen=True, tag="adapt"):
    """``step`` up when more than a share ``up`` of an interval's calls went well, down when less than ``down`` did."""

    start: float
    top: float
    step: float = 5.0
    interval_s: float = 5.0
    up: float = 0.95
    down: float = 0.8
    floor: float = 1.0


class Job(msgspec.Struct, frozen=True):
    """``segments`` begin after ``ramp_s`` seconds that lead to their first rate, and ``warm_up_s`` seconds or
    ``warm_up_requests`` of the closed model, none of which are counted. After
    ``requests`` that are counted (0: any) it is over.

    ``timeout_s`` is for a whole request once it has a connection, ``connect_s`` for connecting with TLS. ``breaker`` is
    the share of failures over 2 s that stops the run, 0 for none. ``dns_ns`` is what looking up the host took.
    ``max_rate`` is what the rate may be raised to while it runs, 0 for anything.

    ``stretches`` are the levels that are known before; ``control`` decides on the rate meanwhile, and the segments are
    then one, as long as it may take. ``note`` tells where the shape comes from.
    """

    run_id: str
    addresses: tuple[Address, ...]
    targets: tuple[Target, ...]
    segments: tuple[Segment, ...]
    tls: Tls | None = None
    model: Model = Model.OPEN
    ramp_s: float = 0.0
    connections: int = 10
    arrivals: Arrivals = Arrivals.UNIFORM
    seed: int = 1
    timeout_s: float = 10.0
    connect_s: float = 5.0
    body_limit: int = 16 * 1024 * 1024
    backlog: int = 10_000
    thresholds: tuple[Threshold, ...] = ()
    breaker: float = 0.1
    probe: bool = True
    dns_ns: int = 0
    warm_up_s: float = 0.0
    warm_up_requests: int = 0
    requests: int = 0
    flow: Flow | None = None
    max_rate: float = 0.0
    compat: Compat | None = None
    shape: str = "constant"
    stretches: tuple[Stretch, ...] = ()
    control: Search | Adapt | None = None
    note: str = ""

    @property
    def peak_rate(self) -> float:
        """The highest rate that it may come to."""
        rates = [max(segment.start_rate, segment.end_rate) for segment in self.segments]
        return max(*rates, self.control.top) if self.control is not None else max(rates)

    @property
    def length_s(self) -> float:
        return sum(segment.duration_s for segment in self.segments)

    @property
    def warming_s(self) -> float:
        """How long the warm-up takes at most; one of a number of requests gets as long as what is measured."""
        return self.length_s if self.warm_up_requests else self.warm_up_s

    @property
    def most_per_arrival(self) -> int:
        """The requests that an arrival can make: every step of its journey, and every redirect that is followed."""
        if self.flow is None:
            return 1
        return (len(self.flow.steps) if self.flow.is_journey else 1) * (1 + self.flow.redirects)
