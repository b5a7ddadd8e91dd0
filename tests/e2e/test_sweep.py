"""Charts sweep where the link has a budget, and where the configuration says so; both is told in the status line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.terminal import console


@pytest.mark.parametrize(
    ("arguments", "charts", "told"),
    [
        (("--link-budget", "50kB"), "auto", "window 5m sweep"),
        (("--link-budget", "50kB"), "scroll", "window 5m  "),
        ((), "sweep", "window 5m sweep"),
        ((), "auto", "window 5m  "),
    ],
)
def test_the_budget_or_the_configuration_decides(
    tmp_path: Path, arguments: tuple[str, ...], charts: str, told: str
) -> None:
    with console(tmp_path, "--no-journal", *arguments, size=(140, 40), env={"PERFTUI_CHARTS": charts}) as terminal:
        terminal.wait_for("limit 95 %")

        assert told in terminal.text


def test_what_is_frozen_does_not_sweep(tmp_path: Path) -> None:
    with console(tmp_path, "--no-journal", size=(140, 40), env={"PERFTUI_CHARTS": "sweep"}) as terminal:
        terminal.wait_for("limit 95 %")
        terminal.wait_for("↑")
        terminal.type(" ")
        terminal.wait_for("FROZEN")

        terminal.wait_for(lambda it: "sweep" not in it.text and "↑" not in it.text)
