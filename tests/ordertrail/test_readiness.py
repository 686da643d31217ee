"""What the server tells of itself: not ready as long as most commands would be put off."""

import asyncio
from typing import Any, cast

import pytest

from ordertrail.server import checks
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.writing.errors import NotExecuted
from tests.timing import DEADLINE_S
from tests.writing import receipt, running


async def test_it_is_not_ready_while_the_index_does_not_answer() -> None:
    index, log = MemoryIndex(), MemoryLog(MemoryBroker(partitions=1))
    async with running(log, index) as write_side:
        look = checks(log, write_side.writers, write_side.workflow, cast("Any", None))["index"]
        assert (await look()).ok
        index.unreadable = True
        with pytest.raises(NotExecuted):
            await write_side.writers.submit(receipt("A", 1))
        found = await look()
        assert (found.ok, found.detail) == (
            False,
            "the index does not answer: commands for what is not in memory are put off",
        )
        index.unreadable = False
        async with asyncio.timeout(DEADLINE_S):
            while not (await look()).ok:  # noqa: ASYNC110 - the probe tells nobody
                await asyncio.sleep(0.001)
