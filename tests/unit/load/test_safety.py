"""What must not be loaded is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from perftui.config.load_settings import Load, LoadLimits, LoadTarget, OwnLimits
from perftui.domain.errors import PerftuiError
from perftui.load.job import Address, Job, Model, Target
from perftui.load.places import Found
from perftui.load.plan import Plan, PlannedTarget, job_of, told
from perftui.load.safety import SMOKE, Confirmed, Policy, judge, policy_of, weigh
from perftui.load.schedule import Segment


def _job(
    host: str = "10.0.0.5", rate: float = 20.0, seconds: float = 30.0, connections: int = 10, **more: object
) -> Job:
    job = Job("r", (Address(host, 80),), (Target("/", b""),), (Segment(seconds, rate, rate),), connections=connections)
    return msgspec.structs.replace(job, **more)


def _found(address: str, port: int) -> Found:
    return Found((Address(address, port),), 0)


def _nowhere(host: str, port: int) -> Found:
    raise PerftuiError(f"{host}: no address")


def _policy(url: str, **target: Any) -> Policy:
    """One target called shop, at 10.0.0.5."""
    return policy_of(Load(targets={"shop": LoadTarget(url, **target)}), lambda _, port: _found("10.0.0.5", port))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "10.1.2.3", "192.168.7.7", "172.16.0.9", "169.254.1.1", "fd00::1", "fe80::1%eth0"]
)
def test_near_addresses_need_no_question(host: str) -> None:
    judge(_job(host), "name")


@pytest.mark.parametrize("host", ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "100.64.0.1"])
def test_any_other_address_needs_its_name_typed(host: str) -> None:
    with pytest.raises(PerftuiError, match=r"no address of a private network.*--confirm-host shop\.example"):
        judge(_job(host), "shop.example")
    with pytest.raises(PerftuiError, match=r"shop\.exampl is not shop\.example"):
        judge(_job(host), "shop.example", Confirmed("shop.exampl"))

    judge(_job(host), "shop.example", Confirmed("Shop.Example."))


@pytest.mark.parametrize("host", ["169.254.169.254", "fd00:ec2::254"])
def test_the_metadata_service_of_a_cloud_is_not_near(host: str) -> None:
    with pytest.raises(PerftuiError, match="metadata service"):
        judge(_job(host), "metadata.internal")


def test_a_name_with_one_public_address_among_private_ones_is_refused() -> None:
    job = _job(addresses=(Address("10.0.0.1", 80), Address("8.8.8.8", 80)))

    with pytest.raises(PerftuiError, match=r"8\.8\.8\.8"):
        judge(job, "mixed.example")


def test_a_name_that_leads_to_a_public_address_is_refused_and_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def resolver(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", ("203.0.113.9" if len(asked) == 1 else "127.0.0.1", port))]

    monkeypatch.setattr("socket.getaddrinfo", resolver)
    job, host = job_of(Plan("http://inside.example/"))

    with pytest.raises(PerftuiError, match=r"inside\.example is 203\.0\.113\.9"):
        judge(job, host)
    assert asked == ["inside.example"]
    assert judge(job, host, Confirmed("inside.example")).addresses == (Address("203.0.113.9", 80),)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("0", "127.0.0.1"), ("0.0", "127.0.0.1"), ("[::]", "::1"), ("[::ffff:127.0.0.1]", "127.0.0.1"),
        ("[::ffff:0.0.0.0]", "127.0.0.1"), ("127.1", "127.0.0.1"), ("2130706433", "127.0.0.1"),
    ],
)  # fmt: skip
def test_other_ways_to_write_this_machine_become_its_address(name: str, address: str) -> None:
    job, _ = job_of(Plan(f"http://{name}:8080/"))

    assert job.addresses == (Address(address, 8080),)


def test_a_unix_socket_is_near() -> None:
    job, host = job_of(Plan("http+unix://%2Frun%2Fapp.sock/", rate=5000.0))

    assert judge(job, host).max_rate == 0


@pytest.mark.parametrize(
    ("job", "word"),
    [
        (_job(rate=201), "rate"), (_job(seconds=61), "60 s"), (_job(connections=11), "connections"),
        (_job(model=Model.CLOSED), "closed"), (_job("127.0.0.1", seconds=601), "600 s"),
        (_job("127.0.0.1", connections=65), "64"),
    ],
)  # fmt: skip
def test_more_than_the_caps_is_refused_and_told_where_they_rise(job: Job, word: str) -> None:
    with pytest.raises(PerftuiError, match=word) as refused:
        judge(job, "host", Confirmed("host"))

    assert "[load.limits]" in str(refused.value)


def test_the_rate_is_free_on_loopback() -> None:
    judged = judge(_job("127.0.0.1", rate=10_000, seconds=10, connections=64), "localhost")

    assert judged.max_rate == 0


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(PerftuiError) as refused:
        judge(_job("8.8.8.8", rate=500, seconds=100, connections=50), "shop.example")

    assert len(str(refused.value).splitlines()) == 5


def test_limits_of_the_configuration_raise_the_caps() -> None:
    policy = Policy(Load(limits=LoadLimits(500.0, 300.0, 50)))
    judged = judge(_job(rate=500, seconds=300, connections=50), "host", policy=policy)

    assert judged.max_rate == 500
    with pytest.raises(PerftuiError, match="501"):
        judge(_job(rate=501), "host", policy=policy)
    # on loopback they lower nothing
    judge(_job("127.0.0.1", rate=10_000, seconds=600, connections=64), "localhost", policy=policy)


def test_limits_of_one_target_hold_for_it_alone() -> None:
    policy = _policy("http://10.0.0.5/", limits=OwnLimits(rate=0.0, connections=100))

    judge(_job(rate=5000, connections=100), "10.0.0.5", policy=policy)
    judge(_job(model=Model.CLOSED), "10.0.0.5", policy=policy)
    with pytest.raises(PerftuiError, match=r"load\.limits.*rate"):
        judge(_job("10.0.0.6", rate=5000), "10.0.0.6", policy=policy)
    with pytest.raises(PerftuiError, match=r"load\.targets\.shop\.limits.*duration"):
        judge(_job(seconds=61), "10.0.0.5", policy=policy)


@pytest.mark.parametrize("allowed", ["shop.example", "SHOP.example.", "203.0.113.0/24", "203.0.113.9"])
def test_what_the_configuration_allows_needs_no_question(allowed: str) -> None:
    policy = policy_of(Load(allow=(allowed,)), _nowhere)
    host = "203.0.113.9" if allowed[0] == "2" else "shop.example"

    judge(_job("203.0.113.9"), host, policy=policy)
    with pytest.raises(PerftuiError, match="confirm-host"):
        judge(_job("203.0.114.9"), "other.example", policy=policy)
    with pytest.raises(PerftuiError, match="cap"):
        judge(_job("203.0.113.9", rate=300), host, policy=policy)


_WAYS = [
    ("http://shop.example/", "shop.example", "10.0.0.5"), ("http://SHOP.example:80/", "shop.example", "10.0.0.5"),
    ("http://shop.example./", "shop.example", "10.0.0.5"), ("http://shop.example/", "alias.example", "10.0.0.5"),
    ("http://shop.example/", "10.0.0.5", "10.0.0.5"), ("http://shop.example/", "shop.example", "10.0.0.6"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "host", "address"), _WAYS)
def test_production_is_known_whichever_way_it_is_named(url: str, host: str, address: str) -> None:
    verdict = weigh(_job(address), host, _policy(url, production=True))

    assert verdict.production == "shop"
    assert verdict.needs == ("host", "name", "reason")


def test_another_port_of_the_host_is_not_production() -> None:
    assert weigh(_job("10.0.0.5"), "shop.example", _policy("http://shop.example:8080/", production=True)).needs == ()


def test_production_needs_host_name_and_reason() -> None:
    policy = _policy("http://shop.example/", production=True)
    job = _job("10.0.0.5")
    for confirmed in (
        Confirmed(), Confirmed("shop.example"), Confirmed("shop.example", "shop"), Confirmed("shop.example", "", "why"),
        Confirmed("shop.example", "shop", "  "), Confirmed("other.example", "shop", "why"),
        Confirmed("shop.example", "store", "why"),
    ):  # fmt: skip
        with pytest.raises(PerftuiError, match="--confirm-host, --name and --reason"):
            judge(job, "shop.example", confirmed, policy)

    judge(job, "shop.example", Confirmed("shop.example", "shop", "checks the release"), policy)


@pytest.mark.parametrize("address", ["10.0.0.5", "127.0.0.1"])
def test_nothing_lifts_the_smoke_caps_of_production(address: str) -> None:
    settings = LoadTarget("http://shop.example/", True, OwnLimits(0.0, 3600.0, 500))
    policy = policy_of(
        Load(limits=LoadLimits(0.0, 3600.0, 500), targets={"shop": settings}), lambda _, port: _found(address, port)
    )
    confirmed = Confirmed("shop.example", "shop", "why")

    assert judge(_job(address, 200, 60), "shop.example", confirmed, policy).max_rate == SMOKE.rate
    for job in (_job(address, 201), _job(address, seconds=61), _job(address, connections=11)):
        with pytest.raises(PerftuiError, match="smoke caps, which nothing raises"):
            judge(job, "shop.example", confirmed, policy)
    with pytest.raises(PerftuiError, match="closed"):
        judge(_job(address, model=Model.CLOSED), "shop.example", confirmed, policy)


def test_a_production_target_without_an_address_could_be_any_far_machine() -> None:
    policy = policy_of(Load(targets={"shop": LoadTarget("http://shop.example/", True)}), _nowhere)

    with pytest.raises(PerftuiError, match=r"production target shop can't be told.*--confirm-host 10\.0\.0\.5"):
        judge(_job("10.0.0.5"), "10.0.0.5", policy=policy)
    judge(_job("10.0.0.5"), "10.0.0.5", Confirmed("10.0.0.5"), policy)
    judge(_job("127.0.0.1"), "localhost", policy=policy)


def test_a_socket_is_production_by_any_path(tmp_path: Path) -> None:
    (tmp_path / "app.sock").touch()
    (tmp_path / "link").symlink_to(tmp_path / "app.sock")
    path = str(tmp_path / "app.sock").replace("/", "%2F")
    job = _job(addresses=(Address("", 0, str(tmp_path / "link")),))

    policy = _policy(f"http+unix://{path}/", production=True)
    assert weigh(job, "localhost", policy).production == "shop"


def test_addresses_are_looked_up_once_and_a_request_names_perftui_and_its_run() -> None:
    job, host = job_of(Plan("http://localhost:8080/a?b=1"))

    assert host == "localhost"
    assert {address.host for address in job.addresses} <= {"127.0.0.1", "::1"}
    assert b"GET /a?b=1 HTTP/1.1\r\nHost: localhost:8080\r\n" in job.targets[0].request
    assert f"run/{job.run_id}\r\n".encode() in job.targets[0].request


@pytest.mark.parametrize(
    "plan",
    [
        Plan("ftp://x/"), Plan("nonsense"), Plan("http://127.0.0.1/", rate=0), Plan("http://127.0.0.1/", duration="x"),
        Plan("http://127.0.0.1/", shape="stages"), Plan("http://127.0.0.1/", headers={"A": "b\r\nC: d"}),
        Plan("http://127.0.0.1/", targets=(PlannedTarget("/a b"),)), Plan("http://127.0.0.1/", checks=("what",)),
        Plan("http://127.0.0.1:99999/"), Plan("http://no-such-host.invalid/"),
        Plan("http://127.0.0.1/", rate=float("nan")),
    ],
)  # fmt: skip
def test_a_plan_that_can_not_be_is_refused_in_words(plan: Plan) -> None:
    with pytest.raises(PerftuiError):
        job_of(plan)


def test_a_record_holds_no_secret_of_the_plan() -> None:
    plan = Plan(
        "http://user:hidden@127.0.0.1/", headers={"Authorization": "hidden"},
        targets=(PlannedTarget("/x", headers={"Cookie": "hidden"}, body="hidden"),),
    )  # fmt: skip

    assert "hidden" not in str(told(plan))


def test_an_address_that_is_far_is_named_once() -> None:
    far = weigh(_job("8.8.8.8"), "8.8.8.8").why

    assert far.startswith("8.8.8.8 is no address of a private network: ")
    assert weigh(_job("8.8.8.8"), "far.example").why.startswith("far.example is 8.8.8.8, no address of a private")
