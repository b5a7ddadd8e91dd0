"""Secrets by reference: read when they are needed, never shown, never part of an error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from perftui.domain.errors import PerftuiError


class Secret:
    """A secret value that does not show itself in logs, recordings or tracebacks."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret can't be stored")


def resolve(reference: str, environ: Mapping[str, str]) -> Secret:
    """The secret of ``file:PATH``, ``env:NAME`` or ``keyring:SERVICE/USER``. Raises PerftuiError, without the value."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        if name not in environ:
            raise PerftuiError(f"secret env:{name}: this variable is not set")
        return Secret(environ[name])
    if kind == "file":
        return _from_file(Path(name).expanduser())
    if kind == "keyring":
        return _from_keyring(name)
    raise PerftuiError("a secret is given as file:PATH, env:NAME or keyring:SERVICE/USER")


def _from_file(path: Path) -> Secret:
    try:
        if path.stat().st_mode & 0o077:
            raise PerftuiError(f"secret file:{path}: others can read it, run: chmod 600 {path}")
        return Secret(path.read_text("utf-8").strip())
    except OSError as error:
        raise PerftuiError(f"secret file:{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PerftuiError(f"secret file:{path}: not UTF-8 text") from None


def _from_keyring(name: str) -> Secret:
    service, _, user = name.partition("/")
    try:
        import keyring  # optional: only who keeps secrets there has it
    except ImportError:
        raise PerftuiError(f"secret keyring:{name}: install the package keyring") from None
    value = keyring.get_password(service, user)
    if value is None:
        raise PerftuiError(f"secret keyring:{name}: the keyring has no such entry")
    return Secret(value)
