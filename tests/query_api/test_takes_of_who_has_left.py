"""Nobody is on an order who works here no more, wherever it is told who is on it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import cache
from uuid import UUID

import httpx
import pytest

from domain.decider import TAKE_FOR
from domain.order.commands import Take
from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Department, Role
from domain.stream_names import name_of
from tests.life import Life, line, with_stock
from tests.query_api.conftest import IDENTITY, Api, Filled, api_on
from web.clock import now
from web.colleagues import Colleagues
from web.tokens import Caller

pytestmark = pytest.mark.server

WEI = UUID(int=0xE1)


@cache
def taken() -> tuple[Life, str]:
    """An order that the warehouse is to pick, and that Wei has taken a moment ago."""
    life = with_stock(Life(), MUG=2)
    stream = life.place(line("MUG", 2))
    life.do(stream, Take(department=Department.WAREHOUSE), by=str(WEI), role=Role.WAREHOUSE)
    return life, stream


@pytest.fixture(scope="module")
def url(filled: Filled) -> Iterator[str]:
    with filled(taken()[0]) as made:
        yield made


@pytest.fixture(params=[True, False], ids=["works here", "has left"])
def works_here(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def looked_at() -> list[bytes]:
    """Lines of which it was asked what would become of them."""
    return []


@pytest.fixture
async def api(url: str, looked_at: list[bytes], *, works_here: bool) -> AsyncIterator[Api]:
    """The pages; Wei still works here, or does so no more."""

    async def read(**_: bool) -> Register:
        wei = Member(WEI, "Wei Lu", None, ((Role.WAREHOUSE, None),), active=works_here)
        return Register(PagedMap({WEI: wei}))

    async def look(_caller: Caller, lines: bytes) -> httpx.Response:
        looked_at.append(lines)
        return httpx.Response(503, json={"code": "stub", "title": "nobody answers", "status": 503})

    identity = replace(IDENTITY, colleagues=Colleagues(read, lambda: now().date()))
    async with api_on(url, identity=identity, clock=lambda: taken()[0].now, look=look) as opened:
        yield opened


async def page(api: Api, address: str) -> str:
    life, stream = taken()
    told = await api.page(address.format(number=life.order(stream).number, id=name_of(stream)), Role.WAREHOUSE)
    assert told.status_code == 200
    return told.text


@pytest.mark.parametrize(
    "address",
    ["/orders/{number}", "/orders/{number}?act=pick", "/boards/warehouse/rows?order={id}", "/pick?order={number}"],
)
async def test_whoever_works_here_no_more_is_on_no_order(api: Api, address: str, *, works_here: bool) -> None:
    assert ("Wei Lu" in await page(api, address)) is works_here


async def test_nor_is_anybody_whose_time_is_over(api: Api) -> None:
    readers = api.app.state.readers
    api.app.state.readers = replace(readers, clock=lambda: taken()[0].now + TAKE_FOR)
    for address in ("/orders/{number}", "/boards/warehouse/rows?order={id}"):
        assert "Wei Lu" not in await page(api, address)


@pytest.mark.parametrize(
    "address", ["/orders/{number}", "/boards/warehouse/rows?order={id}", "/pick?order={number}&anyway={number}"]
)
async def test_nobody_takes_an_order_over_from_whoever_works_here_no_more(
    api: Api, address: str, *, works_here: bool
) -> None:
    assert ("take over" in (await page(api, address)).lower()) is works_here


async def test_nor_do_they_take_over_several_at_once(api: Api, looked_at: list[bytes], *, works_here: bool) -> None:
    await page(api, "/boards/warehouse/several?act=start-pick&order={number}")
    assert (b'"seen_act":"take-over-pick"' in looked_at[0]) is works_here
