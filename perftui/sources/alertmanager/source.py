"""An Alertmanager as a source: its alerts and silences, politely asked for, and silences written where allowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from perftui.config.schema import AlertmanagerSource as Settings
from perftui.domain.alerts import Alert
from perftui.domain.errors import ErrorKind, QueryError
from perftui.domain.health import SourceError
from perftui.domain.regex import compiled
from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.triage import Matcher, Silence
from perftui.sources.alertmanager.alerts import Found, read_alert
from perftui.sources.alertmanager.api import Api
from perftui.sources.alertmanager.elements import Elements
from perftui.sources.alertmanager.silences import Known, check_silence, kept, postable, read_silence
from perftui.sources.alertmanager.standing import Standing, read_receivers, read_standing
from perftui.sources.turns import Steps, in_turns

MOST_ALERTS = 20_000
# a slow server spends a tenth of its time on us at most
_POLITE = 10.0
_STANDING_S = 60.0
_LONGEST_PAUSE_S = 30.0
_SLOW_S = 0.5


class AlertmanagerSource:
    """``may_silence`` says whether silences are written; ``watchdog`` is the name of the alert that always fires.

    ``cluster`` is the same text for all members of one cluster, empty for one that is alone. ``blind`` says why alerts
    can't be told, or not all of them; they are ``alerts_due`` until they were told or refused once.
    """

    kind = "alertmanager"
    wanted = True

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        environ: Mapping[str, str],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.name, self.may_silence, self.watchdog = name, settings.allow_silence, settings.watchdog
        # a poll ends by itself in two timeouts, and may have to wait for somebody who writes
        self.deadline_s = 3 * settings.timeout + 1.0
        self._settings, self._wall, self._monotonic = settings, wall, monotonic
        self._api = Api(settings, environ, wall, monotonic)
        self._found, self._dogs = (Elements(partial(read_alert, name)) for _ in range(2))
        self._silences = Elements(partial(read_silence, name))
        self._alerts: tuple[Alert, ...] = ()
        self._known: dict[str, Known] = {}
        self._receivers: tuple[str, ...] = ()
        self._routed: Counter[str] = Counter()
        self._standing, self._stood_at, self._most_peers = Standing(), -_STANDING_S, 0
        self._lacks: dict[str, str] = {}
        self._told = self._mistaken = 0
        self._slowness_s = 0.0
        self.rest_s, self.longest_pause_s = 0.0, _LONGEST_PAUSE_S
        self.blind = "its alerts were not asked for yet"
        self.alerts_due = True

    @property
    def interval_s(self) -> float:
        return max(self._settings.interval, _POLITE * self._slowness_s)

    @property
    def cluster(self) -> str:
        return ",".join(self._standing.peers) if len(self._standing.peers) > 1 else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of its answers."""
        notes = [self._standing.words, self._counted()]
        if self._api.narrowed:
            asked = (self._settings.filter, f"receiver {self._settings.receiver}" if self._settings.receiver else "")
            notes.append(f"only alerts with {', '.join(filter(None, asked))} are asked for")
        notes.append("silences may be written" if self.may_silence else "read only (allow_silence = false)")
        if len(self._standing.peers) < self._most_peers:
            notes.append(f"its cluster had {self._most_peers} members")
        if self._slowness_s > _SLOW_S:
            notes.append(f"it takes {self._slowness_s:.1f} s to answer: it is asked every {self.interval_s:.0f} s")
        if not self._settings.verify and self._settings.url.startswith("https:"):
            notes.append("its certificate is not verified (verify = false)")
        if self._mistaken:
            notes.append(f"fingerprints that are not those of their labels: {self._mistaken}")
        return (*filter(None, (*notes, self._api.clock.words)), *self._lacks.values())

    def _counted(self) -> str:
        if not self._routed:
            return ""
        listed = ", ".join(f"{count} for {name}" for name, count in self._routed.most_common(3))
        return f"{self._told} alerts: {listed}" + (" and others" if len(self._routed) > 3 else "")

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return ()

    async def poll(self) -> Batch:
        at, started = self._wall(), self._monotonic()
        self._api.begin()
        try:
            found = await self._read_alerts()
        except QueryError as error:
            return self._failed(error, at, started)
        finally:
            self.alerts_due = False
        self._alerts = await in_turns(self._shifted(found), self._monotonic)
        silences = await self._read_silences()
        await self._stand()
        self._blink()
        self._slowness_s, self.longest_pause_s = self._api.took_s, _LONGEST_PAUSE_S
        took = self._monotonic() - started
        self.rest_s = self.interval_s - took
        return Batch(self.name, at, took, alerts=self._alerts, silences=silences)

    async def silence(
        self,
        matchers: Sequence[Matcher],
        starts_at: float,
        ends_at: float,
        author: str,
        comment: str,
        silence_id: str = "",
    ) -> str:
        """Write a silence, or change the one with this id; epoch seconds by our clock. Its id, which may be another one
        than before. Raises QueryError in words.
        """
        self._check_allowed()
        check_silence(matchers, starts_at, ends_at, author, comment)
        ahead, known = self._api.clock.ahead_s, self._known.get(silence_id)
        body = postable(matchers, starts_at + ahead, ends_at + ahead, author, comment, known)
        if silence_id and known is None:
            body["id"] = silence_id
        return await self._api.post_silence(body)

    async def expire(self, silence_id: str) -> None:
        """End a silence; one that has ended is left as it is. Raises QueryError in words, of kind MISSING when nobody
        knows it (any more): then it silences nothing either.
        """
        self._check_allowed()
        known = self._known.get(silence_id)
        await self._api.delete_silence(silence_id if known is None else known.id)

    async def close(self) -> None:
        await self._api.close()

    def _check_allowed(self) -> None:
        if not self.may_silence:
            table = f"[sources.alertmanager.{self.name}]"
            raise QueryError(ErrorKind.DENIED, f"{self.name} is only read: allow_silence = true in {table} allows it")

    async def _read_alerts(self) -> list[Found]:
        """Those that were asked for, and the watchdog when that is not among them."""
        found = await in_turns(self._found.read(await self._api.alerts()), self._monotonic)
        if self._api.narrowed and self.watchdog:
            dogs = await in_turns(self._dogs.read(await self._api.alerts_called(self.watchdog)), self._monotonic)
            seen = {one.alert.fingerprint for one in found}
            found += [dog for dog in dogs if dog.alert.fingerprint not in seen]
        self._told = len(found)
        self._mistaken = sum(one.mistaken for one in found)
        self._routed = Counter(name for one in found for name in one.receivers)
        if len(found) > MOST_ALERTS:
            found = sorted(found, key=lambda one: one.alert.severity.rank)[:MOST_ALERTS]
        return found

    async def _read_silences(self) -> tuple[Silence, ...] | None:
        """None, and why in the notes, when they can't be read: the alerts are worth something without them."""
        try:
            found = kept(await in_turns(self._silences.read(await self._api.silences()), self._monotonic))
        except QueryError as error:
            self._lacks["silences"] = f"its silences can't be read: {error}"
            return None
        self._lacks.pop("silences", None)
        self._known = {one.silence.id: one for one in found}
        hidden = Counter(silence for alert in self._alerts for silence in alert.silenced_by)
        return tuple(self._silence(one, hidden) for one in found)

    def _silence(self, known: Known, hidden: Mapping[str, int]) -> Silence:
        """By our clock. How many it hides is only known when all alerts are asked for."""
        ahead, one = self._api.clock.ahead_s, known.silence
        return msgspec.structs.replace(
            one,
            starts_at=one.starts_at - ahead,
            ends_at=one.ends_at - ahead,
            matched=None if self._api.narrowed else hidden.get(one.id, 0),
        )

    async def _stand(self) -> None:
        """Version, cluster and receivers, now and then."""
        if self._monotonic() - self._stood_at < _STANDING_S:
            return
        self._stood_at = self._monotonic()
        try:
            self._standing = read_standing(await self._api.status())
            self._receivers = read_receivers(await self._api.receivers())
        except QueryError as error:
            self._lacks["status"] = f"its status can't be read: {error}"
            return
        self._lacks.pop("status", None)
        self._most_peers = max(self._most_peers, len(self._standing.peers))

    def _blink(self) -> None:
        """Say which alerts can't be told, so that nobody takes their silence for peace."""
        receiver = self._settings.receiver
        self.blind = ""
        if self._found.unreadable:
            self.blind = f"{self._found.unreadable} of its alerts can't be read"
        elif self._told > MOST_ALERTS:
            self.blind = f"it has {self._told} alerts, the {MOST_ALERTS} worst are told"
        elif receiver and self._receivers and not any(map(compiled(receiver).matches, self._receivers)):
            self.blind = f"none of its receivers fits receiver = {receiver}: {', '.join(self._receivers[:5])}"

    def _shifted(self, found: Sequence[Found]) -> Steps[tuple[Alert, ...]]:
        """By our clock; an alert that is as it was is the same object, and so are all of them."""
        ahead = self._api.clock.ahead_s
        known = {alert.fingerprint: alert for alert in self._alerts}
        alerts: dict[str, Alert] = {}
        for one in found:
            alert, at = one.alert, one.starts_at - ahead
            if at != alert.since:
                alert = msgspec.structs.replace(alert, since=at, active_at=at)
            before = known.get(alert.fingerprint)
            alerts[alert.fingerprint] = before if before is not None and before == alert else alert
            yield
        same = len(alerts) == len(self._alerts) and all(
            new is old for new, old in zip(alerts.values(), self._alerts, strict=True)
        )
        return self._alerts if same else tuple(alerts.values())

    def _failed(self, error: QueryError, at: float, started: float) -> Batch:
        """Who got no answer asks again when it has had as much time again, and less and less often."""
        took = self._monotonic() - started
        late = error.kind is ErrorKind.TIMEOUT
        self.longest_pause_s = max(_LONGEST_PAUSE_S, _POLITE * took) if late else _LONGEST_PAUSE_S
        self._slowness_s, self._stood_at = 0.0, -_STANDING_S
        self.rest_s = took if late else (_POLITE - 1) * took
        return Batch(self.name, at, took, error=SourceError(error.kind, str(error), error.wait_s))
