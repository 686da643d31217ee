"""A preview of goods says which orders get them: by number, each with its units, first who is served first."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest

from domain.catalogue import event_type
from domain.decider import Command
from domain.roles import Role
from domain.stock.commands import CountStock, ReceiveStock
from domain.stock.events import StockAllocated
from domain.stock.terms import Answer, LineStanding, Place, Shift
from domain.stream_names import order_stream, stock_stream
from domain.values import MAIN
from domain.workflow import reactions
from query_api.sentences import LANGUAGES, Language
from query_api.would_be_told import MOST_TOLD
from tests.life import Life, line, terms
from tests.query_api.conftest import FORMS, Api, Filled, api_on
from tests.query_api.test_pages import Shown
from web.kept_forms import KeptForm

pytestmark = pytest.mark.server

ORDERS = MOST_TOLD + 3
MUG = stock_stream("MUG", MAIN)


def waiting() -> tuple[Life, list[str]]:
    """Many orders wait for three units each; who came last is served first."""
    life = Life()
    for number in range(ORDERS):
        life.place(line("MUG", 3), order=terms(requested_date=date(2026, 6, 30) - timedelta(days=number)))
    streams = [stream for stream in life.streams if stream.startswith("order-")]
    return life, [life.order(stream).number for stream in reversed(streams)]


@cache
def company() -> tuple[Life, list[str]]:
    return waiting()


@pytest.fixture(scope="module")
def url(filled: Filled) -> Iterator[str]:
    with filled(company()[0]) as made:
        yield made


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with api_on(url) as opened:
        yield opened


def preview(*commands: Command) -> dict[str, Any]:
    """What the command API tells of the last of these, of goods that came after the views were read."""
    life, _ = waiting()
    for command in commands:
        known = len(life.streams[MUG])
        life.submit(MUG, command, role=Role.WAREHOUSE)
    foreseen = life.streams[MUG][known:]
    told = dict.fromkeys(reaction.stream for each in foreseen for reaction in reactions(each) if reaction.stream != MUG)
    events = [{"type": event_type(type(each.event)), "data": each.event.model_dump(mode="json")} for each in foreseen]
    return {"code": "preview", "events": events, "told": list(told)}


async def told(api: Api, *commands: Command, chinese: bool = False) -> str:
    return await shown(api, preview(*commands), chinese=chinese)


async def shown(api: Api, foreseen: dict[str, Any], *, chinese: bool = False) -> str:
    form = await FORMS.keep(KeptForm("ada", (("act", "receive-stock.MUG"),), foreseen))
    answer = await api.page(f"/stock/MUG/main?form={form}", Role.WAREHOUSE, chinese=chinese)
    assert answer.status_code == 200
    page = Shown(answer.text).text
    return page.partition(LANGUAGES[Language.ZH if chinese else Language.EN].text("would_be_told"))[2].strip()


async def test_a_receipt_says_which_orders_get_how_many_in_the_order_in_which_they_are_served(api: Api) -> None:
    first, second, *_ = company()[1]
    assert (await told(api, ReceiveStock(quantity=5))).startswith(
        f"{first} (3 units reserved) · {second} (2 units reserved)"
    )
    assert f"{first}（预留 3 件） · {second}（预留 2 件）" in await told(api, ReceiveStock(quantity=5), chinese=True)


async def test_a_count_says_which_orders_give_how_many_back(api: Api) -> None:
    _, second, *_ = company()[1]
    assert (await told(api, ReceiveStock(quantity=5), CountStock(counted=4))).startswith(
        f"{second} (1 unit taken back)"
    )


async def test_of_very_many_orders_as_many_are_named_as_a_page_has(api: Api) -> None:
    said = await told(api, ReceiveStock(quantity=3 * ORDERS))
    numbers = company()[1]
    assert said.count("(3 units reserved)") == MOST_TOLD
    assert f"{numbers[MOST_TOLD - 1]} (3 units reserved) · and 3 more" in said


async def test_what_is_told_without_units_is_named_alone_goods_by_their_sku_and_an_order_not_seen_yet_by_its_id(
    api: Api,
) -> None:
    known = next(stream for stream in company()[0].streams if stream.startswith("order-"))
    foreseen = {"code": "preview", "told": [known, order_stream(UUID(int=5)), stock_stream("POPPY 6", MAIN)]}
    number = company()[0].order(known).number
    assert (await shown(api, foreseen)).startswith(f"{number} · {UUID(int=5)} · stock of POPPY 6")


async def test_units_that_an_order_is_refused_are_said_to_be(api: Api) -> None:
    order = UUID(int=5)
    moved = Shift(line=1, quantity=2, source=Place.WAITING, target=Place.NOT_WANTED)
    refused = Answer(
        order_id=order, want_version=1, moves=(moved,), lines=(LineStanding(line=1, reserved=0, waiting=0),)
    )
    event = StockAllocated(occurred_at=company()[0].now, answers=(refused,))
    events = [{"type": event_type(StockAllocated), "data": event.model_dump(mode="json")}]
    foreseen = {"code": "preview", "events": events, "told": [order_stream(order)]}
    assert (await shown(api, foreseen)).startswith(f"{order} (2 units refused)")
    assert (await shown(api, foreseen, chinese=True)).startswith(f"{order}（")
