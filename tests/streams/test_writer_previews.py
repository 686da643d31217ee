"""The single writer decides a preview as it would the command, carries nothing out, and answers only while it owns."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from typing_extensions import override

from domain.decider import Rejected, UnknownOrder
from domain.order.commands import AddNote, ConfirmOrder, PlaceOrder
from domain.order.events import OrderPlaced
from domain.order.state import Order
from domain.stock.state import StockItem
from domain.values import Address, Line, Price
from streams.log import Claim, TakenOver
from streams.memory.index import MemoryIndex
from streams.memory.log import Fault, Faults, MemoryBroker, MemoryLog
from streams.runtime import Limits
from streams.writing.errors import CommandTooLarge, NotExecuted, VersionConflict
from streams.writing.submission import CommandResult, Submission
from tests.timing import DEADLINE_S
from tests.writing import QUICK, Running, everything, new_order, order, receipt, running, submission

NOTE = AddNote(text="call before delivery")


def preview(wanted: Submission) -> Submission:
    return replace(wanted, preview=True)


async def placed(write_side: Running) -> str:
    stream = new_order()
    await write_side.writers.submit(submission(stream, order(("A", 3))))
    return stream


async def test_a_preview_shows_what_the_command_then_does_and_leaves_the_log_as_it_was() -> None:
    log = MemoryLog(MemoryBroker())
    async with running(log, MemoryIndex()) as write_side:
        note = submission(await placed(write_side), NOTE)
        before = await everything(log)
        looked = await write_side.writers.submit(preview(note))
        assert await everything(log) == before
        done = await write_side.writers.submit(note)
        (added,) = (await everything(log))[len(before) :]
    assert looked.foreseen is not None
    (shown,) = looked.foreseen.recorded
    assert (shown.stream, shown.version) == (added.stream, added.version)
    assert shown.event.model_copy(update={"occurred_at": added.event.occurred_at}) == added.event
    assert (looked.version, looked.position, looked.repeated) == (1, None, False)
    assert isinstance(looked.foreseen.before, Order)
    assert isinstance(looked.state, Order)
    assert (looked.foreseen.before.version, looked.state.version) == (1, 2)
    assert (done.version, done.foreseen) == (2, None)


async def test_a_preview_of_an_order_takes_no_serial_no_number_and_no_token() -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        placing = [submission(new_order(), order(("A", 1))) for _ in range(2)]
        asked = [placing[0], *(preview(submission(new_order(), order(("A", 1)))) for _ in range(3)), placing[1]]
        answers = await asyncio.gather(*(write_side.writers.submit(each) for each in asked))
        serials = [recorded.event.serial for recorded in await everything(log)]  # type: ignore[attr-defined]  # both are OrderPlaced
    assert serials == [1, 2]
    for answer in answers[1:4]:
        assert answer.foreseen is not None
        (shown,) = answer.foreseen.recorded
        assert isinstance(shown.event, OrderPlaced)
        assert (shown.event.serial, shown.event.number, shown.event.tracking_token) == (0, "", "")
        assert (answer.version, answer.foreseen.before) == (0, None)


async def test_what_a_preview_foresees_no_later_command_of_its_batch_sees() -> None:
    async with running(MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()) as write_side:
        looked, received = await asyncio.gather(
            write_side.writers.submit(preview(receipt("A", 5))), write_side.writers.submit(receipt("A", 1))
        )
    assert (looked.version, received.version) == (0, 1)
    assert on_hand(received) == 1


async def test_however_many_previews_are_asked_for_at_once_others_get_their_turn_after_a_few() -> None:
    async with running(MemoryLog(MemoryBroker()), MemoryIndex()) as write_side:
        note = preview(submission(await placed(write_side), NOTE))
        asked = [asyncio.create_task(write_side.writers.submit(note)) for _ in range(50)]
        answered = [0]
        async with asyncio.timeout(DEADLINE_S):
            while answered[-1] < len(asked):
                await asyncio.sleep(0)
                answered.append(sum(task.done() for task in asked))
    assert max(now - before for before, now in pairwise(answered)) <= Limits().batch_previews


async def test_a_preview_is_refused_as_the_command_would_be() -> None:
    async with running(MemoryLog(MemoryBroker()), MemoryIndex()) as write_side:
        stream = await placed(write_side)
        with pytest.raises(Rejected) as refused:
            await write_side.writers.submit(submission(stream, ConfirmOrder()))
        with pytest.raises(type(refused.value)) as foretold:
            await write_side.writers.submit(preview(submission(stream, ConfirmOrder())))
        assert (foretold.value.version, foretold.value.facts) == (refused.value.version, refused.value.facts)
        with pytest.raises(VersionConflict):
            await write_side.writers.submit(preview(submission(stream, NOTE, expected=7)))
        with pytest.raises(UnknownOrder):
            await write_side.writers.submit(preview(submission(new_order(), NOTE)))


@pytest.mark.slow
async def test_a_preview_of_more_than_the_log_takes_is_refused() -> None:
    price = Price(amount=Decimal("2.50"), currency="EUR")
    one = Line(sku="A", name="\N{PACKAGE}" * 200, quantity=1, unit_price=price)
    huge = submission(new_order(), PlaceOrder(ship_to=Address(country="France"), lines=(one,) * 10_000))
    async with running(MemoryLog(MemoryBroker()), MemoryIndex()) as write_side:
        for wanted in (huge, preview(huge)):
            with pytest.raises(CommandTooLarge):
                await write_side.writers.submit(wanted)


async def test_a_key_that_was_used_means_nothing_to_a_preview() -> None:
    async with running(MemoryLog(MemoryBroker()), MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 5, key="k1"))
        for quantity in (5, 6):
            looked = await write_side.writers.submit(preview(receipt("A", quantity, key="k1")))
            assert (looked.repeated, looked.version, on_hand(looked)) == (False, 1, 5 + quantity)


async def test_a_key_of_a_preview_is_unused_also_by_the_next_command_of_its_batch() -> None:
    async with running(MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()) as write_side:
        await write_side.writers.submit(preview(receipt("A", 5, key="k1")))
        _, received, _ = await asyncio.gather(
            write_side.writers.submit(preview(receipt("A", 7, key="k1"))),
            write_side.writers.submit(receipt("A", 6, key="k1")),
            write_side.writers.submit(preview(receipt("A", 8, key="k1"))),
        )
    assert (received.repeated, received.version, on_hand(received)) == (False, 1, 6)


async def test_a_preview_of_a_stream_that_nobody_remembers_is_decided_on_what_the_log_holds() -> None:
    async with running(MemoryLog(MemoryBroker()), MemoryIndex(), replace(QUICK, stream_bytes=0)) as write_side:
        await write_side.writers.submit(receipt("A", 5))
        looked = await write_side.writers.submit(preview(receipt("A", 2)))
    assert (looked.version, on_hand(looked)) == (1, 7)


async def test_while_the_index_is_away_previews_of_known_streams_go_on_and_no_key_is_looked_up() -> None:
    index = MemoryIndex()
    async with running(MemoryLog(MemoryBroker()), index) as write_side:
        await write_side.writers.submit(receipt("A", 5))
        index.unreadable = index.unwritable = True
        assert (await write_side.writers.submit(preview(receipt("A", 2, key="k1")))).version == 1
        with pytest.raises(NotExecuted):
            await write_side.writers.submit(preview(receipt("B", 2)))
        index.unreadable = index.unwritable = False


async def test_a_fenced_writer_gives_no_preview() -> None:
    broker = MemoryBroker(partitions=1)
    async with running(MemoryLog(broker), MemoryIndex()) as old:
        stream = await placed(old)
        async with running(MemoryLog(broker), MemoryIndex()) as new:
            with pytest.raises(NotExecuted):
                await old.writers.submit(preview(submission(stream, NOTE)))
            with pytest.raises(TakenOver):
                await old.owning
            assert (await new.writers.submit(submission(stream, NOTE))).version == 2


async def test_a_preview_on_top_of_what_was_lost_is_decided_again_without_it() -> None:
    faults = Faults()
    async with running(MemoryLog(MemoryBroker(partitions=1), faults), MemoryIndex()) as write_side:
        stream = new_order()
        faults.next_append = Fault.UNKNOWN_LOST
        lost, looked = await asyncio.gather(
            write_side.writers.submit(submission(stream, order(("A", 3)))),
            write_side.writers.submit(preview(submission(stream, NOTE))),
            return_exceptions=True,
        )
    assert isinstance(lost, NotExecuted)
    assert isinstance(looked, UnknownOrder)


@pytest.mark.parametrize("fault", [None, Fault.UNKNOWN_COMMITTED, Fault.UNKNOWN_LATE, Fault.NOT_COMMITTED])
async def test_a_preview_on_top_of_what_was_committed_sees_it(fault: Fault | None) -> None:
    faults = Faults()
    log = MemoryLog(MemoryBroker(partitions=1), faults)
    async with running(log, MemoryIndex()) as write_side:
        stream = new_order()
        faults.next_append = fault
        done, looked = await asyncio.gather(
            write_side.writers.submit(submission(stream, order(("A", 3)))),
            write_side.writers.submit(preview(submission(stream, NOTE))),
        )
        assert len(await everything(log)) == 1
    assert (done.version, looked.version) == (1, 1)


class SilentLog(MemoryLog):
    """Once told to, does not answer whether the claim holds."""

    silent = False

    @override
    async def prove(self, claim: Claim) -> None:
        if self.silent:
            await asyncio.Event().wait()
        await super().prove(claim)


async def test_of_a_preview_whose_answer_does_not_come_it_is_known_that_nothing_was_executed() -> None:
    log = SilentLog(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex(), replace(QUICK, answer_s=0.05, stop_s=0.05)) as write_side:
        log.silent = True
        async with asyncio.timeout(DEADLINE_S):
            with pytest.raises(NotExecuted):
                await write_side.writers.submit(preview(receipt("A", 1)))


def on_hand(answer: CommandResult) -> int:
    assert isinstance(answer.state, StockItem)
    return answer.state.on_hand
