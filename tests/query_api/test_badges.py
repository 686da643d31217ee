"""Badge and PIN: in the warehouse and in logistics, at a registered device, and nowhere else."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import httpx
import psycopg
import pytest
from typing_extensions import override

from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Role
from tests.query_api.conftest import CHINESE, PAGE, SESSIONS, Api
from tests.query_api.door import GOOD, TOM, choose, door_on, send
from web.badge_door import BADGE_REFUSED, BadgeDoor
from web.badges import MOST_WRONG_PINS, is_easy
from web.caller_dependency import COOKIE
from web.devices import DEVICE_COOKIE
from web.problems import Problem
from web.sessions import MemorySessions, Person
from web.signin import SignIn

WEN, LEA, SAM, PAT = (UUID(int=number) for number in range(1, 5))
CARD, PIN, OTHER_PIN = "WH-4711-Wen", "274916", "905183"
ALL_ROLES = tuple(role for role in Role if role is not Role.WORKFLOW)


@dataclass
class Staff:
    """A register that changes while it is looked at."""

    members: dict[UUID, Member]

    async def __call__(self, **_: bool) -> Register:
        return Register(PagedMap(self.members))

    def change(self, person: UUID, *roles: Role, active: bool = True) -> None:
        held = tuple((role, None) for role in roles)
        self.members[person] = replace(self.members[person], roles=held, active=active)


def staff() -> Staff:
    def member(person: UUID, name: str, *roles: Role) -> Member:
        return Member(person, name, None, tuple((role, None) for role in roles))

    people = (
        member(WEN, "Wen Li", Role.ADMIN, Role.WAREHOUSE, Role.FINANCE, Role.LOGISTICS),
        member(LEA, "Lea Lead", Role.WAREHOUSE_LEAD),
        member(SAM, "Sam Sales", Role.SALES),
        member(PAT, "Pat Pick", Role.WAREHOUSE),
    )
    return Staff({one.id: one for one in people})


@pytest.fixture
def register() -> Staff:
    return staff()


@pytest.fixture(autouse=True)
def empty(shop_url: str) -> None:
    with psycopg.connect(shop_url, autocommit=True) as connection:
        connection.execute("TRUNCATE web.badge, web.device, web.sign_in_try, web.second_factor, web.password")


@pytest.fixture
async def api(shop_url: str, register: Staff) -> AsyncIterator[Api]:
    async with door_on(shop_url, read=register) as opened:
        yield opened


def sign_in_of(api: Api) -> SignIn:
    door = api.app.state.readers.sign_in
    assert isinstance(door, SignIn)
    return door


def door_of(api: Api) -> BadgeDoor:
    door = sign_in_of(api).badges
    assert door is not None
    return door


@contextlib.contextmanager
def other_browser(api: Api, device: str | None = None) -> Iterator[None]:
    """Somebody else's cookies; those of before afterwards."""
    kept = dict(api.client.cookies)
    api.client.cookies.clear()
    if device:
        api.client.cookies.set(DEVICE_COOKIE, device)
    try:
        yield
    finally:
        api.client.cookies.clear()
        for name, value in kept.items():
            api.client.cookies.set(name, value)


async def as_person(api: Api, person: UUID, role: Role) -> None:
    api.client.cookies.set(COOKIE, await SESSIONS.begin(Person(str(person), role, registered=True)))


def signed_out(api: Api) -> None:
    api.client.cookies.delete(COOKIE)


async def device(api: Api, name: str = "Packing bench 2") -> str:
    """Registered by a lead, who then signs out: the cookie of the device."""
    await as_person(api, LEA, Role.WAREHOUSE_LEAD)
    answer = await send(api, "/devices", device_name=name)
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices")
    signed_out(api)
    return str(api.client.cookies[DEVICE_COOKIE])


async def badge(api: Api, person: UUID = WEN, card: str = CARD, pin: str = PIN) -> None:
    door = door_of(api)
    await door.give(person, card)
    await door.choose_pin(person, pin, pin)


async def scan(api: Api, card: str = CARD, pin: str = PIN) -> httpx.Response:
    return await api.client.post("/sign-in", data={"badge": card, "pin": pin}, headers=PAGE)


async def wait_no_more(shop_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(shop_url, autocommit=True) as connection:
        await connection.execute("TRUNCATE web.sign_in_try")


@pytest.fixture
async def bench(api: Api) -> Api:
    """A registered device, and Wen's badge."""
    await device(api)
    await badge(api)
    return api


async def test_badge_and_pin_open_a_registered_device_as_what_was_granted_first_of_both(bench: Api) -> None:
    page = (await bench.client.get("/sign-in", headers=PAGE)).text
    assert "Packing bench 2" in page
    assert page.index('name="badge"') < page.index('name="pin"') < page.index('name="who"')
    assert re.search(r'id="badge"[^>]* autofocus', page)
    assert len(re.findall("autofocus", page)) == 1
    answer = await scan(bench)
    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/warehouse")
    assert "Wen Li · Warehouse" in (await bench.client.get("/orders", headers=PAGE)).text


async def test_other_browsers_are_not_asked_for_a_badge_and_take_none(bench: Api) -> None:
    with other_browser(bench):
        assert 'name="badge"' not in (await bench.client.get("/sign-in", headers=PAGE)).text
        answer = await scan(bench)
        assert (answer.status_code, COOKIE in bench.client.cookies) == (403, False)


async def test_a_refusal_tells_neither_whether_there_is_the_badge_nor_whether_the_device_is_known(
    bench: Api, register: Staff
) -> None:
    told = set()

    async def refused(card: str = CARD, pin: str = PIN) -> None:
        answer = await bench.client.post("/sign-in", data={"badge": card, "pin": pin})
        told.add((answer.status_code, answer.content))

    await refused(pin=OTHER_PIN)
    await refused("nobody's card")
    await refused(" ")
    await door_of(bench).badges.give(SAM, "no pin yet")
    await refused("no pin yet", "")
    for cookie in ("", "guessed"):
        with other_browser(bench, cookie):
            await refused()
    register.change(WEN, Role.WAREHOUSE, active=False)
    await refused()
    assert len(told) == 1
    assert "That did not work." in (await scan(bench)).text


@pytest.mark.parametrize("typed", [CARD.upper(), f"  {CARD}\r\n", "wh - 4711 - wen", "ＷＨ-４７１１-Ｗｅｎ"])
async def test_a_badge_is_read_as_scanners_and_keyboards_send_it(bench: Api, typed: str) -> None:
    assert (await scan(bench, typed, f" {PIN[:3]} {PIN[3:]}\n")).status_code == 303


async def test_a_pin_is_the_same_in_full_width(bench: Api) -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    assert (await scan(bench, pin=PIN.translate(wide))).status_code == 303
    await door_of(bench).choose_pin(WEN, OTHER_PIN.translate(wide), OTHER_PIN)
    assert (await scan(bench, pin=OTHER_PIN)).status_code == 303


@pytest.mark.parametrize("taken", ["badge", "device"])
async def test_nobody_comes_in_whose_badge_or_device_was_taken_away_meanwhile(bench: Api, taken: str) -> None:
    door, cookie = door_of(bench), str(bench.client.cookies[DEVICE_COOKIE])
    here = await door.device(cookie)
    assert here is not None
    bench_id = here.id

    class Taking(MemorySessions):
        """One of the two is taken away just before the session begins."""

        @override
        async def begin(self, person: Person, until: datetime | None = None) -> str:
            await (door.take_back(WEN) if taken == "badge" else door.withdraw(bench_id))
            return await super().begin(person, until)

    late = replace(door, sessions=Taking())
    with pytest.raises(Problem) as refused:
        await late.enter(cookie, CARD, PIN, "192.0.2.1")
    assert refused.value.kind is BADGE_REFUSED
    assert await late.sessions.of(str(WEN)) == []


async def test_a_session_by_badge_reaches_warehouse_and_logistics_and_nothing_else(bench: Api) -> None:
    await choose(bench, await own_link(bench, WEN))
    signed_out(bench)
    await scan(bench)
    page = (await bench.client.get("/account", headers=PAGE)).text
    assert 'action="/account/pin"' not in page
    assert "at “Packing bench 2”" in page
    assert re.findall(r'name="role" value="([a-z-]+)"', page) == ["logistics"]
    for role in ALL_ROLES:
        answer = await send(bench, "/account/role", role=role.value)
        assert answer.status_code == (303 if role in {Role.WAREHOUSE, Role.LOGISTICS} else 403)
    for path in ("/people", "/devices", "/account/second-factor"):
        assert (await bench.client.get(path, headers=PAGE)).status_code == 403
    assert "/account/sessions" not in (await bench.client.get("/account", headers=PAGE)).text
    second = [f"/account/second-factor{end}" for end in ("", "/confirm", "/remove")]
    for path in ("/devices", *second, "/account/pin", "/account/sessions", f"/people/{TOM.id}/sign-in-link"):
        sent = await send(bench, path, name="x", current=GOOD, pin=PIN, again=PIN, otp="123456")
        assert sent.status_code == 403, path


async def test_it_follows_the_register_but_never_beyond_the_two(bench: Api, register: Staff) -> None:
    await scan(bench)
    for held, seen in (
        ((Role.FINANCE, Role.LOGISTICS), "Logistics"),
        ((Role.ADMIN, Role.WAREHOUSE, Role.WAREHOUSE_LEAD), "Warehouse"),
    ):
        register.change(WEN, *held)
        assert f"Wen Li · {seen}<" in (await bench.client.get("/orders", headers=PAGE)).text
    register.change(WEN, Role.ADMIN, Role.FINANCE, Role.WAREHOUSE_LEAD)
    assert (await bench.client.get("/orders", headers=PAGE)).status_code == 401
    register.change(WEN, Role.WAREHOUSE)
    assert (await bench.client.get("/orders", headers=PAGE)).status_code == 401  # the session has ended


async def test_what_is_done_to_a_way_in_is_logged_by_ids_and_without_secrets(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "query_api")
    await as_person(api, WEN, Role.ADMIN)
    page = f"/people/{TOM.id}"
    for path in ("badge", "badge/take-back", "sign-in-link", "sign-out"):
        assert (await send(api, f"{page}/{path}", badge=CARD)).status_code == 200
        assert str(TOM.id) in caplog.messages[-1]
        assert caplog.messages[-1].endswith(f" by {WEN}")
    await send(api, "/devices", device_name="Packing bench 2")
    (bench,) = await door_of(api).devices.everyone()
    await send(api, "/devices/withdraw", device=str(bench.id))
    assert caplog.messages[-2:] == [f"a device was registered by {WEN}", f"device {bench.id} was withdrawn by {WEN}"]
    assert len(caplog.messages) == 6
    assert CARD not in caplog.text


@pytest.mark.parametrize("person", [SAM, LEA])
async def test_who_works_in_neither_is_told_so(bench: Api, person: UUID) -> None:
    await badge(bench, person, "another card")
    answer = await scan(bench, "another card")
    assert (answer.status_code, "you have no such role today" in answer.text) == (403, True)
    assert COOKIE not in bench.client.cookies


async def test_after_five_wrong_pins_a_badge_is_refused_until_its_person_chooses_a_new_pin(
    bench: Api, shop_url: str
) -> None:
    for _ in range(MOST_WRONG_PINS):
        assert (await scan(bench, pin=OTHER_PIN)).status_code == 403
    await wait_no_more(shop_url)
    assert (await scan(bench)).status_code == 403
    assert (await choose(bench, await own_link(bench, WEN))).status_code == 303
    account = (await bench.client.get("/account", headers=PAGE)).text
    assert "your badge is refused" in account
    assert (await send(bench, "/account/pin", current=GOOD, pin=OTHER_PIN, again=OTHER_PIN)).status_code == 303
    signed_out(bench)
    await wait_no_more(shop_url)
    assert (await scan(bench)).status_code == 403
    assert (await scan(bench, pin=OTHER_PIN)).status_code == 303


async def test_a_right_pin_is_no_failure_and_forgets_those_before_it(bench: Api) -> None:
    for _ in range(2):
        for _ in range(MOST_WRONG_PINS - 1):
            assert (await scan(bench, pin=OTHER_PIN)).status_code == 403
        assert (await scan(bench)).status_code == 303
    for _ in range(MOST_WRONG_PINS):
        assert (await scan(bench)).status_code == 303


async def own_link(api: Api, person: UUID) -> str:
    code = await sign_in_of(api).codes.new_code(str(person), None)
    return f"http://shop.example/sign-in?code={code}"


async def test_a_new_badge_is_good_again_and_the_one_before_is_nothing(bench: Api, shop_url: str) -> None:
    await scan(bench)
    session = str(bench.client.cookies[COOKIE])
    for _ in range(MOST_WRONG_PINS):
        await scan(bench, pin=OTHER_PIN)
    await door_of(bench).give(WEN, "another card")
    assert await SESSIONS.find(session, attended=True) is None
    await wait_no_more(shop_url)
    assert (await scan(bench)).status_code == 403
    assert (await scan(bench, "another card")).status_code == 303


async def test_wrong_pins_at_two_devices_at_once_are_five_in_all(bench: Api, shop_url: str) -> None:
    first = str(bench.client.cookies[DEVICE_COOKIE])
    with other_browser(bench):
        second = await device(bench, "Packing bench 3")

    async def tried(cookie: str, pin: str) -> int:
        door = door_of(bench)
        try:
            await door.enter(cookie, CARD, pin, "192.0.2.1")
        except Problem as refused:
            return refused.kind.status
        return 200

    pins = [f"{number:06}" for number in range(100_100, 100_110)]
    told = await asyncio.gather(*(tried(cookie, pin) for cookie in (first, second) for pin in pins))
    assert set(told) <= {403, 429}
    with psycopg.connect(shop_url) as connection:
        assert connection.execute("SELECT failed FROM web.badge").fetchall() == [(MOST_WRONG_PINS,)]
    await wait_no_more(shop_url)
    assert (await scan(bench)).status_code == 403


async def test_one_person_may_be_at_two_devices_and_withdrawing_one_ends_only_what_began_there(bench: Api) -> None:
    await scan(bench)
    here = str(bench.client.cookies[COOKIE])
    with other_browser(bench):
        await device(bench, "Packing bench 3")
        await scan(bench)
        there = str(bench.client.cookies[COOKIE])
    found = await SESSIONS.find(here, attended=True)
    assert found is not None
    assert found.device is not None
    await door_of(bench).withdraw(found.device)
    assert await SESSIONS.find(here, attended=True) is None
    assert await SESSIONS.find(there, attended=True) is not None


async def test_one_pin_tried_on_five_badges_of_a_device_costs_each_one_try_and_the_address_five(
    bench: Api, register: Staff, shop_url: str
) -> None:
    for number in range(5):
        person = UUID(int=100 + number)
        register.members[person] = Member(person, f"Picker {number}", None, ((Role.WAREHOUSE, None),))
        await badge(bench, person, f"card {number}")
        assert (await scan(bench, f"card {number}", OTHER_PIN)).status_code == 403
    with psycopg.connect(shop_url) as connection:
        assert {row[0] for row in connection.execute("SELECT failed FROM web.badge WHERE person <> %s", (WEN,))} == {1}
        assert connection.execute("SELECT max(failed) FROM web.sign_in_try").fetchall() == [(5,)]
    for number in range(5):
        assert (await scan(bench, f"card {number}")).status_code == 303


async def test_a_stranger_costs_no_badge_a_try(bench: Api, shop_url: str) -> None:
    with other_browser(bench):
        for _ in range(2 * MOST_WRONG_PINS):
            await scan(bench, pin=OTHER_PIN)
    assert (await scan(bench)).status_code == 303


async def test_a_cookie_that_was_copied_is_nothing_once_the_device_is_withdrawn(bench: Api) -> None:
    copied = str(bench.client.cookies[DEVICE_COOKIE])
    await as_person(bench, WEN, Role.ADMIN)
    page = (await bench.client.get("/devices", headers=PAGE)).text
    found = re.search(r'name="device" value="([^"]+)" aria-label="Withdraw: Packing bench 2"', page)
    assert found
    assert copied not in page
    assert (await send(bench, "/devices/withdraw", device=found[1])).status_code == 303
    assert "None is registered" in (await bench.client.get("/devices", headers=PAGE)).text
    with other_browser(bench, copied):
        assert (await scan(bench)).status_code == 403
        assert 'name="badge"' not in (await bench.client.get("/sign-in", headers=PAGE)).text


async def test_who_has_left_is_out_and_does_not_come_in(bench: Api, register: Staff) -> None:
    await scan(bench)
    register.change(WEN, Role.WAREHOUSE, active=False)
    assert (await bench.client.get("/orders", headers=PAGE)).status_code == 401
    assert (await scan(bench)).status_code == 403
    await door_of(bench).badges.forget(str(WEN))  # as `keep_shut` does
    register.change(WEN, Role.WAREHOUSE)
    assert (await scan(bench)).status_code == 403


@pytest.mark.parametrize("role", ALL_ROLES)
async def test_leads_register_the_browser_before_them_and_only_administrators_see_and_withdraw(
    api: Api, role: Role
) -> None:
    leads = role in {Role.SALES_LEAD, Role.WAREHOUSE_LEAD, Role.ADMIN}
    await api.sign_in(role)
    assert (await send(api, "/devices", device_name="Bench")).status_code == (303 if leads else 403)
    assert (DEVICE_COOKIE in api.client.cookies) is leads
    page = await api.client.get("/devices", headers=PAGE)
    assert page.status_code == (200 if leads else 403)
    assert ("All devices" in page.text) is (role is Role.ADMIN)
    answer = await send(api, "/devices/withdraw", device=str(UUID(int=0)))
    assert answer.status_code == (303 if role is Role.ADMIN else 403)


async def test_a_browser_that_is_registered_again_is_one_device(api: Api, shop_url: str) -> None:
    await device(api, "Bench")
    await device(api, "包装台 2 号")
    with psycopg.connect(shop_url) as connection:
        assert connection.execute("SELECT name FROM web.device").fetchall() == [("包装台 2 号",)]


async def test_devices_stand_by_name(api: Api) -> None:
    for name in ("bench b", "bench c", "bench a"):
        await door_of(api).devices.register(name, str(LEA))
    assert [each.name for each in await door_of(api).devices.everyone()] == ["bench a", "bench b", "bench c"]


async def test_the_cookie_of_a_device_is_for_us_alone_and_lasts(api: Api) -> None:
    await as_person(api, LEA, Role.WAREHOUSE_LEAD)
    said = (await send(api, "/devices", device_name="Bench")).headers["set-cookie"].lower()
    assert all(part in said for part in ("httponly", "samesite=lax", "max-age=34560000"))
    for name in ("", " ", "x" * 61):
        assert (await send(api, "/devices", device_name=name)).status_code == 422


@pytest.mark.parametrize(
    ("pin", "again", "said"),
    [
        ("12345", "12345", "6 digits"),
        ("1234567", "1234567", "6 digits"),
        ("27491x", "27491x", "6 digits"),
        ("27４91６", OTHER_PIN, "not the same"),
        ("000000", "000000", "guessed first"),
        ("123456", "123456", "guessed first"),
    ],
)
async def test_a_pin_has_six_digits_that_are_not_guessed_first(bench: Api, pin: str, again: str, said: str) -> None:
    await choose(bench, await own_link(bench, WEN))
    refused = await send(bench, "/account/pin", current=GOOD, pin=pin, again=again)
    assert (refused.status_code, said in refused.text) == (422, True)
    assert (await send(bench, "/account/pin", current="another one", pin=PIN, again=PIN)).status_code == 403


@pytest.mark.parametrize("pin", "111111 654321 890123 121212 123123 112233 123321 159753".split())
def test_rows_repetitions_and_figures_are_easy(pin: str) -> None:
    assert is_easy(pin)


def test_few_pins_are_easy() -> None:
    assert sum(is_easy(f"{number:06}") for number in range(0, 1_000_000, 17)) < 1_000_000 / 17 / 200
    assert not is_easy(PIN)


async def test_only_who_may_work_by_badge_is_asked_for_a_pin(api: Api) -> None:
    for person, role, asked in ((WEN, Role.FINANCE, True), (SAM, Role.SALES, False), (LEA, Role.WAREHOUSE_LEAD, False)):
        await as_person(api, person, role)
        assert ('action="/account/pin"' in (await api.client.get("/account", headers=PAGE)).text) is asked
        if not asked:
            assert (await send(api, "/account/pin", current=GOOD, pin=PIN, again=PIN)).status_code == 403


async def test_the_database_holds_neither_badges_nor_pins_nor_cookies(bench: Api, shop_url: str) -> None:
    cookie = str(bench.client.cookies[DEVICE_COOKIE])
    with psycopg.connect(shop_url) as connection:
        kept = str(connection.execute("SELECT badge::text, device::text FROM web.badge, web.device").fetchall())
    for secret in (CARD, CARD.lower(), PIN, cookie):
        assert secret not in kept
    assert "$argon2id$" in kept


async def test_a_form_of_another_site_registers_nothing(api: Api) -> None:
    await as_person(api, WEN, Role.ADMIN)
    for path in ("/devices", "/devices/withdraw", "/account/pin", f"/people/{TOM.id}/badge"):
        assert (await api.client.post(path, data={"csrf": "guessed", "name": "x"})).status_code == 403


async def test_the_pages_of_badges_speak_chinese(bench: Api) -> None:
    assert "先扫描工卡" in (await bench.client.get("/sign-in", headers=CHINESE)).text
    await as_person(bench, WEN, Role.ADMIN)
    assert "在已登记的浏览器上" in (await bench.client.get("/devices", headers=CHINESE)).text
    assert "工卡和 PIN 码" in (await bench.client.get("/account", headers=CHINESE)).text
