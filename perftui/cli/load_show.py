"""``perftui load show RUN``: the report of a past load, or its record in another format."""

from __future__ import annotations

import sys

from perftui.cli.arguments import Options
from perftui.cli.load_formats import export, form_of, text_of
from perftui.cli.load_records import marks, named, state_of
from perftui.domain.errors import Exit


def show(options: Options) -> int:
    """0, whatever became of the load. A file's ending tells the format where ``--format`` does not."""
    found = named(options, options.runs[0])
    form = options.format if options.format != "text" else ""
    for name in options.out:
        export(found, name, form or form_of(name))
    if options.out:
        return int(Exit.OK)
    sys.stdout.write(text_of(found, form or "text"))
    if not form:
        print(f"started {found['started']}, {state_of(found, {mark.run_id for mark in marks()})}")
        for name, value in found.get("confirmed", {}).items():
            print(f"typed {name}: {value}")
    return int(Exit.OK)
