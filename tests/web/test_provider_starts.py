"""A sign-in that was begun at the provider is good for one answer, in one browser, for ten minutes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from web.database import Pool, borrowed, edge_pool
from web.problems import Problem
from web.provider import Proofs
from web.provider_starts import ANSWERS_NOTHING, START_LIFETIME, ProviderStarts, Start
from web.random_words import random_word

pytestmark = pytest.mark.server

START = Start(Proofs("a nonce", "a verifier"), "/orders")


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with edge_pool(database_url, 4) as opened:
        yield opened


async def begun(starts: ProviderStarts, browser: str, start: Start = START) -> str:
    state = random_word()
    await starts.begin(browser, state, start)
    return state


async def taken(starts: ProviderStarts, browser: str, state: str) -> Start | None:
    try:
        return await starts.take(browser, state)
    except Problem as refused:
        if refused.kind is not ANSWERS_NOTHING:
            raise
        return None


async def test_of_all_who_bring_the_answer_at_once_one_comes_in(pool: Pool) -> None:
    starts = ProviderStarts(pool)
    state = await begun(starts, "mine")
    assert await taken(starts, "another", state) is None
    assert await taken(starts, "", state) is None
    assert await taken(starts, "mine", f"{state}x") is None
    found = await asyncio.gather(*(taken(starts, "mine", state) for _ in range(4)))
    assert sorted(found, key=lambda start: start is None) == [START, None, None, None]


async def test_one_browser_may_have_begun_several_times(pool: Pool) -> None:
    starts = ProviderStarts(pool)
    states = [await begun(starts, "mine", Start(START.proofs, f"/{number}")) for number in range(3)]
    assert [(await starts.take("mine", state)).next for state in states] == ["/0", "/1", "/2"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(START_LIFETIME - timedelta(minutes=1), START), (START_LIFETIME + timedelta(seconds=1), None)],
)
async def test_an_answer_is_waited_for_no_longer_than_ten_minutes(
    pool: Pool, age: timedelta, expected: Start | None
) -> None:
    starts = ProviderStarts(pool)
    state = await begun(starts, "mine")
    async with borrowed(pool) as connection:
        await connection.execute("UPDATE web.provider_start SET ends_at = ends_at - %s", (age,))
    assert await taken(starts, "mine", state) == expected


async def test_what_is_over_is_forgotten_and_neither_state_nor_browser_can_be_read(pool: Pool) -> None:
    starts = ProviderStarts(pool)
    await begun(starts, "mine")
    async with borrowed(pool) as connection:
        await connection.execute("UPDATE web.provider_start SET ends_at = now() - interval '1 second'")
        state = await begun(starts, "the browser")
        rows = await (await connection.execute("SELECT * FROM web.provider_start")).fetchall()
    assert len(rows) == 1
    assert not {state.encode(), b"the browser"} & {bytes(value) for value in rows[0] if isinstance(value, bytes)}
