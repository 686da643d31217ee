"""People's commands and the workflow's share a partition's batches: nobody is passed over, and what was begun is finished."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.runtime import Limits
from streams.writing.budget import Budget
from streams.writing.callers import Waiting
from streams.writing.errors import CommandTooLarge, NotExecuted, Overloaded
from streams.writing.pace import Pace
from streams.writing.queues import Queues
from streams.writing.submission import Submission
from tests.timing import DEADLINE_S
from tests.writing import new_order, order, receipt, submission

LIMITS: Final = Limits(batch_commands=64, batch_reactions=8, behind=100)
ORDER: Final = replace(submission(new_order(), order(("A", 1))), size=590)
SETS_OFF: Final = 1 + ORDER.size // LIMITS.reaction_bytes
ACT: Final = replace(receipt("A", 1), size=60)
REACTION: Final = replace(receipt("A", 1), size=100)
ACTS: Final = st.lists(st.sampled_from(["order", "act", "reaction", "gone", "batch"]), max_size=120)


def queues(limits: Limits = LIMITS, unreacted: int = 0) -> Queues:
    """Those of the only partition, behind which so many events wait for the workflow."""
    (only,) = several(1, limits, lambda each: unreacted + each[0].reactions)
    return only


def several(number: int, limits: Limits, waiting: Callable[[Sequence[Queues]], int]) -> Sequence[Queues]:
    """Those of several partitions of a process."""
    budget = Budget(limits.batch_reactions, DEADLINE_S)
    pace = Pace(limits.behind, limits.spare_reactions, lambda: waiting(made))
    made = [Queues(limits, number, budget, pace) for _ in range(number)]
    return made


@contextmanager
def batch_of(waiting: Queues) -> Iterator[Sequence[Waiting]]:
    """A batch from when it is taken to its end."""
    yield waiting.take()
    waiting.done()


def many(put: Callable[[Submission], Waiting], command: Submission, number: int) -> list[Waiting]:
    return [put(command) for _ in range(number)]


def number_of(which: Submission, batch: Sequence[Waiting]) -> int:
    return sum(each.submission is which for each in batch)


@given(ACTS, st.integers(0, 200))
def test_each_command_is_taken_once_in_the_order_of_its_queue_and_none_whose_caller_has_gone(
    acts: list[str], unreacted: int
) -> None:
    async def played() -> None:
        waiting, taken = queues(unreacted=unreacted), list[Waiting]()
        put: dict[str, list[Waiting]] = {"order": [], "act": [], "reaction": []}
        for act in acts:
            if act == "batch":
                with batch_of(waiting) as batch:
                    taken += batch
            elif act != "gone":
                command = {"order": ORDER, "act": ACT, "reaction": REACTION}[act]
                put[act].append((waiting.put_workflow if act == "reaction" else waiting.put)(command))
            elif put["act"] and put["act"][-1] not in taken:
                put["act"].pop().answer.cancel()
        while waiting.some.is_set():
            with batch_of(waiting) as batch:
                taken += batch
        for each in put.values():
            assert [one for one in taken if one in each] == each
        assert len(taken) == sum(map(len, put.values()))

    asyncio.run(played())


@given(
    st.integers(0, 300), st.integers(1, 40), st.integers(1, 40), st.integers(0, 200), st.sampled_from([100, 400_000])
)
def test_whoever_waits_longest_to_place_an_order_or_to_do_something_else_is_in_the_next_batch(
    reactions: int, orders: int, acts: int, unreacted: int, size: int
) -> None:
    async def played() -> None:
        waiting = queues(unreacted=unreacted)
        many(waiting.put_workflow, replace(REACTION, size=size), reactions)
        ordered, acted = many(waiting.put, ORDER, orders), many(waiting.put, ACT, acts)
        while ordered or acted:
            with batch_of(waiting) as batch:
                assert all(people[0] in batch for people in (ordered, acted) if people)
                ordered, acted = ([each for each in people if each not in batch] for people in (ordered, acted))

    asyncio.run(played())


@pytest.mark.parametrize(("size", "sets_off"), [(590, 10), (7_500, 150)], ids=["three lines", "fifty lines"])
@pytest.mark.parametrize("clients", [4, 32, 400])
def test_orders_that_come_faster_than_they_are_worked_off_wait_to_be_placed(
    clients: int, size: int, sets_off: int
) -> None:
    async def played() -> None:
        waiting, placed, worked_off = queues(Limits()), 0, 0
        wanted = replace(ORDER, size=size)
        many(waiting.put, wanted, clients)
        for _ in range(500):
            with batch_of(waiting) as batch:
                placed += number_of(wanted, batch)
                worked_off += number_of(REACTION, batch)
                for _ in range(number_of(wanted, batch)):
                    waiting.put(wanted)  # who is answered sends the next one at once
                    many(waiting.put_workflow, REACTION, sets_off)
        assert placed >= 500
        assert worked_off >= 0.95 * placed * sets_off

    asyncio.run(played())


async def test_while_the_workflow_is_behind_orders_are_placed_as_fast_as_it_works_off_what_they_set_off() -> None:
    waiting = queues(Limits(), unreacted=Limits().behind)
    many(waiting.put_workflow, REACTION, 5_000)
    many(waiting.put, ORDER, 400)
    with batch_of(waiting) as batch:
        placed = number_of(ORDER, batch)
        assert placed >= 10
        assert abs(placed * SETS_OFF - number_of(REACTION, batch)) <= SETS_OFF + Limits().spare_reactions


@pytest.mark.parametrize(("unreacted", "taken"), [(LIMITS.behind, 20), (LIMITS.behind + 1, 1)])
async def test_events_not_reacted_to_hold_orders_back_as_the_workflows_commands_do(unreacted: int, taken: int) -> None:
    waiting = queues(unreacted=unreacted)
    many(waiting.put, ORDER, 20)
    with batch_of(waiting) as batch:
        assert len(batch) == taken


async def test_whoever_places_no_order_waits_for_none_that_is_held_back() -> None:
    waiting = queues(replace(LIMITS, batch_previews=20), unreacted=LIMITS.behind + 1)
    many(waiting.put, ORDER, 50)
    acts = many(waiting.put, ACT, 10) + many(waiting.put, replace(ORDER, preview=True), 10)
    with batch_of(waiting) as batch:
        assert [each for each in batch if each in acts] == acts
        assert number_of(ORDER, batch) == 1


async def test_neither_orders_nor_other_commands_of_people_crowd_each_other_out() -> None:
    waiting = queues()
    many(waiting.put, ORDER, 200)
    many(waiting.put, ACT, 200)
    with batch_of(waiting) as batch:
        assert number_of(ORDER, batch) == number_of(ACT, batch) == LIMITS.batch_commands // 2


async def test_the_workflow_keeps_up_beside_a_crowd_that_places_no_orders() -> None:
    waiting = queues()
    many(waiting.put, ACT, 200)
    many(waiting.put_workflow, REACTION, 200)
    with batch_of(waiting) as batch:
        acts = number_of(ACT, batch)
        assert number_of(REACTION, batch) >= LIMITS.batch_reactions + (acts - 1) * LIMITS.reactions_beside


async def test_a_batch_ends_with_the_bytes_and_the_previews_that_it_may_have() -> None:
    waiting = queues(replace(LIMITS, batch_bytes=1_000, batch_previews=2))
    for _ in range(3):
        waiting.put(replace(ACT, size=500))
    for _ in range(3):
        waiting.put(replace(ACT, size=1, preview=True))
    found = []
    while waiting.some.is_set():
        with batch_of(waiting) as batch:
            found.append(len(batch))
    assert found == [2, 3, 1]


async def test_who_would_be_one_too_many_is_asked_to_come_again_until_others_were_taken_or_have_gone() -> None:
    waiting = queues(replace(LIMITS, waiting_bytes=1_000, waiting_commands=4, command_bytes=2_000))
    with pytest.raises(CommandTooLarge):
        waiting.put(replace(ACT, size=2_001))
    for leaves in (True, False):
        large = waiting.put(replace(ACT, size=1_001))
        with pytest.raises(Overloaded):
            waiting.put(replace(ACT, size=1))
        if leaves:
            large.answer.cancel()
        with batch_of(waiting) as batch:
            assert batch == ([] if leaves else [large])
    for command in (ACT, ORDER, ACT, ORDER):
        waiting.put(replace(command, size=1))
    with pytest.raises(Overloaded):
        waiting.put(replace(ACT, size=1))


async def test_what_was_put_back_is_taken_once_more_before_all_others() -> None:
    waiting = queues()
    again = waiting.put(ACT)
    with batch_of(waiting) as batch:
        waiting.put_back(batch)
    other = waiting.put(ACT)
    for expected in ([again, other], []):
        with batch_of(waiting) as batch:
            assert batch == expected


async def test_whoever_waits_when_it_is_closed_hears_so() -> None:
    waiting = queues()
    again = waiting.put(ACT)
    with batch_of(waiting) as batch:
        waiting.put_back(batch)
    others = [waiting.put(ORDER), waiting.put(ACT), waiting.put_workflow(REACTION)]
    waiting.close(NotExecuted)
    assert all(isinstance(each.answer.exception(), NotExecuted) for each in (again, *others))
    assert (waiting.people, waiting.reactions, waiting.take()) == (0, 0, [])


async def test_what_is_set_off_in_one_partition_may_be_worked_off_in_another() -> None:
    orders, articles = several(2, Limits(), lambda both: sum(each.reactions for each in both))
    placed = worked_off = 0
    many(orders.put, ORDER, 400)
    for _ in range(500):
        with batch_of(orders) as batch:
            placed += len(batch)
            for _ in batch:
                orders.put(ORDER)
                many(articles.put_workflow, REACTION, 10)
        with batch_of(articles) as batch:
            worked_off += len(batch)
    assert placed > 1_200
    assert worked_off >= 0.9 * 10 * placed


async def test_a_long_calm_is_no_room_for_a_crowd() -> None:
    limits = replace(LIMITS, batch_commands=10_000, spare_reactions=2 * SETS_OFF)
    waiting = queues(limits, unreacted=LIMITS.behind + 1)
    for _ in range(1_000):
        waiting.put_workflow(REACTION)
        with batch_of(waiting):
            pass
    many(waiting.put, ORDER, 40)
    with batch_of(waiting) as batch:
        assert len(batch) == 3


async def test_what_was_set_off_while_the_workflow_kept_up_is_held_against_nobody_once_it_is_behind() -> None:
    behind = 0
    (waiting,) = several(1, LIMITS, lambda _: behind)
    many(waiting.put, ORDER, 50)
    with batch_of(waiting) as batch:
        assert len(batch) == 50
    with batch_of(waiting):
        behind = LIMITS.behind + 1
    many(waiting.put_workflow, REACTION, 2 * SETS_OFF)
    many(waiting.put, ORDER, 10)
    with batch_of(waiting) as batch:
        assert number_of(ORDER, batch) > 1


@pytest.mark.parametrize("leave", [Queues.pause, lambda away: away.close(NotExecuted)], ids=["pauses", "is closed"])
async def test_a_partition_that_takes_nothing_for_a_while_leaves_the_budget_to_others(
    leave: Callable[[Queues], None],
) -> None:
    away, other = several(2, LIMITS, lambda _: 0)
    for each in (away, other):
        many(each.put_workflow, REACTION, LIMITS.batch_reactions)
    assert len(away.take()) == LIMITS.batch_reactions
    assert not other.take()
    assert not other.some.is_set()
    leave(away)
    assert other.some.is_set()
    assert len(other.take()) == LIMITS.batch_reactions
    other.close(NotExecuted)
