"""One agent: takes tasks from the conductor, does them, and writes what became of them.

``python -m perftui.demo.agent FD PARENT NAME FILE``. A task is one or more rounds: an item is fetched from the
service, which takes 200 to 400 ms, and hashed or compressed. Most of a task is waiting, so that six agents are six
times one even on two cores.
"""

from __future__ import annotations

import hashlib
import http.client
import queue
import sys
import time
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from perftui.demo import lifeline
from perftui.demo.exposition import resident_bytes
from perftui.demo.journal import Journal

_HEARTBEAT_S = 5.0
# the service may be away for so long before a task fails
_PATIENCE_S = 8.0
_RETRY_S = 0.2
_HASH_PASSES = 60


class Store:
    """The service's items over one connection, which is made anew whenever it breaks."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE_S)

    def fetch(self, item: str) -> bytes:
        """An item. Raises OSError or HTTPException when the service was away for too long."""
        latest = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return self._ask(f"/fetch/{item}")
            except (OSError, http.client.HTTPException):  # noqa: PERF203 (trying again is what the loop is for)
                self._connection.close()
                if time.monotonic() > latest:
                    raise
                time.sleep(_RETRY_S)

    def _ask(self, path: str) -> bytes:
        self._connection.request("GET", path)
        with self._connection.getresponse() as response:
            return response.read()


def work(kind: str, content: bytes, *, damaged: bool) -> None:
    """Do what the kind says with an item. Raises zlib.error when the result is damaged."""
    if kind == "hash":
        digest = hashlib.sha256()
        for _ in range(_HASH_PASSES):
            digest.update(content)
        digest.digest()
    elif kind == "compress":
        packed = zlib.compress(content, 6)
        zlib.decompress(packed[: len(packed) // 2] if damaged else packed)


class Agent:
    """``tell`` of its journal is called from one thread only."""

    def __init__(self, name: str, journal: Journal, line: lifeline.Lifeline) -> None:
        self._name = name
        self._journal = journal
        self._line = line
        self._heard = time.monotonic()

    def run(self) -> None:
        """Work until the conductor says that it may leave."""
        self._line.say({"ready": 0})
        store = Store(self._line.inbox.get()["service"])
        self._journal.tell("agent.joined", agent=self._name, kind="worker", slots=1)
        while True:
            try:
                job = self._line.inbox.get(timeout=_HEARTBEAT_S)
            except queue.Empty:
                self._heartbeat()
                continue
            if "leave" in job:
                return
            self._line.say({"done": job["task"], "ok": self._do(job, store)})

    def _do(self, job: lifeline.Message, store: Store) -> bool:
        about = {"workflow": job["workflow"], "phase": job["phase"], "task": job["task"], "agent": self._name}
        attempt = {"kind": job["kind"], "attempt": job["attempt"]}
        self._journal.tell("task.started", **about, **attempt)
        cpu, read, status = time.process_time(), 0, "ok"
        try:
            for number in range(job["rounds"]):
                content = store.fetch(f"{job['task']}-{number}")
                read += len(content)
                work(job["kind"], content, damaged=job["damaged"])
                self._heartbeat(every=_HEARTBEAT_S)
        except TimeoutError:
            status = "timeout"
        except (zlib.error, OSError, http.client.HTTPException):
            status = "failed"
        self._journal.tell(
            "task.finished",
            **about,
            **attempt,
            status=status,
            cpu_s=round(time.process_time() - cpu, 6),
            io_bytes=read,
            rss_bytes=resident_bytes(),
        )
        return status == "ok"

    def _heartbeat(self, every: float = 0.0) -> None:
        now = time.monotonic()
        if now - self._heard >= every:
            self._heard = now
            self._journal.tell("agent.heartbeat", agent=self._name, rss_bytes=resident_bytes())


def main() -> None:
    line = lifeline.take(sys.argv[1:])
    Agent(sys.argv[3], Journal(Path(sys.argv[4])), line).run()


if __name__ == "__main__":
    main()
