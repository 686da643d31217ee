"""What can be followed: an order, a tracking link, a board.

Decides: whose changes wake a follower, and which position it is then told. Must not know: the form of messages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from domain.recorded import Position
from domain.stream_names import order_stream
from projections import order as orders
from projections import tracking
from projections.freshness import freshness
from query_api.dependencies import Readers
from query_api.followed import Source, any_partition_moved
from web.positions import format_positions


@contextmanager
def order_source(readers: Readers, order_id: UUID) -> Iterator[Source]:
    """An order for staff."""

    async def position() -> str:
        async with readers.pool.connection() as connection:
            row = await orders.get(connection, order_id)
        return str(row.position) if row else ""

    with _stream(readers, order_stream(order_id), position) as source:
        yield source


@contextmanager
def tracking_source(readers: Readers, order_id: UUID, token: str) -> Iterator[Source]:
    """An order for its customer."""

    async def position() -> str:
        async with readers.pool.connection() as connection:
            row = await tracking.by_token(connection, token)
        return str(row.position) if row else ""

    with _stream(readers, order_stream(order_id), position) as source:
        yield source


@contextmanager
def _stream(readers: Readers, stream: str, position: Callable[[], Awaitable[str]]) -> Iterator[Source]:
    with readers.waiter.watch(stream) as touched:

        async def moved() -> None:
            await touched.wait()

        async def look() -> str:
            touched.clear()  # before reading: what changes meanwhile wakes us once more
            return await position()

        yield Source(look, moved)


@contextmanager
def board_source(readers: Readers) -> Iterator[Source]:
    """Everything: a board has rows of any order."""
    seen: dict[int, int] = {}

    async def position() -> str:
        async with readers.pool.connection() as connection:
            seen.update({one.partition: one.sequence for one in await freshness(connection)})
        return format_positions(Position(*pair) for pair in seen.items())

    async def moved() -> None:
        await any_partition_moved(readers.waiter, seen, readers.heartbeat_s)

    yield Source(position, moved)
