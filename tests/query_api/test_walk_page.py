"""Picking by scanner, page by page as it works without JavaScript."""

import re
from html import unescape

import pytest

from domain.access import may
from domain.order.commands import Pick
from domain.roles import Role
from tests.query_api.conftest import Api
from tests.query_api.shop import shop

pytestmark = pytest.mark.server

SHOP = shop()
PICKING, WAITING = SHOP.number(SHOP.picking), SHOP.number(SHOP.waiting[0])


async def seen(api: Api, address: str, role: Role = Role.WAREHOUSE, *, chinese: bool = False) -> str:
    answer = await api.page(address, role, chinese=chinese)
    assert answer.status_code == 200, address
    return unescape(answer.text)


def said(page: str) -> list[str]:
    """What stands in large words."""
    return re.findall(r'class="say [a-z]+" role="[a-z]+"><p>(.*?)</p>', page)


def state(page: str) -> str:
    """What the next scan carries along."""
    fields = re.findall(r'type="hidden" form="scan" name="(\w+)" value="([^"]*)"', page)
    return "&".join(f"{name}={value}" for name, value in fields)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.CARRIER, Role.WORKFLOW}])
async def test_who_may_pick_may_pick_by_scanner_and_nobody_else(api: Api, role: Role) -> None:
    assert (await api.page("/pick", role)).status_code == (200 if may(role, Pick) else 403)


async def test_an_order_is_scanned_then_its_articles_and_what_was_taken_is_sent_as_an_ordinary_pick(api: Api) -> None:
    page = await seen(api, f"/pick?said={PICKING.lower()}")
    assert "POPPY 6" in page
    page = await seen(api, f"/pick?{state(page)}&said=poppy 6")
    assert re.findall(r'class="sku">(.*?)</p>', page) == ["POPPY 6"]
    page = await seen(api, f"/pick?{state(page)}&said=&said=4")
    assert said(page) == ["4 × POPPY 6"]
    form = page[page.index('action="/commands/orders/') :]
    assert form.startswith(f'action="/commands/orders/{SHOP.picking.removeprefix("order-")}/pick"')
    version = SHOP.life.order(SHOP.picking).version
    for name, value in (("act", "pick"), ("version", version), ("units.1.line", 1), ("units.1.quantity", 4)):
        assert f'name="{name}" value="{value}"' in form


async def test_who_walks_reads_what_the_warehouse_is_asked(api: Api) -> None:
    for path in (f"/pick?order={PICKING}", f"/orders/{PICKING}/papers/pick-list"):
        page = await seen(api, path)
        assert "Can it leave today?" in page
        assert "Any card to add?" not in page


async def test_several_orders_are_one_walk_and_each_is_sent_its_own_pick(api: Api) -> None:
    both = f"order={PICKING}&order={WAITING}"
    page = await seen(api, f"/pick?{both}&got=0.1.1_1.1.1")
    assert page.count('name="line"') == 2
    assert page.count('"seen_act":"pick"') == 2
    assert 'action="/commands/bulk"' in page
    board = await seen(api, "/boards/warehouse")
    assert 'formaction="/pick"' in board


@pytest.mark.parametrize(
    ("stream", "told"),
    [(SHOP.nasty, "is on hold"), (SHOP.cancelled, "is cancelled")],
    ids=["on hold", "cancelled"],
)
async def test_what_speaks_against_an_order_is_said_before_anything_is_taken_for_it(
    api: Api, stream: str, told: str
) -> None:
    number = SHOP.number(stream)
    page = await seen(api, f"/pick?order={PICKING}&said={number}")
    assert [told in sentence for sentence in said(page)] == [True]
    assert 'data-sound="stop"' in page
    assert state(page) == f"order={PICKING}"
    anyway = await seen(api, f"/pick?order={PICKING}&order={number}&anyway={number}")
    assert said(anyway) == ([] if stream == SHOP.nasty else said(page))


async def test_what_was_scanned_is_counted_for_the_order_it_was_asked_of_whatever_became_of_those_before_it(
    api: Api,
) -> None:
    walk = f"order={SHOP.number(SHOP.nasty)}&order={PICKING}&order={WAITING}"
    page = await seen(api, f"/pick?{walk}&asked=1.1.1&said=4")
    assert said(page)[-1] == "4 × POPPY 6"
    assert state(page) == f"{walk}&got=1.1.4"
    asked = await seen(api, f"/pick?{walk}&short=1.1")
    assert f'action="/commands/orders/{SHOP.picking.removeprefix("order-")}/short-pick"' in asked
    stays = await seen(api, f"/pick?{walk}&anew=1.1")
    assert state(stays) == walk


async def test_wrong_article_and_unknown_code_are_said_in_large_words_and_an_unknown_one_can_be_taught(
    api: Api,
) -> None:
    page = await seen(api, f"/pick?order={PICKING}&said=71053")
    assert said(page) == ["Wrong article: 71053"]
    chinese = await seen(api, f"/pick?order={PICKING}&said=71053", chinese=True)
    assert said(chinese) == ["货号不符：71053"]
    page = await seen(api, f"/pick?order={PICKING}&got=0.2.1&said=４００６ ")
    assert said(page) == ["Unknown code: 4006"]
    assert 'formaction="/commands/stock/POPPY%206/main/teach-code"' in page
    assert re.findall(r'value="teach-code.([^"]*)"', page) == ["85123A", "POPPY 6"]
    assert f'name="back" value="/pick?order={PICKING}&got=0.2.1&asked=&said=4006"' in page
    page = await seen(api, f"/pick?order={PICKING}&got=0.1.4&said=4006")
    assert re.findall(r'value="teach-code.([^"]*)"', page) == ["85123A"]


@pytest.mark.parametrize("walk", [f"order={PICKING}", f"order={PICKING}&order={WAITING}"], ids=["one", "several"])
async def test_more_than_is_wanted_by_now_is_told_and_recorded_only_once_it_is_put_back(api: Api, walk: str) -> None:
    page = await seen(api, f"/pick?{walk}&got=0.1.5_0.2.1")
    assert f"Stop. POPPY 6 for {PICKING}: 4 wanted now, 5 in your hands." in page
    assert 'data-sound="stop"' in page
    assert "Record as picked" not in page
    assert f"停止。{PICKING} 的 POPPY 6：现在需要 4，手中有 5。" in await seen(
        api, f"/pick?{walk}&got=0.1.5_0.2.1", chinese=True
    )
    (back,) = re.findall(r'href="([^"]*)">Put back: 1 unit<', page)
    page = await seen(api, back)
    assert state(page) == f"{walk}&got=0.2.1_0.1.4"
    assert "Record as picked: 5 units" in page
    assert "in your hands" not in page


async def test_a_short_pick_is_two_clicks(api: Api) -> None:
    page = await seen(api, f"/pick?order={PICKING}&got=0.1.1")
    (first,) = re.findall(r'<a href="([^"]*short=0\.1)#missing"', page)
    page = await seen(api, first)
    form = page[page.index(f'action="/commands/orders/{SHOP.picking.removeprefix("order-")}/short-pick"') :]
    for name, value in (("act", "short-pick"), ("lines.0.line", 1), ("lines.0.quantity", 3)):
        assert f'name="{name}" value="{value}"' in form
    assert f'name="back" value="/pick?order={PICKING}&got=0.1.1"' in form


async def test_an_order_joins_no_walk_once_something_is_taken(api: Api) -> None:
    page = await seen(api, f"/pick?order={PICKING}&got=0.1.1&said={WAITING}")
    assert said(page) == [f"Record what you have taken first. Then scan {WAITING} again."]
    assert state(page) == f"order={PICKING}&got=0.1.1"


async def test_a_hundred_orders_are_not_walked_at_once(api: Api) -> None:
    numbers = [SHOP.number(stream) for stream in SHOP.waiting]
    page = await seen(api, "/pick?" + "&".join(f"order={number}" for number in numbers))
    assert f"The most orders in one walk: 20. Asked for: {len(numbers)}." in said(page)
    assert page.count('form="scan" name="order"') == 20
