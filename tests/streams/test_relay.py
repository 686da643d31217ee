"""Partitions have their turns one at a time, in the order in which they asked, and none waits for ever."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from streams.writing.relay import Relay
from tests.timing import DEADLINE_S

LONG_S = DEADLINE_S
ACTS = st.lists(st.tuples(st.sampled_from(["ask", "over", "leave"]), st.integers(0, 3)))


@given(ACTS)
def test_whoever_asked_first_has_the_turn_until_it_is_over_and_each_is_woken_for_its_own(
    acts: list[tuple[str, int]],
) -> None:
    async def played() -> None:
        relay, partitions, asking = Relay(LONG_S), [asyncio.Event() for _ in range(4)], list[int]()
        for act, number in acts:
            partition, before = partitions[number], asking[:1]
            if act == "ask":
                asking += [] if number in asking else [number]
                assert relay.is_turn_of(partition) is (asking[0] == number)
            elif act == "over":
                asking = asking[1:] if before == [number] else asking
                relay.over(partition)
            else:
                asking = [each for each in asking if each != number]
                relay.leave(partition)
            if asking[:1] != before:
                assert [each.is_set() for each in partitions] == [each in asking[:1] for each in range(4)]
                for each in partitions:
                    each.clear()
        for partition in partitions:
            relay.leave(partition)

    asyncio.run(played())


async def test_a_turn_that_is_not_ended_ends_by_itself() -> None:
    relay, first, second = Relay(0.001), asyncio.Event(), asyncio.Event()
    assert relay.is_turn_of(first)
    assert not relay.is_turn_of(second)
    await asyncio.wait_for(second.wait(), DEADLINE_S)
    assert relay.is_turn_of(second)
    relay.leave(second)
