"""Nobody is on an order who works here no more, wherever it is told who is on it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import cache
from uuid import UUID

import pytest

from domain.order.commands import Take
from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Department, Role
from domain.stream_names import name_of
from tests.life import Life, line, with_stock
from tests.query_api.conftest import IDENTITY, PAGE, Api, Filled, api_on
from web.clock import now
from web.colleagues import Colleagues

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
async def told(url: str, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Api, bool]]:
    """The pages, and whether Wei still works here."""

    async def read(**_: bool) -> Register:
        wei = Member(WEI, "Wei Lu", None, ((Role.WAREHOUSE, None),), active=request.param)
        return Register(PagedMap({WEI: wei}))

    identity = replace(IDENTITY, colleagues=Colleagues(read, lambda: now().date()))
    async with api_on(url, identity=identity, clock=lambda: taken()[0].now) as opened:
        yield opened, request.param


@pytest.mark.parametrize(
    "address",
    ["/orders/{number}", "/orders/{number}?act=pick", "/boards/warehouse/rows?order={id}", "/pick?order={number}"],
)
async def test_whoever_works_here_no_more_is_on_no_order(told: tuple[Api, bool], address: str) -> None:
    (api, works_here), (life, stream) = told, taken()
    page = await api.get(
        address.format(number=life.order(stream).number, id=name_of(stream)), Role.WAREHOUSE, headers=PAGE
    )
    assert page.status_code == 200
    assert ("Wei Lu" in page.text) is works_here
