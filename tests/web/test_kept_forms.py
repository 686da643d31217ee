"""A refused form is kept for who sent it, for ten minutes; in memory and in PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.web.conftest import Clock
from web.database import edge_pool
from web.kept_forms import LIFETIME, MOST_OF_ONE, KeptForm, KeptForms, MemoryForms, PostgresForms

FORM = KeptForm(
    "ada",
    (
        ("units.1.quantity", "six"),
        ("blocks", "send"),
        ("blocks", "confirm"),
        ("text", '"; DROP TABLE web.form; --\n喂'),
    ),
    {"code": "invalid", "errors": [{"field": "units.0.quantity", "reason": "a number is expected"}]},
)

Age = Callable[[timedelta], Awaitable[None]]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.server)])
async def kept(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[tuple[KeptForms, Age]]:
    async def pass_time(time: timedelta) -> None:
        clock.at += time

    if request.param == "memory":
        yield MemoryForms(clock), pass_time
        return
    url = request.getfixturevalue("database_url")
    async with edge_pool(url, 2) as pool:

        async def make_older(time: timedelta) -> None:
            async with pool.connection() as connection:
                await connection.execute("UPDATE web.form SET ends_at = ends_at - %s", (time,))

        yield PostgresForms(pool), make_older


async def test_a_form_is_found_as_it_was_sent(kept: tuple[KeptForms, Age]) -> None:
    forms, _ = kept
    name = await forms.keep(FORM)
    assert await forms.find(name, "ada") == FORM
    assert FORM.text("blocks") == "confirm"
    assert FORM.text("nothing") == ""


async def test_nobody_else_finds_it(kept: tuple[KeptForms, Age]) -> None:
    forms, _ = kept
    name = await forms.keep(FORM)
    assert await forms.find(name, "bob") is None
    for other in ("", name[:-1], name + "x", "\ud800", "x" * 100_000):
        assert await forms.find(other, "ada") is None


async def test_it_is_forgotten_after_ten_minutes(kept: tuple[KeptForms, Age]) -> None:
    forms, age = kept
    name = await forms.keep(FORM)
    await age(LIFETIME - timedelta(minutes=1))
    assert await forms.find(name, "ada") == FORM
    await age(timedelta(minutes=1, seconds=1))
    assert await forms.find(name, "ada") is None


async def test_of_too_many_forms_of_one_person_the_oldest_go_and_nobody_elses(kept: tuple[KeptForms, Age]) -> None:
    forms, age = kept
    other = await forms.keep(replace(FORM, actor="bob"))
    names = []
    for _ in range(MOST_OF_ONE + 2):
        names.append(await forms.keep(FORM))
        await age(timedelta(seconds=1))
    assert [await forms.find(name, "ada") for name in names] == [None, None] + [FORM] * MOST_OF_ONE
    assert await forms.find(other, "bob") is not None


async def test_a_sign_that_no_database_keeps_costs_nobody_what_was_typed(kept: tuple[KeptForms, Age]) -> None:
    forms, _ = kept
    found = await forms.find(await forms.keep(replace(FORM, fields=(("a\0", "b\0c"),))), "ada")
    assert found is not None
    assert found.fields == (("a\ufffd", "b\ufffdc"),)
