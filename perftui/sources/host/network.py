"""Interfaces and TCP from /proc/net."""

from __future__ import annotations

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
            fields = rest.split()
            interface = clean(name.strip().decode("utf-8", "replace"), 64)
            if interface != "lo" and len(fields) >= 16:
                _interface(interface, fields, into, totals)
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


def _interface(interface: str, fields: list[bytes], into: dict[str, float], totals: Totals) -> None:
    for direction, index in (("receive", 0), ("transmit", 8)):
        total = f"host/network_{direction}_bytes_per_second"
        rate = totals.add(total, f"{interface}.{direction}", float(fields[index]))
        if rate is not None:
            name = f"network_interface_{direction}_bytes_per_second"
            into[series_id("host", name, {"interface": interface})] = rate
    for name, (received, sent) in _TOTALS:
        count = float(fields[received]) + float(fields[sent])
        totals.add(f"host/network_{name}_per_second", f"{interface}.{name}", count)
