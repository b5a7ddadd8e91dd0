"""What must not be loaded is refused before anything is sent."""

from __future__ import annotations

import msgspec
import pytest

from perftui.domain.errors import PerftuiError
from perftui.load.job import Address, Job, Model, Target
from perftui.load.plan import Plan, PlannedTarget, job_of, told
from perftui.load.safety import judge
from perftui.load.schedule import Segment


def _job(
    host: str = "10.0.0.5", rate: float = 20.0, seconds: float = 30.0, connections: int = 10, **more: object
) -> Job:
    job = Job("r", (Address(host, 80),), (Target("/", b""),), (Segment(seconds, rate, rate),), connections=connections)
    return msgspec.structs.replace(job, **more)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "10.1.2.3", "192.168.7.7", "172.16.0.9", "169.254.1.1", "fd00::1", "fe80::1"]
)
def test_near_addresses_need_no_question(host: str) -> None:
    judge(_job(host), "name", "")


@pytest.mark.parametrize("host", ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "100.64.0.1"])
def test_any_other_address_needs_its_name_typed(host: str) -> None:
    with pytest.raises(PerftuiError, match=r"--confirm-host shop\.example"):
        judge(_job(host), "shop.example", "")
    with pytest.raises(PerftuiError, match="confirm-host"):
        judge(_job(host), "shop.example", "shop.exampl")

    judge(_job(host), "shop.example", "shop.example")


def test_a_name_with_one_public_address_among_private_ones_is_refused() -> None:
    job = _job(addresses=(Address("10.0.0.1", 80), Address("8.8.8.8", 80)))

    with pytest.raises(PerftuiError, match=r"8\.8\.8\.8"):
        judge(job, "mixed.example", "")


@pytest.mark.parametrize(
    ("job", "word"),
    [
        (_job(rate=201), "rate"), (_job(seconds=61), "60 s"), (_job(connections=11), "connections"),
        (_job(model=Model.CLOSED), "closed"), (_job("127.0.0.1", seconds=601), "600 s"),
        (_job("127.0.0.1", connections=65), "64"),
    ],
)  # fmt: skip
def test_more_than_the_caps_is_refused(job: Job, word: str) -> None:
    with pytest.raises(PerftuiError, match=word):
        judge(job, "host", "host")


def test_the_rate_is_free_on_loopback() -> None:
    judge(_job("127.0.0.1", rate=10_000, seconds=10, connections=64), "localhost", "")


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(PerftuiError) as refused:
        judge(_job("8.8.8.8", rate=500, seconds=100, connections=50), "shop.example", "")

    assert len(str(refused.value).splitlines()) == 5


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
