"""What every log must do, as one class of tests. An adapter's test module inherits it and provides two fixtures.

`another` opens one more process on the same empty log of two partitions; `lose_answer` makes the next append of a
process take effect without its answer arriving.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from uuid import UUID, uuid4

import pytest

from streams.log import (
    MAX_APPEND_BYTES,
    START,
    Batch,
    Bookmark,
    Claim,
    ClaimRecord,
    Fenced,
    Log,
    LogError,
    LogUnfit,
    NotCommitted,
    OutcomeUnknown,
    Record,
    Stored,
    TooLarge,
)
from tests.timing import DEADLINE_S

Another = Callable[[], Awaitable[Log]]
LoseAnswer = Callable[[Log, Claim], Awaitable[None]]

OWNER = ClaimRecord(
    "http://127.0.0.1:8000", "acme", training=True, number_prefix="DEMO", partitions=2, hash_name="crc32", data_format=2
)
NEXT_OWNER = ClaimRecord(
    "http://127.0.0.1:8001",
    "Käse & Söhne",
    training=False,
    number_prefix="OT",
    partitions=2,
    hash_name="crc32",
    data_format=2,
)


def record(sequence: int, value: bytes = b"{}", command_id: UUID | None = None) -> Record:
    return Record(sequence, f"order-{sequence % 3}", (sequence - 1) // 3 + 1, command_id or uuid4(), value)


def some(first: int, last: int) -> list[Record]:
    return [
        record(sequence, f'{{"n":{sequence},"s":"{"é" * (sequence % 7)}"}}'.encode())
        for sequence in range(first, last + 1)
    ]


def stored(records: Sequence[Record], claim: Claim) -> list[Stored]:
    return [Stored(each.sequence, each.stream, claim.term, each.value) for each in records]


async def eventually_equal(log: Log) -> None:
    """A broker that has just answered a commit may take a moment to show its end."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            if await log.written(0) == await log.end(0):
                return
            await asyncio.sleep(0.01)


async def read_all(log: Log, partition: int, after: Bookmark = START, upto: Bookmark | None = None) -> list[Stored]:
    found: list[Stored] = []
    place = after
    async with asyncio.timeout(DEADLINE_S):
        async for batch in log.read(partition, after, upto or await log.end(partition)):
            assert batch.next >= place
            place = batch.next
            found += batch.records
    return found


async def read_until(log: Log, partition: int, count: int, after: Bookmark = START) -> tuple[list[Stored], Bookmark]:
    """The first records of an endless read."""
    found: list[Stored] = []
    async with asyncio.timeout(DEADLINE_S), aclosing(log.read(partition, after)) as batches:
        async for batch in batches:
            found += batch.records
            if len(found) >= count:
                return found, batch.next
    raise AssertionError("an endless read ended")


class LogContract:
    async def test_appended_records_come_back_byte_identical_in_order_with_sequence_and_term(
        self, another: Another
    ) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        records = [*some(1, 5), record(6, bytes(range(256))), record(7, b""), *some(8, 300)]
        await log.append(claim, records[:1])
        await log.append(claim, records[1:10])
        after = await log.append(claim, records[10:])
        assert await read_all(log, 0, upto=after) == stored(records, claim)

    async def test_the_end_covers_what_this_process_appended(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        after = await log.append(claim, some(1, 3))
        assert await log.end(0) >= after
        assert len(await read_all(log, 0)) == 3

    async def test_a_batch_that_is_too_large_stores_nothing_and_the_claim_still_works(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        big = bytes(MAX_APPEND_BYTES // 2)
        with pytest.raises(TooLarge):
            await log.append(claim, [record(1, b"small"), record(2, big), record(3, big)])
        after = await log.append(claim, [record(1, b"after")])
        assert [each.value for each in await read_all(log, 0, upto=after)] == [b"after"]

    async def test_an_append_of_nearly_eight_megabytes_is_taken(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        records = [record(1, b"a" * (4 * 1024 * 1024)), record(2, b"b" * (MAX_APPEND_BYTES - 4 * 1024 * 1024 - 400))]
        after = await log.append(claim, records)
        assert await read_all(log, 0, upto=after) == stored(records, claim)

    async def test_a_second_claim_fences_the_first_whose_records_stay_invisible(self, another: Another) -> None:
        old, new = await another(), await another()
        first = await old.claim(0, OWNER)
        await old.append(first, some(1, 2))
        second = await new.claim(0, NEXT_OWNER)
        assert second.term > first.term
        with pytest.raises(Fenced):
            await old.append(first, some(3, 4))
        after = await new.append(second, some(3, 3))
        assert [(each.sequence, each.term) for each in await read_all(new, 0, upto=after)] == [
            (1, first.term),
            (2, first.term),
            (3, second.term),
        ]

    async def test_a_fenced_owner_cannot_prove_its_claim(self, another: Another) -> None:
        old, new = await another(), await another()
        first = await old.claim(0, OWNER)
        await old.prove(first)
        second = await new.claim(0, NEXT_OWNER)
        with pytest.raises(Fenced):
            await old.prove(first)
        await new.prove(second)
        await new.append(second, some(1, 1))
        await new.prove(second)

    async def test_claiming_again_in_the_same_process_fences_its_own_earlier_claim(self, another: Another) -> None:
        log = await another()
        first = await log.claim(0, OWNER)
        second = await log.claim(0, OWNER)
        with pytest.raises(Fenced):
            await log.append(first, some(1, 1))
        await log.append(second, some(1, 1))

    async def test_a_fenced_process_can_claim_again(self, another: Another) -> None:
        old, new = await another(), await another()
        first = await old.claim(0, OWNER)
        second = await new.claim(0, NEXT_OWNER)
        with pytest.raises(Fenced):
            await old.append(first, some(1, 1))
        third = await old.claim(0, OWNER)
        assert first.term < second.term < third.term
        after = await old.append(third, some(1, 1))
        assert len(await read_all(old, 0, upto=after)) == 1

    async def test_the_end_of_a_claim_covers_everything_before_it(self, another: Another) -> None:
        old, new = await another(), await another()
        first = await old.claim(0, OWNER)
        await old.append(first, some(1, 100))
        second = await new.claim(0, NEXT_OWNER)
        assert await read_all(new, 0, upto=second.end) == await read_all(old, 0)
        assert len(await read_all(new, 0, upto=second.end)) == 100

    async def test_reading_stops_at_a_given_place_whatever_lies_behind_it(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        middle = await log.append(claim, some(1, 3))
        await log.append(claim, some(4, 6))
        assert [each.sequence for each in await read_all(log, 0, upto=middle)] == [1, 2, 3]
        assert await read_all(log, 0, after=middle, upto=middle) == []

    async def test_reading_up_to_the_end_returns_although_the_last_place_holds_no_record(
        self, another: Another
    ) -> None:
        log = await another()
        await log.claim(0, OWNER)
        claim = await log.claim(0, OWNER)
        assert await read_all(log, 0, upto=claim.end) == []
        assert await read_all(log, 0, upto=await log.end(0)) == []

    async def test_an_endless_read_wakes_for_new_records(self, another: Another) -> None:
        writer, reader = await another(), await another()
        claim = await writer.claim(0, OWNER)
        async with asyncio.timeout(DEADLINE_S), aclosing(reader.read(0)) as batches:
            for sequence in range(1, 6):
                await writer.append(claim, some(sequence, sequence))
                found: tuple[Stored, ...] = ()
                while not found:
                    found = (await anext(batches)).records
                assert [each.sequence for each in found] == [sequence]

    async def test_an_endless_read_of_an_empty_partition_waits_until_it_is_closed(self, another: Another) -> None:
        log = await another()
        reading = asyncio.create_task(read_until(log, 1, 1))
        claim = await log.claim(1, OWNER)
        await log.append(claim, some(1, 1))
        assert [each.sequence for each in (await reading)[0]] == [1]

    async def test_every_bookmark_resumes_exactly(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        appended = [await log.append(claim, some(first, first + 3)) for first in range(1, 40, 4)]
        bookmarks = [START, claim.end, *appended]
        everything = await read_all(log, 0, upto=appended[-1])
        async with aclosing(log.read(0, upto=appended[-1])) as batches:
            bookmarks += [batch.next async for batch in batches]
        for bookmark in bookmarks:
            before = await read_all(log, 0, upto=bookmark) if bookmark != START else []
            assert before + await read_all(log, 0, after=bookmark, upto=appended[-1]) == everything

    async def test_a_bookmark_beyond_the_end_means_that_history_was_shortened(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        await log.append(claim, some(1, 2))
        beyond = Bookmark((await log.end(0)).place + 1000)
        with pytest.raises(LogUnfit, match="history shortened"):
            await read_all(log, 0, after=beyond, upto=Bookmark(beyond.place + 1))

    async def test_the_last_record_before_a_place_is_found_behind_claims(self, another: Another) -> None:
        log = await another()
        first = await log.claim(0, OWNER)
        assert await log.last_before(0, first.end) is None
        middle = await log.append(first, some(1, 3))
        after = await log.append(first, some(4, 5))
        for _ in range(20):
            last = await log.claim(0, OWNER)
        assert await log.last_before(0, middle) == stored(some(3, 3), first)[0]
        assert await log.last_before(0, after) == await log.last_before(0, last.end) == stored(some(5, 5), first)[0]
        with pytest.raises(LogUnfit, match="history shortened"):
            await log.last_before(0, Bookmark((await log.end(0)).place + 1000))

    async def test_two_partitions_do_not_know_each_other(self, another: Another) -> None:
        log, other = await another(), await another()
        first, second = await log.claim(0, OWNER), await other.claim(1, NEXT_OWNER)
        await asyncio.gather(log.append(first, some(1, 3)), other.append(second, some(1, 2)))
        await log.claim(0, OWNER)
        await other.append(second, some(3, 3))
        assert len(await read_all(other, 1)) == 3
        assert len(await read_all(log, 0)) == 3

    async def test_the_last_claim_is_found_behind_any_number_of_records(self, another: Another) -> None:
        log, other = await another(), await another()
        assert await log.last_claim(0) is None
        first = await log.claim(0, OWNER)
        assert await other.last_claim(0) == (first.term, OWNER)
        for sequence in range(1, 150, 3):
            await log.append(first, some(sequence, sequence + 2))
        assert await other.last_claim(0) == (first.term, OWNER)
        second = await other.claim(0, NEXT_OWNER)
        assert await log.last_claim(0) == (second.term, NEXT_OWNER)
        assert await log.last_claim(1) is None

    async def test_an_empty_partition_ends_where_it_starts(self, another: Another) -> None:
        log = await another()
        assert await log.end(0) == START
        assert await read_all(log, 0) == []

    async def test_at_rest_all_that_was_written_can_be_read(self, another: Another) -> None:
        log = await another()
        assert await log.written(0) == START
        claim = await log.claim(0, OWNER)
        await log.append(claim, some(1, 3))
        again = await log.claim(0, OWNER)
        await eventually_equal(log)
        assert await log.written(0) >= again.end

    async def test_after_a_lost_answer_a_new_claim_shows_all_records_or_none(
        self, another: Another, lose_answer: LoseAnswer
    ) -> None:
        log = await another()
        first = await log.claim(0, OWNER)
        await log.append(first, some(1, 2))
        await lose_answer(log, first)
        with pytest.raises(OutcomeUnknown):
            await log.append(first, some(3, 12))
        with pytest.raises(LogError):
            await log.append(first, some(13, 13))
        second = await log.claim(0, OWNER)
        found = await read_all(log, 0, upto=second.end)
        assert len(found) in {2, 12}
        await log.append(second, some(len(found) + 1, 20))
        sequences = [each.sequence for each in await read_all(log, 0)]
        assert sequences == list(range(1, 21))

    async def test_a_dead_claim_stays_dead_without_another_owner(
        self, another: Another, lose_answer: LoseAnswer
    ) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        await lose_answer(log, claim)
        with pytest.raises(OutcomeUnknown):
            await log.append(claim, some(1, 1))
        with pytest.raises(NotCommitted):
            await log.prove(claim)
        with pytest.raises(NotCommitted):
            await log.append(claim, some(2, 2))

    async def test_readers_beside_each_other_see_the_same(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        readers = [asyncio.create_task(read_until(log, 0, 120)) for _ in range(4)]
        for sequence in range(1, 121, 4):
            await log.append(claim, some(sequence, sequence + 3))
        found = [(await reader)[0] for reader in readers]
        assert all([each.sequence for each in seen] == list(range(1, 121)) for seen in found)

    async def test_a_reader_that_is_closed_lets_go(self, another: Another) -> None:
        log = await another()
        claim = await log.claim(0, OWNER)
        await log.append(claim, some(1, 10))
        for _ in range(3):
            async with asyncio.timeout(DEADLINE_S):
                batches = log.read(0)
                first: Batch = await anext(batches)
                await batches.aclose()
            assert first.next > START
