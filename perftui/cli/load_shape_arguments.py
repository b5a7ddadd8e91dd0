"""The arguments that are about a load's shape. Nothing of the load is imported: every command reads its arguments."""

from __future__ import annotations

import argparse

SHAPES = ("smoke", "constant", "ramp", "stages", "stress", "spike", "soak", "adaptive", "recorded")


def add_shape(run: argparse.ArgumentParser) -> None:
    """Of ``perftui load run``."""
    run.add_argument("--shape", choices=SHAPES, help="how the rate goes (constant); stress finds the limit")
    run.add_argument("--step", type=float, metavar="N", help="stress, adaptive: so much more a second each time")
    run.add_argument("--factor", type=float, metavar="N", help="stress: times so much each time (2)")
    run.add_argument("--hold", metavar="SPAN", help="stress, spike, adaptive: how long a rate is held (5s, 3s, 5s)")
    run.add_argument("--top", type=float, metavar="N", help="stress, adaptive: no higher than this (the cap)")
    run.add_argument("--recorded", metavar="FILE", help="an access log, or a CSV or JSON of times and rates, to follow")
    run.add_argument("--scale", type=float, metavar="N", help="recorded: times the rate (1)")
    run.add_argument("--speed", type=float, metavar="N", help="recorded: times as fast (1)")
    run.add_argument("--process", metavar="PID|NAME", help="watch this process, not the whole machine")
