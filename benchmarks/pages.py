"""One large order as its pages are read: how soon they come, and how long they are.

Decides: how large it is: as many lines as the longest order of the retail data that the rehearsal plays. The whole page
is read, since a browser shows nothing of a table before its end is near.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

import httpx
import orjson

from benchmarks.boards import PAGE
from benchmarks.figures import Amount, Goal, percentile
from benchmarks.order import ORDER
from commands.bulk import NDJSON
from web.command_addresses import BULK_PATH

if TYPE_CHECKING:
    from benchmarks.bench import Length
    from benchmarks.company import RunningCompany

LINES: Final = 675
READ: Final = 50
"""Times that a page is read in a round."""
NAME: Final = "Set of 3 wicker hearts, cream and white"


async def measure(company: RunningCompany, length: Length) -> list[Amount]:
    """Place the order, then rounds of reading its pages."""
    async with company.client() as client:
        placed = await _placed(client)
        company.orders += 1
        await company.shown()
        pages = {"order": f"/orders/{placed['number']}", "tracking": placed["tracking_url"]}
        quick = Amount(f"page of an order of {LINES} lines, p50", "ms", Goal(80, at_least=False))
        short = Amount(f"page of an order of {LINES} lines", "kB", Goal(250, at_least=False))
        tracked = Amount(f"tracking page of an order of {LINES} lines", "kB", Goal(50, at_least=False))
        for _ in range(length.rounds):
            took, size = await _read(client, pages["order"])
            quick.add(percentile(took, 0.5), p99_ms=percentile(took, 0.99))
            short.add(size / 1000)
            took, size = await _read(client, pages["tracking"])
            tracked.add(size / 1000, p50_ms=percentile(took, 0.5), p99_ms=percentile(took, 0.99))
    return [quick, short, tracked]


async def _placed(client: httpx.AsyncClient) -> dict[str, str]:
    """Goods for every line, and the order."""
    codes = [f"LARGE-{number:03}" for number in range(LINES)]
    received = (
        {"address": f"/commands/stock/{sku}/main/receive", "key": f"receive/{sku}", "body": {"quantity": 100}}
        for sku in codes
    )
    body, told = b"\n".join(map(orjson.dumps, received)), {"Content-Type": NDJSON}
    (await client.post(BULK_PATH, content=body, headers=told)).raise_for_status()
    line = ORDER["lines"][0]
    order = ORDER | {"lines": [line | {"sku": sku, "name": NAME} for sku in codes]}
    answer = await client.post("/commands/orders", json=order, headers={"Idempotency-Key": "large"})
    made: dict[str, str] = answer.raise_for_status().json()
    return made


async def _read(client: httpx.AsyncClient, path: str) -> tuple[list[float], int]:
    """Milliseconds until a page is there, and its bytes."""
    took, size = [], 0
    for _ in range(READ):
        began = perf_counter()
        page = (await client.get(path, headers=PAGE)).raise_for_status()
        took.append((perf_counter() - began) * 1000)
        size = len(page.content)
    return took, size
