"""What lies between a program and its terminal, told from the environment and the names of the programs above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from perftui.domain.text import clean
from perftui.tui.driver.abilities import Depth, depth_of

_COLOURS = {Depth.TRUE: "true", Depth.INDEXED: "256", Depth.SIXTEEN: "16", Depth.NONE: "none"}


class Surroundings(msgspec.Struct, frozen=True):
    """``colours`` is true, 256, 16 or none; ``inside`` is tmux, screen, mosh or nothing, the nearest one."""

    term: str
    colorterm: str
    program: str
    colours: str
    inside: str
    ssh: bool
    no_color: bool
    columns: int
    rows: int


def surroundings(environment: Mapping[str, str], above: Sequence[str], size: tuple[int, int]) -> Surroundings:
    """``above`` are the names of this process's parents, the nearest first."""

    def told(name: str) -> str:
        return clean(environment.get(name, ""), 64)

    ssh = any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    return Surroundings(
        term=told("TERM"),
        colorterm=told("COLORTERM"),
        program=" ".join(filter(None, (told("TERM_PROGRAM"), told("TERM_PROGRAM_VERSION")))),
        colours=_COLOURS[depth_of(environment)],
        inside=_inside(environment, above),
        ssh=ssh or any(name.startswith(("sshd", "mosh-server", "dropbear")) for name in above),
        no_color=bool(environment.get("NO_COLOR")),
        columns=size[0],
        rows=size[1],
    )


def _inside(environment: Mapping[str, str], above: Sequence[str]) -> str:
    for name in above:
        for known, start in (("tmux", "tmux"), ("screen", "screen"), ("mosh", "mosh-server")):
            if name.lower().startswith(start):
                return known
    if environment.get("TMUX"):
        return "tmux"
    if environment.get("STY"):
        return "screen"
    return "mosh" if any(name.startswith("MOSH") for name in environment) else ""
