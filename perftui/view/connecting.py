"""What stands where workflows and agents would be: the lines that bring them, or what is waited for."""

from __future__ import annotations

from perftui.domain.text import clean
from perftui.view import agents_rows, workflow_rows
from perftui.view.failures import failing
from perftui.view.scene import Scene

TEACHING = (
    "{what} perftui demo shows it with real work.\n  perftui --workflow FILE\nfollows events, or in perftui.toml\n"
    '  [sources.workflow.main]\n  path = "events.jsonl"'
)


_LONGEST = 300


def no_workflow(scene: Scene, hint: str = "") -> str:
    """Why there is no workflow to show."""
    if not workflow_rows.connected(scene.config):
        return hint or TEACHING.format(what="Phases and tasks of a workflow stand here.")
    return _waiting(scene, "workflow")


def no_agents(scene: Scene, hint: str = "") -> str:
    """Why there are no agents to show."""
    if not agents_rows.connected(scene.config):
        return hint or TEACHING.format(what="Agents, what they work on and their queue stand here.")
    return _waiting(scene, "agent")


def _waiting(scene: Scene, what: str) -> str:
    sources = {name: one.path for name, one in scene.config.sources.workflow.items() if one.enabled}
    names = agents_rows.sources(scene.config)
    paths = ", ".join(sources.values())
    if scene.mirror.at is None and paths:
        return f"reading {paths}"
    told = f"No {what} yet: {paths} has told of none." if paths else f"No {what} yet: the metrics tell of none."
    notes = [note for one in scene.mirror.sources if one.name in sources for note in one.notes]
    # a file of another program is read like any: what could not be used says more than that nothing came of it
    return failing(scene, names) or "\n".join([told, *(clean(note, _LONGEST) for note in notes)])
