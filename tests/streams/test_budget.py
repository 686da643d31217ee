"""Partitions take what there is in the order in which they asked, and nobody who could go on sleeps or is kept waiting."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from streams.writing.budget import Budget
from tests.timing import DEADLINE_S

MOST = 8
SOON_S = 0.001
ACTS = st.lists(st.tuples(st.sampled_from(["take", "give_back", "leave"]), st.integers(0, 3), st.integers(0, 10)))


class Model:
    """What is expected of a budget: who has how much, and who asks."""

    def __init__(self) -> None:
        self.taken: dict[int, int] = {}
        self.asking: list[int] = []

    @property
    def left(self) -> int:
        return MOST - sum(self.taken.values())

    def take(self, number: int, wanted: int) -> int:
        if not wanted:
            self.leave(number)
            return 0
        self.taken.pop(number, None)
        self.asking += [] if number in self.asking else [number]
        had = min(wanted, self.left) if self.asking[0] == number else 0
        if had:
            self.asking.remove(number)
            self.taken[number] = had
        return had

    def give_back(self, number: int) -> None:
        self.taken.pop(number, None)

    def leave(self, number: int) -> None:
        self.taken.pop(number, None)
        self.asking = [each for each in self.asking if each != number]


@given(ACTS)
def test_each_has_what_there_is_in_turn_and_whoever_could_have_some_is_awake(acts: list[tuple[str, int, int]]) -> None:
    async def played() -> None:
        model, budget, partitions = Model(), Budget(MOST, DEADLINE_S), [asyncio.Event() for _ in range(4)]
        for act, number, wanted in acts:
            if act == "take":
                had = budget.take(partitions[number], wanted)
                assert had == model.take(number, wanted)
                if not had:
                    partitions[number].clear()  # it sleeps, as a writer does that has nothing else to do
            else:
                getattr(budget, act)(partitions[number])
                getattr(model, act)(number)
            assert not model.asking or not model.left or partitions[model.asking[0]].is_set()
        for partition in partitions:
            budget.leave(partition)

    asyncio.run(played())


async def test_several_that_want_little_have_it_at_the_same_time() -> None:
    budget, partitions = Budget(MOST, DEADLINE_S), [asyncio.Event() for _ in range(MOST)]
    assert [budget.take(each, 1) for each in partitions] == [1] * MOST
    for each in partitions:
        budget.leave(each)


async def test_who_was_busy_when_its_turn_came_has_it_when_it_comes() -> None:
    budget, busy, other = Budget(MOST, DEADLINE_S), asyncio.Event(), asyncio.Event()
    assert budget.take(other, 100) == MOST
    assert budget.take(busy, 100) == 0
    budget.give_back(other)
    assert budget.take(other, 100) == 0
    assert budget.take(busy, 100) == MOST
    for each in (busy, other):
        budget.leave(each)


async def test_what_is_not_given_back_counts_as_given_back_after_a_while() -> None:
    budget, slow, other = Budget(MOST, SOON_S), asyncio.Event(), asyncio.Event()
    assert budget.take(slow, MOST) == MOST
    assert budget.take(other, 1) == 0
    await asyncio.wait_for(other.wait(), DEADLINE_S)
    assert budget.take(other, 1) == 1
    budget.leave(other)


async def test_who_does_not_come_when_woken_lets_the_next_one_go_on() -> None:
    budget, gone, other, first = Budget(MOST, SOON_S), asyncio.Event(), asyncio.Event(), asyncio.Event()
    assert [budget.take(each, MOST) for each in (first, gone, other)] == [MOST, 0, 0]
    budget.give_back(first)
    assert not other.is_set()
    await asyncio.wait_for(other.wait(), DEADLINE_S)
    assert budget.take(other, 1) == 1
    for each in (gone, other):
        budget.leave(each)
