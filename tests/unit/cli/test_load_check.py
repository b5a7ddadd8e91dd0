"""``perftui load check``: every step once, as the guide shows it; nothing that harms or is secret is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from perftui.cli.arguments import parse_arguments
from perftui.cli.load_check import check
from tests.unit.load.shop import shop

_GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "load.md"


def _check(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    (folder / "plan.toml").write_text(text)
    (folder / "users.csv").write_text("user\nann\n")
    monkeypatch.chdir(folder)
    return check(parse_arguments(["load", "check", str(folder / "plan.toml"), *more]))


def test_the_plan_of_the_guide_is_checked_as_the_guide_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = _GUIDE.read_text()
    plan, shown = re.search(r"or it has \*\*steps.*?```toml\n(.*?)```.*?```\n(.*?)```", guide, re.S).groups()  # type: ignore[union-attr]
    with shop() as there:
        code = _check(tmp_path, plan.replace(":8080", f":{there.port}"), monkeypatch)

    told = capsys.readouterr().out
    assert code == 0
    assert _without_figures(told) == _without_figures(shown)
    assert "t-ann" not in told
    assert [each.path for each in there.asked] == ["/login", "/orders", "/orders/42?by=ann"]


def _without_figures(text: str) -> str:
    return re.sub(r"\d+ bytes in [\d.]+ ms", "", text)


def test_a_journey_that_ends_early_tells_what_was_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = """
        url = "http://127.0.0.1:PORT/"
        steps = [{ path = "/hop/2" }, { path = "/missing", extract.a = { header = "X-None" } }, { path = "/${a}" }]
        redirects = 2
    """
    with shop() as there:
        code = _check(tmp_path, plan.replace("PORT", str(there.port)), monkeypatch)

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert lines[0].startswith("GET /hop/2: ok, status 200 after 2 redirects, ")
    assert lines[1].startswith("GET /missing: http_404, status 404, ")
    assert lines[2] == "GET /${a}: not tried, the journey ended before it"


def test_what_answers_hold_is_cleaned_shortened_and_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = """
        url = "http://127.0.0.1:PORT/"
        secret = ["hidden"]
        [[steps]]
        path = "/evil"
        extract.odd = { json = "$.next" }
        extract.hidden = { json = "$.next" }
        extract.password = { json = "$.token" }
        extract.whole = { json = "$" }
        [[steps]]
        path = "/login"
        method = "POST"
        body = '{"user": "x"}'
        extract.given = { header = "Set-Cookie" }
        extract.none = { regex = "nowhere" }
        [[steps]]
        headers = { X = "${odd}" }
    """
    with shop() as there:
        code = _check(tmp_path, plan.replace("PORT", str(there.port)), monkeypatch, "--json")

    out = capsys.readouterr().out
    evil, login, last = json.loads(out)
    assert code == 1
    assert evil["extracted"] == {
        "odd": "/x HTTP/1.1  Host: evil", "hidden": "*** (23 characters)", "password": "*** (18 characters)",
        "whole": evil["extracted"]["whole"],
    }  # fmt: skip
    assert len(evil["extracted"]["whole"]) <= 72
    assert login["extracted"] == {"given": "*** (27 characters)", "none": None}
    assert (login["error"], last["is_tried"]) == ("extract", False)


def test_a_request_that_can_not_be_written_safely_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = """
        url = "http://127.0.0.1:PORT/"
        steps = [{ path = "/evil", extract.a = { json = "$.next" } }, { name = "next", path = "${a}" }]
    """
    with shop() as there:
        code = _check(tmp_path, plan.replace("PORT", str(there.port)), monkeypatch)

    assert code == 1
    assert "next: unsafe_value, 0 bytes in no time" in capsys.readouterr().out
    assert [each.path for each in there.asked] == ["/evil"]


def test_targets_are_asked_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = """
        url = "http://127.0.0.1:PORT/"
        targets = [{ name = "a", checks = ["json.path == /"] }, { name = "b", path = "/missing" }]
    """
    with shop() as there:
        code = _check(tmp_path, plan.replace("PORT", str(there.port)), monkeypatch)

    out = capsys.readouterr().out
    assert code == 1
    assert "a: ok, status 200" in out
    assert "  check json.path == /: holds" in out
    assert "b: http_404, status 404" in out


def test_a_server_that_is_not_there_is_told_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with shop() as there:
        pass
    code = _check(tmp_path, f'url = "http://127.0.0.1:{there.port}/"\nsteps = [{{}}]', monkeypatch)

    assert code == 1
    assert "GET /: refused, 0 bytes in no time" in capsys.readouterr().out
