"""A record as a file or as text, in the format that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from perftui.cli.load_text import report
from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load import formats

_FORMS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": lambda found: "\n".join(report(found)) + "\n",
    "json": formats.as_json,
    "csv": formats.as_csv,
    "hgrm": formats.as_hgrm,
    "hdr": formats.as_hdr_log,
    "k6": formats.as_k6_summary,
    "junit": formats.as_junit,
}
# the longer ones first
_ENDINGS = (
    (".k6.json", "k6"), (".json", "json"), (".csv", "csv"), (".hgrm", "hgrm"), (".hlog", "hdr"), (".hdr", "hdr"),
    (".xml", "junit"), (".txt", "text"),
)  # fmt: skip


def text_of(found: Mapping[str, Any], form: str) -> str:
    """Raises PerftuiError for what the record does not hold."""
    return _FORMS[form](found)


def form_of(name: str) -> str:
    """The format that a file's ending asks for. Raises PerftuiError for an ending that asks for none."""
    for ending, form in _ENDINGS:
        if name.lower().endswith(ending):
            return form
    known = " ".join(ending for ending, _ in _ENDINGS)
    raise PerftuiError(f"{clean(name, 200)}: its ending names no format (known: {known})")


def check_out(name: str) -> None:
    """Before anything is sent: a run is not repeated for a name with a slip in it. Raises PerftuiError."""
    form_of(name)
    path = Path(name)
    if path.is_dir():
        raise PerftuiError(f"{clean(name, 200)}: is a folder, not a file")
    if not path.parent.is_dir():
        raise PerftuiError(f"{clean(name, 200)}: there is no folder {clean(str(path.parent), 200)}")


def export(found: Mapping[str, Any], name: str, form: str = "") -> None:
    """Write it. Raises PerftuiError with the file and why it can't be."""
    text = text_of(found, form or form_of(name))
    try:
        Path(name).write_text(text, "utf-8")
    except OSError as error:
        raise PerftuiError(f"{clean(name, 200)}: {error.strerror}") from None
