"""How long the way to the terminal is, and how much it carries: blocks that double until one takes long enough.

Time is taken from end to end, by the terminal's answer to a question behind each block, as there are hundreds of
kilobytes of buffers on the way that take everything at once. The blocks are noise, which ``ssh -C`` can't make small.
"""

from __future__ import annotations

import random

import msgspec

from perftui.tui.probe.line import TerminalLine

_ASKS = 7
_PATIENCE_S = 2.0
_FIRST, _LARGEST = 1024, 131072
# a block that takes so long tells enough, and nobody waits longer for all of them
_ENOUGH_S, _ALL_S = 0.4, 3.0
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_DIM, _PLAIN, _HOME = b"\x1b[2m", b"\x1b[0m\x1b[2J\x1b[H", b"\x1b[H"


class LinkProbe(msgspec.Struct, frozen=True):
    """Seconds and bytes a second; None where the terminal gave no answer.

    ``rate_is`` is ``about``, ``at least`` when even the largest block took next to no time, or ``below`` when the
    answer to a block did not come.
    """

    rtt_s: float | None = None
    rtt_most_s: float | None = None
    bytes_per_s: float | None = None
    rate_is: str = "about"
    bytes_sent: int = 0

    @property
    def answers(self) -> bool:
        """Whether the terminal answers at all."""
        return self.rtt_s is not None


def probe_link(line: TerminalLine, noise: random.Random) -> LinkProbe:
    """At most a quarter of a megabyte, and some seconds; much less when the link is slow. Raises GoneError."""
    times: list[float] = []
    while len(times) < _ASKS and sum(times) < 1.0:
        answers = line.ask([b""], _PATIENCE_S)
        if not answers:
            break
        times.append(answers[0].seconds)
    if not times:
        return LinkProbe()
    return _rate(line, noise, LinkProbe(sorted(times)[len(times) // 2], max(times)), min(times))


def _rate(line: TerminalLine, noise: random.Random, known: LinkProbe, nearest_s: float) -> LinkProbe:
    size, sent, spent = _FIRST, 0, 0.0
    while True:
        answers = line.ask([_block(noise, size, *line.size)], _ALL_S)
        sent += size
        if not answers:
            return msgspec.structs.replace(known, bytes_per_s=size / _ALL_S, rate_is="below", bytes_sent=sent)
        took = answers[0].seconds
        spent += took
        if took - nearest_s >= _ENOUGH_S or size >= _LARGEST or spent >= _ALL_S:
            break
        size *= 2
    carried = max(1e-6, took - nearest_s)
    # what is hardly longer than an empty question takes may be chance
    sure = carried >= 0.002 and carried >= nearest_s / 4
    rate = size / carried if sure else size / max(took, 0.001)
    return msgspec.structs.replace(known, bytes_per_s=rate, rate_is="about" if sure else "at least", bytes_sent=sent)


def _block(noise: random.Random, size: int, columns: int, rows: int) -> bytes:
    """Pages of letters that mean nothing, each over the one before; nothing is left of them."""
    width, height = max(1, min(columns - 1, 78)), max(1, rows - 1)
    text = "".join(noise.choices(_LETTERS, k=size))
    lines = [text[at : at + width] for at in range(0, size, width)]
    pages = ["\r\n".join(lines[at : at + height]) for at in range(0, len(lines), height)]
    return _DIM + b"".join(_HOME + page.encode() for page in pages) + _PLAIN
