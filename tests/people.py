"""The people of a company as HTTP clients of a running instance: they send commands and read what departments read.

Every command's answer is asserted unless `ask` was used. `settled` waits until nothing more follows by itself.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from domain.roles import Role
from web.command_addresses import BULK_PATH

Json = dict[str, Any]
ORDERS = "/commands/orders"


@dataclass(frozen=True)
class Placed:
    """An order as its placing was answered."""

    id: str
    number: str
    tracking: str
    position: str


def line(sku: str, quantity: int, **more: object) -> Json:
    """An order line that costs 2.50 EUR a piece."""
    price = {"amount": "2.50", "currency": "EUR"}
    return {"sku": sku, "name": f"Article {sku}", "quantity": quantity, "unit_price": price, **more}


def order(*lines: Json, **terms: object) -> Json:
    """The body that places an order."""
    return {"ship_to": {"country": "Germany"}, "lines": list(lines), **terms}


def units(*pairs: tuple[int, int]) -> list[Json]:
    """`(line, quantity)` pairs as commands name them."""
    return [{"line": number, "quantity": quantity} for number, quantity in pairs]


def fresh(word: str) -> str:
    """A SKU or customer that no other test has."""
    return f"{word}-{uuid.uuid4().hex[:8]}".upper()


class People:
    """Everybody of one company."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        token: Callable[[Role, str], str],
        settled: Callable[[], Awaitable[dict[int, int]]],
    ) -> None:
        self.client = client
        self.settled = settled
        self._token = token

    def headers(self, role: Role, actor: str = "") -> dict[str, str]:
        """Of a request in JSON under a token of this role; without a name, the role's only person sends it."""
        return {
            "Authorization": f"Bearer {self._token(role, actor or role.value)}",
            "Accept": "application/json",
        }

    async def ask(
        self, path: str, body: object = None, *, role: Role = Role.ADMIN, actor: str = "", **headers: str
    ) -> httpx.Response:
        """Send a command, whatever comes of it. `Idempotency_Key="k"` becomes a header."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, json=body or {}, headers={**self.headers(role, actor), **given})

    async def do(
        self, path: str, body: object = None, *, role: Role = Role.ADMIN, actor: str = "", **headers: str
    ) -> Json:
        """Send a command that has to be carried out."""
        answer = await self.ask(path, body, role=role, actor=actor, **headers)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        found: Json = answer.json()
        return found

    async def place(self, *lines: Json, actor: str = "", **terms: object) -> Placed:
        told = await self.do(ORDERS, order(*lines, **terms), role=Role.SALES, actor=actor)
        return Placed(told["order_id"], told["number"], told["tracking_url"], told["position"])

    async def place_many(self, orders: Sequence[Json]) -> None:
        """Place them in one request, and have each of them taken."""
        lines = b"".join(orjson.dumps({"address": ORDERS, "body": body}) + b"\n" for body in orders)
        headers = {**self.headers(Role.SALES), "Content-Type": "application/x-ndjson"}
        answer = await self.client.post(BULK_PATH, content=lines, headers=headers)
        assert answer.is_success, f"{BULK_PATH}: {answer.status_code} {answer.text}"
        refused = [
            told
            for text in answer.text.splitlines()
            if (told := orjson.loads(text))["status"] >= httpx.codes.MULTIPLE_CHOICES
        ]
        assert not refused, refused[0]

    async def tell(self, placed: Placed, word: str, body: object = None, *, role: Role, actor: str = "") -> Json:
        """A command to an order."""
        return await self.do(f"{ORDERS}/{placed.id}/{word}", body, role=role, actor=actor)

    async def receive(self, sku: str, quantity: int) -> None:
        await self.do(f"/commands/stock/{sku}/main/receive", {"quantity": quantity}, role=Role.WAREHOUSE)

    async def hand_over(self, placed: Placed, *what: tuple[int, int], parcel: int = 1, tracking: str = "") -> Json:
        """Pick, pack and hand over these units in one parcel."""
        contents = units(*what)
        await self.tell(placed, "pick", {"units": contents}, role=Role.WAREHOUSE)
        await self.tell(placed, "pack", {"contents": contents}, role=Role.WAREHOUSE)
        parcel_terms = {"parcel": parcel, "carrier": "DHL", "tracking_number": tracking or f"{placed.number}/{parcel}"}
        return await self.tell(placed, "hand-over", parcel_terms, role=Role.LOGISTICS)

    async def look(self, path: str, **query: str) -> Json:
        """What a program reads there as an auditor, who may read everything."""
        answer = await self.client.get(path, params=query, headers=self.headers(Role.AUDITOR))
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        found: Json = answer.json()
        return found

    async def page(self, path: str, role: Role = Role.AUDITOR) -> str:
        """What a person reads there, in English."""
        wanted = {**self.headers(role), "Accept": "text/html", "Accept-Language": "en"}
        answer = await self.client.get(path, headers=wanted)
        assert answer.is_success, f"{path}: {answer.status_code}"
        assert answer.headers["content-type"].startswith("text/html")
        return answer.text

    async def order(self, placed: Placed, **query: str) -> Json:
        return await self.look(f"/orders/{placed.id}", **query)

    async def totals(self, placed: Placed) -> Mapping[str, int]:
        """Units by bucket, once nothing more follows by itself."""
        await self.settled()
        found: Mapping[str, int] = (await self.order(placed))["state"]["totals"]
        return found

    async def tracked(self, placed: Placed) -> Json:
        """What the customer's link gives; nobody is signed in."""
        answer = await self.client.get(placed.tracking, headers={"Accept": "application/json"})
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    async def tracked_page(self, placed: Placed) -> str:
        answer = await self.client.get(placed.tracking, headers={"Accept": "text/html", "Accept-Language": "en"})
        assert answer.is_success
        return answer.text

    async def stock(self, sku: str) -> Json:
        return await self.look(f"/stock/{sku}/main")

    async def timeline(self, path: str) -> list[Json]:
        """All events of an order or stock item, oldest first."""
        found: list[Json] = (await self.look(f"{path}/timeline", limit="200"))["events"]
        return found

    async def all_rows(self, path: str, member: str, **query: str) -> list[Json]:
        """All rows of a list, page by page."""
        rows: list[Json] = []
        answer = await self.client.get(path, params={**query, "limit": "200"}, headers=self.headers(Role.AUDITOR))
        while True:
            assert answer.is_success, answer.text
            rows += answer.json()[member]
            following = answer.links.get("next")
            if following is None:
                return rows
            answer = await self.client.get(following["url"], headers=self.headers(Role.AUDITOR))
