"""What is wrong with workflow sources, pools, services and rules is said at its place, with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.config.load import load
from perftui.config.queries import configured_queries

_SERVER = '[sources.prometheus.main]\nurl = "http://localhost:9090"\n'


def _problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "p.toml"
    path.write_text(text, "utf-8")
    return [str(problem).replace(f"{tmp_path}/", "") for problem in load(path, {}).problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[sources.workflow."N x"]\npath = "e"', "small letters, digits, _ and - only"),
        ('[sources.workflow.host]\npath = "e"', '"host" is the name of another source'),
        ('[sources.workflow.w]\npath = ""', "sources.workflow.w.path: the path of a file of events"),
        ('[sources.workflow.w]\npath = "e"\ninterval = "10ms"', "an interval is from 100ms to 1h"),
        ('[sources.workflow.w]\npath = "e"\nwindow = "1s"', "the window is from 5s to 1h"),
        ('[sources.workflow.w]\npath = "e"\nlost_after = "0s"', "silent for at least 1s"),
        ('[sources.workflow.w]\npath = "e"\nmax_tasks = 1', "from 100 to 1000000 tasks"),
        ('[pools.p]\ntotal = "x"', "no source takes expressions"),
        (_SERVER + '[pools.p]\nqueue = "x"', "nobody knows how many agents there are"),
        (_SERVER + '[pools.p]\ntotal = "x"\nsource = "mian"', 'did you mean "main"?'),
        (_SERVER + '[pools.p]\ntotal = "x"\nby = "a b"', '"a b" is not the name of a label'),
        (_SERVER + '[services.s]\nby = "handler"', 'give it "latency" (a histogram), "requests" (a counter), or both'),
        (_SERVER + '[services.s]\nlatency = "x_bucket"', 'the histogram\'s name: "x"'),
        (_SERVER + '[services.s]\nrequests = "x y"', '"x y" is not the name of a metric'),
        (_SERVER + "[services.s]\nrequests = \"x\"\nerrors = 'code=5'", "label matchers such as"),
        (_SERVER + '[services.s]\nlatency = "x"\nerrors = \'code="5"\'', 'matchers of "requests", which is missing'),
        (_SERVER + '[services.s]\nrequests = "x"\nslo_p95 = 0', "a target in seconds, above 0"),
        ('[rules]\nfor = "0s"', "rules.for: from 1s to 1h"),
        ('[rules]\nwindow = "1s"', "rules.window: from 10s to 1h"),
        ("[rules.limits]\nwf6_tasks = -1", "rules.limits.wf6_tasks: a number from 0 on"),
        ('[rules]\noff = ["pool"]', '"pool" is not the id of a rule'),
    ],
)
def test_each_mistake_is_one_problem_with_the_way_out(tmp_path: Path, text: str, message: str) -> None:
    (problem,) = _problems(tmp_path, text)

    assert message in problem


def test_a_service_and_a_pool_ask_their_source_for_what_they_need(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(
        _SERVER + '[services.shop]\nlatency = "http_seconds"\nrequests = "http_total"\nerrors = \'code=~"5.."\'\n'
        'by = "handler"\nselect = \'job="shop"\'\n[pools.ci]\ntotal = "sum(agents)"\nqueue = "sum(queued)"\n',
        "utf-8",
    )
    loaded = load(path, {})

    assert loaded.problems == ()
    assert [query.expr for query in configured_queries(loaded.config, "main")] == [
        'sum by (le) (http_seconds_bucket{job="shop"})',
        'sum by (le, handler) (http_seconds_bucket{job="shop"})',
        'sum by (handler) (http_total{job="shop"})',
        'sum by (handler) (http_total{code=~"5..", job="shop"})',
        "sum(agents)",
        "sum(queued)",
    ]
