"""``perftui alerts``: what fires and what is done about it, for scripts; stdout is data, stderr is narration."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from perftui.cli.arguments import Options
from perftui.cli.document import utc
from perftui.cli.setup import configuration
from perftui.config.values import parse_span
from perftui.domain.alerts import AlertState
from perftui.domain.errors import Exit, PerftuiError, QueryError
from perftui.domain.matchers import format_matchers, matches, parse_matchers
from perftui.domain.triage import AlertRow
from perftui.domain.units import format_duration, format_value
from perftui.session.monitor import Monitor
from perftui.session.triage.acts import Acts
from perftui.session.triage.look import at_the_desk
from perftui.session.triage.rows import urgency


def alerts(options: Options) -> int:
    """0 when it is done; 2 for what can't be done as it was asked for, 4 when a source of alerts failed."""
    loaded = configuration(options)
    try:
        look = at_the_desk(loaded.config, lambda monitor, acts: _Case(options, monitor, acts).run(), options.wait)
        return asyncio.run(look)
    except (ValueError, QueryError) as error:
        raise PerftuiError(str(error), Exit.SOURCE_FAILED if isinstance(error, QueryError) else Exit.USAGE) from None


class _Case:
    def __init__(self, options: Options, monitor: Monitor, acts: Acts) -> None:
        self._options, self._monitor, self._acts = options, monitor, acts
        self._deed = options.deed or "list"
        self._deeds = {
            "list": self._list, "show": self._show, "silences": self._silences, "ack": self._said, "unack": self._said,
            "snooze": self._said, "unsnooze": self._said, "note": self._said, "silence": self._silence,
            "extend": self._extend, "expire": self._expire, "undo": self._undo,
        }  # fmt: skip

    async def run(self) -> int:
        await self._deeds[self._deed]()
        failed = self._troubles()
        for words in failed:
            print(f"perftui: {words}", file=sys.stderr)
        return Exit.SOURCE_FAILED if failed else Exit.OK

    def _troubles(self) -> list[str]:
        """Whose alerts are not known: an empty list is no good news then."""
        found = []
        for source in self._monitor.state.sources:
            why = source.blind or ("" if source.error is None else source.error.message)
            if why and hasattr(self._source(source.name), "alerts_due"):
                found.append(f"{source.name}: {why}")
        return found

    def _source(self, name: str) -> object:
        return next(one.source for one in self._monitor.collectors if one.source.name == name)

    def _rows(self) -> list[AlertRow]:
        options = self._options
        wanted = parse_matchers(options.filter) if options.filter else ()
        rows = [
            row
            for row in self._monitor.desk.triage.rows.values()
            if matches(wanted, dict(row.labels))
            and (not options.state or row.state.value == options.state)
            and (not options.severity or row.severity.value == options.severity)
        ]
        return sorted(rows, key=urgency)

    async def _list(self) -> None:
        rows = self._rows()
        if self._options.json:
            _print([fields(row) for row in rows])
            return
        now = time.time()
        for row in rows:
            print(self._line(row, now))
        if not rows:
            dog = self._monitor.desk.triage.watchdog
            proof = {True: "; the watchdog fires", False: f"; but {dog.words}", None: ""}[dog.alive]
            print(f"no alerts{' that match' if self._options.filter else ''}{proof}", file=sys.stderr)

    def _line(self, row: AlertRow, now: float) -> str:
        value = "–" if row.value is None else format_value(row.value, row.unit)
        if row.threshold is not None:
            value += f" {'>' if row.above else '<'} {format_value(row.threshold, row.unit)}"
        owner = row.acked_by or (f"snoozed by {row.snoozed_by}" if row.snoozed_until else "–")
        age = format_duration(max(0.0, now - row.since))
        return (
            f"{row.key}  {row.severity.value:8}  {row.state.value:10}  {age:>8}  {value:>20}  {owner:16}  {_named(row)}"
        )

    async def _show(self) -> None:
        shown = []
        for row in self._chosen():
            history = await self._activations(row)
            shown.append({**fields(row), **history})
        if self._options.json:
            _print(shown)
            return
        for one in shown:
            for name, value in one.items():
                text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
                print(f"{name:16} {'–' if text in (None, '', '[]', '{}') else text}")
            print()

    async def _activations(self, row: AlertRow) -> dict[str, Any]:
        told = await self._monitor.desk.history({"key": row.key})
        return {"activations_1h": told["activations_1h"], "activations_24h": told["activations_24h"]}

    async def _silences(self) -> None:
        silences = self._monitor.desk.triage.silences()
        if self._options.json:
            _print(
                [
                    {
                        "id": one.key, "state": one.state.value, "matchers": format_matchers(one.matchers),
                        "starts_at": utc(one.starts_at), "ends_at": utc(one.ends_at), "author": one.author,
                        "comment": one.comment, "matched": one.matched,
                    }
                    for one in silences
                ]
            )  # fmt: skip
            return
        for one in silences:
            span = f"{one.state.value:8}  until {utc(one.ends_at)}"
            print(f"{one.key}  {span}  {format_matchers(one.matchers)}  {one.author}: {one.comment}")

    def _chosen(self) -> list[AlertRow]:
        """Those that are named by fingerprint (or its beginning) or by name. Raises ValueError for what nobody is."""
        rows = [row for row in self._monitor.desk.triage.rows.values() if row.state is not AlertState.RESOLVED]
        found: dict[str, AlertRow] = {}
        for text in self._options.keys:
            hit = [row for row in rows if row.name == text or (len(text) >= 4 and row.key.startswith(text))]
            if not hit:
                raise ValueError(f"no alert is called {text!r}: perftui alerts list tells fingerprints and names")
            found.update((row.key, row) for row in hit)
        if not found:
            raise ValueError("which alert? give fingerprints or names")
        return list(found.values())

    async def _said(self) -> None:
        options, rows = self._options, self._chosen()
        keys = [row.key for row in rows]
        args: dict[str, Any] = {"keys": keys, "note": options.note or ""}
        if self._deed == "snooze":
            args["until"] = time.time() + _span(options)
        if self._deed == "note":
            for key in keys:
                self._acts.at_once["note"]({"key": key, "text": options.note or ""})
        else:
            self._acts.at_once[self._deed](args)
        self._done({"done": self._deed, "fingerprints": keys}, f"{self._deed}: {', '.join(map(_named, rows))}")

    async def _silence(self) -> None:
        options = self._options
        if not options.keys:
            raise ValueError("what is to be silenced? give matchers such as alertname=Slow job=~'api|web'")
        matchers = parse_matchers(",".join(options.keys))
        args: dict[str, Any] = {
            "matchers": [[one.name, one.value, one.equal, one.regex] for one in matchers],
            "duration_s": _span(options), "comment": options.comment or "", "sources": options.at,
            "confirmed": options.yes,
        }  # fmt: skip
        try:
            made = await self._acts.asking["silence"](args)
        except ValueError as error:
            raise ValueError(f"{error} (--yes confirms)" if "to be confirmed" in str(error) else str(error)) from None
        self._done(made, f"silenced {format_matchers(matchers)}: {', '.join(made['ids'])}")
        if made["problem"]:
            print(f"perftui: {made['problem']}", file=sys.stderr)

    async def _extend(self) -> None:
        for key in self._options.keys:
            made = await self._acts.asking["extend"]({"key": key, "duration_s": _span(self._options)})
            self._done(made, f"extended: {', '.join(made['ids'])}")

    async def _expire(self) -> None:
        for key in self._options.keys:
            words = await self._acts.asking["expire"]({"key": key})
            self._done({"done": "expire", "id": key}, words)

    async def _undo(self) -> None:
        words = await self._acts.asking["undo"]({})
        self._done({"done": "undo", "what": words}, words)

    def _done(self, data: dict[str, Any], words: str) -> None:
        if self._options.json:
            _print(data)
        else:
            print(words)


def fields(row: AlertRow) -> dict[str, Any]:
    """An alert for scripts: times in UTC, values in base units, what nobody told is null."""
    return {
        "fingerprint": row.key,
        "name": row.name,
        "severity": row.severity.value,
        "state": row.state.value,
        "since": utc(row.active_at),
        "fired_at": utc(row.fired_at),
        "summary": row.summary,
        "labels": dict(row.labels),
        "annotations": dict(row.annotations),
        "value": row.value,
        "threshold": row.threshold,
        "expr": row.expr,
        "sources": list(row.sources),
        "acked_by": row.acked_by or None,
        "acked_at": utc(row.acked_at),
        "snoozed_until": utc(row.snoozed_until),
        "note": row.note or None,
        "silenced_by": list(row.silenced_by),
        "inhibited_by": list(row.inhibited_by),
        "activations_1h": row.activations_1h,
        "runbook": row.runbook or None,
    }


def _named(row: AlertRow) -> str:
    own = {name: value for name, value in row.labels if name not in ("alertname", "severity")}
    return " ".join([row.name, *(f"{name}={value}" for name, value in own.items())])


def _span(options: Options) -> float:
    if not options.span:
        raise ValueError(f"for how long? perftui alerts {options.deed} ... --for 1h")
    try:
        return parse_span(options.span)
    except ValueError as error:
        raise ValueError(f"--for: {error}") from None


def _print(data: object) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))
