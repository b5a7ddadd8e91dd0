from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

PERFTUI = (sys.executable, "-m", "perftui", "exec")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def run(
    path: Path, *arguments: str, stdin: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PERFTUI, "--workflow", "wf", "--events", str(path), *arguments],
        input=stdin, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **(environ or {})},
    )  # fmt: skip


def told(path: Path) -> dict[str, dict[str, Any]]:
    """Events by type."""
    return {line["type"]: line for line in map(json.loads, path.read_text("utf-8").splitlines())}


def test_a_command_is_told_as_a_task_and_keeps_its_streams_and_code(path: Path) -> None:
    code = "import sys; data = sys.stdin.read(); print(data.upper()); print('said', file=sys.stderr); sys.exit(3)"
    answer = run(path, "--phase", "build", "--task", "t_1", "--kind", "python", "--attempt", "2", "--",
                 sys.executable, "-c", code, stdin="in")  # fmt: skip

    assert (answer.returncode, answer.stdout, answer.stderr) == (3, "IN\n", "said\n")
    events = told(path)
    assert list(events) == ["task.queued", "agent.joined", "task.started", "task.finished", "agent.left"]
    assert {event["workflow"] for event in events.values() if "workflow" in event} == {"wf"}
    assert (events["task.queued"]["phase"], events["task.queued"]["kind"]) == ("build", "python")
    assert (events["task.started"]["attempt"], events["task.started"]["task"]) == (2, "t_1")
    finished = events["task.finished"]
    assert finished["status"] == "failed"
    assert finished["cpu_s"] > 0
    assert finished["rss_bytes"] > 1_000_000


def test_a_good_end_is_ok_and_names_come_from_the_command(path: Path) -> None:
    assert run(path, "--", "true").returncode == 0

    events = told(path)
    assert events["task.finished"]["status"] == "ok"
    assert events["task.queued"]["kind"] == "true"
    assert events["task.queued"]["task"].startswith("true-")


def test_options_of_the_command_are_its_own(path: Path) -> None:
    answer = run(path, "--", "printf", "%s|", "--phase", "-x", "--")

    assert answer.stdout == "--phase|-x|--|"


def test_a_named_agent_neither_comes_nor_goes(path: Path) -> None:
    run(path, "--agent", "agent_7", "--", "true")

    assert list(told(path)) == ["task.queued", "task.started", "task.finished"]
    assert told(path)["task.started"]["agent"] == "agent_7"


@pytest.mark.parametrize(
    ("executable", "code", "said"), [(False, 126, "Permission denied"), (None, 127, "No such file")]
)
def test_a_command_that_cannot_be_started_has_the_code_of_a_shell(
    path: Path, tmp_path: Path, executable: bool | None, code: int, said: str
) -> None:
    command = tmp_path / "command"
    if executable is not None:
        command.write_text("")
    answer = run(path, "--", str(command))

    assert answer.returncode == code
    assert said in answer.stderr
    assert told(path)["task.finished"]["status"] == "failed"


def test_a_command_that_takes_too_long_is_ended(path: Path) -> None:
    answer = run(path, "--timeout", "0.2", "--", "sleep", "60")

    assert answer.returncode == 124
    assert told(path)["task.finished"]["status"] == "timeout"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_reach_the_command(path: Path, number: signal.Signals) -> None:
    code = (
        "import signal, sys, time\n"
        "for number in (1, 2, 15): signal.signal(number, lambda number, _: sys.exit(40 + number))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    process = subprocess.Popen(
        [*PERFTUI, "--workflow", "wf", "--events", str(path), "--", sys.executable, "-c", code],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)

    assert process.wait(30) == 40 + number
    process.stdout.close()
    assert told(path)["task.finished"]["status"] == "failed"


def test_a_command_that_a_signal_ended_has_the_code_of_a_shell(path: Path) -> None:
    answer = run(path, "--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")

    assert answer.returncode == 128 + 9
    assert told(path)["task.finished"]["status"] == "failed"


def test_a_command_dies_of_a_broken_pipe_as_without_us(path: Path) -> None:
    answer = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | true', "bash", *PERFTUI, "--workflow", "wf", "--events", str(path),
         "--", "yes"],
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    assert answer.returncode == 128 + signal.SIGPIPE


def test_what_is_ignored_stays_ignored(path: Path) -> None:
    code = "import signal; print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    answer = subprocess.run(
        ["nohup", *PERFTUI, "--workflow", "wf", "--events", str(path), "--", sys.executable, "-c", code],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert answer.stdout == "True\n"


def test_events_that_cannot_be_written_do_not_keep_the_command_from_running(tmp_path: Path) -> None:
    answer = run(tmp_path / "nowhere" / "events.jsonl", "--", "echo", "done")

    assert (answer.returncode, answer.stdout) == (0, "done\n")
    assert "No such file or directory" in answer.stderr


def test_the_file_may_come_from_the_environment_and_must_come_from_somewhere(path: Path) -> None:
    bare = [*PERFTUI, "--workflow", "wf", "--", "true"]
    environ = {name: value for name, value in os.environ.items() if name != "PERFTUI_EVENTS"}
    given = subprocess.run(bare, env={**environ, "PERFTUI_EVENTS": str(path)}, timeout=60, check=False)
    answer = subprocess.run(bare, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert given.returncode == 0
    assert told(path)["task.finished"]["status"] == "ok"
    assert answer.returncode == 2
    assert "--events FILE" in answer.stderr


@pytest.mark.parametrize(
    ("option", "value"), [("--timeout", "nan"), ("--timeout", "-1"), ("--timeout", "soon"), ("--attempt", "0")]
)
def test_an_odd_number_is_refused_before_anything_is_started(path: Path, option: str, value: str) -> None:
    answer = run(path, f"{option}={value}", "--", "echo", "done")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert value in answer.stderr
    assert not path.exists()


@pytest.mark.parametrize("command", [(), ("--",), ("--", "")])
def test_without_a_command_it_says_what_is_missing(path: Path, command: tuple[str, ...]) -> None:
    answer = run(path, *command)

    assert answer.returncode == 2
    assert "which command?" in answer.stderr
    assert not path.exists()


def test_a_run_without_a_name_is_refused_as_nobody_could_read_it(path: Path) -> None:
    answer = run(path, "--workflow=", "--", "echo", "done")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert "which run" in answer.stderr
