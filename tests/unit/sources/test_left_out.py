"""What is left out of an import is missing for that import only."""

from __future__ import annotations

import importlib
import sys

import pytest

from perftui.sources.left_out import left_out


def test_what_is_left_out_is_as_if_it_were_not_installed_and_is_there_again_afterwards() -> None:
    sys.modules.pop("this", None)
    with left_out("this"), pytest.raises(ImportError):
        importlib.import_module("this")
    assert "this" not in sys.modules


def test_what_is_loaded_already_stays() -> None:
    with left_out("json"):
        assert importlib.import_module("json") is sys.modules["json"]
    assert sys.modules["json"] is not None
