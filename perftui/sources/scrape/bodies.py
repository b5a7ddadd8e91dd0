"""Bodies of answers: which format they are in, and their lines, some at a time."""

from __future__ import annotations

from collections.abc import Iterator

from perftui.sources.scrape.lines import MAX_LINE

_PIECE = 65_536


def is_openmetrics(body: bytes, content_type: str) -> bool:
    """Which format it is: by the content type, else by how it ends. Raises ValueError for what is neither."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/openmetrics-text":
        return True
    if "protobuf" in kind:
        raise ValueError("it answers in protocol buffers, which nobody asked for")
    head = body[:64].lstrip()
    if head.startswith(b"<"):
        raise ValueError("it answers with a web page, not with metrics: is the URL right?")
    if head.startswith((b"{", b"[")):
        raise ValueError("it answers with JSON, not with metrics: is the URL right?")
    return kind != "text/plain" and ends(body)


def ends(body: bytes) -> bool:
    """Whether a body is whole, as OpenMetrics has it."""
    return body[-8:].rstrip(b"\n").endswith(b"# EOF")


def pieces(body: bytes) -> Iterator[list[str]]:
    """The lines of a body, some 64 KiB at a time."""
    start, line = 0, 1
    while start < len(body):
        end = body.rfind(b"\n", start, start + _PIECE) + 1
        if end == 0:
            end = len(body)
            if end - start > MAX_LINE:
                raise ValueError(f"line {line}: it has more than {MAX_LINE} characters")
        try:
            lines = body[start:end].decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise ValueError(f"line {line + body.count(10, start, start + error.start)}: it is not UTF-8") from None
        if not lines[-1]:
            lines.pop()
        yield lines
        line += len(lines)
        start = end
