"""Secrets by reference: read when they are needed, never shown, never part of an error."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from perftui.config.values import expanded
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
        return _from_file(expanded(name))
    if kind == "keyring":
        return _from_keyring(name)
    raise PerftuiError("a secret is given as file:PATH, env:NAME or keyring:SERVICE/USER")


def _from_file(path: Path) -> Secret:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise PerftuiError(f"secret file:{path}: not a file")
        if mode & 0o077:
            raise PerftuiError(f"secret file:{path}: others can read it, run: chmod 600 {path}")
        return Secret(path.read_text("utf-8").strip())
    except OSError as error:
        raise PerftuiError(f"secret file:{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PerftuiError(f"secret file:{path}: not UTF-8 text") from None
    except ValueError:
        raise PerftuiError(f"secret file:{str(path)!r}: not a path") from None


def _from_keyring(name: str) -> Secret:
    service, _, user = name.partition("/")
    if not service or not user:
        raise PerftuiError(f"secret keyring:{name}: expected keyring:SERVICE/USER")
    try:
        import keyring  # optional: only who keeps secrets there has it
    except ImportError:
        raise PerftuiError(f"secret keyring:{name}: install the package keyring") from None
    try:
        value = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise PerftuiError(f"secret keyring:{name}: the keyring says {type(error).__name__}") from None
    if value is None:
        raise PerftuiError(f"secret keyring:{name}: the keyring has no such entry")
    return Secret(value)
