"""Requests that can be cancelled and always end: a total deadline, a bounded body, failures named."""

from __future__ import annotations

import importlib.util
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import msgspec

from perftui.config.schema import HttpSource
from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.access import FROM_ENVIRONMENT, Access, access
from perftui.sources.body import Body
from perftui.sources.deadline import within
from perftui.sources.failures import named_exception, named_status, timed_out, web_page
from perftui.sources.left_out import left_out

# its command line, with click, rich and pygments where they are there, takes as long as all the rest of it;
# and we ask in HTTP/1.1
with left_out("httpx._main", "h2"):
    import anyio  # noqa: F401 (httpx loads it with its first request, which would hold the event loop for 50 ms)
    import httpcore  # noqa: F401 (as above)
    import httpx

Params = Sequence[tuple[str, str]]
_CONNECTIONS = 8
# connections outlive the pauses between two questions for alerts
_KEEP_ALIVE_S = 60.0

# httpcore tries to import it for each lock of each request; what is not there is looked for on the whole path each time
if importlib.util.find_spec("sniffio") is None:
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # documented: the import fails at once


class Answer(NamedTuple):
    """``server_at`` is the epoch time that the Date header tells, None without one."""

    status: int
    body: bytes
    content_type: str
    server_at: float | None
    took_s: float


class _Question(NamedTuple):
    """``params`` stand in the address, or in the body of a POST that has no ``content``."""

    method: str
    url: str
    params: Params
    headers: Mapping[str, str]
    content: bytes


class HttpClient:
    """One for each source. Secrets are read at the first request, and again after the server refused them."""

    def __init__(
        self, settings: HttpSource, environ: Mapping[str, str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._environ, self._monotonic = settings, environ, monotonic
        self._client: httpx.AsyncClient | None = None
        self._under_way: Counter[httpx.AsyncClient] = Counter()

    async def get(self, url: str, params: Params = (), *, accept: str = "", timeout_s: float | None = None) -> Answer:
        """The answer with status 200 that is no web page. Raises QueryError for everything else."""
        return await self._ask("GET", url, params, {"Accept": accept} if accept else {}, timeout_s)

    async def post(self, url: str, form: Params, *, timeout_s: float | None = None) -> Answer:
        """As ``get``, with the parameters in the body: no address is too long."""
        return await self._ask("POST", url, form, {}, timeout_s)

    async def send_json(self, method: str, url: str, value: object = None, *, timeout_s: float | None = None) -> Answer:
        """As ``get``, with another method, and a value as JSON in the body."""
        body = b"" if value is None else msgspec.json.encode(value)
        headers = {"Content-Type": "application/json"} if body else {}
        return await self._ask(method, url, (), headers, timeout_s, body)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(
        self,
        method: str,
        url: str,
        params: Params,
        headers: Mapping[str, str],
        timeout_s: float | None,
        content: bytes = b"",
    ) -> Answer:
        limit = self._settings.timeout if timeout_s is None else timeout_s
        started = self._monotonic()
        try:
            status, got, body = await within(
                limit, self._exchange(_Question(method, url, params, headers, content), limit)
            )
        except TimeoutError:
            raise timed_out(limit) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise named_exception(error, limit) from None
        if status != 200:
            raise named_status(status, body, got)
        page = web_page(body)
        if page is not None:
            raise page
        took = self._monotonic() - started
        return Answer(status, body, got.get("content-type", ""), _date(got.get("date", "")), took)

    async def _exchange(self, question: _Question, limit: float) -> tuple[int, Mapping[str, str], bytes]:
        if self._client is None:
            let_in = access(self._settings, self._environ)
            encrypted = self._settings.url.startswith("https:") or bool(let_in.proxy)
            self._client = _client(let_in, limit, _tls(let_in) if encrypted else _trusting_nobody())
        client = self._client
        self._under_way[client] += 1
        try:
            status, got, body = await self._sent(client, question, limit)
            if status in (401, 403) and client is self._client:
                self._client = None
            return status, got, body
        finally:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]
                if client is not self._client:  # it was refused, and others beside it had to come to their end
                    await client.aclose()

    async def _sent(
        self, client: httpx.AsyncClient, question: _Question, limit: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        method, url, params, headers, content = question
        request = client.build_request(
            method,
            url,
            params=dict_of_lists(params) if method == "GET" and params else None,
            data=dict_of_lists(params) if method == "POST" and not content else None,
            content=content or None,
            headers=dict(headers),
            timeout=httpx.Timeout(limit),
        )
        response = await client.send(request, stream=True)
        try:
            body = Body(response.headers.get("content-encoding", ""), self._settings.max_body)
            async for piece in response.aiter_raw():
                body.add(piece)
        finally:
            await response.aclose()
        return response.status_code, response.headers, body.whole()


def dict_of_lists(params: Params) -> dict[str, list[str]]:
    """Parameters of which some are given several times, as both client libraries take them."""
    found: dict[str, list[str]] = {}
    for name, value in params:
        found.setdefault(name, []).append(value)
    return found


def _client(let_in: Access, timeout_s: float, tls: ssl.SSLContext | bool) -> httpx.AsyncClient:
    from_environment = let_in.proxy == FROM_ENVIRONMENT
    return httpx.AsyncClient(
        headers=dict(let_in.headers),
        verify=tls,
        proxy=None if from_environment or not let_in.proxy else let_in.proxy,
        trust_env=from_environment,
        follow_redirects=False,
        event_hooks={"response": [_stay_here]},
        timeout=httpx.Timeout(timeout_s),
        limits=httpx.Limits(
            max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS, keepalive_expiry=_KEEP_ALIVE_S
        ),
    )


async def _stay_here(response: httpx.Response) -> None:
    """httpx reads where a redirect leads to before it does not follow it, and chokes on what is no address."""
    if response.has_redirect_location:
        raise named_status(response.status_code, b"", response.headers)


def _trusting_nobody() -> ssl.SSLContext:
    """For what is not encrypted: reading the system's authorities would hold the event loop for 50 to 90 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _tls(let_in: Access) -> ssl.SSLContext | bool:
    if let_in.verify is True and let_in.certificate is None:
        return True
    try:
        context = ssl.create_default_context(cafile=let_in.verify if isinstance(let_in.verify, str) else None)
        if let_in.verify is False:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if let_in.certificate is not None:
            context.load_cert_chain(*let_in.certificate)
    except (OSError, ssl.SSLError) as error:
        raise QueryError(ErrorKind.DENIED, f"a certificate can't be read: {error.strerror}") from None
    return context


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
