"""Whether advice keeps its word: three sizes of three faults are injected into the real demo and lifted again.

For each the gain that was predicted while the fault was there, and the gain that was measured when it was gone.
``python -m benchmarks.demo_gains`` prints the table of docs/guide/recommendations.md; exit 1 when a measured gain lies
outside of what was predicted, an interval is wider than 3, or a larger fault does not predict a larger gain.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

FAULTS = {"POOL1": ("pool", (2, 3, 4)), "WF6": ("straggler", (8, 16, 24)), "LAT1": ("slow", (200, 400, 800))}
_WIDEST = 3.0


class Trial(NamedTuple):
    """One run of the demo: gains are shares, None when there was no advice, or nothing could be measured."""

    rule: str
    fault: str
    low: float | None
    mid: float | None
    high: float | None
    measured: float | None
    text: str

    @property
    def good(self) -> bool:
        if self.low is None or self.high is None or self.measured is None:
            return False
        return self.low <= self.measured <= self.high <= _WIDEST * self.low


def trial(rule: str, fault: str, times: tuple[float, float, float]) -> Trial:
    """Run the demo; ``times`` are seconds until the fault comes, until it goes, and until the end."""
    before, during, after = times
    command = [
        sys.executable, "-m", "perftui", "demo", "--headless", "--format", "json", "--fault", fault,
        "--fault-after", f"{before:g}", "--lift-after", f"{during:g}", "--seconds", f"{before + during + after:g}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Trial(rule, fault, None, None, None, None, done.stderr.strip()[-300:])
    told = json.loads(done.stdout)["demo"]
    outcome = _of(told["outcomes"], rule)
    if outcome is None:
        advised = ", ".join(one["id"] for one in told["advised"]) or "nothing"
        return Trial(rule, fault, None, None, None, None, f"advised was {advised}")
    predicted = outcome["predicted"]
    return Trial(
        rule, fault, predicted["low"], predicted["mid"], predicted["high"], outcome["measured"], outcome["text"]
    )


def _of(found: Sequence[dict[str, Any]], rule: str) -> dict[str, Any] | None:
    return next((one for one in found if one["id"].startswith(f"{rule}:")), None)


def line(one: Trial) -> str:
    """A row of the table."""
    cells = [one.rule, f"`{one.fault}`", *(_percent(part) for part in (one.low, one.mid, one.high, one.measured))]
    return f"| {' | '.join((*cells, 'yes' if one.good else 'no', one.text))} |"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demo_gains", description=__doc__)
    parser.add_argument("--rule", choices=FAULTS, action="append", help="only this rule; may be given several times")
    parser.add_argument("--times", type=float, nargs=3, default=(15.0, 45.0, 60.0), metavar=("BEFORE", "WITH", "AFTER"))
    options = parser.parse_args()
    print("| rule | fault | low | predicted | high | measured | within | how it was measured |")
    print("|---|---|---|---|---|---|---|---|")
    good = True
    for rule in options.rule or FAULTS:
        name, sizes = FAULTS[rule]
        done = []
        for size in sizes:
            done.append(trial(rule, f"{name}:{size}", tuple(options.times)))
            print(line(done[-1]), flush=True)
        mids = [one.mid for one in done]
        grows = all(mid is not None for mid in mids) and mids == sorted(set(mids), key=lambda mid: mid or 0.0)
        print(f"| {rule} | larger faults predict larger gains | | | | | {'yes' if grows else 'no'} | |", flush=True)
        good = good and grows and all(one.good for one in done)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
