"""The start page: a person's own queues, what their department is asked, and what others did to their orders."""

import re
import uuid

import pytest

from domain.access import STAFF
from domain.roles import Role
from projections.view import Connection
from query_api import followed_orders
from query_api.followed_orders import MOST_FOLLOWED
from streams.postgres.migrate import connect
from tests.query_api.conftest import PAGE, Api, token
from tests.query_api.shop import shop

SHOP = shop()


@pytest.fixture
def ada() -> str:
    """Somebody who has done nothing yet; others share the database."""
    return f"ada-{uuid.uuid4().hex}"


def signed_in(role: Role, actor: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role, actor)}"}


async def home(api: Api, role: Role, actor: str) -> str:
    answer = await api.client.get("/", headers={**PAGE, **signed_in(role, actor)})
    assert answer.status_code == 200
    return answer.text


async def changed(api: Api, actor: str, role: Role = Role.WAREHOUSE) -> dict[str, str]:
    """Orders that changed, each with what was done to it last."""
    told = (await api.client.get("/", headers=signed_in(role, actor))).json()["changed"]
    return {each["number"]: each["last"]["sentence"] for each in told}


async def post(api: Api, path: str, actor: str, role: Role = Role.WAREHOUSE, **form: str) -> tuple[int, str]:
    answer = await api.client.post(path, data=form, headers=signed_in(role, actor))
    return answer.status_code, answer.headers.get("location", "")


async def test_a_person_s_own_queues_stand_first_and_the_messages_for_their_department_next(api: Api, ada: str) -> None:
    page = await home(api, Role.WAREHOUSE, ada)
    assert re.findall(r'<h2 id="(\w+)"', page) == ["own", "asked", "news"]
    own = page.partition('id="own"')[2].partition("</nav>")[0]
    assert re.findall(r'href="/boards/warehouse\?queue=([\w-]+)">[^<]+<b>1</b>', own)[0] == "messages"
    assert "Can it leave today?" in page
    assert f'href="/orders/{SHOP.number(SHOP.picking)}?act=answer-note.1#act"' in page
    assert 'href="/boards/warehouse"' not in page.partition('class="tiles"')[2]
    assert "No message waits for an answer." in await home(api, Role.SALES, ada)
    assert "Messages" not in (await home(api, Role.AUDITOR, ada)).partition('class="tiles"')[0]


async def test_who_handled_an_order_hears_what_others_did_to_it_since(api: Api) -> None:
    handled = await changed(api, "Wen Li")
    number = SHOP.number(SHOP.picking)
    assert handled[number] == "Sales answered message 2: No card."
    page = await home(api, Role.WAREHOUSE, "Wen Li")
    news = page.partition('id="news"')[2].partition("</table>")[0]
    assert re.findall(r'<th scope="row"><a href="/orders/([\w-]+)">', news) == list(handled)


async def test_what_follows_from_one_s_own_act_is_no_news(api: Api) -> None:
    assert SHOP.number(SHOP.held) not in await changed(api, "ada", Role.SALES)
    assert SHOP.number(SHOP.part_shipped) in await changed(api, "ada", Role.SALES)


async def test_an_order_is_followed_until_one_says_otherwise(api: Api, ada: str) -> None:
    number = SHOP.number(SHOP.held)
    page = f"/orders/{number}"
    assert await changed(api, ada) == {}
    assert await post(api, f"{page}/follow", ada, follows="yes") == (303, page)
    assert list(await changed(api, ada)) == [number]
    assert await changed(api, f"not-{ada}") == {}
    shown = (await api.client.get(page, headers={**PAGE, **signed_in(Role.WAREHOUSE, ada)})).text
    assert '<button class="quiet" name="follows" value="no">' in shown
    assert await post(api, f"{page}/follow", ada, follows="no", home="yes") == (303, "/")
    assert await changed(api, ada) == {}


async def test_what_was_seen_is_no_news_any_more_and_nobody_unsees(api: Api, ada: str) -> None:
    await post(api, f"/orders/{SHOP.number(SHOP.held)}/follow", ada, follows="yes")
    seen = re.findall(r'name="seen" value="([^"]+)"', await home(api, Role.WAREHOUSE, ada))[0]
    assert await post(api, "/seen", ada, seen=seen) == (303, "/")
    assert await changed(api, ada) == {}
    assert await post(api, "/seen", ada, seen="0:1,1:1") == (303, "/")
    assert await changed(api, ada) == {}


@pytest.mark.parametrize("seen", ["x", "9:1", "0:1,", "0:99999999999999999999"])
async def test_what_is_no_position_was_not_seen(api: Api, ada: str, seen: str) -> None:
    assert (await post(api, "/seen", ada, seen=seen))[0] == 422


@pytest.mark.parametrize("role", sorted(Role))
async def test_staff_follow_and_see_and_nobody_else(api: Api, ada: str, role: Role) -> None:
    expected = 303 if role in STAFF else 403
    for path in (f"/orders/{SHOP.number(SHOP.held)}/follow", "/seen"):
        assert (await post(api, path, ada, role))[0] == expected
        assert (await api.client.post(path)).status_code == 401


async def test_an_order_that_is_not_there_is_not_followed(api: Api, ada: str) -> None:
    assert (await post(api, "/orders/nobody/follow", ada, follows="yes"))[0] == 404


async def test_of_too_many_followed_orders_the_oldest_are_forgotten(shop_url: str, ada: str) -> None:
    async with await connect(shop_url) as opened:
        connection: Connection = opened
        orders = [uuid.uuid4() for _ in range(MOST_FOLLOWED + 1)]
        for order in orders:
            await followed_orders.follow(connection, ada, order, follows=True)
        assert not await followed_orders.is_followed(connection, ada, orders[0])
        assert await followed_orders.is_followed(connection, ada, orders[1])
        assert await followed_orders.is_followed(connection, ada, orders[-1])
