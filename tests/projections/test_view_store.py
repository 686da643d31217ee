"""What the projector keeps the views in, PostgreSQL or memory: each batch once, whole, and by its present owner alone."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

import pytest
from typing_extensions import override

from projections.checkpoints import Checkpoint, Displaced, Superseded
from projections.projector.memory_store import CommitFault, MemoryViews, MemoryViewStore
from projections.projector.postgres_store import PostgresViewStore
from projections.projector.reading import Fetched, Halt, portions
from projections.projector.rebuild import rebuild_missing
from projections.projector.transaction import Applier
from projections.projector.view_store import ViewsAway, ViewStore, ViewTransaction
from projections.registry import VIEWS
from streams.log import Bookmark, Log
from tests.projections.company import Shelf, company, rows_at
from tests.projections.comparing import Rows, expected_rows
from tests.projections.restoring import copied, restored
from tests.writing import everything

RECORDS = company().records


class Kept(Protocol):
    """A database that keeps views, as tests handle it."""

    def store(self) -> "Losing": ...

    async def rows(self) -> Rows: ...

    async def copy(self) -> None:
        """Keep how it is now."""

    async def restore(self) -> None:
        """Put it back to what was kept."""


class Losing(ViewStore, Protocol):
    """A process's way to it, whose next commit may get no answer."""

    next_commit: CommitFault | None


class InMemory:
    def __init__(self) -> None:
        self._database = MemoryViews()
        self._kept = self._database.committed

    def store(self) -> Losing:
        return MemoryViewStore(self._database)

    async def rows(self) -> Rows:
        rows: Rows = {view.name: {} for view in VIEWS}
        for (view, key), row in self._database.committed.rows.items():
            assert isinstance(key, tuple)
            rows[view][key] = row
        return rows

    async def copy(self) -> None:
        self._kept = self._database.committed

    async def restore(self) -> None:
        self._database.committed = self._kept


class LosingPostgres(PostgresViewStore):
    next_commit: CommitFault | None = None

    @asynccontextmanager
    @override
    async def transaction(self, *, lazily: bool) -> AsyncIterator[ViewTransaction]:
        fault, self.next_commit = self.next_commit, None
        async with super().transaction(lazily=lazily) as made:
            yield made
            if fault is CommitFault.LOST:
                raise ViewsAway("the connection broke before the commit")
        if fault is CommitFault.DONE:
            await self.close()
            raise ViewsAway("the connection broke after the commit")


class InPostgres:
    def __init__(self, url: str) -> None:
        self._url = url

    def store(self) -> Losing:
        return LosingPostgres(self._url)

    async def rows(self) -> Rows:
        return await rows_at(self._url)

    async def copy(self) -> None:
        await copied(self._url)

    async def restore(self) -> None:
        await restored(self._url)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.server)])
async def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        return InMemory()
    url = request.getfixturevalue("database_url")
    await rebuild_missing(Shelf(1).log, url)
    return InPostgres(url)


async def fetched(log: Log, place: Checkpoint) -> list[Fetched]:
    """Every event after a place as a portion of its own."""
    found: list[Fetched] = []
    async with aclosing(portions(log, place, await log.end(0))) as read:
        async for portion in read:
            for recorded in portion.records:
                after = Checkpoint(0, portion.after.bookmark, recorded.position.sequence, recorded.event_id)
                found.append(Fetched(place, after, (recorded,)))
                place = after
    return found


async def filled(records: int = len(RECORDS)) -> Log:
    shelf = Shelf(1)
    await shelf.put(RECORDS[:records])
    return shelf.log


@pytest.mark.parametrize("fault", [None, *CommitFault])
async def test_every_batch_takes_effect_once_whatever_becomes_of_its_answer(
    kept: Kept, fault: CommitFault | None
) -> None:
    log, store = await filled(), kept.store()
    applier = Applier(store, VIEWS)
    (place,) = await applier.claim(1, "test")
    for count, portion in enumerate(await fetched(log, place), start=1):
        store.next_commit = fault if count % 20 == 0 else None
        assert await applier.apply([portion]) == ()
    await store.close()
    assert await kept.rows() == expected_rows(await everything(log))


async def test_who_was_superseded_writes_nothing_any_more(kept: Kept) -> None:
    log, zombies, heirs = await filled(), kept.store(), kept.store()
    zombie, heir = Applier(zombies, VIEWS), Applier(heirs, VIEWS)
    (place,) = await zombie.claim(1, "zombie")
    first, second, *_ = await fetched(log, place)
    await zombie.apply([first])
    assert await heir.claim(1, "heir") == (first.after,)
    with pytest.raises(Superseded):
        await zombie.apply([second])
    with pytest.raises(Superseded):
        await zombie.caught_up({0: 0.0})
    await zombies.close()
    await heirs.close()
    assert await kept.rows() == expected_rows((await everything(log))[:1])


async def test_of_an_older_copy_the_owner_goes_on_from_what_it_holds(kept: Kept) -> None:
    log, store = await filled(), kept.store()
    applier = Applier(store, VIEWS)
    (place,) = await applier.claim(1, "test")
    found = await fetched(log, place)
    for portion in found[:10]:
        await applier.apply([portion])
    await kept.copy()
    for portion in found[10:20]:
        await applier.apply([portion])
    await kept.restore()
    with pytest.raises(Displaced, match="stands at sequence 10 in PostgreSQL and was left at 20"):
        await applier.apply([found[20]])
    assert await applier.claim(1, "test") == (found[9].after,)
    for portion in found[10:]:
        await applier.apply([portion])
    await store.close()
    assert await kept.rows() == expected_rows(await everything(log))


async def test_an_epoch_that_a_rolled_back_database_gave_out_twice_has_one_owner(kept: Kept) -> None:
    zombies, heirs = kept.store(), kept.store()
    zombie, heir = Applier(zombies, VIEWS), Applier(heirs, VIEWS)
    await heir.claim(1, "first")
    await kept.copy()
    (place,) = await zombie.claim(1, "zombie")
    await kept.restore()
    await heir.claim(1, "heir")
    assert zombie._tenure.epoch == heir._tenure.epoch
    with pytest.raises(Superseded):
        await zombie.apply([Fetched(place, place, ())])
    await zombies.close()
    await heirs.close()


async def test_a_claim_that_is_not_remembered_is_no_take_over(kept: Kept) -> None:
    store = kept.store()
    applier = Applier(store, VIEWS)
    await applier.claim(1, "test")
    await kept.copy()
    (place,) = await applier.claim(1, "test")
    await kept.restore()
    with pytest.raises(Displaced, match="has forgotten the claim"):
        await applier.apply([Fetched(place, place, ())])
    await store.close()


async def test_a_place_that_is_not_where_it_was_left_is_no_take_over(kept: Kept) -> None:
    log, store = await filled(), kept.store()
    applier = Applier(store, VIEWS)
    (place,) = await applier.claim(1, "test")
    for portion in (await fetched(log, place))[:10]:
        await applier.apply([portion])
    elsewhere = Checkpoint(0, Bookmark(1), 1, RECORDS[0].event_id)
    with pytest.raises(Displaced, match="stands at sequence 10 in PostgreSQL and was left at 1"):
        await applier.apply([Fetched(elsewhere, dataclasses.replace(elsewhere, sequence=2), ())])
    await store.close()


async def test_a_halt_that_is_lifted_is_noticed(kept: Kept) -> None:
    store, other = kept.store(), kept.store()
    applier = Applier(store, VIEWS)
    await applier.claim(1, "test")
    await applier.halt(Halt(0, "unreadable"))
    await applier.require_halted()
    await Applier(other, VIEWS).claim(1, "heir")
    with pytest.raises(Displaced, match="partition 0 was set to be read again"):
        await applier.require_halted()
    await store.close()
    await other.close()
