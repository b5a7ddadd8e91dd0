"""What people do to alerts, as requests to the session: each answers in words, and none is waited for by the screen.

What was asked for is never shown as done here: the session's next table says what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from perftui.config.values import parse_span
from perftui.domain.text import clean
from perftui.domain.triage import AlertRow, Matcher, Silence
from perftui.link.messages import Reply
from perftui.tui.deck import Deck
from perftui.view.alerts_rows import is_mine
from perftui.view.alerts_silencing import Form, Preview

# writing to several Alertmanagers, each with its own deadline
_WRITING_S = 30.0
_DAY_S = 86400.0
_OFF = ("off", "0", "0s")


class _Counted(msgspec.Struct):
    """The session's answer to what a silence would hide."""

    firing: int = 0
    others: int = 0
    problem: str = ""
    ask: str = ""


class Deeds:
    """``say`` tells an answer and whether it is bad. Methods give what went wrong in words, or nothing."""

    def __init__(self, deck: Deck, say: Callable[[str, bool], None]) -> None:
        self._deck, self._say = deck, say

    async def _ask(self, action: str, done: str, **args: Any) -> str:
        """What is wrong; else the session's own words, or ours, are said."""
        reply: Reply = await self._deck.client.request(action, _WRITING_S, **args)
        if reply.error:
            return clean(reply.error, 400)
        self._say(clean(reply.data, 400) if isinstance(reply.data, str) and reply.data else done, False)
        if isinstance(reply.data, dict) and (problem := reply.data.get("problem")):
            self._say(f"not everywhere: {clean(str(problem), 400)}", True)
        return ""

    async def tell(self, action: str, done: str, **args: Any) -> None:
        """The same, where a notice is the only place for what is wrong."""
        if error := await self._ask(action, done, **args):
            self._say(error, True)

    async def claim(self, rows: Sequence[AlertRow]) -> None:
        """Claim them, or give them back when all of them are one's own."""
        keys = [row.key for row in rows]
        session = self._deck.mirror.session
        if all(row.acked_by and is_mine(row.acked_by, session) for row in rows):
            await self.tell("unack", f"{_alerts(rows)} given back", keys=keys)
        else:
            await self.tell("ack", f"{_alerts(rows)} claimed; u undoes", keys=keys, note="")

    async def snooze(self, rows: Sequence[AlertRow], line: str) -> str:
        """``15m``, ``until 14:30``, or ``off``."""
        keys = [row.key for row in rows]
        text = line.strip().lower()
        if text in _OFF:
            return await self._ask("unsnooze", f"{_alerts(rows)} awake", keys=keys)
        try:
            until = self.until(text)
        except ValueError as error:
            return str(error)
        told = f"{_alerts(rows)} snoozed until {self._deck.face.text(until)}; u undoes"
        return await self._ask("snooze", told, keys=keys, until=until)

    def until(self, text: str) -> float:
        """The moment, in epoch seconds, that a span from now or a time of day to come names. Raises ValueError."""
        now = self._deck.wall()
        named = text.removeprefix("until").strip()
        if named == text:
            try:
                return now + _some(parse_span(text))
            except ValueError:
                if ":" not in text:
                    raise
        # the newest such time before this moment of tomorrow is still to come
        moment = self._deck.face.parse(named, now + _DAY_S)
        if moment <= now:
            raise ValueError(f"{named} is over")
        return moment

    async def note(self, rows: Sequence[AlertRow], text: str) -> str:
        for row in rows:
            if error := await self._ask("note", f"noted on {_alerts(rows)}; u undoes", key=row.key, text=text.strip()):
                return error
        return ""

    async def preview(self, matchers: Sequence[Matcher], keys: Sequence[str]) -> Preview | str:
        """What a silence would hide, those of ``keys`` being one's own."""
        reply = await self._deck.client.request("silence_preview", matchers=_sent(matchers), keys=list(keys))
        if reply.error:
            return clean(reply.error, 400)
        try:
            found = msgspec.convert(reply.data, _Counted)
        except msgspec.ValidationError as error:
            return f"the session's count was not understood: {clean(str(error), 200)}"
        return Preview(found.firing, found.others, clean(found.problem, 400), clean(found.ask, 400))

    async def silence(self, form: Form, keys: Sequence[str], *, confirmed: bool) -> str:
        return await self._ask(
            "silence", "silence asked for: it shows when the next poll sees it; u undoes", sources=list(form.sources),
            matchers=_sent(form.matchers), duration_s=form.duration_s, comment=form.comment, author=form.author,
            confirmed=confirmed, keys=list(keys),
        )  # fmt: skip

    async def extend(self, silence: Silence, line: str) -> str:
        try:
            duration_s = _some(parse_span(line))
        except ValueError as error:
            return str(error)
        return await self._ask("extend", "longer silence asked for; u undoes", key=silence.key, duration_s=duration_s)

    async def expire(self, silence: Silence) -> None:
        await self.tell("expire", "end of the silence asked for; u undoes", key=silence.key)


def _some(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("that is no time at all")
    return seconds


def _alerts(rows: Sequence[AlertRow]) -> str:
    return clean(rows[0].name, 60) if len(rows) == 1 else f"{len(rows)} alerts"


def _sent(matchers: Sequence[Matcher]) -> list[list[Any]]:
    return [[one.name, one.value, one.equal, one.regex] for one in matchers]
