"""What can go wrong in words a person can act on, and the exit codes that scripts can rely on."""

from __future__ import annotations

from enum import Enum, IntEnum


class Exit(IntEnum):
    """Exit codes of every perftui command (SPEC O1)."""

    OK = 0
    GATE_FAILED = 1
    USAGE = 2
    INSUFFICIENT_DATA = 3
    SOURCE_FAILED = 4
    LOAD_THRESHOLDS = 99


class ErrorKind(str, Enum):
    """Why a source could not deliver; each is named on screen for what it is."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    MISSING = "missing"
    BAD_DATA = "bad data"
    UNSUPPORTED = "unsupported"
    OVERLOADED = "overloaded"
    BAD_QUERY = "bad query"
    BUG = "bug"


class QueryError(Exception):
    """A source could not answer a question: a kind for the program, one clean sentence for the person.

    ``wait_s`` is how long it asked to be left alone.
    """

    def __init__(self, kind: ErrorKind, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.kind, self.wait_s = kind, wait_s


class PerftuiError(Exception):
    """An error that a person caused or can mend: one clear message, an exit code, no traceback."""

    def __init__(self, message: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code
