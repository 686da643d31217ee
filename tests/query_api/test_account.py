"""From a link that an administrator gives away to the own account: a password, another role, sessions that one ends."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from domain.company_time import day_in
from domain.roles import Role
from tests.query_api.conftest import IDENTITY, PAGE, SESSIONS, Api, api_on
from tests.query_api.door import BETTER, GONE, GOOD, SHOP, TOM, choose, door_on, enter, link_for, send
from tests.query_api.test_every_address import within
from tests.timing import DEADLINE_S
from web.caller_dependency import COOKIE
from web.colleagues import Colleagues


@pytest.fixture
async def api(shop_url: str) -> AsyncIterator[Api]:
    """Pages behind a door that knows the shop's people."""
    async with door_on(shop_url) as opened:
        yield opened


@pytest.fixture
async def tom(api: Api) -> Api:
    """Signed in as Tom Baker, who works in sales and, as a deputy, in finance."""
    answer = await choose(api, await link_for(api))
    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/sales")
    return api


async def test_whoever_gets_the_link_chooses_a_password_and_is_called_by_name(tom: Api) -> None:
    page = (await tom.client.get("/orders", headers=PAGE)).text
    assert "Tom Baker · Sales" in page
    assert str(TOM.id) not in page


async def test_the_page_of_the_link_says_whose_password_it_is_and_what_is_wrong_with_one(api: Api) -> None:
    link = await link_for(api)
    page = (await api.client.get(link, headers=PAGE)).text
    assert "You will sign in as Tom Baker" in page
    assert page.count('autocomplete="new-password"') == 2
    for password, again, said in (
        ("password1234", "", "guessed first"),
        ("short", "", "At least 12 characters"),
        (GOOD, BETTER, "not the same"),
    ):
        refused = await choose(api, link, password, again)
        assert refused.status_code == 422
        assert said in refused.text
        assert 'role="alert"' in refused.text
        assert password not in refused.text
    assert (await choose(api, link)).status_code == 303
    used = await choose(api, link, BETTER)
    assert (used.status_code, "has been used" in used.text, 'name="who"' in used.text) == (403, True, True)


@pytest.mark.parametrize("who", ["Tom Baker", "TOM@shop.example"])
async def test_the_password_opens_the_door_and_another_one_does_not(tom: Api, who: str) -> None:
    tom.client.cookies.clear()
    refused = await enter(tom, who, BETTER)
    assert (refused.status_code, "Name or password is wrong." in refused.text) == (403, True)
    assert f'value="{who}"' in refused.text
    assert COOKIE not in tom.client.cookies
    assert (await enter(tom, who, GOOD)).headers["location"] == "/boards/sales"


FILES = "".join(f'--x\r\nContent-Disposition: form-data; name="a"; filename="{n}"\r\n\r\n\r\n' for n in range(1_100))
UNREADABLE = {
    "no form": ("multipart/form-data; boundary=x", "garbage"),
    "no boundary": ("multipart/form-data", "garbage"),
    "many files": ("multipart/form-data; boundary=x", f"{FILES}--x--\r\n"),
    "half a character": (
        "multipart/form-data; boundary=x; charset=unicode_escape",
        '--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800\r\n--x--\r\n',
    ),
    "no charset that writes text": (
        "multipart/form-data; boundary=x; charset=undefined",
        '--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx\r\n--x--\r\n',
    ),
}


@pytest.mark.parametrize(("kind", "body"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_as_a_form_is_refused_at_once_wherever_it_is_sent(
    tom: Api, kind: str, body: str
) -> None:
    posts = {route.path for route in within(tom.app.routes) if "POST" in (route.methods or ())}
    assert {"/account/role", "/sign-in", "/orders/new"} <= posts
    for path in sorted(posts - {"/sign-out"} | {"/nowhere", "/orders"}):
        async with asyncio.timeout(DEADLINE_S):
            at = re.sub(r"{[^}]+}", "x", path)
            answer = await tom.client.post(at, content=body, headers={**PAGE, "content-type": kind})
        assert answer.is_client_error, path


async def test_a_program_is_told_in_json(tom: Api) -> None:
    answer = await tom.client.post("/sign-in", data={"who": "Tom Baker", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "sign-in-refused")


async def test_one_goes_on_as_another_role_that_one_has_today_and_as_no_other(tom: Api) -> None:
    page = (await tom.client.get("/account", headers=PAGE)).text
    assert re.findall(r'name="role" value="([a-z-]+)"', page) == ["finance"]
    answer = await send(tom, "/account/role", role="finance")
    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/finance")
    assert "Tom Baker · Finance" in (await tom.client.get("/orders", headers=PAGE)).text
    for role in (Role.PURCHASING, Role.ADMIN, Role.WORKFLOW):
        assert (await send(tom, "/account/role", role=role.value)).status_code == 403
    assert (await tom.client.get("/people", headers=PAGE)).status_code == 403


async def test_a_role_that_has_ended_is_left_for_another_one(shop_url: str, tom: Api) -> None:
    await send(tom, "/account/role", role="finance")
    long_after = SHOP.life.now + timedelta(days=400)

    async def read(**_: bool) -> object:
        return SHOP.people

    later = Colleagues(read, lambda: day_in(UTC, long_after))  # type: ignore[arg-type]
    async with api_on(shop_url, identity=replace(IDENTITY, colleagues=later)) as api:
        api.client.cookies.set(COOKIE, str(tom.client.cookies[COOKIE]))
        assert "Tom Baker · Sales" in (await api.client.get("/orders", headers=PAGE)).text


async def test_one_sees_where_one_is_signed_in_and_signs_out_there(tom: Api) -> None:
    here = str(tom.client.cookies[COOKIE])
    tom.client.cookies.clear()
    await enter(tom, "Tom Baker", GOOD)
    there = str(tom.client.cookies[COOKIE])
    tom.client.cookies.clear()
    tom.client.cookies.set(COOKIE, here)
    page = (await tom.client.get("/account", headers=PAGE)).text
    others = re.findall(r'name="only" value="([0-9a-f]+)"', page)
    assert len(others) == 1
    assert page.count("This browser") == 1
    assert here not in page
    assert there not in page
    assert (await send(tom, "/account/sessions", only=others[0])).status_code == 303
    assert await SESSIONS.find(there, attended=True) is None
    assert await SESSIONS.find(here, attended=True) is not None


async def test_nobody_ends_the_session_of_somebody_else(tom: Api) -> None:
    tom.client.cookies.clear()
    await tom.sign_in(Role.SALES)
    own = str(tom.client.cookies[COOKIE])
    sessions = await SESSIONS.of(str(TOM.id))
    await send(tom, "/account/sessions", only=sessions[0].id)
    await send(tom, "/account/sessions")
    assert len(await SESSIONS.of(str(TOM.id))) == len(sessions)
    assert await SESSIONS.find(own, attended=True) is not None


async def test_the_password_is_changed_by_who_knows_it_and_everybody_is_out(tom: Api) -> None:
    for current, password, again, said in (
        (BETTER, BETTER, BETTER, "Name or password is wrong."),
        (GOOD, "password1234", "password1234", "guessed first"),
        (GOOD, BETTER, GOOD, "not the same"),
    ):
        refused = await send(tom, "/account/password", current=current, password=password, again=again)
        assert said in refused.text
    changed = await send(tom, "/account/password", current=GOOD, password=BETTER, again=BETTER)
    assert (changed.status_code, changed.headers["location"]) == (303, "/sign-in")
    assert (await tom.client.get("/account", headers=PAGE)).status_code == 401
    assert (await enter(tom, "Tom Baker", GOOD)).status_code == 403
    assert (await enter(tom, "Tom Baker", BETTER)).status_code == 303


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WORKFLOW])
@pytest.mark.parametrize("what", ["sign-in-link", "sign-out"])
async def test_only_an_administrator_lets_people_in_and_out(api: Api, role: Role, what: str) -> None:
    await api.sign_in(role)
    answer = await send(api, f"/people/{TOM.id}/{what}")
    assert answer.status_code == (200 if role is Role.ADMIN else 403)
    assert ("sign-in?code" in answer.text) is (role is Role.ADMIN and what == "sign-in-link")
    seen = await api.client.get(f"/people/{TOM.id}", headers=PAGE)
    assert (f"/people/{TOM.id}/{what}" in seen.text) <= (role is Role.ADMIN)


async def test_an_administrator_signs_somebody_out_everywhere(tom: Api) -> None:
    session = str(tom.client.cookies[COOKIE])
    tom.client.cookies.clear()
    await tom.sign_in(Role.ADMIN)
    assert "End" not in (await send(tom, f"/people/{TOM.id}/sign-out")).text.partition("Signing in")[2]
    assert await SESSIONS.find(session, attended=True) is None


async def test_who_is_deactivated_gets_no_link_and_a_link_given_before_is_worth_nothing(api: Api) -> None:
    await api.sign_in(Role.ADMIN)
    refused = await send(api, f"/people/{GONE.id}/sign-in-link")
    assert refused.status_code == 409
    assert f"/people/{GONE.id}/sign-in-link" not in (await api.client.get(f"/people/{GONE.id}", headers=PAGE)).text


async def test_a_form_of_another_site_changes_no_account(tom: Api) -> None:
    for path in ("/account/role", "/account/sessions", "/account/password"):
        assert (await tom.client.post(path, data={"csrf": "guessed", "role": "finance"})).status_code == 403


async def test_a_token_has_no_account(api: Api) -> None:
    assert (await api.page("/account", Role.SALES)).status_code == 403
    assert (await api.page("/account", None)).status_code == 401


async def test_who_comes_to_a_page_signed_out_is_led_to_it_after_signing_in(tom: Api) -> None:
    tom.client.cookies.clear()
    page = await tom.client.get("/orders?headline=shipped&form=x", headers=PAGE)
    assert page.status_code == 401
    link = re.search(r'href="(/sign-in\?next=[^"]+)"', page.text)
    assert link
    door = (await tom.client.get(html.unescape(link[1]), headers=PAGE)).text
    led = re.search(r'name="next" value="([^"]+)"', door)
    assert led
    fields = {"who": "Tom Baker", "password": GOOD, "next": html.unescape(led[1])}
    entered = await tom.client.post("/sign-in", data=fields, headers=PAGE)
    assert entered.headers["location"] == "/orders?headline=shipped&form=x"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\t/evil"])
async def test_nobody_is_led_to_another_site_by_signing_in(tom: Api, elsewhere: str) -> None:
    fields = {"who": "Tom Baker", "password": GOOD, "next": elsewhere}
    entered = await tom.client.post("/sign-in", data=fields, headers=PAGE)
    assert entered.headers["location"] == "/boards/sales"
