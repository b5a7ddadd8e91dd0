"""A closed loop of a Python client, in an interpreter that has it: ``python rival_client.py NAME URL CONNECTIONS S``.

It imports nothing of ours. One line of JSON at the end: requests done, seconds, seconds of CPU of this process.
"""
# mypy: ignore-errors

import json
import sys
import time

_RAMP_S = 0.5


def _told(done: int, seconds: float, cpu_s: float) -> None:
    print(json.dumps({"done": done, "seconds": seconds, "cpu_s": cpu_s}))


async def _workers(ask, connections: int, seconds: float) -> None:
    """So many loops that ask; the first half second is not counted."""
    import asyncio

    done = 0
    over = False

    async def work() -> None:
        nonlocal done
        while not over:
            await ask()
            done += 1

    tasks = [asyncio.create_task(work()) for _ in range(connections)]
    await asyncio.sleep(_RAMP_S)
    before, started, cpu = done, time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    took, used, counted = time.perf_counter() - started, time.process_time() - cpu, done - before
    over = True
    await asyncio.gather(*tasks)
    _told(counted, took, used)


def _aiohttp(url: str, connections: int, seconds: float) -> None:
    import asyncio

    import aiohttp

    async def main() -> None:
        connector = aiohttp.TCPConnector(limit=connections)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def ask() -> None:
                async with session.get(url) as response:
                    await response.read()

            await _workers(ask, connections, seconds)

    asyncio.run(main())


def _httpx(url: str, connections: int, seconds: float) -> None:
    import asyncio

    import httpx

    async def main() -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        async with httpx.AsyncClient(limits=limits) as client:

            async def ask() -> None:
                await client.get(url)

            await _workers(ask, connections, seconds)

    asyncio.run(main())


def _locust(url: str, connections: int, seconds: float) -> None:
    import gevent.monkey

    gevent.monkey.patch_all()
    import gevent
    from locust import FastHttpUser, constant, task
    from locust.env import Environment

    class User(FastHttpUser):
        host = url.rstrip("/")
        wait_time = constant(0)

        @task
        def home(self) -> None:
            self.client.get("/")

    environment = Environment(user_classes=[User])
    runner = environment.create_local_runner()
    runner.start(connections, spawn_rate=connections)
    gevent.sleep(_RAMP_S + 1)
    before = environment.stats.total.num_requests
    started, cpu = time.perf_counter(), time.process_time()
    gevent.sleep(seconds)
    counted = environment.stats.total.num_requests - before
    _told(counted, time.perf_counter() - started, time.process_time() - cpu)
    runner.quit()


if __name__ == "__main__":
    client = {"aiohttp": _aiohttp, "httpx": _httpx, "locust": _locust}[sys.argv[1]]
    client(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
