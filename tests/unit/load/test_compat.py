"""Loads through httpx are counted as those of our own transport, within their cap, and their record says so."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from perftui.config.load_settings import Load
from perftui.domain.errors import PerftuiError
from perftui.load.frames import Delta, Hello, Rate, Stop, Up
from perftui.load.job import Address, Compat, Job, Model
from perftui.load.launch import Launch
from perftui.load.plan import Plan, job_of, told
from perftui.load.record import record
from perftui.load.run import Run
from perftui.load.safety import Policy, judge
from perftui.load.transport import Transport
from tests.unit.load.misbehaving import OK, Answer, drips, floods, hangs, resets, says, serving
from tests.unit.load.runs import job, run


def _job(port: int, **more: Any) -> Job:
    return job(port, compat=Compat(), **more)


def test_every_request_is_answered_and_counted() -> None:
    with serving(says(OK)) as port:
        found = run(_job(port, rate=50, seconds=0.4))
    tally = found.tally

    assert (tally.offered, tally.sent, tally.done, tally.ok.n, tally.errors) == (20, 20, 20, 20, {})
    assert tally.service.n == tally.ttfb.n == tally.endpoints["home"].done == 20
    assert tally.bytes >= 20 * len(b"ok")


def test_its_record_says_what_its_figures_are() -> None:
    with serving(says(OK)) as port:
        what = _job(port, rate=20, seconds=0.2)
        found = record(run(what), what, {}, 0.0, {}, {})

    assert found["percentile_quality"].startswith("compat: the time of httpx")
    assert found["engine"].startswith("perftui compat")
    assert found["phases_ms"]["connect"]["mean"] is None
    assert found["phases_ms"]["ttfb"]["mean"] > 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (says(b"no http at all\r\n\r\n"), "garbage"), (says(b"", then_closes=True), "closed"), (resets, "reset"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then_closes=True), "half_response"),
        (hangs, "timeout_headers"), (drips, "timeout_headers"), (floods, "body_too_large"),
        (says(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), "http_503"),
    ],
)  # fmt: skip
def test_what_goes_wrong_has_the_kinds_of_our_own_transport(answer: Answer, kind: str) -> None:
    # one that is no timeout has as long as a busy machine wants
    timeout_s = 0.3 if kind.startswith("timeout") else 30.0
    with serving(answer) as port:
        tally = run(_job(port, rate=10, seconds=0.2, timeout_s=timeout_s, body_limit=100_000)).tally

    assert tally.errors == {kind: 2}
    assert tally.done == 2


def test_a_target_that_refuses_is_said() -> None:
    with serving(says(OK)) as port:
        pass

    assert run(_job(port, rate=10, seconds=0.2)).tally.errors == {"refused": 2}


def test_the_next_address_is_tried_when_one_does_not_let_us_in() -> None:
    with serving(says(OK)) as port:
        addresses = Address("127.0.0.2", 1), Address("127.0.0.1", port)
        tally = run(_job(port, rate=10, seconds=0.4, addresses=addresses, connections=1)).tally

    assert tally.errors == {"refused": 1}
    assert tally.ok.n == 3


def test_a_unix_socket_is_reached(tmp_path: Path) -> None:
    path = str(tmp_path / "app.sock")
    with serving(says(OK), path=path):
        tally = run(_job(0, rate=20, seconds=0.2, addresses=(Address("", 0, path),))).tally

    assert (tally.ok.n, tally.errors) == (4, {})


class _Proxy(BaseHTTPRequestHandler):
    """Answers itself, and remembers what it was asked."""

    heard: ClassVar[list[tuple[str, str | None, str | None]]] = []

    def do_GET(self) -> None:
        self.heard.append((self.path, self.headers["Host"], self.headers["X-Own"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


def test_a_proxy_gets_the_address_that_was_judged_and_the_name_of_the_host() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as server:
        threading.Thread(target=server.serve_forever).start()
        plan = Plan(
            "http://localhost:9/x?y=1", transport=Transport.COMPAT, proxy=f"http://localhost:{server.server_port}",
            rate=10, duration="100ms", ramp="0s", probe=False, headers={"X-Own": "kept"},
        )  # fmt: skip
        what, _ = job_of(plan)
        tally = run(what).tally
        server.shutdown()
    address = what.addresses[0].host

    assert what.compat is not None
    assert "localhost" not in what.compat.proxy
    assert (tally.ok.n, tally.errors) == (1, {})
    ((path, host, own),) = _Proxy.heard
    assert path.replace("[", "").replace("]", "") == f"http://{address}:9/x?y=1"
    assert (host, own) == ("localhost:9", "kept")


def test_a_stop_leaves_nothing_behind() -> None:
    def told_to_stop(launch: Launch, message: Up) -> None:
        if isinstance(message, Delta) and message.tally.sent:
            launch.command(Stop("user"))

    with serving(hangs) as port:
        found = run(_job(port, rate=50, seconds=30), told_to_stop)

    assert found.stopped_by == "user"
    assert found.tally.offered == found.tally.sent + found.tally.dropped


def test_the_cap_holds_when_it_is_judged_and_while_it_runs() -> None:
    too_fast = _job(80, rate=101)
    closed = _job(80, model=Model.CLOSED)
    for what, words in ((too_fast, "100/s of the compat transport"), (closed, "no closed model")):
        with pytest.raises(PerftuiError, match=words):
            judge(what, "localhost")
    allowed = judge(_job(80, rate=40), "localhost")

    assert allowed.max_rate == 100
    sent: list[Any] = []
    launch = Launch(allowed, lambda _: None)
    launch._send = sent.append  # type: ignore[method-assign]
    launch.command(Rate(9.0))
    assert sent == [Rate(2.5)]


def test_a_proxy_that_is_not_near_is_refused_unless_it_is_allowed() -> None:
    what = job(80, compat=Compat(proxy="http://203.0.113.5:3128"))

    with pytest.raises(PerftuiError, match=r"the proxy is 203\.0\.113\.5"):
        judge(what, "localhost")
    judge(what, "localhost", policy=Policy(Load(), (), ("203.0.113.0/24",)))


@pytest.mark.parametrize(
    "plan",
    [
        Plan("http://127.0.0.1/", http2=True), Plan("http://127.0.0.1/", proxy="http://127.0.0.1:1"),
        Plan("http://127.0.0.1/", transport=Transport.COMPAT, proxy="socks5://127.0.0.1:1"),
        Plan("http://127.0.0.1/", transport=Transport.COMPAT, proxy="nonsense"),
    ],
)  # fmt: skip
def test_what_only_compat_has_is_refused_without_it(plan: Plan) -> None:
    with pytest.raises(PerftuiError):
        job_of(plan)


def test_a_record_holds_no_password_of_the_proxy() -> None:
    plan = Plan("http://127.0.0.1/", transport=Transport.COMPAT, proxy="http://user:hidden@127.0.0.1:1")

    assert "hidden" not in str(told(plan))


def test_our_own_transport_does_not_import_httpx() -> None:
    code = "import sys, perftui.load.__main__; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_engine_says_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with serving(hangs) as port:

        def told_to_stop(launch: Launch, message: Up) -> None:
            if isinstance(message, (Hello, Delta)):
                launch.command(Stop("user"))

        found: Run = run(_job(port, rate=50, seconds=30), told_to_stop)

    assert found.stopped_by == "user"
    assert capfd.readouterr().err == ""
