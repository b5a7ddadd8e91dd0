"""Messages that travel up from screens to the app."""

from __future__ import annotations

from textual.events import Key
from textual.message import Message


class Act(Message):
    """A key asks for an action of the app, named by its binding's id.

    Keys that come before it is ``done`` wait in ``ahead``: they are meant for what it brings, a prompt for instance.
    """

    def __init__(self, binding: str) -> None:
        super().__init__()
        self.binding = binding
        self.done = False
        self.ahead: list[Key] = []


class Run(Message):
    """A command line to carry out."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command
