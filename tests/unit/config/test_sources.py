"""Sources behind HTTP are checked before anybody is asked: each mistake is a problem with its line and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.config.load import load

MAIN = '[sources.prometheus.main]\nurl = "http://localhost:9090"\n'
ALERTS = '[sources.alertmanager.alerts]\nurl = "http://localhost:9093/alertmanager"\n'
APP = '[sources.scrape.app]\nurl = "http://localhost:8080/metrics?all=1"\n'


def _problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "p.toml"
    path.write_text(text, "utf-8")
    return [str(problem).replace(str(path), "p.toml") for problem in load(path, {}).problems]


@pytest.mark.parametrize(
    "text",
    [
        MAIN,
        APP,
        MAIN + APP,
        MAIN + ALERTS + 'filter = \'team="perf",severity=~"crit.*"\'\nreceiver = "perf|ops"\nallow_silence = true\n',
        ALERTS + 'watchdog = ""\ninterval = "1s"\ntoken = "env:TOKEN"\n',
        MAIN + 'select = \'job="api", path=~"/v[0-9]{1,2}/(a|b)#x"\'\n',
        MAIN + 'token = "env:TOKEN"\nproxy = "env"\n',
        MAIN + 'user = "me"\npassword = "file:/run/secrets/p"\nproxy = "http://proxy:3128"\n',
        MAIN + '[sources.prometheus.main.headers]\nX-Scope-OrgID = "tenant"\n',
        MAIN + '[sources.prometheus.main.secret_headers]\nAuthorization = "env:TOKEN"\n',
        MAIN + '[sources.prometheus.main.queries]\nerrors = "sum(rate(errors_total[$win]))"\n[panels.cpu]\n'
        'series = ["main/errors"]\n[alerts.errors]\ntitle = "E"\nseries = "main/errors"\nwarning = 1\n',
        MAIN + '[panels.x]\npromql = ["up"]\n',
        MAIN + APP + '[panels.x]\npromql = ["up"]\nsource = "app"\n[panels.y]\nseries = ["app/up", "host/load1"]\n',
        MAIN
        + "enabled = false\n"
        + APP
        + '[panels.x]\npromql = ["up"]\n[panels.y]\npromql = ["up"]\nsource = "main"\n',
        MAIN + 'scrape_interval = "15s"\n[panels.x]\npromql = ["rate(x_total[30s])", "rate(x_total[$win])"]\n',
        '[sources.prometheus.main]\nurl = "https://[::1]:9090/prometheus/"\n',
    ],
)
def test_what_is_well_has_no_problems(tmp_path: Path, text: str) -> None:
    assert _problems(tmp_path, text) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:9090", "is not a URL: expected something like http://localhost:9090"),
        ("ftp://localhost", "is not a URL"),
        ("http://", "is not a URL"),
        ("http://localhost:99999", "is not a URL"),
        ("http://localhost:0", "is not a URL"),
        ("http://local host", "is not a URL"),
        ("http://[::1", "is not a URL"),
        ("http://me:secret@localhost", 'give user = "..." and password = "file:..."'),
        ("http://me:secret@localhost:99999", "this is not a URL"),
        ("http://me@localhost", "holds no user and password"),
        ("http://localhost#x", "no # part"),
        ("http://localhost?x=1", "without parameters"),
    ],
)
def test_a_url_that_can_not_be_asked_is_named_without_telling_secrets(tmp_path: Path, url: str, words: str) -> None:
    (problem,) = _problems(tmp_path, f'[sources.prometheus.main]\nurl = "{url}"\n')

    assert problem.startswith("p.toml:2: sources.prometheus.main.url: ")
    assert words in problem
    assert "secret" not in problem


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('interval = "50ms"', "interval: an interval is from 100ms to 1h"),
        ('interval = "2h"', "interval: an interval is from 100ms to 1h"),
        ('timeout = "6m"', "timeout: a timeout is from 100ms to 5m"),
        ("max_body = 10", "max_body: from 1024 bytes to 1073741824"),
        ("workers = 0", "workers: from 1 to 32 threads"),
        ("workers = 33", "workers: from 1 to 32 threads"),
        ('scrape_interval = "10ms"', "scrape_interval: from 100ms to 1h, or 0s to learn it"),
        ('alerts_interval = "100ms"', "alerts_interval: from 1s to 1h"),
        ('select = "{job=\\"a\\"}"', "select: label matchers as they stand inside of { }"),
        ("select = \"job='a'\"", "select: label matchers as they stand inside of { }"),
        ('select = "job=\\"a\\","', "select: label matchers"),
        ('token = "env:T"\nuser = "me"', "token: either a token, or user and password"),
        ('password = "env:P"', 'password: a password needs "user"'),
        ('token = "abc"', "token: expected a secret by reference"),
        ('proxy = "proxy:3128"', 'or "env" for the environment'),
        (
            'cert_file = "/nowhere/c.pem"\nkey_file = "/nowhere/c.pem"',
            "cert_file: /nowhere/c.pem: there is no such file",
        ),
        ('ca_file = "/nowhere/ca.pem"', "ca_file: /nowhere/ca.pem: there is no such file"),
        ('ca_file = "/"', "ca_file: /: there is no such file"),
        ('headers = {Authorization = "Bearer x"}', "a secret stands in token, password or secret_headers"),
        ('headers = {"a b" = "x"}', "not the name of a header"),
        ('headers = {a = "x\\ny"}', "a header has ASCII characters only"),
        ('token = "env:T"\nsecret_headers = {authorization = "env:T"}', "give one of the three"),
        ('queries = {"a b" = "up"}', "the name of a query is like that of a metric"),
        ('queries = {q_0123456789 = "up"}', "the name of a query is like that of a metric"),
        ('queries = {a = "sum("}', '"(" does not close'),
        ('ulr = "x"', 'unknown key, did you mean "url"?'),
    ],
)
def test_what_a_source_can_not_be_is_said_at_its_line(tmp_path: Path, line: str, message: str) -> None:
    found = _problems(tmp_path, f"{MAIN}{line}\n")

    assert len([problem for problem in found if message in problem]) >= 1, found
    assert all(problem.startswith(("p.toml:3: sources.prometheus.main.", "p.toml:4: ")) for problem in found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('interval = "500ms"', "interval: an Alertmanager is asked every 1s to 1h"),
        ('timeout = "500ms"', "timeout: an Alertmanager with many alerts needs time: 1s to 5m"),
        ('filter = "severity"', 'filter: after the label "severity" stands =, !=, =~ or !~'),
        ("filter = 'a=~\"(\"'", "filter: a=~: a ( has no )"),
        ('receiver = "("', "receiver: a ( has no )"),
        ('queries = {a = "up"}', "queries: unknown key"),
        ("silence = true", 'silence: unknown key, did you mean "allow_silence"?'),
    ],
)
def test_what_an_alertmanager_can_not_be_is_said_at_its_line(tmp_path: Path, line: str, message: str) -> None:
    (problem,) = _problems(tmp_path, f"{ALERTS}{line}\n")

    assert problem.startswith(f"p.toml:3: sources.alertmanager.alerts.{message}")


def test_a_certificate_and_its_key_belong_together(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("")

    (problem,) = _problems(tmp_path, f'{MAIN}cert_file = "{tmp_path / "c.pem"}"\n')

    assert '"cert_file" and "key_file" belong together' in problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[sources.prometheus.Main]\nurl = "http://a"', "a source's name has small letters, digits, _ and - only"),
        ('[sources.prometheus.-a]\nurl = "http://a"', "a source's name has small letters"),
        ('[sources.prometheus.host]\nurl = "http://a"', '"host" is the name of another source'),
        ('[sources.scrape.processes]\nurl = "http://a"', '"processes" is the name of another source'),
        (MAIN + '[sources.scrape.main]\nurl = "http://a"', '"main" is the name of another source'),
        (MAIN + '[sources.alertmanager.main]\nurl = "http://a"', '"main" is the name of another source'),
        (ALERTS + '[sources.workflow.alerts]\npath = "a"', '"alerts" is the name of another source'),
        ("[sources.scrape.a]\nenabled = true", '"url" is missing'),
        ('[sources.scrape.a]\nurl = "http://a"\nmax_series = 0', "from 1 to 1000000 series"),
    ],
)
def test_names_of_sources_are_series_names_and_unique(tmp_path: Path, text: str, message: str) -> None:
    (problem,) = _problems(tmp_path, text)

    assert message in problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[panels.x]\npromql = ["up"]', "p.toml:2: panels.x.promql: no source takes expressions: add [sources.prometh"),
        (
            MAIN + '[panels.x]\npromql = ["up"]\nsource = "man"',
            'no source "man" takes expressions, did you mean "main"?',
        ),
        (MAIN + '[panels.x]\nsource = "host"', 'no source "host" takes expressions'),
        (
            MAIN + APP + '[panels.x]\npromql = ["up"]',
            "p.toml:6: panels.x.promql: which source answers it? Give source = one of main, app",
        ),
        (MAIN + '[panels.x]\npromql = ["sum(up"]', 'panels.x.promql[0]: "(" does not close'),
        ("[panels.x]\nscale = 0", "panels.x.scale: a scale is not 0"),
        ("[panels.x]\nscale = inf", "panels.x.scale: expected a finite number"),
        ('[panels.x]\nseries = ["hots/load1"]', 'panels.x.series[0]: no source is called "hots", did you mean "host"?'),
        ('[panels.x]\nfigures = ["main/up"]', 'panels.x.figures[0]: no source is called "main"'),
        (MAIN + '[panels.x]\nseries = ["main/up"]', '[sources.prometheus.main.queries] has no "up"'),
        (
            MAIN + 'queries = {errors = "x"}\n[alerts.x]\ntitle = "X"\nseries = "main/error"\nwarning = 1',
            'p.toml:6: alerts.x.series: [sources.prometheus.main.queries] has no "error", did you mean "errors"?',
        ),
        (
            MAIN + 'scrape_interval = "15s"\nqueries = {a = "rate(x_total[20s])"}',
            "p.toml:4: sources.prometheus.main.queries.a: [20s] holds fewer than two samples, measured every 15 s",
        ),
        (
            APP + 'interval = "10s"\n[panels.x]\npromql = ["1", "sum(rate(x_total[10s]))"]',
            "p.toml:5: panels.x.promql[1]: [10s] holds fewer than two samples",
        ),
    ],
)
def test_what_nobody_could_answer_is_one_problem(tmp_path: Path, text: str, message: str) -> None:
    (problem,) = _problems(tmp_path, text)

    assert message in problem
