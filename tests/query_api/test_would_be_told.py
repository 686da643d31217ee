"""A preview of goods says which orders get them: by number, each with its units, first who is served first."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from domain.catalogue import event_type
from domain.decider import Command
from domain.roles import Role
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN
from domain.workflow import reactions
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
    form = await FORMS.keep(KeptForm("ada", (("act", "receive-stock.MUG"),), preview(*commands)))
    answer = await api.page(f"/stock/MUG/main?form={form}", Role.WAREHOUSE, chinese=chinese)
    assert answer.status_code == 200
    page = Shown(answer.text).text
    return page.partition("同时会变动：" if chinese else "This would change too: ")[2]


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
