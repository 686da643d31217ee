"""A draft is its person's alone, for thirty days after it was saved last; in memory and in PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from tests.web.conftest import Clock
from web.database import edge_pool
from web.drafts import DRAFT_LIFETIME, MOST_DRAFTS, Drafts, MemoryDrafts, PostgresDrafts
from web.forms import Fields

TYPED: Fields = (("lines.0.sku", "MUG"), ("backorder", "no"), ("backorder", "yes"), ("pasted", "货号\t数量\nMUG\t1"))

Age = Callable[[timedelta], Awaitable[None]]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.server)])
async def drafts(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[tuple[Drafts, Age]]:
    async def pass_time(time: timedelta) -> None:
        clock.at += time

    if request.param == "memory":
        yield MemoryDrafts(clock), pass_time
        return
    url = request.getfixturevalue("database_url")
    async with edge_pool(url, 2) as pool:

        async def make_older(time: timedelta) -> None:
            async with pool.connection() as connection:
                await connection.execute("UPDATE web.draft SET saved_at = saved_at - %s", (time,))

        yield PostgresDrafts(pool), make_older


async def test_a_draft_is_found_as_it_was_saved_and_named_in_the_list(drafts: tuple[Drafts, Age]) -> None:
    kept, age = drafts
    first = await kept.save("ada", "Mill Lane", TYPED)
    await age(timedelta(hours=1))
    second = await kept.save("ada", "", TYPED[:1])
    assert await kept.find(first, "ada") == TYPED
    assert [(entry.name, entry.title) for entry in await kept.of("ada")] == [(second, ""), (first, "Mill Lane")]


async def test_saved_again_it_takes_the_place_of_what_it_was(drafts: tuple[Drafts, Age]) -> None:
    kept, age = drafts
    first, other = await kept.save("ada", "one", TYPED), await kept.save("ada", "two", TYPED)
    await age(DRAFT_LIFETIME - timedelta(hours=1))
    assert await kept.save("ada", "three", TYPED[:1], first) == first
    await age(timedelta(hours=2))
    assert await kept.find(first, "ada") == TYPED[:1]
    assert [entry.title for entry in await kept.of("ada")] == ["three"]
    assert await kept.find(other, "ada") is None


async def test_nobody_else_finds_lists_changes_or_deletes_it(drafts: tuple[Drafts, Age]) -> None:
    kept, _ = drafts
    name = await kept.save("ada", "mine", TYPED)
    assert await kept.find(name, "bob") is None
    assert await kept.of("bob") == []
    assert await kept.save("bob", "his", TYPED[:1], name) != name
    await kept.drop(name, "bob")
    assert await kept.find(name, "ada") == TYPED
    await kept.drop(name, "ada")
    assert await kept.find(name, "ada") is None
    assert [entry.title for entry in await kept.of("bob")] == ["his"]


@pytest.mark.parametrize("name", ["", "nonsense", "\0", "\ud7ff" * 5_000])
async def test_a_name_that_is_none_is_no_draft(drafts: tuple[Drafts, Age], name: str) -> None:
    kept, _ = drafts
    assert await kept.find(name, "ada") is None
    await kept.drop(name, "ada")
    assert await kept.find(await kept.save("ada", "", TYPED, name), "ada") == TYPED


async def test_one_person_keeps_so_many_drafts_and_the_oldest_gives_way(drafts: tuple[Drafts, Age]) -> None:
    kept, age = drafts
    others = await kept.save("bob", "", TYPED)
    names = []
    for _ in range(MOST_DRAFTS + 1):
        names.append(await kept.save("ada", "", TYPED[:1]))
        await age(timedelta(seconds=1))
    assert [entry.name for entry in await kept.of("ada")] == names[:0:-1]
    assert await kept.find(others, "bob") == TYPED
