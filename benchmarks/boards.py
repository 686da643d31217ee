"""Open boards: how soon somebody else's act is seen on one, what thirty of them cost, and how quick their pages are.

Decides: what counts. Readers here do what `query_api/static/board.js` does with what it is told: they fetch the rows
that their page shows or has room for, at most twice a second. What boards cost is what all processes of the company
take with them open, less what the same load takes without. An act is seen when a reader has the row that shows it.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeAlias

import httpx
import orjson

from benchmarks.figures import Amount, Goal, percentile
from benchmarks.machine import busy_below_s
from projections.registry import BOARDS

if TYPE_CHECKING:
    from benchmarks.bench import Length
    from benchmarks.company import RunningCompany

OPEN: Final = 30
PER_S: Final = 20.0
"""Orders placed a second meanwhile."""
BUSY_PER_S: Final = 50.0
ACT_EVERY_S: Final = 1.0
READ_EVERY_S: Final = 0.2
"""Pages of a board that somebody reads meanwhile."""
PAUSE_S: Final = 0.5
"""Between two fetches of a page."""
FILL_S: Final = 3600.0
PAGES: Final = 200
MOST_BYTES: Final = 1_000_000
"""Of one message."""
PAGE: Final = {"Accept": "text/html"}
ACTED_ON: Final = "warehouse"
Sent: TypeAlias = tuple[tuple[str, bool], float]
"""An order and whether it is held, and when that was sent."""
ROW: Final = re.compile(r'(?s)<tr data-order="([^"]+)" data-place="([^"]+)">(.*?)</tr>')


@dataclass(slots=True)
class OpenBoard:
    """One page that is open: which rows it shows, and when a row was first seen held or free again."""

    client: httpx.AsyncClient
    path: str
    token: str
    """Of a person of its own."""
    shown: dict[str, str] = field(default_factory=dict)
    upto: str = ""
    link: str = ""
    wanted: set[str] = field(default_factory=set)
    all_wanted: bool = False
    follows: asyncio.Event = field(default_factory=asyncio.Event)
    named: asyncio.Event = field(default_factory=asyncio.Event)
    seen: dict[tuple[str, bool], float] = field(default_factory=dict)

    async def keep(self) -> None:
        """Read the page, then follow it until told to stop."""
        address = await self._page()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen(address))
            both.create_task(self._fetch())

    async def _page(self) -> str:
        """Read the page; what it follows."""
        page = await self._got(self.path)
        self._read(page)
        self.upto, self.link = _attribute(page, "data-upto"), _attribute(page, "data-link")
        return _attribute(page, "data-follow")

    async def _got(self, path: str) -> str:
        headers = {**PAGE, "Authorization": f"Bearer {self.token}"}
        return (await self.client.get(path, headers=headers)).raise_for_status().text

    def _read(self, page: str) -> None:
        for order, place, row in ROW.findall(page):
            self.shown[order] = place
            self.seen.setdefault((order, "on-hold" in row), perf_counter())

    async def _listen(self, address: str) -> None:
        """Plain lines, since a full client would take more time for so many messages than the server."""
        url = self.client.base_url
        reading, writing = await asyncio.open_connection(url.host, url.port, limit=MOST_BYTES)
        writing.write(
            f"GET {address} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()
        )
        try:
            if b" 200 " not in await reading.readline():
                raise RuntimeError(f"{self.path} cannot be followed")
            async for line in reading:
                self.follows.set()
                self._hear(line)
        finally:
            writing.close()

    def _hear(self, line: bytes) -> None:
        if line == b"event: anew\n":
            self.all_wanted = True
        elif line.startswith(b'data: {"orders"'):
            orders = orjson.loads(line[len(b"data: ") :])["orders"]
            within = {each for each, place in orders.items() if place and (not self.upto or place <= self.upto)}
            self.wanted |= within | (orders.keys() & self.shown.keys())
        if self.wanted or self.all_wanted:
            self.named.set()

    async def _fetch(self) -> None:
        while True:
            await self.named.wait()
            wanted, everything, began = self.wanted, self.all_wanted, perf_counter()
            self.wanted, self.all_wanted = set(), False
            self.named.clear()
            if everything:
                await self._page()
            else:
                orders = "&".join(f"order={each}" for each in wanted)
                self._read(await self._got(f"{self.link}?{orders}"))
            await asyncio.sleep(max(0.0, PAUSE_S - (perf_counter() - began)))


def _attribute(page: str, name: str) -> str:
    found = re.search(f'{name}="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"the page of a board has no {name}")
    return found[1].replace("&amp;", "&")


@asynccontextmanager
async def opened(company: RunningCompany, client: httpx.AsyncClient, count: int) -> AsyncGenerator[Sequence[OpenBoard]]:
    """Boards while they are open, of each department the same number."""
    names = [BOARDS[number % len(BOARDS)].name for number in range(count)]
    boards = [
        OpenBoard(client, f"/boards/{name}", company.token(f"reader {number}")) for number, name in enumerate(names)
    ]
    keeping: list[asyncio.Task[None]] = []
    try:
        for board in boards:  # one after the other, as people open them
            keeping.append(asyncio.create_task(board.keep()))
            following = asyncio.create_task(board.follows.wait())
            await asyncio.wait([following, keeping[-1]], return_when=asyncio.FIRST_COMPLETED)
            if keeping[-1].done():
                following.cancel()
                keeping[-1].result()
        yield boards
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)


async def measure(company: RunningCompany, length: Length) -> list[Amount]:
    """Fill the boards, then rounds of the same load without and with boards open, and of a heavier one with them."""
    orders = f"a board of {length.orders} orders"
    first = Amount(f"first byte of {orders}, alone, p99", "ms", Goal(50, at_least=False))
    size = Amount(f"page of {orders}", "kB", Goal(120, at_least=False))
    busy_first = Amount(f"first byte of {orders} at {BUSY_PER_S:g} orders/s, p99", "ms", Goal(150, at_least=False))
    cost = Amount(f"{OPEN} open boards at {PER_S:g} orders/s", "cores", Goal(0.4, at_least=False))
    seen, busy_seen = (
        Amount(f"act seen on another's open board at {per_s:g} orders/s, p99", "ms", Goal(goal, at_least=False))
        for per_s, goal in ((PER_S, 300), (BUSY_PER_S, 500))
    )
    await company.place(FILL_S, most=length.orders)
    await company.shown()
    seconds = 4 * length.seconds
    async with company.client() as client:
        for _ in range(length.rounds):
            took, length_of_page = await _pages(client)
            first.add(percentile(took, 0.99), p50_ms=percentile(took, 0.5))
            size.add(length_of_page / 1000)
            bare = await _loaded(company, client, Load(seconds, PER_S, 0))
            full = await _loaded(company, client, Load(seconds, PER_S, OPEN))
            cost.add(
                (full.took - bare.took) / seconds, without_boards=bare.took / seconds, with_boards=full.took / seconds
            )
            seen.add(percentile(full.seen, 0.99), **full.beside())
            busy = await _loaded(company, client, Load(seconds, BUSY_PER_S, OPEN))
            busy_seen.add(percentile(busy.seen, 0.99), **busy.beside())
            busy_first.add(percentile(busy.pages, 0.99), p50_ms=percentile(busy.pages, 0.5))
    return [first, size, busy_first, cost, seen, busy_seen]


async def _pages(client: httpx.AsyncClient, ends: float = math.inf, pause_s: float = 0.0) -> tuple[list[float], int]:
    """Milliseconds until a page begins to come, and its bytes."""
    took: list[float] = []
    size = 0
    while len(took) < PAGES and perf_counter() < ends:
        began = perf_counter()
        async with client.stream("GET", f"/boards/{ACTED_ON}", headers=PAGE) as page:
            took.append((perf_counter() - began) * 1000)
            size = len(await page.aread())
        await asyncio.sleep(pause_s)
    return took, size


@dataclass(frozen=True, slots=True)
class Load:
    """Orders for a time, with so many boards open."""

    seconds: float
    per_s: float
    boards: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load took, and what people saw meanwhile."""

    took: float
    """Processor seconds of all processes."""
    seen: list[float]
    """Milliseconds until acts were seen on open boards."""
    own: list[float]
    """Milliseconds until who had acted could read it."""
    pages: list[float]
    """Milliseconds until a page of a board began to come."""

    def beside(self) -> dict[str, float]:
        """What goes with when acts were seen."""
        return {
            "p50_ms": percentile(self.seen, 0.5),
            "own_p50_ms": percentile(self.own, 0.5),
            "own_p99_ms": percentile(self.own, 0.99),
            "seen": len(self.seen),
        }


async def _loaded(company: RunningCompany, client: httpx.AsyncClient, load: Load) -> Loaded:
    async with opened(company, client, load.boards) as boards:
        before = busy_below_s(company.pid)
        acting = asyncio.create_task(_act(client, load.seconds))
        reading = asyncio.create_task(_pages(client, perf_counter() + load.seconds, READ_EVERY_S))
        await company.place(load.seconds, per_s=load.per_s)
        (sent, own), (pages, _) = await acting, await reading
        took = busy_below_s(company.pid) - before
        await asyncio.sleep(PAUSE_S)
        watching = [board for board in boards if board.path.endswith(ACTED_ON)]
        seen = [(board.seen[act] - at) * 1000 for board in watching for act, at in sent if act in board.seen]
    for (order, _), _ in sent:  # the next load finds the page as this one did
        await _lift(client, order)
    return Loaded(took, seen, own, pages)


async def _act(client: httpx.AsyncClient, seconds: float) -> tuple[list[Sent], list[float]]:
    """Hold one order after the other of a board's page; the orders and when each was sent, and milliseconds until who
    held it could read it: the same way without a feed.
    """
    page = (await client.get(f"/boards/{ACTED_ON}", headers=PAGE)).text
    free = [order for order, _, row in ROW.findall(page) if "on-hold" not in row]
    sent: list[Sent] = []
    own: list[float] = []
    ends = perf_counter() + seconds
    for order in free:
        if perf_counter() >= ends:
            break
        began = perf_counter()
        sent.append(((order, True), began))
        body = {"type": "manual", "reason": "measured"}
        done = (await client.post(f"/commands/orders/{order}/hold", json=body)).raise_for_status().json()
        read = {"order": order, "after": done["position"]}
        await client.get(f"/boards/{ACTED_ON}/rows", params=read, headers=PAGE)
        own.append((perf_counter() - began) * 1000)
        await asyncio.sleep(ACT_EVERY_S)
    return sent, own


async def _lift(client: httpx.AsyncClient, order: str) -> None:
    holds = (await client.get(f"/orders/{order}")).raise_for_status().json()["state"]["holds"]
    for hold in holds:
        body = {"hold": hold["number"], "reason": "measured"}
        (await client.post(f"/commands/orders/{order}/resume", json=body)).raise_for_status()
