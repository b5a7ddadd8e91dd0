"""What becomes of a load when its console is left."""

from __future__ import annotations

import msgspec

from perftui.domain.load import LoadPhase
from perftui.load.run import Run
from perftui.session.load.state import About, load_state
from perftui.tui.run import left_behind
from tests.unit.load.runs import job


def test_only_a_load_that_was_let_go_of_outlives_its_console() -> None:
    held = load_state(Run(), job(1), About("http://127.0.0.1/", "constant", 0.0, "me"))
    let_go = msgspec.structs.replace(held, leased=False)

    assert left_behind(None) == ""
    assert left_behind(held) == ""
    assert left_behind(msgspec.structs.replace(let_go, phase=LoadPhase.DONE)) == ""
    assert f"the load {let_go.run_id} goes on" in left_behind(let_go)
