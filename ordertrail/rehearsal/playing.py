"""Takes planned orders through the departments: each does what the order's own page says has to be done next.

Decides: who sends which command when. Everything is learnt by reading the order, as a department does, so an
interrupted play goes on where it stood; the keys of a step are the same every time. Must not know: how commands travel.
"""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from domain.access import Role
from domain.event_values import LineKind
from domain.order.status import NextAction
from domain.values import MAIN
from ordertrail.rehearsal.plan import LeftAt
from ordertrail.rehearsal.staff import Refused

if TYPE_CHECKING:
    from ordertrail.rehearsal.plan import Plan, PlannedOrder
    from ordertrail.rehearsal.retail import Invoice
    from ordertrail.rehearsal.staff import JsonObject, Staff

CONCURRENCY: Final = 16
SYSTEM_S: Final = 60.0
"""How long an order may wait on the system before it counts as failed."""
LOOK_AGAIN_S: Final = (0.02, 0.05, 0.1, 0.2, 0.4)
ROUNDS: Final = 20
"""How often purchasing looks at what orders still wait for."""
CARRIERS: Final = ("Royal Mail", "DPD", "Parcelforce")
OWN_VAN_EVERY: Final = 8
"""One order in this many is delivered by our own van: no carrier scans, so logistics confirms receipt."""

OURS: Final = frozenset({NextAction.PICK, NextAction.PACK, NextAction.HAND_OVER})
AWAITED: Final = OURS | {NextAction.RECEIVE_STOCK, NextAction.DELIVER, NextAction.NOTHING}
PICKED_STAGES: Final = frozenset({"picked", "packed", "handed-over", "received"})
LEADS_TO: Final = {
    NextAction.PICK: LeftAt.PICKED,
    NextAction.PACK: LeftAt.PACKED,
    NextAction.HAND_OVER: LeftAt.HANDED_OVER,
}


@dataclass(slots=True)
class Played:
    """One order while it is played; `seen` is its page as it was read last."""

    planned: PlannedOrder
    number: int
    order_id: str = ""
    position: str = ""
    version: int = 0
    """What the order has reached; carriers are told no position to wait for."""
    seen: JsonObject = field(default_factory=dict)
    waited: bool = False
    """Whether units of it ever waited for stock."""
    failure: str = ""

    @property
    def action(self) -> NextAction:
        """What has to be done next."""
        return NextAction(self.seen["next_action"])

    @property
    def units(self) -> JsonObject:
        """Units by bucket."""
        totals: JsonObject = self.seen["state"]["totals"]
        return totals

    def key(self, step: str) -> str:
        """Key of a step of this order within its run."""
        return f"{self.planned.invoice.number}/{step}"


class Playing:
    """One play of a plan."""

    def __init__(self, staff: Staff, *, rate: float = 0.0) -> None:
        self.played: list[Played] = []
        self._staff = staff
        self._pause = 1 / rate if rate else 0.0
        self._gate = asyncio.Semaphore(CONCURRENCY)

    async def receive(self, units: Iterable[tuple[str, int]], document: str) -> None:
        """Purchasing receives units of SKUs; the document is part of the key."""
        await self._all(partial(self._receive, sku, quantity, document) for sku, quantity in units)

    async def play(self, plan: Plan) -> None:
        """Receive the first supply, take every order as far as stock allows, then receive what is missing and go on."""
        await self.receive(plan.supply.items(), "first-supply")
        await self.place_and_work(plan.orders)
        for number in range(ROUNDS):
            waiting = [one for one in self.played if not one.failure and one.action is NextAction.RECEIVE_STOCK]
            if not waiting:
                return
            await self.restock(waiting, f"supply-{number + 2}")
            await self._all(partial(self._guarded, one, self._work) for one in waiting)

    async def place_and_work(self, orders: Iterable[PlannedOrder]) -> None:
        """Place the orders in this sequence and take each as far as it can go."""
        await self._all(
            (partial(self._guarded, self._begun(order), self._place_and_work) for order in orders), self._pause
        )

    def _begun(self, order: PlannedOrder) -> Played:
        one = Played(order, len(self.played))
        self.played.append(one)
        return one

    async def restock(self, waiting: Iterable[Played], document: str) -> None:
        """Purchasing looks at the stock items that these orders wait for and orders what their waiting lists need."""
        skus = sorted({line["line"]["sku"] for one in waiting for line in one.seen["state"]["lines"] if _waits(line)})
        missing = await asyncio.gather(*(self._missing(sku) for sku in skus))
        await self.receive(((sku, units) for sku, units in zip(skus, missing, strict=True) if units), document)

    async def _missing(self, sku: str) -> int:
        item = await self._staff.look(f"/stock/{quote(sku, safe='')}/{MAIN}")
        return int(item["waiting"])

    async def _receive(self, sku: str, quantity: int, document: str) -> None:
        path = f"/commands/stock/{quote(sku, safe='')}/{MAIN}/receive"
        body = {"quantity": quantity, "document": document}
        await self._staff.send(Role.PURCHASING, path, body, f"{document}/{sku.replace(' ', '_')}")

    async def _all(self, works: Iterable[Callable[[], Coroutine[Any, Any, None]]], pause: float = 0.0) -> None:
        """Run all, begun in this sequence, a bounded number at a time."""
        async with asyncio.TaskGroup() as group:
            for work in works:
                await self._gate.acquire()
                task = group.create_task(work())
                task.add_done_callback(lambda _: self._gate.release())
                await asyncio.sleep(pause)

    async def _guarded(self, one: Played, work: Callable[[Played], Coroutine[Any, Any, None]]) -> None:
        try:
            await work(one)
        except Refused as refusal:
            one.failure = str(refusal)

    async def _place_and_work(self, one: Played) -> None:
        answer = await self._staff.send(Role.SALES, "/commands/orders", order_of(one.planned.invoice), one.key("place"))
        one.order_id, one.position = answer["order_id"], answer["position"]
        await self._work(one)

    async def _work(self, one: Played) -> None:
        """Let every department do its part until the order waits for somebody else, or is as far as it should go."""
        await self._look(one)
        if one.planned.cancel and not one.units.get("cancelled"):
            units = [unit.model_dump() for unit in one.planned.cancel]
            await self._do(one, Role.CUSTOMER_SERVICE, "request-cancel", {"lines": units, "reason": "Credit note"})
            await self._look(one)
        while True:
            while one.action in OURS and LEADS_TO[one.action] <= one.planned.until:
                await self._step(one)
                await self._look(one)
            # Units that were served meanwhile come to the warehouse while others are on their way.
            if one.planned.until <= LeftAt.HANDED_OVER or not await self._deliver(one):
                return

    async def _step(self, one: Played) -> None:
        parcels = one.seen["state"]["parcels"]
        match one.action:
            case NextAction.PICK:
                units = _units_in(one, "sent")
                await self._do(one, Role.WAREHOUSE, "start-pick", {}, _picked_to_date(one))
                await self._do(one, Role.WAREHOUSE, "pick", {"units": units}, _picked_to_date(one))
            case NextAction.PACK:
                contents = _units_in(one, "picked")
                await self._do(one, Role.WAREHOUSE, "pack", {"contents": contents}, len(parcels))
            case _:
                for parcel in parcels:
                    if parcel["contents"] and not parcel["handed_over_at"]:
                        await self._hand_over(one, parcel["number"])

    async def _hand_over(self, one: Played, parcel: int) -> None:
        carrier = "Own van" if _own_van(one) else CARRIERS[one.number % len(CARRIERS)]
        tracking = f"{one.seen['number']}-{parcel}"
        body = {"parcel": parcel, "carrier": carrier, "tracking_number": tracking}
        await self._do(one, Role.LOGISTICS, "hand-over", body, parcel)

    async def _deliver(self, one: Played) -> bool:
        """Everything that is on its way arrives, or at least moves; whether that leaves something for us to do."""
        for parcel in one.seen["state"]["parcels"]:
            if parcel["handed_over_at"] and not parcel["received_at"]:
                if _own_van(one) and one.planned.until is LeftAt.RECEIVED:
                    body = {"parcel": parcel["number"], "evidence": "own-van"}
                    await self._do(one, Role.LOGISTICS, "confirm-receipt", body, parcel["number"])
                else:
                    await self._scan(one, parcel)
        await self._look(one)
        return one.action in OURS and LEADS_TO[one.action] <= one.planned.until

    async def _scan(self, one: Played, parcel: JsonObject) -> None:
        statuses = ["in-transit"]
        if one.planned.until is LeftAt.RECEIVED:
            statuses += ["out-for-delivery", "delivered"]
        for status in statuses:
            body = {
                "carrier": parcel["carrier"],
                "tracking_number": parcel["tracking_number"],
                "status": status,
                "code": status.upper(),
            }
            await self._do(one, Role.CARRIER, "record-checkpoint", body, f"{parcel['number']}-{status}")

    async def _do(self, one: Played, role: Role, command: str, body: JsonObject, nth: object = "") -> None:
        path = f"/commands/orders/{one.order_id}/{command}"
        # A play that is taken up again may find more to do than when it was interrupted: another body, another key.
        digest = zlib.crc32(json.dumps(body, sort_keys=True).encode())
        answer = await self._staff.send(role, path, body, one.key(f"{command}-{nth}-{digest:08x}"))
        one.position, one.version = answer["position"] or one.position, answer["version"]

    async def _look(self, one: Played) -> None:
        """Read the order until it waits for people; `Refused` when the system does not move it in time."""
        deadline = time.monotonic() + SYSTEM_S
        attempt = 0
        while True:
            one.seen = await self._staff.look(f"/orders/{one.order_id}", one.position)
            one.waited = one.waited or bool(one.units.get("backordered"))
            if one.action in AWAITED and one.seen["version"] >= one.version:
                return
            if time.monotonic() >= deadline:
                raise Refused(f"{one.planned.invoice.number}: waits on {one.seen['waiting_on']} to {one.action}")
            await asyncio.sleep(LOOK_AGAIN_S[min(attempt, len(LOOK_AGAIN_S) - 1)])
            attempt += 1


def order_of(invoice: Invoice) -> JsonObject:
    """The body of the command that places it. It counts from today: what was ordered in 2010 would be long late."""
    return {
        "customer": {"id": invoice.customer} if invoice.customer else {},
        "customer_reference": {"number": invoice.number, "document": "invoice"},
        "ship_to": {"country": invoice.country},
        "lines": [line.model_dump(mode="json", exclude_defaults=True) for line in invoice.lines],
    }


def _units_in(one: Played, bucket: str) -> list[JsonObject]:
    lines = one.seen["state"]["lines"]
    return [{"line": line["number"], "quantity": line["units"][bucket]} for line in lines if line["units"].get(bucket)]


def _picked_to_date(one: Played) -> int:
    return sum(units for bucket, units in one.units.items() if bucket in PICKED_STAGES)


def _waits(line: JsonObject) -> bool:
    return line["line"]["kind"] == LineKind.GOODS and bool(line["units"].get("backordered"))


def _own_van(one: Played) -> bool:
    return one.number % OWN_VAN_EVERY == OWN_VAN_EVERY - 1
