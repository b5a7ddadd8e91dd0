"""prometheus-api-client on threads of the source's own: the event loop's deadline decides, not the thread's."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import urllib3
from prometheus_api_client.prometheus_connect import PrometheusConnect
from requests.utils import get_environ_proxies

from perftui.config.schema import PrometheusSource
from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.access import FROM_ENVIRONMENT, access
from perftui.sources.failures import timed_out
from perftui.sources.prometheus.adapter import AskingSession, BoundedAdapter, Said
from perftui.sources.prometheus.workers import Job, Workers

# the server is told to give up a little before we do, so that its reason can still arrive
_SERVER_SHARE = 0.9


class Told(NamedTuple):
    """What the library gave, and what the server warned of while it did."""

    result: Any
    warnings: tuple[str, ...]


class Library:
    """Secrets are read when the first question is asked, and again after the server refused them.

    ``rebuilt`` counts how often client and threads were given up because all of them hung.
    """

    def __init__(
        self, name: str, settings: PrometheusSource, environ: Mapping[str, str], monotonic: Callable[[], float]
    ) -> None:
        self._name, self._settings, self._environ, self._monotonic = name, settings, environ, monotonic
        self._url = settings.url.rstrip("/")
        self._workers = Workers(settings.workers, name)
        self._client: PrometheusConnect | None = None
        self._adapter: BoundedAdapter | None = None
        self.rebuilt = 0

    @property
    def stuck(self) -> int:
        return self._workers.stuck

    async def query(self, expr: str) -> Told:
        """The result of an instant query now, by the server's own clock. Raises QueryError."""
        give_up = {"timeout": self._server_timeout}
        return await self._ask(lambda client, timeout: client.custom_query(expr, params=give_up, timeout=timeout))

    async def query_range(self, expr: str, start: float, end: float, step_s: float) -> Told:
        """The result of a range query; start, end and step are whole seconds, as the library rounds them."""
        first, last = (datetime.datetime.fromtimestamp(at, datetime.timezone.utc) for at in (start, end))
        give_up = {"timeout": self._server_timeout}
        return await self._ask(
            lambda client, timeout: client.custom_query_range(
                expr, first, last, f"{step_s:g}", params=give_up, timeout=timeout
            )
        )

    async def metric_names(self) -> list[str]:
        """All metric names. Raises QueryError."""
        told = await self._ask(lambda client, _: client.get_label_values("__name__"))
        if not isinstance(told.result, list):
            raise QueryError(ErrorKind.BAD_DATA, "the answer has not the form that the API promises")
        return [name for name in told.result if isinstance(name, str)]

    async def targets(self) -> list[dict[str, Any]]:
        """The active targets. Raises QueryError; not every dialect has them."""
        told = await self._ask(lambda client, _: client.get_targets(state="active"))
        active = told.result.get("activeTargets") if isinstance(told.result, dict) else None
        return [target for target in active if isinstance(target, dict)] if isinstance(active, list) else []

    def close(self) -> None:
        """Questions under way are ended."""
        self._drop_client()
        self._workers.close()

    @property
    def _server_timeout(self) -> str:
        return f"{max(1, round(self._settings.timeout * _SERVER_SHARE * 1000))}ms"

    async def _ask(self, question: Callable[[PrometheusConnect, Any], Any]) -> Told:
        if self._workers.all_stuck:
            self._rebuild()
        client, adapter = self._connected()
        timeout: Any = self._settings.timeout  # the library says int, requests takes any number

        def work() -> Told:
            said = adapter.said.here = Said()
            return Told(question(client, timeout), said.warnings)

        job = self._workers.submit(work)
        try:
            done, _ = await asyncio.wait({job.future}, timeout=timeout)
        except asyncio.CancelledError:
            self._give_up(job, adapter)
            raise
        if not done:
            self._give_up(job, adapter)
            raise timed_out(timeout)
        return self._settled(job, client)

    def _settled(self, job: Job[Told], client: PrometheusConnect) -> Told:
        error = job.future.exception()
        if error is None:
            return job.future.result()
        if not isinstance(error, QueryError):
            # what the adapter let through, the library could not read
            raise QueryError(ErrorKind.BAD_DATA, "the answer has not the form that the API promises") from error
        if error.kind is ErrorKind.DENIED and client is self._client:
            self._drop_client()
        raise error

    def _give_up(self, job: Job[Told], adapter: BoundedAdapter) -> None:
        """Nobody waits any more; the thread's socket is shut, so that it need not wait either."""
        job.future.cancel()
        if job.thread is not None and not job.ended:
            adapter.sockets.end(job.thread)

    def _rebuild(self) -> None:
        """Every thread hangs (in a name lookup, say): they are left behind, and new ones take over."""
        self._drop_client()
        self._workers.close()
        self._workers = Workers(self._settings.workers, self._name)
        self.rebuilt += 1

    def _connected(self) -> tuple[PrometheusConnect, BoundedAdapter]:
        if self._client is not None and self._adapter is not None:
            return self._client, self._adapter
        let_in = access(self._settings, self._environ)
        session = AskingSession()
        session.trust_env = False  # it would take passwords from ~/.netrc before our own headers
        session.headers.update(let_in.headers)
        session.verify = let_in.verify
        if let_in.verify is False:  # the user's choice; the Sources screen says so, once and for good
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        session.cert = let_in.certificate
        if let_in.proxy:
            both = {"http": let_in.proxy, "https": let_in.proxy}
            session.proxies.update(get_environ_proxies(self._url) if let_in.proxy == FROM_ENVIRONMENT else both)
        # the constructor mounts an adapter of its own: ours must come after it
        timeout: Any = self._settings.timeout
        client = PrometheusConnect(self._url, session=session, timeout=timeout)
        adapter = BoundedAdapter(self._settings.workers, self._settings.max_body, self._monotonic)
        session.mount(self._url, adapter)
        self._client, self._adapter = client, adapter
        return client, adapter

    def _drop_client(self) -> None:
        client, self._client, self._adapter = self._client, None, None
        if client is not None:
            client.close()
