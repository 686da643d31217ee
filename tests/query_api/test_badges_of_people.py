"""Badges on the page about a person: who gives them, and what is shown once."""

import re
from collections.abc import AsyncIterator

import psycopg
import pytest

from domain.roles import Role
from tests.query_api.conftest import PAGE, Api
from tests.query_api.door import GONE, MEMBERS, TOM, door_on, send
from tests.query_api.shop import NASTY

GIVEN = re.compile(r'<code class="key">([A-Z2-9]+)</code>')
PATH = f"/people/{MEMBERS[NASTY].id}/badge"


@pytest.fixture
async def api(shop_url: str) -> AsyncIterator[Api]:
    with psycopg.connect(shop_url, autocommit=True) as connection:
        connection.execute("TRUNCATE web.badge")
    async with door_on(shop_url) as opened:
        await opened.sign_in(Role.ADMIN)
        yield opened


async def test_a_badge_that_we_make_is_shown_once_to_be_printed(api: Api) -> None:
    page = (await send(api, PATH)).text
    made = GIVEN.findall(page)
    assert len(made) == 1
    assert "<svg" in page
    assert made[0] not in (await api.client.get(f"/people/{MEMBERS[NASTY].id}", headers=PAGE)).text
    assert GIVEN.findall((await send(api, PATH)).text) != made


async def test_the_code_of_a_card_is_taken_and_not_shown(api: Api) -> None:
    page = await send(api, PATH, badge=" 0815-card \n")
    assert (page.status_code, "0815-card" in page.text, "A badge was given." in page.text) == (200, False, True)
    gone = await send(api, f"{PATH}/take-back")
    assert "No badge was given yet" in gone.text


async def test_nobody_gets_a_badge_that_somebody_else_has_or_that_is_no_code(api: Api) -> None:
    await send(api, PATH, badge="0815-card")
    for code, status in (("0815 - CARD", 409), ("a b c", 422)):
        refused = await send(api, f"/people/{TOM.id}/badge", badge=code)
        assert (refused.status_code, 'role="alert"' in refused.text) == (status, True)
        assert "No badge was given yet" in refused.text
    assert (await send(api, PATH, badge="0815-card")).status_code == 200


async def test_who_has_left_gets_none(api: Api) -> None:
    assert (await send(api, f"/people/{GONE.id}/badge")).status_code == 409
    assert "/badge" not in (await api.client.get(f"/people/{GONE.id}", headers=PAGE)).text


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.WORKFLOW, Role.ADMIN}])
async def test_only_administrators_give_badges_and_take_them_away(api: Api, role: Role) -> None:
    await api.sign_in(role)
    for path in (PATH, f"{PATH}/take-back"):
        assert (await send(api, path, badge="0815-card")).status_code == 403
    assert PATH not in (await api.client.get(f"/people/{MEMBERS[NASTY].id}", headers=PAGE)).text
