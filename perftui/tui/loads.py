"""What a console does with the load of its session: begin it, hold its lease, steer it, stop it.

A load that this console began ends with it: the lease is renewed by a task that lives as long as that load does, so a
console that hangs or is killed stops its load without having to do anything.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Any

from perftui.domain.load import LoadState
from perftui.link.client import Client, LinkState
from perftui.link.messages import Reply
from perftui.link.mirror import Mirror

_RENEW_S = 0.5
# looking a host up, and the first request, may take their time
_PATIENCE_S = 30.0
_LEAST, _MOST = 0.1, 5.0


class Loads:
    """``client`` is asked for whenever it is needed: it is another one after the link was made anew.

    ``held`` is the load that ends with this console, empty without one. ``values`` is what the form held when a load
    was begun last; it never leaves this process.
    """

    def __init__(self, client: Callable[[], Client], mirror: Mirror) -> None:
        self._client, self._mirror = client, mirror
        self.name = os.urandom(8).hex()
        self.held = ""
        self.values: dict[str, str] = {}
        self._lease: asyncio.Task[None] | None = None
        self._seen = False

    @property
    def running(self) -> LoadState | None:
        """The load of this session, while it is not over."""
        state = self._mirror.load
        return None if state is None or state.phase.is_over else state

    async def judge(self, plan: Mapping[str, Any]) -> Reply:
        """What would be sent, and what is wrong with it; nothing is sent."""
        return await self._client().request("load_judge", _PATIENCE_S, **plan)

    async def start(self, plan: Mapping[str, Any], typed: Mapping[str, str]) -> str:
        """Begin, and hold it; what is wrong, or nothing. ``typed`` are host, name and reason."""
        reply = await self._client().request(
            "load_start", _PATIENCE_S, **plan, confirm_host=typed.get("host", ""), name=typed.get("name", ""),
            reason=typed.get("reason", ""), client=self.name,
        )  # fmt: skip
        run_id = reply.data.get("run_id") if isinstance(reply.data, dict) else None
        if reply.error or not isinstance(run_id, str):
            return reply.error or "the session did not say what it began"
        self._hold(run_id)
        return ""

    async def stop(self) -> str:
        """At once."""
        return (await self._client().request("load_stop")).error

    async def pause(self, *, on: bool) -> str:
        return (await self._client().request("load_pause", on=on)).error

    async def change_rate(self, times: float) -> str:
        """To the factor by hand times ``times``, within bounds."""
        state = self.running
        if state is None:
            return "no load runs"
        factor = round(min(_MOST, max(_LEAST, state.factor * times)), 4)
        return (await self._client().request("load_rate", factor=factor)).error

    async def detach(self) -> str:
        """The load outlives this console."""
        state = self.running
        if state is None:
            return "no load runs"
        reply = await self._client().request("load_detach", run_id=state.run_id)
        if not reply.error:
            self._release()
        return reply.error

    async def record(self, run_id: str) -> Reply:
        return await self._client().request("load_record", _PATIENCE_S, run_id=run_id)

    async def compare(self, a: str, b: str) -> Reply:
        return await self._client().request("load_compare", _PATIENCE_S, a=a, b=b)

    # the lease

    def _hold(self, run_id: str) -> None:
        self._release()
        self.held, self._seen = run_id, False
        self._lease = asyncio.ensure_future(self._renew(run_id))

    def _release(self) -> None:
        self.held = ""
        if self._lease is not None:
            self._lease.cancel()
            self._lease = None

    async def _renew(self, run_id: str) -> None:
        """Until that load is over; a session that is gone has stopped it already."""
        while not self._is_over(run_id):
            await self._client().request("load_lease", _RENEW_S, run_id=run_id, client=self.name)
            await asyncio.sleep(_RENEW_S)
        if self.held == run_id:
            self.held, self._lease = "", None

    def _is_over(self, run_id: str) -> bool:
        state = self._mirror.load
        if self._client().state is LinkState.ENDED:
            return True
        if state is None or state.run_id != run_id:
            # it was there and another one has its place, or it is not told yet
            return self._seen
        self._seen = True
        return state.phase.is_over
