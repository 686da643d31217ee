"""Reading that checks: every record has to follow the one before it. Every reader of a log goes through here.

Must not know: what is done with the records.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from streams.log import LogUnfit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from streams.log import Batch


async def contiguous(batches: AsyncGenerator[Batch], partition: int, sequence: int) -> AsyncGenerator[Batch]:
    """The batches; `LogUnfit` as soon as a record does not carry the next number after `sequence`."""
    async with aclosing(batches):
        async for batch in batches:
            for stored in batch.records:
                if stored.sequence != sequence + 1:
                    raise LogUnfit(f"partition {partition}: sequence {sequence + 1} expected, {stored.sequence} found")
                sequence = stored.sequence
            yield batch
