"""A plan's file: everything that is wrong in it is told in one go, with line, reason and what would be right."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from perftui.domain.errors import PerftuiError
from perftui.load.plan import Plan, job_of, read_plan, told

_WRONG = """\
url = "ftp://127.0.0.1/"
raet = 5
rate = -1
connections = "many"
duration = "soon"
warm_up = true
redirects = 99
secret = ["tokn"]
auth = { user = "ann", password = "hunter2" }
headers = { "X Y" = "a" }

[[data]]
file = "users.csv"

[[steps]]
name = "log in"
method = "post"
path = "/login me"
body = "${usr} ${}"
think = "2s-1s"
checks = ["status == 200", "status is 200"]
extract.token = { json = "$..token" }
extract.id = { jsn = "$.id" }

[[steps]]
path = "orders"
headers = { Content-Length = "5", Authorization = "Bearer ${tken}" }
stop_on_eror = false

[[thresholds]]
expr = "p95 < 5"
"""
_RIGHT = """\
url = "http://127.0.0.1:8080/"
secret = ["token"]
auth = { token = "env:PLAN_TOKEN" }
[[data]]
file = "users.jsonl"
order = "shuffled"
[[steps]]
name = "log in"
path = "/?u=${user}"
extract.token = { header = "X-Token" }
think = "100ms-1s"
[[steps]]
headers = { X-Token = "${token}" }
"""


def _read(folder: Path, text: str) -> Plan:
    (folder / "plan.toml").write_text(text)
    (folder / "users.csv").write_text("user\nann\n")
    (folder / "users.jsonl").write_text('{"user": "ann"}\n')
    return read_plan(folder / "plan.toml")


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(PerftuiError) as refused:
        _read(folder, text)
    return [line.removeprefix(f"{folder}/plan.toml:") for line in str(refused.value).splitlines()]


def _line(problem: str) -> int:
    return int(problem.partition(":")[0])


def test_unknown_keys_and_wrong_types_are_told_together_with_their_lines(tmp_path: Path) -> None:
    found = _problems(tmp_path, _WRONG)

    assert [_line(line) for line in found] == sorted(_line(line) for line in found)
    assert {2, 4, 6, 9, 23, 28} < {_line(line) for line in found}
    assert '2: raet: unknown key, did you mean "rate"?' in found
    assert '23: steps[0].extract.id.jsn: unknown key, did you mean "json"?' in found
    assert '28: steps[1].stop_on_eror: unknown key, did you mean "stop_on_error"?' in found
    assert "6: warm_up: expected text in quotes or a whole number, got true" in found
    assert "hunter2" not in str(found)


def test_values_that_make_no_sense_are_told_together_with_what_would_be_right(tmp_path: Path) -> None:
    typed = _WRONG.replace("raet = 5", "").replace('"many"', "5").replace("true", "5").replace("hunter2", "env:X")
    found = _problems(tmp_path, typed.replace("jsn", "json").replace("stop_on_eror", "stop_on_error"))

    assert [_line(line) for line in found] == [1, 3, 5, 7, 8, 10, 17, 18, 19, 20, 21, 22, 26, 27, 27, 31]
    for expected in (
        "1: url: 'ftp://127.0.0.1/' is not a URL such as http://127.0.0.1:8080/",
        "3: rate: expected a number above 0, got -1",
        "5: duration: expected",
        "7: redirects: expected a number from 0 to 20, got 99",
        '8: secret[0]: no variable "tokn", did you mean "token"?',
        "10: headers.X Y: expected the name of a header such as Content-Type",
        "17: steps[0].method: unknown method 'post', did you mean \"POST\"?",
        "18: steps[0].path: ' ' can't stand in a path: write %20",
        "19: steps[0].body: '${}' is no variable such as ${token}",
        "20: steps[0].think: expected a time such as 1s, or the shorter one first",
        "21: steps[0].checks[1]: 'status is 200' is not a check such as",
        "22: steps[0].extract.token: '$..token' is not a JSON path such as $.items[0].id",
        "26: steps[1].path: expected a path that begins with /",
        "27: steps[1].headers.Content-Length: is set by perftui",
        '27: steps[1].headers.Authorization: no variable "tken" here, did you mean "token"?',
        "31: thresholds[0].expr: 'p95 < 5' is not a threshold such as",
    ):
        assert any(line.startswith(expected) for line in found), (expected, found)


def test_a_variable_is_known_only_after_the_step_that_extracts_it(tmp_path: Path) -> None:
    plan = 'url = "http://127.0.0.1/"\n[[steps]]\npath = "/${late}"\nextract.late = { regex = "a" }\n'

    assert _problems(tmp_path, plan) == [
        '3: steps[0].path: no variable "late" here: columns of data files and what steps before extract are'
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rate =", "not TOML"),
        ('url = "http://a/"\nrequests = 1000', "2: requests: 1000 are more than the 600 of rate and duration"),
        ('url = "http://a/"\nshape = "ramp"\nwarm_up = 5', "3: warm_up: this shape begins with a rate of 0"),
        ('url = "http://a/"\nshape = "stages"', "stages: shape stages needs some"),
        ('url = "http://a/"\nauth = { user = "a" }', '2: auth: expected both user = "..." and password'),
        ('url = "http://a/"\nauth = { user = "a", password = "env:A", token = "env:B" }', "2: auth: expected user and"),
        ('url = "http://a/"\nheaders.authorization = "a"\nauth.token = "env:A"', "3: auth: headers has Authorization"),
        ('url = "http://a/"\nsteps = [{}]\ntargets = [{}]', "2: steps: a plan has steps (one journey) or targets"),
        ('url = "http://a/"\n[[data]]\nfile = "none.csv"', "none.csv: No such file"),
        ('url = "http://a/"\n[[data]]\nfile = "users.csv"\n[[data]]\nfile = "users.jsonl"', "4: data[1]: users.jsonl:"),
        ('url = "http://a/"\n[[steps]]\nextract.a = {}', "3: steps[0].extract.a: expected json ="),
        ('url = "http://a/"\n[[steps]]\nextract."a b" = { json = "$" }', "3: steps[0].extract.a b: expected a name"),
        ('url = "http://a/"\ntargets = [{ weight = 0 }]', "2: targets[0].weight: expected a number above 0, got 0"),
    ],
)  # fmt: skip
def test_one_thing_that_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    assert any(problem in line for line in _problems(tmp_path, text)), _problems(tmp_path, text)


def test_a_plan_that_is_right_becomes_a_job_whose_data_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAN_TOKEN", "hush")
    plan = _read(tmp_path, _RIGHT)
    job, host = job_of(plan)

    assert host == "127.0.0.1"
    assert job.flow is not None
    assert job.flow.data[0].path == str(tmp_path / "users.jsonl")
    assert [target.name for target in job.targets] == ["log in", "GET /"]
    assert job.flow.steps[0].think_s == (0.1, 1.0)
    assert ("Authorization", "Bearer hush") in job.flow.steps[0].headers
    assert msgspec.convert(msgspec.to_builtins(plan), Plan) == plan


def test_a_record_tells_a_plan_without_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_TOKEN", "hush")
    words = told(_read(tmp_path, _RIGHT))

    assert words["auth"] == "bearer"
    assert "hush" not in str(words)
    assert words["steps"][0]["extract"] == ["token"]  # type: ignore[index]


def test_a_secret_that_is_not_there_is_told_by_its_name_and_one_that_breaks_lines_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLAN_TOKEN", raising=False)
    with pytest.raises(PerftuiError, match="env:PLAN_TOKEN: this variable is not set"):
        job_of(_read(tmp_path, _RIGHT))
    monkeypatch.setenv("PLAN_TOKEN", "hush\r\nX: y")
    with pytest.raises(PerftuiError) as refused:
        job_of(_read(tmp_path, _RIGHT))
    assert "hush" not in str(refused.value)


def test_plans_of_single_requests_stay_on_the_short_way() -> None:
    plain, _ = job_of(Plan("http://127.0.0.1/"))
    with_redirects, _ = job_of(Plan("http://127.0.0.1/", redirects=1))

    assert plain.flow is None
    assert plain.targets[0].request
    assert with_redirects.flow is not None
    assert not with_redirects.flow.is_journey
