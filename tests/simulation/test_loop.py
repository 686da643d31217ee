"""The simulated loop: order and time come from a seed alone."""

import asyncio
from contextvars import copy_context
from random import Random

import pytest

from simulation.loop import PROCESS, SimulationLoop, Stuck


def loop_of(seed: int = 1) -> SimulationLoop:
    return SimulationLoop(Random(seed))  # type: ignore[abstract]  # what it lacks raises


def order_of_turns(seed: int) -> list[int]:
    turns: list[int] = []

    async def one(number: int) -> None:
        await asyncio.sleep(0)
        turns.append(number)

    async def main() -> None:
        await asyncio.gather(*(one(number) for number in range(6)))

    loop_of(seed).run(main())
    return turns


def test_who_has_the_next_turn_is_decided_by_the_seed() -> None:
    orders = {tuple(order_of_turns(seed)) for seed in range(20)}
    assert len(orders) > 10
    assert all(sorted(order) == list(range(6)) for order in orders)
    assert order_of_turns(7) == order_of_turns(7)


def test_time_moves_only_when_nothing_is_ready_and_costs_none() -> None:
    loop = loop_of()
    told: list[float] = []

    async def busy() -> None:
        for _ in range(100):
            await asyncio.sleep(0)
        told.append(loop.time())

    async def main() -> None:
        early = asyncio.create_task(asyncio.sleep(3600))
        await busy()
        await early
        told.append(loop.time())

    loop.run(main())
    assert told == [0.0, 3600.0]


def test_a_limit_of_time_strikes_in_simulated_time() -> None:
    async def main() -> None:
        async with asyncio.timeout(5):
            await asyncio.get_running_loop().create_future()

    loop = loop_of()
    with pytest.raises(TimeoutError):
        loop.run(main())
    assert loop.time() == 5


def test_threads_sockets_and_signals_raise() -> None:
    async def threads() -> None:
        await asyncio.to_thread(print)

    async def sockets() -> None:
        await asyncio.open_connection("127.0.0.1", 1)

    async def signals() -> None:
        asyncio.get_running_loop().add_signal_handler(15, print)

    for what in (threads, sockets, signals):
        with pytest.raises(NotImplementedError):
            loop_of().run(what())


def test_who_waits_for_nothing_that_comes_is_stuck() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Stuck, match="somebody else"):
        loop_of().run(main())


def test_a_frozen_process_has_no_turn_until_it_thaws_though_its_timers_went_off() -> None:
    loop = loop_of()
    ticks: list[float] = []

    async def ticking() -> None:
        while True:
            await asyncio.sleep(1)
            ticks.append(loop.time())

    async def main() -> None:
        context = copy_context()
        context.run(PROCESS.set, "server-1")
        loop.create_task(ticking(), context=context)
        await asyncio.sleep(2.5)
        loop.freeze("server-1")
        await asyncio.sleep(5)
        loop.thaw("server-1")
        await asyncio.sleep(2)
        (task,) = loop.tasks_of("server-1")
        task.cancel()

    loop.run(main())
    assert ticks == [1.0, 2.0, 7.5, 8.5]


def test_a_task_belongs_to_the_process_that_made_it() -> None:
    loop = loop_of()

    async def idle() -> None:
        await asyncio.sleep(1)

    async def parent() -> None:
        await asyncio.create_task(idle())

    async def main() -> None:
        context = copy_context()
        context.run(PROCESS.set, "server-1")
        loop.create_task(parent(), context=context)
        await asyncio.sleep(0.5)
        assert len(loop.tasks_of("server-1")) == 2
        assert len(loop.tasks_of("")) == 1

    loop.run(main())


def test_what_a_callback_raises_is_kept() -> None:
    loop = loop_of()

    def fails() -> None:
        raise ValueError("nobody asked for it")

    async def main() -> None:
        asyncio.get_running_loop().call_soon(fails)
        await asyncio.sleep(1)

    loop.run(main())
    assert [str(error) for error in loop.failures] == ["nobody asked for it"]
