"""Secrets come by reference and never show themselves, not even in errors."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from perftui.config.kinds import Kind
from perftui.config.secrets import resolve
from perftui.config.values import read_value
from perftui.domain.errors import PerftuiError

_VALUE = "s3cr3t-value"


def test_a_secret_comes_from_the_environment_and_hides_itself() -> None:
    secret = resolve("env:TOKEN", {"TOKEN": _VALUE})

    assert secret.reveal() == _VALUE
    assert _VALUE not in f"{secret} {secret!r}"
    with pytest.raises(TypeError, match="can't be stored"):
        pickle.dumps(secret)


def test_a_secret_file_must_be_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(_VALUE + "\n")
    path.chmod(0o644)
    with pytest.raises(PerftuiError, match="chmod 600"):
        resolve(f"file:{path}", {})
    path.chmod(0o600)

    assert resolve(f"file:{path}", {}).reveal() == _VALUE


@pytest.mark.parametrize("reference", ["env:NOT_SET", "file:/none/such", "keyring:service/user", "plain"])
def test_what_can_not_be_had_is_one_message(reference: str) -> None:
    with pytest.raises(PerftuiError):
        resolve(reference, {})


def test_a_secret_in_a_configuration_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="by reference") as refusal:
        read_value(Kind.REFERENCE, _VALUE)

    assert _VALUE not in str(refusal.value)
    assert read_value(Kind.REFERENCE, "env:TOKEN") == "env:TOKEN"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("file:/tmp", "not a file"),
        ("file:/dev/zero", "not a file"),
        ("file:~no-such-user/token", "No such file"),
        ("file:a\0b", "not a path"),
        ("keyring:service", "expected keyring:SERVICE/USER"),
    ],
)
def test_odd_references_are_refused_with_the_reason(reference: str, message: str) -> None:
    with pytest.raises(PerftuiError, match=message):
        resolve(reference, {})


class _KeyringError(Exception):
    pass


def _keyring(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, str], str | None]) -> None:
    fake = SimpleNamespace(get_password=answer, errors=SimpleNamespace(KeyringError=_KeyringError))
    monkeypatch.setitem(sys.modules, "keyring", fake)


def test_a_keyring_gives_the_secret_of_service_and_user(monkeypatch: pytest.MonkeyPatch) -> None:
    _keyring(monkeypatch, lambda service, user: _VALUE if (service, user) == ("perf", "me") else None)

    assert resolve("keyring:perf/me", {}).reveal() == _VALUE
    with pytest.raises(PerftuiError, match="no such entry"):
        resolve("keyring:perf/you", {})


def test_a_locked_keyring_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_service: str, _user: str) -> str | None:
        raise _KeyringError(_VALUE)

    _keyring(monkeypatch, locked)

    with pytest.raises(PerftuiError, match="_KeyringError") as refusal:
        resolve("keyring:perf/me", {})
    assert _VALUE not in str(refusal.value)
