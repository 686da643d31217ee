"""A session ends when its person leaves it, stays away or has had it for a day's work; in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from domain.roles import Role
from tests.web.conftest import Clock
from web.caller_dependency import COOKIE, EVENT_STREAM, UNATTENDED
from web.clock import now
from web.database import Pool, edge_pool
from web.random_words import hash_of_word
from web.sessions import (
    IDLE,
    IDLE_AT_DEVICE,
    LONGEST_SESSION,
    TRUSTED,
    MemorySessions,
    Person,
    PostgresSessions,
    Sessions,
    session_id,
)

ADA = Person("ada", Role.SALES)
BENCH, OTHER_BENCH = UUID(int=1), UUID(int=2)
WEN = Person("wen", Role.WAREHOUSE, device=BENCH)
A_LITTLE = timedelta(minutes=1)


class Aging:
    """Sessions that can be made older: the database keeps a clock of its own."""

    def __init__(self, clock: Clock, pool: Pool | None) -> None:
        self.sessions = self._kept(clock, pool)
        """Of a company that has said nothing about them."""
        self.brief = self._kept(clock, pool, IDLE_AT_DEVICE / 2)
        """Where people are signed out sooner than a badge's session ends by itself."""
        self._clock = clock
        self._pool = pool

    def _kept(self, clock: Clock, pool: Pool | None, idle: timedelta = IDLE) -> Sessions:
        return MemorySessions(idle, clock) if pool is None else PostgresSessions(pool, idle, clock)

    async def after(self, time: timedelta) -> None:
        self._clock.at += time
        if self._pool is not None:
            async with self._pool.connection() as connection:
                await connection.execute(
                    "UPDATE web.session SET ends_at = ends_at - %s, seen_at = seen_at - %s", (time, time)
                )


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.server)])
async def aging(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Aging]:
    if request.param == "memory":
        yield Aging(clock, None)
        return
    url = request.getfixturevalue("database_url")
    async with edge_pool(url, 2) as pool:
        yield Aging(clock, pool)


async def test_a_session_knows_its_person_and_no_other_name_is_one(aging: Aging) -> None:
    name = await aging.sessions.begin(ADA)
    assert await aging.sessions.find(name, attended=True) == ADA
    for other in ("", name[:-1], name + "x", "\ud800", "x" * 100_000):
        assert await aging.sessions.find(other, attended=True) is None


async def test_an_ended_session_is_over_at_once(aging: Aging) -> None:
    name, other = await aging.sessions.begin(ADA), await aging.sessions.begin(ADA)
    for attended in (True, False):
        assert await aging.sessions.find(name, attended=attended) == ADA
    await aging.sessions.end(name)
    for attended in (True, False):
        assert await aging.sessions.find(name, attended=attended) is None
    assert await aging.sessions.find(other, attended=True) == ADA


async def test_a_session_without_its_person_ends_after_the_idle_limit(aging: Aging) -> None:
    name = await aging.sessions.begin(ADA)
    await aging.after(IDLE - A_LITTLE)
    assert await aging.sessions.find(name, attended=True) == ADA
    await aging.after(IDLE - A_LITTLE)
    assert await aging.sessions.find(name, attended=True) == ADA
    await aging.after(IDLE + A_LITTLE)
    assert await aging.sessions.find(name, attended=True) is None


async def test_a_page_that_follows_keeps_no_session_alive(aging: Aging) -> None:
    name = await aging.sessions.begin(ADA)
    for _ in range(3):
        await aging.after(IDLE / 3 - TRUSTED)
        assert await aging.sessions.find(name, attended=False) == ADA
    await aging.after(IDLE / 3)
    assert await aging.sessions.find(name, attended=False) is None


async def test_no_session_outlives_twelve_hours(aging: Aging) -> None:
    name = await aging.sessions.begin(ADA)
    for _ in range(LONGEST_SESSION // A_LITTLE // 20 - 1):
        await aging.after(20 * A_LITTLE)
        assert await aging.sessions.find(name, attended=True) == ADA
    await aging.after(20 * A_LITTLE)
    assert await aging.sessions.find(name, attended=True) is None


async def test_no_session_outlives_the_token_that_it_began_with(aging: Aging) -> None:
    name = await aging.sessions.begin(ADA, now() + 2 * A_LITTLE)
    await aging.after(A_LITTLE)
    assert await aging.sessions.find(name, attended=True) == ADA
    await aging.after(A_LITTLE + TRUSTED)
    assert await aging.sessions.find(name, attended=True) is None


async def test_a_token_that_never_ends_makes_no_session_longer(aging: Aging) -> None:
    name = await aging.sessions.begin(ADA, now() + 100 * LONGEST_SESSION)
    for _ in range(LONGEST_SESSION // IDLE * 2):
        await aging.after(IDLE / 2)
        await aging.sessions.find(name, attended=True)
    assert await aging.sessions.find(name, attended=True) is None


@pytest.mark.parametrize("follows", [{UNATTENDED: "yes"}, {"Accept": EVENT_STREAM}], ids=["reads itself", "events"])
async def test_what_a_page_asks_by_itself_is_not_the_person(
    app: FastAPI, sessions: MemorySessions, clock: Clock, follows: dict[str, str]
) -> None:
    name = await sessions.begin(ADA)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as browser:
        browser.cookies.set(COOKIE, name)
        clock.at += IDLE - A_LITTLE
        assert (await browser.get("/me", headers=follows)).status_code == 200
        clock.at += 2 * A_LITTLE
        assert (await browser.get("/me")).status_code == 401


async def test_a_session_goes_on_as_another_role_and_its_neighbours_do_not(aging: Aging) -> None:
    name, other = await aging.sessions.begin(ADA), await aging.sessions.begin(ADA)
    await aging.sessions.find(name, attended=True)
    await aging.sessions.work_as(name, Role.FINANCE)
    assert await aging.sessions.find(name, attended=True) == Person("ada", Role.FINANCE)
    assert await aging.sessions.find(other, attended=True) == ADA


async def test_whether_a_session_is_good_for_one_role_alone_is_kept(aging: Aging) -> None:
    for one_role in (True, False):
        name = await aging.sessions.begin(Person("ada", Role.SALES, one_role=one_role))
        found = await aging.sessions.find(name, attended=True)
        assert found is not None
        assert found.one_role is one_role


async def test_somebody_s_sessions_are_those_that_are_not_over_and_their_ids_sign_nobody_in(aging: Aging) -> None:
    await aging.sessions.begin(ADA)
    await aging.after(IDLE)
    name, other = await aging.sessions.begin(ADA), await aging.sessions.begin(ADA)
    await aging.sessions.begin(Person("grace", Role.SALES))
    await aging.after(A_LITTLE)
    await aging.sessions.find(other, attended=True)
    found = await aging.sessions.of("ada")
    assert [begun.id for begun in found] == [session_id(other), session_id(name)]
    assert found[0].begun_at <= found[0].seen_at
    assert found[1].seen_at < found[0].seen_at
    for begun in found:
        assert await aging.sessions.find(begun.id, attended=True) is None


async def test_ending_one_or_the_others_leaves_the_rest_and_nobody_else_is_touched(aging: Aging) -> None:
    here, there, third = [await aging.sessions.begin(ADA) for _ in range(3)]
    grace = await aging.sessions.begin(Person("grace", Role.SALES))
    for name in (here, there, third, grace):
        await aging.sessions.find(name, attended=True)
    await aging.sessions.end_of("ada", session_id(grace))
    await aging.sessions.end_of("ada", session_id(there), but=session_id(here))
    assert await aging.sessions.find(there, attended=True) is None
    assert await aging.sessions.find(third, attended=True) == ADA
    await aging.sessions.end_of("ada", but=session_id(here))
    assert await aging.sessions.find(third, attended=True) is None
    assert await aging.sessions.find(here, attended=True) == ADA
    await aging.sessions.end_of("ada")
    assert await aging.sessions.find(here, attended=True) is None
    assert await aging.sessions.find(grace, attended=True) is not None


async def test_whose_a_session_was_is_known_while_it_lies_idle_and_not_once_it_was_ended(aging: Aging) -> None:
    idle, ended = await aging.sessions.begin(ADA), await aging.sessions.begin(ADA)
    await aging.sessions.end(ended)
    await aging.after(IDLE + A_LITTLE)
    assert await aging.sessions.find(idle, attended=True) is None
    assert [await aging.sessions.owner(name) for name in (idle, ended, "nobody's")] == ["ada", "", ""]


async def test_a_session_by_badge_idles_out_sooner_and_only_it(aging: Aging) -> None:
    by_badge, by_password = await aging.sessions.begin(WEN), await aging.sessions.begin(ADA)
    found = await aging.sessions.find(by_badge, attended=True)
    assert found is not None
    assert found.device == BENCH
    await aging.after(IDLE_AT_DEVICE - A_LITTLE)
    assert await aging.sessions.find(by_badge, attended=True) == WEN
    await aging.after(IDLE_AT_DEVICE - A_LITTLE)
    assert await aging.sessions.find(by_badge, attended=True) == WEN
    assert await aging.sessions.find(by_password, attended=True) == ADA
    assert [[begun.device for begun in await aging.sessions.of(actor)] for actor in ("wen", "ada")] == [[BENCH], [None]]
    await aging.after(IDLE_AT_DEVICE + A_LITTLE)
    assert await aging.sessions.find(by_badge, attended=True) is None
    assert await aging.sessions.find(by_password, attended=True) == ADA
    assert await aging.sessions.of("wen") == []
    assert IDLE_AT_DEVICE == timedelta(minutes=10) < IDLE


async def test_where_every_session_idles_out_soon_one_by_badge_lives_no_longer(aging: Aging) -> None:
    names = [await aging.brief.begin(person) for person in (WEN, ADA)]
    await aging.after(IDLE_AT_DEVICE / 2 + A_LITTLE)
    assert [await aging.brief.find(name, attended=True) for name in names] == [None, None]


async def test_a_session_that_was_found_is_trusted_no_longer_than_it_lasts(aging: Aging, clock: Clock) -> None:
    until = now() + IDLE / 2
    name = await aging.sessions.begin(ADA, until)
    clock.at = until - TRUSTED / 2
    assert await aging.sessions.find(name, attended=True) == ADA
    await aging.after(IDLE / 2 + A_LITTLE)
    clock.at = until + TRUSTED / 4
    assert await aging.sessions.find(name, attended=True) is None


@pytest.mark.server
async def test_what_was_read_before_something_ended_is_not_trusted_after_it(database_url: str, clock: Clock) -> None:
    async with edge_pool(database_url, 2) as pool, edge_pool(database_url, 1) as elsewhere:
        sessions = PostgresSessions(pool, clock=clock)
        name, other = await sessions.begin(ADA), await sessions.begin(ADA)
        async with elsewhere.connection() as held, held.transaction():
            await held.execute("SELECT FROM web.session WHERE hash = %s FOR UPDATE", (hash_of_word(name),))
            reading = asyncio.create_task(sessions.find(name, attended=True))
            await asyncio.sleep(0)  # it has begun, and cannot end while the row is held
            await sessions.end(other)
        assert await reading == ADA
        await PostgresSessions(elsewhere).end(name)
        assert await sessions.find(name, attended=True) is None


async def test_sessions_by_badge_end_by_person_and_by_device_and_no_others(aging: Aging) -> None:
    by_password = await aging.sessions.begin(Person("wen", Role.WAREHOUSE))
    here = await aging.sessions.begin(WEN)
    there = await aging.sessions.begin(Person("wen", Role.WAREHOUSE, device=OTHER_BENCH))
    kim = await aging.sessions.begin(Person("kim", Role.LOGISTICS, device=BENCH))
    assert await aging.sessions.find(here, attended=True)
    await aging.sessions.end_by_badge(device=BENCH)
    left = [await aging.sessions.find(name, attended=True) is not None for name in (by_password, here, there, kim)]
    assert left == [True, False, True, False]
    await aging.sessions.end_by_badge(actor="wen")
    left = [await aging.sessions.find(name, attended=True) is not None for name in (by_password, there)]
    assert left == [True, False]


async def test_a_role_that_is_changed_leaves_a_session_by_badge_what_it_is(aging: Aging) -> None:
    name = await aging.sessions.begin(WEN)
    await aging.sessions.work_as(name, Role.LOGISTICS)
    found = await aging.sessions.find(name, attended=True)
    assert found == Person("wen", Role.LOGISTICS)
    assert found.device == BENCH
