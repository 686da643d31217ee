"""Administrators are asked for a code of their telephone after the password, and for nothing less."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import psycopg
import pyotp
import pytest

from domain.roles import Role
from tests.query_api.conftest import CHINESE, PAGE, Api
from tests.query_api.door import BETTER, GOOD, MEI, SECRET, TOM, Watch, choose, door_on, enter, link_for, send
from web.caller_dependency import COOKIE
from web.database import edge_pool
from web.sealing import Seal
from web.second_factors import FACTOR_PURPOSE, RECOVERY_CODES, SecondFactors
from web.second_step import STEP_LIFETIME
from web.sign_in_tries import FREE_OF_ACCOUNT

STEP = re.compile(r'name="step" value="([^"]+)"')
SHOWN_SECRET = re.compile(r'<code class="key">([A-Z2-7]+)</code>')
RECOVERY = re.compile(r"<code>([a-z2-7-]+)</code>")
A_STEP = timedelta(seconds=30)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def api(shop_url: str, watch: Watch) -> AsyncIterator[Api]:
    with psycopg.connect(shop_url, autocommit=True) as connection:
        connection.execute("TRUNCATE web.second_factor, web.sign_in_try, web.password")
    async with door_on(shop_url, watch) as opened:
        yield opened


@pytest.fixture
async def mei(api: Api) -> Api:
    """Signed in as 陈梅, an administrator with a password."""
    assert (await choose(api, await link_for(api, MEI.id))).status_code == 303
    return api


async def secret_of(api: Api) -> str:
    """What the page shows to whoever begins."""
    begun = await send(api, "/account/second-factor", current=GOOD)
    assert (begun.status_code, begun.headers["location"]) == (303, "/account/second-factor")
    page = await api.client.get("/account/second-factor", headers=PAGE)
    assert page.headers["cache-control"] == "no-store"
    found = SHOWN_SECRET.search(page.text)
    assert found
    return found[1]


class Phone:
    """An application that makes codes of a secret, by a clock that may be wrong."""

    def __init__(self, secret: str, watch: Watch) -> None:
        self._made = pyotp.TOTP(secret)
        self._watch = watch

    def code(self, steps: int = 0) -> str:
        return self._made.at(self._watch(), counter_offset=steps)


async def set_up(api: Api, watch: Watch) -> tuple[Phone, list[str]]:
    """A telephone, and the recovery codes. Whoever it was is signed out, and the code that was used is over."""
    phone = Phone(await secret_of(api), watch)
    page = await send(api, "/account/second-factor/confirm", otp=phone.code())
    assert page.status_code == 200, page.text
    api.client.cookies.clear()
    watch.at += 2 * A_STEP
    return phone, RECOVERY.findall(page.text)


async def first_step(api: Api, password: str = GOOD) -> str:
    """Who has a second step is let in by a password no further than to the question for a code."""
    page = await enter(api, "陈梅", password)
    assert COOKIE not in api.client.cookies
    found = STEP.search(page.text)
    assert found, page.text
    return html.unescape(found[1])


async def second_step(api: Api, step: str, code: str) -> httpx.Response:
    return await api.client.post("/sign-in", data={"step": step, "otp": code}, headers=PAGE)


async def let_in(api: Api, code: str) -> bool:
    answer = await second_step(api, await first_step(api), code)
    entered = answer.status_code == 303
    assert entered == (COOKIE in api.client.cookies)
    assert entered or (answer.status_code, 'role="alert"' in answer.text) == (403, True)
    api.client.cookies.clear()
    return entered


async def test_who_has_a_second_step_comes_in_with_password_and_code(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    page = await enter(mei, "陈梅", GOOD)
    assert (page.status_code, 'autocomplete="one-time-code"' in page.text) == (200, True)
    assert "role=" not in page.text.partition("<main")[2]
    assert await let_in(mei, phone.code())


async def test_the_account_asks_an_administrator_without_one_to_set_it_up_and_nobody_else(api: Api) -> None:
    for person, asked in ((MEI.id, True), (TOM.id, False)):
        await choose(api, await link_for(api, person))
        page = (await api.client.get("/account", headers=PAGE)).text
        assert ("please set up two-step verification" in page) is asked
        begun = await send(api, "/account/second-factor", current=GOOD)
        assert begun.status_code == (303 if asked else 403)
        api.client.cookies.clear()


async def test_a_secret_is_shown_as_code_link_and_text_until_its_first_right_code(mei: Api, watch: Watch) -> None:
    secret = await secret_of(mei)
    page = (await mei.client.get("/account/second-factor", headers=PAGE)).text
    assert f'href="otpauth://totp/Northwind%20Gifts:%E9%99%88%E6%A2%85?secret={secret}' in html.unescape(page)
    assert "<svg" in page
    wrong = await send(mei, "/account/second-factor/confirm", otp="000000")
    assert (wrong.status_code, secret in wrong.text, RECOVERY.findall(wrong.text)) == (403, True, [])
    assert (await mei.client.get("/account", headers=PAGE)).text.count("set up two-step verification") == 1
    right = await send(mei, "/account/second-factor/confirm", otp=Phone(secret, watch).code())
    assert len(set(RECOVERY.findall(right.text))) == RECOVERY_CODES
    assert secret not in right.text
    gone = await mei.client.get("/account/second-factor", headers=PAGE)
    assert (gone.status_code, gone.headers["location"]) == (303, "/account")


def ages(url: str, time: timedelta) -> None:
    """Secrets that wait were begun so much earlier: the database keeps a clock of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE web.second_factor SET begun_at = begun_at - %s", (time,))


async def test_a_secret_waits_ten_minutes_for_its_first_code_and_as_long_once_begun_again(
    mei: Api, watch: Watch, shop_url: str
) -> None:
    for _ in range(2):
        secret = await secret_of(mei)
        ages(shop_url, timedelta(minutes=9))
    assert secret in (await mei.client.get("/account/second-factor", headers=PAGE)).text
    ages(shop_url, timedelta(minutes=2))
    gone = await mei.client.get("/account/second-factor", headers=PAGE)
    assert (gone.status_code, gone.headers["location"]) == (303, "/account")
    late = await send(mei, "/account/second-factor/confirm", otp=Phone(secret, watch).code())
    assert (late.status_code, RECOVERY.findall(late.text)) == (409, [])


async def test_a_secret_that_waits_is_none_once_the_key_of_its_seal_is_lost(api: Api, shop_url: str) -> None:
    async with edge_pool(shop_url, 1) as pool:
        known, without = (SecondFactors(pool, Seal(secret, FACTOR_PURPOSE)) for secret in (SECRET, b"another"))
        await known.begin(MEI.id)
        assert await known.pending(MEI.id)
        assert await without.pending(MEI.id) is None
        await known.remove(MEI.id)


async def test_a_second_step_begins_with_the_password_and_ends_with_password_and_code(mei: Api, watch: Watch) -> None:
    assert (await send(mei, "/account/second-factor", current=BETTER)).status_code == 403
    assert (await mei.client.get("/account/second-factor", headers=PAGE)).status_code == 303
    phone, _ = await set_up(mei, watch)
    await second_step(mei, await first_step(mei), phone.code())
    watch.at += A_STEP
    assert (await send(mei, "/account/second-factor", current=GOOD)).status_code == 409
    for fields in ({"current": GOOD, "otp": "000000"}, {"current": BETTER, "otp": phone.code()}):
        refused = await send(mei, "/account/second-factor/remove", **fields)
        assert (refused.status_code, 'role="alert"' in refused.text) == (403, True)
    done = await send(mei, "/account/second-factor/remove", current=GOOD, otp=phone.code())
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    mei.client.cookies.clear()
    assert (await enter(mei, "陈梅", GOOD)).status_code == 303


async def test_a_code_counts_once_and_so_does_every_earlier_one(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    assert await let_in(mei, phone.code())
    assert not await let_in(mei, phone.code())
    assert not await let_in(mei, phone.code(-1))
    watch.at += A_STEP
    assert await let_in(mei, phone.code())


async def test_of_many_who_send_one_code_at_the_same_moment_one_comes_in(mei: Api, watch: Watch) -> None:
    phone, recovery = await set_up(mei, watch)
    step = await first_step(mei)
    for code in (phone.code(), recovery[0]):
        answers = await asyncio.gather(*(second_step(mei, step, code) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [303, 403, 403, 403]


async def test_the_code_that_confirmed_the_secret_is_used_up(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    watch.at -= 2 * A_STEP
    assert not await let_in(mei, phone.code())


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_one_step_early_or_late_and_no_more(
    mei: Api, watch: Watch, steps: int, *, right: bool
) -> None:
    phone, _ = await set_up(mei, watch)
    watch.at += 2 * A_STEP
    assert await let_in(mei, phone.code(steps)) is right


async def test_a_code_is_read_as_people_type_it(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    code = phone.code()
    wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert await let_in(mei, f" {wide[:3]} {wide[3:]} ")


async def test_the_code_of_another_person_is_wrong(mei: Api, watch: Watch, shop_url: str) -> None:
    phone, recovery = await set_up(mei, watch)
    with psycopg.connect(shop_url, autocommit=True) as connection:
        connection.execute("UPDATE web.second_factor SET person = %s", (TOM.id,))
    await choose(mei, await link_for(mei, MEI.id), GOOD)
    other = Phone(await secret_of(mei), watch)
    await send(mei, "/account/second-factor/confirm", otp=other.code())
    mei.client.cookies.clear()
    watch.at += 2 * A_STEP
    assert not await let_in(mei, phone.code())
    assert not await let_in(mei, recovery[0])
    assert await let_in(mei, other.code())


async def test_each_recovery_code_comes_in_place_of_a_code_once(mei: Api, watch: Watch) -> None:
    phone, recovery = await set_up(mei, watch)
    assert await let_in(mei, recovery[3])
    assert not await let_in(mei, recovery[3])
    assert await let_in(mei, recovery[4].replace("-", " ").upper())
    await second_step(mei, await first_step(mei), phone.code())
    assert f"Recovery codes left: {RECOVERY_CODES - 2}." in (await mei.client.get("/account", headers=PAGE)).text


async def test_a_password_that_a_link_gave_is_not_enough(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    page = await choose(mei, await link_for(mei, MEI.id), BETTER)
    assert COOKIE not in mei.client.cookies
    found = STEP.search(page.text)
    assert found
    assert (await second_step(mei, html.unescape(found[1]), "000000")).status_code == 403
    assert (await second_step(mei, html.unescape(found[1]), phone.code())).status_code == 303


async def test_wrong_codes_have_to_be_waited_for_although_the_password_is_right(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    for _ in range(FREE_OF_ACCOUNT):
        assert not await let_in(mei, "000000")
    answer = await second_step(mei, await first_step(mei), phone.code())
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, "1")
    assert STEP.search(answer.text)


async def test_nor_does_a_session_with_the_password_try_all_codes_to_take_it_away(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    await second_step(mei, await first_step(mei), phone.code())
    told = [
        (await send(mei, "/account/second-factor/remove", current=GOOD, otp="000000")).status_code
        for _ in range(FREE_OF_ACCOUNT + 1)
    ]
    assert told == [403] * FREE_OF_ACCOUNT + [429]


async def test_what_carries_to_the_second_step_ends_with_the_password_and_is_made_by_nobody_else(
    mei: Api, watch: Watch
) -> None:
    phone, _ = await set_up(mei, watch)
    step = await first_step(mei)
    for forged in ("x", step[:-4] + "AAAA", str(MEI.id)):
        answer = await second_step(mei, forged, phone.code())
        assert (answer.status_code, 'name="who"' in answer.text) == (403, True)
    await choose(mei, await link_for(mei, MEI.id), BETTER)
    assert (await second_step(mei, step, phone.code())).status_code == 403
    assert (await second_step(mei, await first_step(mei, BETTER), phone.code())).status_code == 303
    assert timedelta(minutes=1) < STEP_LIFETIME < timedelta(minutes=15)


async def test_another_administrator_takes_it_away_and_nobody_the_own_one_without_a_code(
    mei: Api, watch: Watch
) -> None:
    phone, _ = await set_up(mei, watch)
    await second_step(mei, await first_step(mei), phone.code())
    path = f"/people/{MEI.id}/second-factor"
    assert path not in (await mei.client.get(f"/people/{MEI.id}", headers=PAGE)).text
    assert (await send(mei, path)).status_code == 403
    mei.client.cookies.clear()
    for role in Role:
        if role not in {Role.ADMIN, Role.WORKFLOW}:
            await mei.sign_in(role)
            assert (await send(mei, path)).status_code == 403
    await mei.sign_in(Role.ADMIN)
    assert path in (await mei.client.get(f"/people/{MEI.id}", headers=PAGE)).text
    assert path not in (await send(mei, path)).text
    mei.client.cookies.clear()
    assert (await enter(mei, "陈梅", GOOD)).status_code == 303


async def test_the_database_holds_neither_secrets_nor_recovery_codes(mei: Api, watch: Watch, shop_url: str) -> None:
    secret = await secret_of(mei)
    page = await send(mei, "/account/second-factor/confirm", otp=Phone(secret, watch).code())
    with psycopg.connect(shop_url) as connection:
        kept = str(connection.execute("SELECT secret, recovery::text FROM web.second_factor").fetchall())
    assert secret not in kept
    for code in RECOVERY.findall(page.text):
        assert code.replace("-", "") not in kept
        assert code not in kept


async def test_a_program_is_told_what_is_asked_for(mei: Api, watch: Watch) -> None:
    phone, _ = await set_up(mei, watch)
    asked = await mei.client.post("/sign-in", data={"who": "陈梅", "password": GOOD})
    assert (asked.status_code, asked.json()["code"]) == (403, "second-code-asked")
    fields = {"step": asked.json()["step"], "otp": phone.code()}
    assert (await mei.client.post("/sign-in", data=fields)).status_code == 303


async def test_the_second_step_speaks_chinese(mei: Api, watch: Watch) -> None:
    assert "设置两步验证" in (await mei.client.get("/account", headers=CHINESE)).text
    await secret_of(mei)
    assert "请用手机上的身份验证器应用扫描" in (await mei.client.get("/account/second-factor", headers=CHINESE)).text


async def test_a_form_of_another_site_sets_nothing_up(mei: Api) -> None:
    for path in ("", "/confirm", "/remove"):
        answer = await mei.client.post(f"/account/second-factor{path}", data={"csrf": "guessed", "current": GOOD})
        assert answer.status_code == 403
