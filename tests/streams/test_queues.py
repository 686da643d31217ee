"""People's commands and the workflow's share a partition's batches: nobody is passed over, and what was begun is finished."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

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
from tests.writing import receipt

LIMITS = Limits(batch_commands=64, batch_reactions=8, behind=100, reaction_bytes=48)
ACTS = st.lists(st.sampled_from(["person", "reaction", "gone", "batch"]), max_size=120)


def queues(limits: Limits = LIMITS, unreacted: int = 0) -> Queues:
    """Those of the only partition, behind which so many events wait for the workflow."""
    budget = Budget(limits.batch_reactions, limits.reactions_s)
    pace = Pace(limits.behind, limits.batch_reactions, lambda: unreacted + only.reactions)
    only = Queues(limits, 1, budget, pace)
    return only


def sized(size: int) -> Submission:
    return replace(receipt("A", 1), size=size)


@contextmanager
def batch_of(waiting: Queues) -> Iterator[Sequence[Waiting]]:
    """A batch from when it is taken to its end."""
    yield waiting.take()
    waiting.done()


@given(ACTS, st.integers(0, 200))
def test_each_command_is_taken_once_in_the_order_of_its_queue_and_none_whose_caller_has_gone(
    acts: list[str], unreacted: int
) -> None:
    async def played() -> None:
        waiting, people, workflow, taken = (
            queues(unreacted=unreacted),
            list[Waiting](),
            list[Waiting](),
            list[Waiting](),
        )
        for act in acts:
            if act == "person":
                people.append(waiting.put(sized(250)))
            elif act == "reaction":
                workflow.append(waiting.put_workflow(sized(100)))
            elif act == "batch":
                with batch_of(waiting) as batch:
                    taken += batch
            elif people and people[-1] not in taken:
                people.pop().answer.cancel()
        while waiting.some.is_set():
            with batch_of(waiting) as batch:
                taken += batch
        assert [each for each in taken if each in people] == people
        assert [each for each in taken if each in workflow] == workflow
        assert len(taken) == len(people) + len(workflow)

    asyncio.run(played())


@given(st.integers(0, 300), st.integers(1, 40), st.integers(0, 200))
def test_the_person_who_waits_longest_is_in_the_next_batch_however_far_the_workflow_is_behind(
    reactions: int, people: int, unreacted: int
) -> None:
    async def played() -> None:
        waiting = queues(unreacted=unreacted)
        for _ in range(reactions):
            waiting.put_workflow(sized(100))
        ours = deque(waiting.put(sized(500)) for _ in range(people))
        while ours:
            with batch_of(waiting) as batch:
                assert ours[0] in batch
                ours = deque(each for each in ours if each not in batch)

    asyncio.run(played())


@pytest.mark.parametrize(("size", "sets_off"), [(590, 10), (7_500, 150)], ids=["three lines", "fifty lines"])
@pytest.mark.parametrize("clients", [4, 32, 400])
def test_orders_that_come_faster_than_they_are_worked_off_wait_to_be_placed(
    clients: int, size: int, sets_off: int
) -> None:
    async def played() -> None:
        waiting, placed, worked_off = queues(Limits()), 0, 0
        order, reaction = sized(size), sized(100)
        for _ in range(clients):
            waiting.put(order)
        for _ in range(500):
            with batch_of(waiting) as batch:
                for each in batch:
                    if each.submission is reaction:
                        worked_off += 1
                        continue
                    placed += 1
                    waiting.put(order)  # who is answered sends the next one at once
                    for _ in range(sets_off):
                        waiting.put_workflow(reaction)
        assert placed >= 500
        assert worked_off >= 0.95 * placed * sets_off

    asyncio.run(played())


@pytest.mark.parametrize(("unreacted", "taken"), [(LIMITS.behind, 20), (LIMITS.behind + 1, 1)])
async def test_events_not_reacted_to_hold_people_back_as_the_workflows_commands_do(unreacted: int, taken: int) -> None:
    waiting = queues(unreacted=unreacted)
    for _ in range(20):
        waiting.put(sized(500))
    with batch_of(waiting) as batch:
        assert len(batch) == taken


async def test_what_a_person_only_looks_at_sets_nothing_off_and_holds_nobody_up() -> None:
    waiting = queues(replace(LIMITS, batch_previews=20), unreacted=LIMITS.behind + 1)
    for _ in range(10):
        waiting.put(replace(sized(5_000), preview=True))
    for _ in range(10):
        waiting.put(sized(500))
    with batch_of(waiting) as batch:
        assert [each.submission.preview for each in batch] == [True] * 10 + [False]


async def test_a_batch_ends_with_the_bytes_and_the_previews_that_it_may_have() -> None:
    waiting = queues(replace(LIMITS, batch_bytes=1_000, batch_previews=2))
    for _ in range(3):
        waiting.put(sized(500))
    for _ in range(3):
        waiting.put(replace(sized(1), preview=True))
    found = []
    while waiting.some.is_set():
        with batch_of(waiting) as batch:
            found.append(len(batch))
    assert found == [2, 3, 1]


async def test_who_cannot_be_taken_is_asked_to_come_again_until_others_were_taken_or_have_gone() -> None:
    waiting = queues(replace(LIMITS, waiting_bytes=1_000, waiting_commands=4, command_bytes=2_000))
    with pytest.raises(CommandTooLarge):
        waiting.put(sized(2_001))
    gone = waiting.put(sized(1_001))
    with pytest.raises(Overloaded):
        waiting.put(sized(1))
    gone.answer.cancel()
    waiting.take()
    waiting.done()
    for _ in range(4):
        waiting.put(sized(1))
    with pytest.raises(Overloaded):
        waiting.put(sized(1))


async def test_whoever_waits_when_it_is_closed_hears_so() -> None:
    waiting = queues()
    again = waiting.put(sized(1))
    with batch_of(waiting) as batch:
        waiting.put_back(batch)
    person, reaction = waiting.put(sized(1)), waiting.put_workflow(sized(1))
    waiting.close(NotExecuted)
    assert all(isinstance(each.answer.exception(), NotExecuted) for each in (again, person, reaction))


async def test_what_is_set_off_in_one_partition_may_be_worked_off_in_another() -> None:
    limits = Limits()
    budget = Budget(limits.batch_reactions, limits.reactions_s)
    pace = Pace(limits.behind, limits.batch_reactions, lambda: sum(each.reactions for each in (orders, articles)))
    orders, articles = Queues(limits, 2, budget, pace), Queues(limits, 2, budget, pace)
    wanted, reaction, placed, worked_off = sized(590), sized(100), 0, 0
    for _ in range(400):
        orders.put(wanted)
    for _ in range(500):
        with batch_of(orders) as batch:
            placed += len(batch)
            for _ in batch:
                orders.put(wanted)
                for _ in range(10):
                    articles.put_workflow(reaction)
        with batch_of(articles) as batch:
            worked_off += len(batch)
    assert placed > 1_500
    assert 0.9 * 10 * placed <= worked_off


async def test_a_long_calm_is_no_room_for_a_crowd() -> None:
    waiting = queues()
    for _ in range(10 * LIMITS.behind):
        waiting.put_workflow(sized(100))
    for _ in range(50):
        with batch_of(waiting):
            pass
    for _ in range(40):
        waiting.put(sized(480))
    with batch_of(waiting) as batch:
        assert sum(each.submission.size == 480 for each in batch) <= 6
