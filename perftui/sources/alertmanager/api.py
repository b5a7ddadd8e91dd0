"""Questions to one Alertmanager, one at a time: a slow one must never work for us twice at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

import msgspec

from perftui.config.schema import AlertmanagerSource as Settings
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.matchers import format_matcher, parse_matchers
from perftui.domain.text import clean
from perftui.domain.triage import Matcher
from perftui.sources.alertmanager.clock import Clock
from perftui.sources.http import Answer, HttpClient

_SMALL_S = 5.0
_ID = re.compile("[0-9A-Za-z_-]{1,64}")
_UNKNOWN = "it knows no silence with this id: it was never there, or is forgotten since it ended"


class _Posted(msgspec.Struct):
    silenceID: str  # noqa: N815 (the API's word)


class Api:
    """Every method raises QueryError. ``took_s`` is what the answers since the last ``begin`` took together."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._settings, self._wall, self._monotonic = settings, wall, monotonic
        self._http = HttpClient(settings, environ, monotonic)
        self._url = f"{settings.url.rstrip('/')}/api/v2"
        self._turn = asyncio.Lock()
        self.clock = Clock()
        self.took_s = 0.0
        narrow = [("filter", format_matcher(matcher)) for matcher in parse_matchers(settings.filter)]
        self._narrow = (*narrow, *([("receiver", settings.receiver)] if settings.receiver else []))

    @property
    def narrowed(self) -> bool:
        """Whether only a part of the alerts is asked for."""
        return bool(self._narrow)

    def begin(self) -> None:
        """A poll begins: all its questions together have twice the time of one, not counting waits for who writes."""
        self.took_s = 0.0

    async def alerts(self) -> bytes:
        """The alerts that are wanted, a JSON list."""
        try:
            return await self._get("alerts", self._narrow)
        except QueryError as error:
            if error.kind is ErrorKind.MISSING and str(error).startswith("404"):
                raise QueryError(
                    ErrorKind.MISSING, "404: there is no Alertmanager API (v2) here; is the path of the URL right?"
                ) from None
            raise

    async def alerts_called(self, name: str) -> bytes:
        """The alerts of one name, wanted or not."""
        return await self._get("alerts", (("filter", format_matcher(Matcher("alertname", name))),), _SMALL_S)

    async def silences(self) -> bytes:
        return await self._get("silences")

    async def status(self) -> bytes:
        return await self._get("status", limit_s=_SMALL_S)

    async def receivers(self) -> bytes:
        return await self._get("receivers", limit_s=_SMALL_S)

    async def post_silence(self, body: Mapping[str, object]) -> str:
        """The id of the silence that was written."""
        answer = await self._write("POST", f"{self._url}/silences", body)
        try:
            return clean(msgspec.json.decode(answer.body, type=_Posted).silenceID, 64)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise QueryError(ErrorKind.BAD_DATA, "it took the silence, and told no id of it") from None

    async def delete_silence(self, silence_id: str) -> None:
        """End a silence; one that has ended already is no failure."""
        if _ID.fullmatch(silence_id) is None:  # it would lead to another address
            raise QueryError(ErrorKind.MISSING, _UNKNOWN)
        try:
            await self._write("DELETE", f"{self._url}/silence/{silence_id}")
        except QueryError as error:
            if "already expired" not in str(error):
                raise

    async def close(self) -> None:
        await self._http.close()

    async def _get(
        self, endpoint: str, params: tuple[tuple[str, str], ...] = (), limit_s: float | None = None
    ) -> bytes:
        async with self._turn:
            left = max(0.1, 2 * self._settings.timeout - self.took_s)
            timeout_s = min(left, self._settings.timeout, self._settings.timeout if limit_s is None else limit_s)
            before, started = self._wall(), self._monotonic()
            try:
                answer = await self._http.get(f"{self._url}/{endpoint}", params, timeout_s=timeout_s)
            finally:
                self.took_s += self._monotonic() - started
        self.clock.add(answer.server_at, before, self._wall())
        return answer.body

    async def _write(self, method: str, url: str, body: Mapping[str, object] | None = None) -> Answer:
        async with self._turn:
            try:
                return await self._http.send_json(method, url, body)
            except QueryError as error:
                raise _named(error) from None


def _named(error: QueryError) -> QueryError:
    """What a failure means for somebody who wrote."""
    said = str(error)
    if "silence not found" in said:
        return QueryError(ErrorKind.MISSING, _UNKNOWN)
    if said.startswith("403"):
        return QueryError(ErrorKind.DENIED, "403: this user or token may not write silences")
    if error.kind is ErrorKind.TIMEOUT:
        return QueryError(ErrorKind.TIMEOUT, f"{said}; the next poll shows whether it was done all the same")
    return error
