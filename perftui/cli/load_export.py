"""``perftui load export``: a plan as a locustfile or a k6 script. Nothing is sent."""

from __future__ import annotations

import sys
from pathlib import Path

from perftui import __version__
from perftui.cli.arguments import Options
from perftui.cli.load_plan import plan_of
from perftui.cli.setup import configuration
from perftui.domain.errors import PerftuiError
from perftui.load.handoff.k6_script import k6_script
from perftui.load.handoff.locustfile import locustfile
from perftui.load.handoff.outline import outline
from perftui.load.plan import job_of

_TOOLS = {"locust": ("Locust", locustfile), "k6": ("k6", k6_script)}


def export(options: Options) -> int:
    """Raises PerftuiError with what the other tool has no word for, and when the file is there already."""
    plan = plan_of(options, configuration(options).config.load)
    job, _ = job_of(plan)
    name, written = _TOOLS[options.to]
    found = outline(plan, job, name, f"perftui/{__version__} {options.to}")
    text = written(found)
    if options.output is None:
        print(text, end="")
    else:
        path = Path(options.output)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise PerftuiError(f"{path} exists already; name another file with --out") from None
        except OSError as error:
            raise PerftuiError(f"{path}: {error.strerror}") from None
    if found.secrets:
        print(f"not written, set them in the environment: {', '.join(sorted(found.secrets))}", file=sys.stderr)
    return 0
