"""Interfaces and TCP from /proc/net."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from perftui.domain.series import series_id
from perftui.domain.text import clean
from perftui.sources.host.proc_file import ProcFile
from perftui.sources.host.rates import Rates, Totals

# proc/net/dev: received bytes packets errs drop fifo frame compressed multicast, then the same for sent
_TOTALS = (("packets", (1, 9)), ("errors", (2, 10)), ("drops", (3, 11)))


class NetworkReader:
    """Rates of every interface but loopback, their sums, and TCP retransmissions."""

    def __init__(self, proc: Path) -> None:
        self._dev = ProcFile(proc / "net" / "dev")
        self._snmp = ProcFile(proc / "net" / "snmp")

    def read(self, into: dict[str, float], rates: Rates, at: float) -> None:
        text = self._dev.read()
        totals = Totals(rates, at)
        for line in (text or b"").splitlines()[2:]:
            name, _, rest = line.partition(b":")
            counters = _counters(name.strip())
            if counters and len(fields := rest.split()) >= 16:
                for total, key, places, own in counters:
                    rate = totals.add(total, key, sum([float(fields[place]) for place in places]))
                    if own and rate is not None:
                        into[own] = rate
        totals.read(into)
        self._tcp(into, rates, at)

    def _tcp(self, into: dict[str, float], rates: Rates, at: float) -> None:
        lines = [line.split() for line in (self._snmp.read() or b"").splitlines() if line.startswith(b"Tcp:")]
        if len(lines) != 2 or len(lines[0]) != len(lines[1]):
            return
        fields = dict(zip(lines[0], lines[1], strict=True))
        if b"CurrEstab" in fields:
            into["host/tcp_connections_established"] = float(fields[b"CurrEstab"])
        if b"OutSegs" not in fields or b"RetransSegs" not in fields:
            return
        sent = rates.delta("tcp.sent", float(fields[b"OutSegs"]), at)
        again = rates.delta("tcp.again", float(fields[b"RetransSegs"]), at)
        if sent is not None and again is not None and sent[0] > 0:
            into["host/tcp_retransmits_ratio"] = again[0] / sent[0]

    def close(self) -> None:
        self._dev.close()
        self._snmp.close()


@lru_cache(maxsize=1024)
def _counters(name: bytes) -> tuple[tuple[str, str, tuple[int, ...], str], ...]:
    """What is counted of an interface: total, key, fields, and the series of its own, empty where it has none."""
    interface = clean(name.decode("utf-8", "replace"), 64)
    if interface == "lo":
        return ()
    rates = ((f"{way}_bytes", (place,)) for way, place in (("receive", 0), ("transmit", 8)))
    own = [
        (series_id("host", f"network_interface_{what}_per_second", {"interface": interface}), what, places)
        for what, places in rates
    ]
    counted = (*own, *(("", what, places) for what, places in _TOTALS))
    return tuple(
        (f"host/network_{what}_per_second", f"{interface}.{what}", places, series) for series, what, places in counted
    )
