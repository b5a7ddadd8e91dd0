"""The contracts of the house hold, and each of them catches what it is there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LINT = Path(sys.executable).with_name("lint-imports")

# a file of the package, the line that is planted in it, and the contract that must break
_PLANTS = [
    ("domain/units.py", "import perftui.config.load", "Layers"),
    ("store/memory.py", "import perftui.analysis.thresholds", "Layers"),
    ("config/queries.py", "import perftui.profiles.load", "Layers"),
    ("profiles/load.py", "import perftui.view.layout", "Layers"),
    ("profiles/overview.py", "import textual", "Only tui knows Textual"),
    ("profiles/load.py", "import plotext", "Only tui and the text renderer"),
    ("profiles/load.py", "import perftui.sources.base", "Only session and cli import sources"),
    ("cli/check.py", "import textual", "Only tui knows Textual"),
    ("session/monitor.py", "import rich", "Only tui knows Textual"),
    ("view/chart.py", "import plotext", "Only tui and the text renderer"),
    ("analysis/thresholds.py", "import time", "Domain, analysis and view do no IO"),
    ("domain/text.py", "import os", "Domain, analysis and view do no IO"),
    ("store/history.py", "import perftui.sources.base", "Only session and cli import sources"),
    ("tui/app.py", "import perftui.load.job", "Only session and cli import load"),
    ("load/plan.py", "import httpx", "The load engine has its own transport"),
    ("load/plan.py", "import perftui.store.memory", "Layers"),
    ("tui/app.py", "import httpx", "The screen reads nothing from outside"),
    ("session/state.py", "import perftui.view.chart", "The session has no screen"),
    ("link/client.py", "import perftui.config.schema", "Link imports domain only"),
    ("demo/run.py", "import perftui.config.schema", "The demo is a stranger"),
    ("demo/run.py", "import msgspec", "The demo is a stranger"),
    ("events.py", "import perftui.domain.text", "The demo is a stranger"),
    ("demo/run.py", "import perftui.session.launch", "Layers"),
    ("tui/widgets/picture.py", "import perftui.tui.screens.host", "Widgets don't know screens"),
    ("cli/first_frame/machine.py", "import re", "The first frame waits for nothing"),
    ("cli/first_frame/show.py", "import perftui.config.load", "The first frame waits for nothing"),
    ("view/layout.py", "import msgspec", "The first frame waits for nothing"),
    ("tui/screens/host.py", "import perftui.tui.screens.sources", "Screens don't know each other"),
]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package with its contracts."""
    shutil.copytree(ROOT / "perftui", tmp_path / "perftui", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_its_contracts() -> None:
    answer = _lint(ROOT)

    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(("file", "line", "contract"), _PLANTS)
def test_a_planted_violation_is_caught(house: Path, file: str, line: str, contract: str) -> None:
    path = house / "perftui" / file
    text = path.read_text("utf-8")
    marker = "from __future__ import annotations\n"
    path.write_text(text.replace(marker, f"{marker}{line}\n", 1), "utf-8")

    answer = _lint(house)

    broken = " ".join(answer.stdout.split())
    assert answer.returncode != 0
    assert f"{contract}" in broken.split("Broken contracts", 1)[1], answer.stdout


def test_a_room_without_a_layer_is_caught(house: Path) -> None:
    (house / "perftui" / "attic").mkdir()
    (house / "perftui" / "attic" / "__init__.py").write_text('"""Nobody knows where this belongs."""\n')

    assert _lint(house).returncode != 0


def test_modules_stay_small() -> None:
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "perftui").rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }

    assert too_long == {}
    assert len((ROOT / "perftui/tui/app.py").read_text("utf-8").splitlines()) <= 250
