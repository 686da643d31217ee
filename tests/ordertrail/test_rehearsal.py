"""A rehearsal on the write side in memory: departments that read each order and do what it says, and what is counted."""

import asyncio
import contextlib
import gc
import inspect
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typing_extensions import override

from commands.app import build
from domain.order.events import ReceiptConfirmed
from domain.order.status import BadgeKind, NextAction
from domain.order.terms import Evidence
from domain.roles import Role
from domain.stream_names import order_stream, stock_stream
from domain.values import Line, Price, Units
from ordertrail.applications import ByPath
from ordertrail.rehearsal import playing as playing_module
from ordertrail.rehearsal import staff as staff_module
from ordertrail.rehearsal.command import summary
from ordertrail.rehearsal.plan import LeftAt, Plan, PlannedOrder
from ordertrail.rehearsal.playing import Played, Playing
from ordertrail.rehearsal.retail import Invoice
from ordertrail.rehearsal.sample import Sample
from ordertrail.rehearsal.staff import Measured, Refused, Staff
from projections import order, stock
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from tests.commands.conftest import IDENTITY, bearer
from tests.projections.comparing import expected_rows
from tests.writing import everything, with_workflow
from web.kept_forms import MemoryForms


def token_of(role: Role, carrier: str | None) -> str:
    return bearer(role, carrier=carrier).removeprefix("Bearer ")


@dataclass
class House:
    """The staff at work, and the log behind them."""

    staff: Staff
    log: MemoryLog

    async def headlines(self) -> Counter[str]:
        rows = expected_rows(await everything(self.log), [order.VIEW])["order"].values()
        return Counter(row.headline.value for row in rows if isinstance(row, order.OrderRow))


def read_side(log: MemoryLog) -> FastAPI:
    """What the departments read, folded from the whole log at every look."""
    app = FastAPI()

    @app.get("/orders/{order_id}")
    async def one_order(order_id: str) -> object:
        return expected_rows(await everything(log), [order.VIEW])["order"][order_stream(order_id),]

    @app.get("/stock/{sku}/{location}")
    async def stock_item(sku: str, location: str) -> object:
        return expected_rows(await everything(log), [stock.VIEW])["stock"][stock_stream(sku, location),]

    return app


@pytest.fixture
async def house() -> AsyncIterator[House]:
    log = MemoryLog(MemoryBroker())
    await log.open()
    async with with_workflow(log, MemoryIndex()) as running:
        transport = httpx.ASGITransport(ByPath(build(running.writers, IDENTITY, MemoryForms()), read_side(log)))
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            yield House(Staff(client, token_of, "run"), log)


def invoice(number: int, **lines: int) -> Invoice:
    price = Price(amount=Decimal("2.55"), currency="GBP")
    goods = tuple(Line(sku=sku, name=sku, quantity=quantity, unit_price=price) for sku, quantity in lines.items())
    return Invoice(str(number), "17850", "United Kingdom", datetime(2010, 12, 1, tzinfo=UTC), goods)


def result(planned: Plan, playing: Playing, house: House) -> Mapping[str, object]:
    return summary(planned, playing.played, house.staff.measured)


class NeverAnswering(Staff):
    def __init__(self) -> None:
        """Nobody is asked, so that nothing is needed."""

    @override
    async def send(self, role: Role, path: str, body: Mapping[str, object], key: str) -> dict[str, Any]:
        return await asyncio.Future[dict[str, Any]]()


async def test_a_play_that_is_ended_leaves_no_work_behind_that_was_never_begun() -> None:
    waiting = asyncio.Event()

    def orders() -> Iterator[PlannedOrder]:
        for number in range(2 * playing_module.CONCURRENCY):
            if number == playing_module.CONCURRENCY:
                waiting.set()
            yield PlannedOrder(invoice(number, LAMP=1))

    played = asyncio.create_task(Playing(NeverAnswering()).place_and_work(orders()))
    await asyncio.wait_for(waiting.wait(), timeout=10)
    played.cancel()
    await asyncio.wait([played])
    made = [one for one in gc.get_objects() if inspect.iscoroutine(one) and one.cr_code is Playing._guarded.__code__]
    assert "CORO_CREATED" not in map(inspect.getcoroutinestate, made)


@pytest.mark.slow
async def test_orders_are_taken_to_the_customer_by_carrier_and_by_our_own_van(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing_module, "OWN_VAN_EVERY", 2)
    orders = tuple(PlannedOrder(invoice(number, LAMP=2, VASE=1)) for number in range(3))
    planned = Plan(orders, {"LAMP": 2 * len(orders), "VASE": len(orders)})
    playing = Playing(house.staff)
    await playing.play(planned)
    told = result(planned, playing, house)
    assert (told["orders"], told["delivered"], told["failed"], told["backordered"]) == (3, 3, 0, 0)
    assert await house.headlines() == Counter({"completed": 3})
    receipts = [one.event for one in await everything(house.log) if isinstance(one.event, ReceiptConfirmed)]
    assert Counter(event.evidence for event in receipts) == {Evidence.CARRIER_SCAN: 2, Evidence.OWN_VAN: 1}


@pytest.mark.slow
async def test_what_is_missing_is_received_until_everything_has_been_delivered(house: House) -> None:
    planned = Plan((PlannedOrder(invoice(1, LAMP=5)), PlannedOrder(invoice(2, LAMP=5, VASE=1))), {"LAMP": 3})
    playing = Playing(house.staff)
    await playing.play(planned)
    told = result(planned, playing, house)
    assert (told["delivered"], told["failed"]) == (2, 0)
    assert told["backordered"]


async def test_a_credit_note_is_cancelled_before_picking(house: House) -> None:
    wanted = PlannedOrder(invoice(1, LAMP=5, VASE=1), cancel=(Units(line=1, quantity=5),))
    planned = Plan((wanted,), {"LAMP": 5, "VASE": 1})
    playing = Playing(house.staff)
    await playing.play(planned)
    told = result(planned, playing, house)
    assert (told["cancelled"], told["delivered"], told["failed"]) == (1, 1, 0)
    assert playing.played[0].units["cancelled"] == 5


@pytest.mark.parametrize(
    ("until", "action", "headline"),
    [
        (LeftAt.PLACED, NextAction.PICK, "processing"),
        (LeftAt.PICKED, NextAction.PACK, "processing"),
        (LeftAt.PACKED, NextAction.HAND_OVER, "processing"),
        (LeftAt.HANDED_OVER, NextAction.DELIVER, "shipped"),
        (LeftAt.IN_TRANSIT, NextAction.DELIVER, "shipped"),
    ],
)
async def test_an_order_is_left_where_the_plan_says(
    house: House, until: LeftAt, action: NextAction, headline: str
) -> None:
    playing = Playing(house.staff)
    await playing.play(Plan((PlannedOrder(invoice(1, LAMP=1), until=until),), {"LAMP": 1}))
    assert playing.played[0].action is action
    assert await house.headlines() == Counter({headline: 1})


async def test_a_play_that_is_taken_up_again_places_nothing_twice(house: House) -> None:
    planned = Plan((PlannedOrder(invoice(1, LAMP=2), until=LeftAt.PICKED),), {"LAMP": 2})
    await Playing(house.staff).play(planned)
    before = len(await everything(house.log))
    again = Playing(house.staff)
    await again.play(planned)
    assert len(await everything(house.log)) == before
    assert not again.played[0].failure


@pytest.mark.slow
async def test_the_tracked_order_of_the_sample_is_on_its_way_but_for_one_article(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await Sample(house.staff).play_tracked()
    (row,) = expected_rows(await everything(house.log), [order.VIEW])["order"].values()
    assert isinstance(row, order.OrderRow)
    assert {badge.kind for badge in row.badges} == {BadgeKind.PART_SHIPPED, BadgeKind.BACKORDERED}
    assert not caplog.records


def played(number: int = 1, **units: int) -> Played:
    one = Played(PlannedOrder(invoice(number, LAMP=2)), number)
    one.seen = {"next_action": "nothing", "state": {"totals": units}}
    return one


def test_an_order_counts_as_delivered_when_the_rest_was_cancelled_and_as_failed_when_units_are_left() -> None:
    refused = played()
    refused.failure = "1: 409 on-hold"
    every = [played(received=2), played(received=1, cancelled=1), played(cancelled=2), played(received=1, packed=1)]
    told = summary(Plan((), {}), [*every, refused], Measured([3.0, 1.0, 2.0]))
    assert (told["delivered"], told["cancelled"], told["failed"]) == (2, 2, 2)
    assert (told["commands"], told["p50"], told["p99"]) == (3, 2.0, 3.0)


@contextlib.asynccontextmanager
async def answering(*answers: httpx.Response | Exception) -> AsyncIterator[tuple[Staff, list[httpx.Request]]]:
    """Staff whose requests get these answers in turn."""
    asked: list[httpx.Request] = []
    left = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://house") as client:
        yield Staff(client, token_of, "run"), asked


async def test_a_command_is_repeated_under_its_key_until_it_is_known_what_became_of_it() -> None:
    lost, away, done = httpx.ConnectError("gone"), httpx.Response(503), httpx.Response(200, json={"position": "0:1"})
    async with answering(lost, away, done) as (staff, asked):
        assert await staff.send(Role.SALES, "/commands/orders", {}, "1/place") == {"position": "0:1"}
    assert [request.headers["idempotency-key"] for request in asked] == ["run/1/place"] * 3
    assert staff.measured.commands == 1


async def test_a_server_that_stays_away_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_module, "GIVE_UP_S", 0.0)
    async with answering(httpx.Response(503)) as (staff, _):
        with pytest.raises(Refused, match="no answer within 0 s"):
            await staff.look("/orders/1")


async def test_a_refusal_names_the_command_and_the_problem_and_nothing_that_was_sent() -> None:
    problem = httpx.Response(409, json={"code": "on-hold", "detail": "Hold 1 stops it."})
    async with answering(problem, httpx.Response(502, text="<html>")) as (staff, _):
        with pytest.raises(Refused, match=r"^/commands/orders/7/pick 7/pick: 409 on-hold Hold 1 stops it\.$"):
            await staff.send(Role.WAREHOUSE, "/commands/orders/7/pick", {"name": "Ottilie"}, "7/pick")
        with pytest.raises(Refused, match="502 <html>"):
            await staff.look("/orders/7")
