"""All agents of one source: who came, who left, and who was heard of when."""

from __future__ import annotations

from perftui.domain.workflow import Event
from perftui.store.workflow.agents import Agent

MOST_AGENTS = 2000
# to find who falls out all are looked at: so many go at once, that a new agent for every task stays cheap
_AT_ONCE = 200


class Crew:
    """At most 2 000 agents: then some fall out that left, the longest silent first. ``forgotten`` counts those
    that fell out though they had not left.

    ``longest_s`` is the longest task that any of them did.
    """

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.longest_s = 0.0
        self.forgotten = 0

    def heard(self, name: str, at: float) -> Agent:
        """The agent, of which there is a sign of life."""
        agent = self.agents.get(name) or self.named(name)
        agent.version += 1
        if at > agent.heard_at:
            agent.heard_at = at
        return agent

    def named(self, name: str) -> Agent:
        """The agent with this name."""
        agent = self.agents.get(name)
        if agent is None:
            agent = self.agents[name] = Agent(name)
            if len(self.agents) > MOST_AGENTS:
                self._forget(agent)
        return agent

    def starting(self, event: Event) -> None:
        agent = self.heard(event.agent, event.at)
        agent.starting_at = event.at if agent.starting_at is None else max(event.at, agent.starting_at)
        agent.kind = event.kind or agent.kind

    def joined(self, event: Event) -> None:
        agent = self.heard(event.agent, event.at)
        agent.join(event.at)
        agent.kind, agent.slots, agent.was_announced = event.kind or agent.kind, max(1, event.slots), True

    def left(self, event: Event) -> None:
        self.heard(event.agent, event.at).leave(event.at, event.reason)

    def beat(self, event: Event) -> None:
        agent = self.heard(event.agent, event.at)
        agent.beats = True
        if not agent.has_joined:
            agent.join(event.at)

    def _forget(self, new: Agent) -> None:
        """Agents that work go one by one: no more than have to."""
        others = sorted((agent for agent in self.agents.values() if agent is not new), key=_worth)
        for number, gone in enumerate(others[:_AT_ONCE]):
            if number and gone.working:
                return
            del self.agents[gone.id]
            self.forgotten += gone.left_at is None


def _worth(agent: Agent) -> tuple[bool, bool, float]:
    """Who falls out first: who left, then who has nothing to do, the longest silent first."""
    return agent.left_at is None, bool(agent.working), agent.seen_at
