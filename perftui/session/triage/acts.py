"""What people do with alerts: claim, put off, note, silence, and take it back; each deed is answered and noted."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from perftui.domain.alerts import AlertState
from perftui.domain.errors import QueryError
from perftui.domain.text import clean
from perftui.domain.triage import AlertRow, Doing, Matcher, Silence
from perftui.domain.units import format_span
from perftui.session.triage.silencing import LONGEST_S, Preview, preview
from perftui.session.triage.triage import Triage
from perftui.sources.base import Silencer
from perftui.store.audit import Audit
from perftui.store.claims import Said

_UNDO_S = 3600.0
_MOST_KEYS = 10_000
_MOST_MATCHERS = 50


class Acts:
    """``who`` is user@host. ``wake`` polls a source at once, ``tick`` brings rows up to date; both return at once.

    Every act takes what the request says; it raises ValueError or QueryError in words when it can't be done.
    """

    def __init__(
        self,
        triage: Triage,
        silencers: Sequence[Silencer],
        audit: Audit,
        who: str,
        *,
        wall: Callable[[], float],
        wake: Callable[[str], None],
        tick: Callable[[], None],
    ) -> None:
        self._triage, self._audit, self._who, self._wall = triage, audit, who, wall
        self._silencers = {silencer.name: silencer for silencer in silencers}
        self._wake, self._tick = wake, tick
        self.at_once: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ack": lambda args: self._say("ack", args, text=_note(args)),
            "unack": lambda args: self._say("unack", args),
            "snooze": self._snooze,
            "unsnooze": lambda args: self._say("unsnooze", args),
            "note": self._note,
            "silence_preview": self._previewed,
        }
        self.asking: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            "silence": self._silence,
            "extend": self._extend,
            "expire": self._expire,
            "undo": self._undo,
        }

    # what only perftui knows

    def _rows(self, args: Mapping[str, Any]) -> list[AlertRow]:
        keys = args["keys"]
        if not isinstance(keys, list | tuple) or not keys or len(keys) > _MOST_KEYS:
            raise ValueError("no alert was named")
        known = [self._triage.rows.get(str(key)) for key in keys]
        rows = [one for one in known if one is not None and one.state is not AlertState.RESOLVED]
        if not rows:
            raise ValueError("it does not fire any more")
        return rows

    def _say(self, do: str, args: Mapping[str, Any], *, until: float | None = None, text: str = "") -> int:
        """One deed for all of the alerts; how many there were."""
        rows, now, deed = self._rows(args), self._wall(), uuid.uuid4().hex
        self._triage.claims.say(
            *(
                Said(
                    now, self._who, do, one.key, one.active_at, until, one.severity.rank, text, deed, self._was(do, one)
                )
                for one in rows
            )
        )
        self._noted(do, "done", alerts=[one.key for one in rows], names=_names(rows), until=until, text=text)
        self._tick()
        self._complain()
        return len(rows)

    def _was(self, do: str, one: AlertRow) -> str:
        """What an undo brings back."""
        if do == "note":
            return one.note
        return str(one.snoozed_until or "") if do == "unsnooze" else ""

    def _snooze(self, args: Mapping[str, Any]) -> int:
        until, now = float(args["until"]), self._wall()
        if not now < until <= now + LONGEST_S:
            raise ValueError(f"an alert can be put off for up to {format_span(LONGEST_S)}, and not into the past")
        return self._say("snooze", args, until=until)

    def _note(self, args: Mapping[str, Any]) -> int:
        return self._say("note", {"keys": [args["key"]]}, text=clean(str(args["text"]), 1000).strip())

    # what Alertmanagers know

    def _previewed(self, args: Mapping[str, Any]) -> dict[str, Any]:
        found = self._preview(args)
        return {"firing": found.firing, "others": found.others, "problem": found.problem, "ask": found.ask}

    def _preview(self, args: Mapping[str, Any]) -> Preview:
        marked = frozenset(str(key) for key in args.get("keys") or ())
        return preview(self._triage.rows.values(), _matchers(args), marked, self._who)

    async def _silence(self, args: dict[str, Any]) -> dict[str, Any]:
        found, matchers = self._preview(args), _matchers(args)
        comment = clean(str(args.get("comment", "")), 1000).strip()
        duration = float(args["duration_s"])
        if found.problem:
            raise ValueError(found.problem)
        if not comment:
            raise ValueError("a silence needs a comment: why, and until what happens")
        if not 0 < duration <= LONGEST_S:
            raise ValueError(f"a silence lasts up to {format_span(LONGEST_S)}")
        if found.ask and args.get("confirmed") is not True:
            raise ValueError(f"to be confirmed: {found.ask}")
        author = clean(str(args.get("author") or self._who), 64)
        silencers, now = self._chosen([str(name) for name in args.get("sources") or ()]), self._wall()
        return await self._silenced(silencers, matchers, now + duration, author, comment, found.keys)

    async def _silenced(
        self,
        silencers: Sequence[Silencer],
        matchers: tuple[Matcher, ...],
        ends_at: float,
        author: str,
        comment: str,
        keys: tuple[str, ...],
    ) -> dict[str, Any]:
        """Once a cluster, whose members tell each other: at the first that takes it."""
        now, deed = self._wall(), uuid.uuid4().hex
        self._triage.begin(keys, Doing.SILENCING, now)
        self._tick()
        made, refused = [], []
        for members in _clusters(silencers):
            for silencer in members:
                try:
                    silence_id = await silencer.silence(matchers, now, ends_at, author, comment)
                except QueryError as error:
                    refused.append(f"{silencer.name}: {error}")
                    continue
                made.append(f"{silencer.name}/{silence_id}")
                self._triage.claims.say(Said(now, self._who, "did", text=f"silence {made[-1]}", id=deed))
                break
        detail = {"matchers": [str(list(one)) for one in map(_told, matchers)], "until": ends_at, "comment": comment}
        self._noted("silence", "; ".join(refused) or "done", silences=made, alerts=len(keys), **detail)
        self._look(silencers)
        if not made:
            self._triage.give_up(keys)
            self._tick()
            raise ValueError("; ".join(refused))
        return {"ids": made, "problem": "; ".join(refused)}

    async def _extend(self, args: dict[str, Any]) -> dict[str, Any]:
        silence, silencer = self._known(str(args["key"]))
        duration = float(args["duration_s"])
        if not 0 < duration <= LONGEST_S:
            raise ValueError(f"a silence lasts up to {format_span(LONGEST_S)}")
        ends_at = max(silence.ends_at, self._wall()) + duration
        silence_id = await silencer.silence(
            silence.matchers, silence.starts_at, ends_at, silence.author, silence.comment, silence.id
        )
        self._noted("extend", "done", silence=silence.key, until=ends_at)
        self._look([silencer])
        return {"ids": [f"{silencer.name}/{silence_id}"]}

    async def _expire(self, args: dict[str, Any]) -> str:
        silence, silencer = self._known(str(args["key"]))
        deed = Said(
            self._wall(), self._who, "did", text=f"expire {silence.key}", id=uuid.uuid4().hex,
            was=msgspec.json.encode(silence).decode(),
        )  # fmt: skip
        await self._expired(silencer, silence.id)
        self._triage.claims.say(deed)
        return f"silence ended: {silence.comment}"

    async def _expired(self, silencer: Silencer, silence_id: str) -> None:
        hidden = tuple(one.key for one in self._triage.rows.values() if silence_id in one.silenced_by)
        self._triage.begin(hidden, Doing.EXPIRING, self._wall())
        self._tick()
        try:
            await silencer.expire(silence_id)
        except QueryError as error:
            self._triage.give_up(hidden)
            self._noted("expire", str(error), silence=f"{silencer.name}/{silence_id}")
            self._tick()
            raise
        self._noted("expire", "done", silence=f"{silencer.name}/{silence_id}", alerts=len(hidden))
        self._look([silencer])

    # taking back

    async def _undo(self, args: dict[str, Any]) -> str:
        now = self._wall()
        saids = self._triage.claims.last_deed(self._who, now - _UNDO_S)
        if not saids:
            raise ValueError(f"there is nothing of yours to take back in the last {format_span(_UNDO_S)}")
        words = await self._undone(saids, now) if saids[0].do == "did" else self._unsaid(saids, now)
        self._triage.claims.say(Said(now, self._who, "undid", id=saids[0].id))
        self._noted("undo", "done", what=words)
        self._tick()
        return f"taken back: {words}"

    def _unsaid(self, saids: Sequence[Said], now: float) -> str:
        opposite = {"ack": "unack", "unack": "ack", "snooze": "unsnooze", "unsnooze": "snooze", "note": "note"}
        do = opposite[saids[0].do]
        self._triage.claims.say(
            *(
                Said(
                    now, self._who, do, said.key, said.began, rank=said.rank,
                    until=float(said.was) if do == "snooze" and said.was else None,
                    text=said.was if do == "note" else "",
                )
                for said in saids
            )
        )  # fmt: skip
        rows = [row for said in saids if (row := self._triage.rows.get(said.key)) is not None]
        return f"{saids[0].do} of {_names(rows) or 'an alert that is gone'}"

    async def _undone(self, saids: Sequence[Said], now: float) -> str:
        words = []
        for said in saids:
            what, _, key = said.text.partition(" ")
            source, _, silence_id = key.partition("/")
            silencer = self._chosen([source])[0]
            if what == "silence":
                await self._expired(silencer, silence_id)
                words.append(f"silence at {source}")
                continue
            silence = msgspec.json.decode(said.was, type=Silence)
            if silence.ends_at <= now:
                raise ValueError("the silence that was ended would have ended by itself meanwhile")
            await silencer.silence(silence.matchers, now, silence.ends_at, silence.author, silence.comment)
            self._look([silencer])
            words.append(f"end of the silence at {source}")
        return ", ".join(words)

    # who can do it

    def _chosen(self, names: Sequence[str]) -> list[Silencer]:
        """Those that are named, else all that may; raises ValueError with the way out when there is none."""
        if not self._silencers:
            raise ValueError("no Alertmanager is watched: add [sources.alertmanager.main] with a url")
        for name in names:
            silencer = self._silencers.get(name)
            if silencer is None:
                raise ValueError(
                    f"there is no Alertmanager {clean(name, 40)!r}; there are {', '.join(self._silencers)}"
                )
            if not silencer.may_silence:
                raise ValueError(_forbidden(name))
        chosen = [one for name, one in self._silencers.items() if (name in names if names else one.may_silence)]
        if not chosen:
            raise ValueError(_forbidden(next(iter(self._silencers))))
        return chosen

    def _known(self, key: str) -> tuple[Silence, Silencer]:
        silence = self._triage.silence(key)
        if silence is None:
            raise ValueError("there is no such silence (any more)")
        return silence, self._chosen([silence.source])[0]

    def _look(self, silencers: Iterable[Silencer]) -> None:
        """A cluster's other members tell it a moment later than the one that was asked."""
        loop = asyncio.get_running_loop()
        for silencer in self._silencers.values():
            if silencer in silencers:
                self._wake(silencer.name)
            else:
                loop.call_later(0.3, self._wake, silencer.name)

    def _noted(self, action: str, result: str, **detail: Any) -> None:
        self._audit.note(action, result, **detail)

    def _complain(self) -> None:
        """What was done holds for this session; that it will be forgotten has to be said."""
        if self._triage.claims.problem:
            raise ValueError(f"done, but it is forgotten with this session: {self._triage.claims.problem}")


def _clusters(silencers: Sequence[Silencer]) -> list[list[Silencer]]:
    found: dict[str, list[Silencer]] = {}
    for silencer in silencers:
        found.setdefault(silencer.cluster or f"/{silencer.name}", []).append(silencer)
    return list(found.values())


def _forbidden(name: str) -> str:
    return f"silencing is not allowed: set allow_silence = true in [sources.alertmanager.{name}]"


def _note(args: Mapping[str, Any]) -> str:
    return clean(str(args.get("note", "")), 1000).strip()


def _names(rows: Sequence[AlertRow]) -> str:
    names = list(dict.fromkeys(one.name for one in rows))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _matchers(args: Mapping[str, Any]) -> tuple[Matcher, ...]:
    raw = args["matchers"]
    if not isinstance(raw, list | tuple) or len(raw) > _MOST_MATCHERS:
        raise ValueError(f"a silence has up to {_MOST_MATCHERS} matchers")
    try:
        return tuple(msgspec.convert(one, Matcher) for one in raw)
    except msgspec.ValidationError as error:
        raise ValueError(f"a matcher is [name, value, equal, regex]: {error}") from None


def _told(matcher: Matcher) -> tuple[str, str, bool, bool]:
    return matcher.name, matcher.value, matcher.equal, matcher.regex
