"""What every test has: folders of its own, so that nobody's journal or configuration is touched."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# how long an example takes is the machine's business: speeds are measured by benchmarks
settings.register_profile("perftui", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("perftui")


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """XDG folders below tmp_path, and none of the caller's PERFTUI_ variables."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("HOME", str(home))
    for name in list(os.environ):
        if name.startswith("PERFTUI_") and name not in ("PERFTUI_REQUIRE_SERVICES", "PERFTUI_PROVE_KILLS"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return home


@pytest.fixture(autouse=True)
def nobody_watches_the_collector() -> Iterator[None]:
    """Hypothesis does, by a callback: it fails where a collection comes while a parser is at the limit of recursion."""
    watching = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = watching
