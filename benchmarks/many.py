"""The same orders, a thousand in each request: `POST /commands/bulk`, one request after the other.

Decides: how the load is sent. Must not know: who measures it.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
import sys
from time import perf_counter, time
from typing import Final

import httpx
import orjson
import uvloop

from benchmarks.load import GRACE_S, LoadResult, Task
from benchmarks.order import ORDER
from commands.bulk import NDJSON
from web.command_addresses import BULK_PATH

LINES: Final = 1_000
PLACED: Final = b'"status":201,'


async def load_many(task: Task) -> dict[str, float]:
    """Post until the time is over; the last request counts, with the time that it takes longer."""
    outcome = LoadResult()
    headers = {"Authorization": f"Bearer {task.token}", "Content-Type": NDJSON}
    end = perf_counter() + task.seconds
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{task.port}", headers=headers, timeout=GRACE_S) as client:
        while (began := perf_counter()) < end:
            answer = await client.post(BULK_PATH, content=lines())
            placed = answer.content.count(PLACED)
            outcome.sent += LINES
            outcome.failed += LINES - placed
            outcome.took += [perf_counter() - began] * placed
    outcome.ended = time()
    return outcome.summary(math.inf)


def lines() -> bytes:
    """A request's body; every line has a key of its own."""
    run = secrets.token_hex(8)
    made = ({"address": "/commands/orders", "key": f"{run}-{number}", "body": ORDER} for number in range(LINES))
    return b"\n".join(orjson.dumps(each) for each in made)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(load_many(Task(**json.loads(sys.stdin.readline()))))))
