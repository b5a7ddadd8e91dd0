"""What is handed on of a plan, what is kept back, and what is refused."""

from __future__ import annotations

import msgspec
import pytest

from perftui.domain.errors import PerftuiError
from perftui.load.handoff.outline import Secret, outline
from perftui.load.plan import Plan, PlannedAuth, PlannedTarget
from perftui.load.shapes import Shape
from tests.unit.load.handoff.plans import URL, outlined, planned


def test_the_url_alone_is_a_request() -> None:
    (ask,) = outlined().asks

    assert (ask.method, ask.path, ask.name, ask.body) == ("GET", "/start", "GET /start", "")
    assert dict(ask.headers) == {"User-Agent": "perftui/test", "Accept": "*/*"}


def test_headers_of_the_plan_win_whatever_their_case() -> None:
    (ask,) = outlined(headers={"user-agent": "mine"}, targets=(PlannedTarget(headers={"ACCEPT": "text/plain"}),)).asks

    assert dict(ask.headers) == {"user-agent": "mine", "ACCEPT": "text/plain"}


@pytest.mark.parametrize("name", ["Authorization", "cookie", "X-Api-Key", "X-Auth-Token", "Proxy-Authorization"])
def test_headers_that_say_who_somebody_is_are_secrets(name: str) -> None:
    found = outlined(headers={name: "hush"})
    (variable,) = found.secrets

    assert found.secrets == {variable: "hush"}
    assert (name, Secret(variable)) in found.asks[0].headers
    assert variable.startswith("PERFTUI_")


def test_the_same_secret_has_one_name_and_another_one_another() -> None:
    found = outlined(
        targets=(
            PlannedTarget(headers={"Authorization": "a"}),
            PlannedTarget(headers={"authorization": "a"}),
            PlannedTarget(headers={"Authorization": "b"}),
        )
    )

    assert found.secrets == {"PERFTUI_AUTHORIZATION": "a", "PERFTUI_AUTHORIZATION_2": "b"}


def test_secrets_in_a_query_and_in_a_body_are_not_written_nor_in_a_name() -> None:
    found = outlined(targets=(PlannedTarget(path="/a?token=hush", method="POST", body='{"password": "hush"}'),))

    assert found.secrets == {"PERFTUI_PATH": "/a?token=hush", "PERFTUI_BODY": '{"password": "hush"}'}
    assert found.asks[0].name == "POST /a"


def test_a_user_in_the_url_is_not_carried_over() -> None:
    assert outlined("http://me:hush@127.0.0.1:8080/").origin == "http://127.0.0.1:8080"


def test_a_unix_socket_is_refused() -> None:
    with pytest.raises(PerftuiError, match="k6 can't connect to a unix socket"):
        outlined("http+unix://%2Frun%2Fa.sock/")


def test_what_a_tool_has_no_word_for_is_refused_by_name_unless_it_says_nothing() -> None:
    class Later(Plan, frozen=True):
        journey: tuple[str, ...] = ()

    plan, job = planned()
    silent = msgspec.convert(msgspec.to_builtins(plan), Later)

    assert outline(silent, job, "k6", "x").asks
    with pytest.raises(PerftuiError, match="journey: k6 is not told this"):
        outline(msgspec.structs.replace(silent, journey=("a",)), job, "k6", "x")


def test_a_shape_that_decides_meanwhile_is_refused() -> None:
    with pytest.raises(PerftuiError, match="shape: stress decides on the rate meanwhile"):
        outlined(shape=Shape.STRESS)


def test_variables_are_refused_and_what_only_looks_like_one_is_meant() -> None:
    plan, job = planned(headers={"X-Price": "5 $${eur}"})

    assert outline(plan, job, "k6", "x").asks[0].headers[-1] == ("X-Price", "5 ${eur}")
    with pytest.raises(PerftuiError, match="variables: k6 is not told any"):
        outline(msgspec.structs.replace(plan, headers={"X-Id": "${id}"}), job, "k6", "x")


def test_a_login_is_a_secret_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "hush")
    found = outlined(auth=PlannedAuth(token="env:A_TOKEN"))

    assert found.secrets == {"PERFTUI_AUTHORIZATION": "Bearer hush"}


def test_the_ramp_and_the_warm_up_come_before_the_stages() -> None:
    found = outlined(rate=50.0, ramp="2s", warm_up="3s")

    assert [(each.duration_s, each.start_rate, each.end_rate) for each in found.lead] == [(2, 0, 50), (3, 50, 50)]


def test_a_shape_without_a_rate_is_refused() -> None:
    plan, job = planned(URL)
    segment = msgspec.structs.replace(job.segments[0], start_rate=0.0, end_rate=0.0)

    with pytest.raises(PerftuiError, match="no rate"):
        outline(plan, msgspec.structs.replace(job, segments=(segment,)), "k6", "x")
