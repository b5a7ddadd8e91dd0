"""Messages that travel up from screens to the app."""

from __future__ import annotations

from textual.message import Message


class Act(Message):
    """A key or a command asks for an action of the app, named by its binding's id."""

    def __init__(self, binding: str) -> None:
        super().__init__()
        self.binding = binding


class Run(Message):
    """A command line to carry out."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command
