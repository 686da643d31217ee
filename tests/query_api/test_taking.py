"""Who is on an order and what a department is asked, as boards and the order's page show it: a warning, and a message."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from domain.order.events import PickStarted
from domain.roles import Role
from tests.query_api.conftest import CHINESE, PAGE, Api, api_on, token
from tests.query_api.shop import shop

SHOP = shop()
NUMBER = SHOP.number(SHOP.picking)


def begun() -> datetime:
    """When Wen Li began to pick."""
    told = SHOP.life.streams[SHOP.picking]
    return next(each.event.occurred_at for each in told if isinstance(each.event, PickStarted))


@pytest.fixture
async def soon(shop_url: str) -> AsyncIterator[Api]:
    """The pages ten minutes after Wen Li has begun to pick."""
    async with api_on(shop_url, clock=lambda: begun() + timedelta(minutes=10)) as opened:
        yield opened


async def read(api: Api, path: str, role: Role, actor: str = "ada", headers: dict[str, str] = PAGE) -> str:
    answer = await api.client.get(path, headers={**headers, "Authorization": f"Bearer {token(role, actor)}"})
    assert answer.status_code == 200
    return answer.text


async def row(api: Api, role: Role, actor: str = "ada", headers: dict[str, str] = PAGE) -> str:
    page = await read(
        api, f"/boards/warehouse/rows?order={SHOP.life.order(SHOP.picking).order_id}", role, actor, headers
    )
    return page.partition("<tr")[2].partition("</tr>")[0]


async def test_on_a_board_the_step_of_a_colleague_s_order_stands_behind_who_is_on_it(soon: Api) -> None:
    since = f"{begun():%H:%M}"
    warned = await row(soon, Role.WAREHOUSE)
    assert f'<details class="taken"><summary>Wen Li since {since}, take over?</summary><a class="button step"' in warned
    assert f"<summary>Wen Li 自 {since} 起正在处理，要接手吗？</summary>" in await row(
        soon, Role.WAREHOUSE, headers=CHINESE
    )
    own = await row(soon, Role.WAREHOUSE, "wen li")
    assert "<details" not in own
    assert f"You are on it since {since}" in own
    assert "<small>Wen Li is on it</small>" in await row(soon, Role.SALES)
    assert "Wen Li" not in await row(soon, Role.ANALYST)


async def test_once_the_time_is_over_nobody_is_on_it(api: Api) -> None:
    there = await row(api, Role.WAREHOUSE)
    assert 'class="button step"' in there
    assert "Wen Li" not in there
    assert "Wen Li since" not in await read(api, f"/orders/{NUMBER}", Role.WAREHOUSE)


async def test_on_its_page_all_that_can_be_done_stands_behind_who_is_on_it(soon: Api) -> None:
    page = await read(soon, f"/orders/{NUMBER}", Role.WAREHOUSE)
    behind = page.partition('<details class="taken">')[2]
    assert ">Take over</button>" in behind
    assert 'class="acts"' not in page.partition('<details class="taken">')[0]
    opened = await read(soon, f"/orders/{NUMBER}?act=pick", Role.WAREHOUSE)
    assert f"Wen Li is on it since {begun():%H:%M}.</p>" in opened.partition('id="act"')[2].partition("<form")[0]
    for role, actor in ((Role.WAREHOUSE, "Wen Li"), (Role.WAREHOUSE, "wen li"), (Role.SALES, "ada")):
        assert '<details class="taken">' not in await read(soon, f"/orders/{NUMBER}", role, actor)
    assert "Is on it · Warehouse" in await read(soon, f"/orders/{NUMBER}", Role.SALES)


async def test_a_message_stands_on_its_department_s_board_beside_the_step(api: Api) -> None:
    counted = (await api.get("/boards/warehouse", Role.WAREHOUSE)).json()
    assert counted["queues"]["messages"] == 1
    asked = (await api.get("/boards/warehouse?queue=messages", Role.WAREHOUSE)).json()["orders"]
    assert [(each["number"], each["queue"], each["messages"]) for each in asked] == [(NUMBER, "picking", 1)]
    assert f'href="/orders/{NUMBER}#messages"' in await row(api, Role.WAREHOUSE)
    assert (await api.get("/boards/sales?queue=messages")).json()["orders"] == []


async def test_messages_are_shown_with_their_answers_and_answered_by_who_was_asked(api: Api) -> None:
    link = f'href="/orders/{NUMBER}?act=answer-note.1#act"'
    asked = await read(api, f"/orders/{NUMBER}", Role.WAREHOUSE)
    assert "Can it leave today?" in asked
    assert link in asked
    assert "answer-note.2" not in asked
    elsewhere = await read(api, f"/orders/{NUMBER}", Role.LOGISTICS)
    assert "Not answered yet" in elsewhere
    assert "No card." in elsewhere
    assert link not in elsewhere
    opened = await read(api, f"/orders/{NUMBER}?act=answer-note.1", Role.WAREHOUSE)
    assert 'name="note" value="1"' in opened.partition('id="act"')[2]
    assert "Can it leave today?" not in await read(api, f"/orders/{NUMBER}", Role.ANALYST)


async def test_a_department_is_asked_by_the_form_of_a_note(api: Api) -> None:
    form = (await read(api, f"/orders/{NUMBER}?act=add-note", Role.SALES)).partition('id="act"')[2]
    assert '<option value=""></option><option value="sales">Sales</option>' in form
