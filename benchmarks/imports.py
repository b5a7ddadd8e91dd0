"""What each dependency costs to import, as CPU time beside an empty Python start: ``python -m benchmarks.imports``."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

_MODULES = (
    "msgspec", "platformdirs", "wcwidth", "psutil", "httptools", "uvloop", "httpx", "requests", "plotext",
    "textual.app",
)  # fmt: skip
_ROUNDS = 9


def cpu_ms(code: str) -> float:
    """CPU time of one Python process in milliseconds."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=environ, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def main() -> None:
    """Interleaved rounds, medians; what an import adds, in empty starts."""
    times: dict[str, list[float]] = {name: [] for name in ("pass", *_MODULES)}
    for _ in range(_ROUNDS):
        for name, taken in times.items():
            taken.append(cpu_ms("pass" if name == "pass" else f"import {name}"))
    empty = statistics.median(times["pass"])
    print(f"an empty start: {empty:.1f} ms of CPU\n\n| module | ms added | in empty starts |\n|---|---|---|")
    for name in _MODULES:
        added = statistics.median(times[name]) - empty
        print(f"| {name} | {added:.1f} | {added / empty:.1f} |")


if __name__ == "__main__":
    main()
