"""The workflow finishes what was begun, however many people come at once."""

import asyncio
from typing import Final

import pytest
from prometheus_client import REGISTRY

from domain.order.events import SentToWarehouse
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from tests.writing import everything, new_order, order, receipt, running, submission, with_workflow

SKUS: Final = [f"A{number}" for number in range(40)]
CLIENTS: Final = 200
ORDERS: Final = 1_000
UNDER_WAY: Final = 750
"""Orders that may be between being placed and being sent when the last one is placed: some 550 are."""


@pytest.mark.slow
async def test_orders_that_come_by_the_hundred_are_sent_to_the_warehouse_as_fast_as_they_are_placed() -> None:
    log = MemoryLog(MemoryBroker())
    async with with_workflow(log, MemoryIndex()) as write_side:
        for sku in SKUS:
            await write_side.writers.submit(receipt(sku, ORDERS))
        left = iter(range(ORDERS))

        async def client() -> None:
            """Whoever is answered sends the next order at once."""
            for number in left:
                lines = ((SKUS[(number + nth) % len(SKUS)], 1) for nth in range(3))
                await write_side.writers.submit(submission(new_order(), order(*lines)))

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        sent = sum(isinstance(each.event, SentToWarehouse) for each in await everything(log))
    assert sent >= ORDERS - UNDER_WAY


async def test_what_waits_for_the_workflow_are_events_not_reacted_to_and_its_commands_that_are_queued() -> None:
    async with running(MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()) as write_side:
        (writer,) = write_side.writers.all
        for _ in range(3):
            await write_side.writers.submit(receipt("A", 1))
        assert writer.behind == 0  # nobody follows
        writer.reacted = 1
        assert writer.behind == 2
        queued = [write_side.writers.submit_workflow(receipt("A", 1)) for _ in range(5)]
        assert writer.behind == 7
        await asyncio.gather(*queued)
        writer.reacted = writer.partition.sequence
        assert writer.behind == 0


async def test_what_waits_for_the_workflow_is_counted_until_it_has_come_to_its_end() -> None:
    async with with_workflow(MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()) as write_side:
        (writer,) = write_side.writers.all
        placing = asyncio.create_task(write_side.writers.submit(submission(new_order(), order(("A", 1)))))
        most = 0
        while not (placing.done() and write_side.workflow.idle):
            most = max(most, writer.behind)
            assert REGISTRY.get_sample_value("ordertrail_workflow_behind") == writer.behind
            await asyncio.sleep(0)
        assert most > 0
        assert writer.behind == 0
