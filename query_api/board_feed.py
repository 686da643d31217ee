"""What readers of boards are told: which orders have moved on their board, as their filter sees it, and the counts.

Decides: how often boards are looked at, and what a message names. All readers of a process share one look at the rows
that moved, and those of the same board and filter the very same message. It names orders by id, with their place in the
board's order, or null for one that is not there (any more); a page fetches those rows that it shows or has room for.
Who may have missed something is told to read everything `anew`. Must not know: rows, pages, who reads.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from domain.recorded import Position
from domain.roles import Party
from domain.stream_names import kind_of, name_of
from projections.board import Board, BoardCounts, BoardFilter, Standing, counts, standings
from projections.freshness import Collected
from projections.view import Connection
from query_api.dependencies import Waiter
from query_api.server_sent_events import beyond, message
from web.database import Pool, borrowed
from web.positions import format_positions
from web.problems import Problem

logger = logging.getLogger(__name__)

GATHER_S: Final = 0.05
"""From the first row that moves until boards are looked at, so that many that move at once are one look."""
COUNT_S: Final = 0.5
"""Orders are not counted more often than this."""
COUNTING_SHARE: Final = 0.05
"""Nor for a larger part of the time: counting takes the longer the more orders there are."""
MOST_UNREAD: Final = 50
"""Messages that wait for a reader; one that is further behind reads everything anew."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a reader watches. Two who differ in the customer only are told the same; the rows that they fetch differ."""

    board: str
    queue: str | None
    waiting_on: Party | None

    def moved(self, orders: Iterable[UUID], standing: Mapping[UUID, Standing]) -> dict[str, str | None]:
        """The orders with their places; None where one is not on the board as this reader sees it."""
        asked = BoardFilter(queue=self.queue, waiting_on=self.waiting_on)
        found = {order: standing.get(order) for order in orders}
        return {str(each): at.place if at and at.is_within(asked) else None for each, at in found.items()}


class Mailbox:
    """What one reader has not been told yet."""

    def __init__(self) -> None:
        self.touched = asyncio.Event()
        self.ended = False
        self._unread: list[bytes] = []

    def put(self, told: bytes) -> None:
        """One message more."""
        self._unread.append(told)
        self.touched.set()

    def put_anew(self, position: str) -> None:
        """Everything may have changed: what waits says nothing more than that."""
        self._unread = [message(position, "anew", "{}")]
        self.touched.set()

    @property
    def is_full(self) -> bool:
        """Whether its reader is so far behind that it had better begin anew."""
        return len(self._unread) >= MOST_UNREAD

    def end(self) -> None:
        """Nothing more will come."""
        self.ended = True
        self.touched.set()

    def news(self) -> bytes:
        """All of it, once."""
        unread, self._unread = self._unread, []
        return b"".join(unread)


class BoardFeed:
    """The boards of one process, looked at while anybody follows one of them."""

    def __init__(self, pool: Pool, waiter: Waiter) -> None:
        self._pool = pool
        self._waiter = waiter
        self._boards: dict[str, Board] = {}
        self._readers: defaultdict[Watched, set[Mailbox]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None
        self._open = ExitStack()
        self._count_from, self._owed = -math.inf, False
        """When orders may be counted again, and whether any has moved since they last were."""

    @contextmanager
    def follow(self, board: Board, asked: BoardFilter, seen: str) -> Iterator[Mailbox]:
        """All news of a board from now on; `seen` is the position of what the reader shows."""
        mailbox, watched = Mailbox(), Watched(board.name, asked.queue, asked.waiting_on)
        if self._looking is None or self._looking.done():
            self._begin()
        self._boards[board.name] = board
        self._readers[watched].add(mailbox)
        try:
            if beyond(position := self._position(), seen):
                mailbox.put_anew(position)
            yield mailbox
        finally:
            self._leave(watched, mailbox)

    def _begin(self) -> None:
        self._open.close()
        collected = self._open.enter_context(self._waiter.collect())
        self._looking = asyncio.create_task(self._look(collected))
        self._open.callback(self._looking.cancel)

    def _leave(self, watched: Watched, mailbox: Mailbox) -> None:
        self._readers[watched].discard(mailbox)
        if not self._readers[watched]:
            del self._readers[watched]
        if not self._readers:
            self._open.close()

    def _position(self) -> str:
        return format_positions(Position(*pair) for pair in self._waiter.positions.items())

    async def _look(self, collected: Collected) -> None:
        try:
            while True:
                await self._until_due(collected)
                position = self._position()  # before the pause: streams are told after the position that they moved to
                await asyncio.sleep(GATHER_S)
                await self._tell(position, collected.take())
        except Exception:
            logger.exception("boards are followed no more")
            raise
        finally:
            for mailbox in self._mailboxes():
                mailbox.end()

    def _mailboxes(self) -> list[Mailbox]:
        return [each for mailboxes in self._readers.values() for each in mailboxes]

    async def _until_due(self, collected: Collected) -> None:
        """Until something has moved, or orders are to be counted that moved before."""
        due = self._count_from - asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, due) if self._owed else None):
                await collected.moved.wait()

    async def _tell(self, position: str, streams: frozenset[str] | None) -> None:
        orders = [UUID(name_of(stream)) for stream in streams or () if kind_of(stream) == "order"]
        try:
            if streams is None:
                self._tell_anew(position)
            else:
                await self._tell_moved(position, orders)
        except Problem:  # the database is away
            self._tell_anew(position)

    def _tell_anew(self, position: str) -> None:
        for mailbox in self._mailboxes():
            mailbox.put_anew(position)

    async def _tell_moved(self, position: str, orders: Sequence[UUID]) -> None:
        self._owed = self._owed or bool(orders)
        counting = self._owed and asyncio.get_running_loop().time() >= self._count_from
        if not orders and not counting:
            return
        boards = [self._boards[name] for name in sorted({watched.board for watched in self._readers})]
        async with borrowed(self._pool) as connection:
            found = await standings(connection, boards, orders) if orders else {}
            for watched in self._watched(found):
                self._deliver(watched, position, {"orders": watched.moved(orders, found[watched.board])})
            counted = await self._count(connection, boards) if counting else {}
        for watched in self._watched(counted):
            self._deliver(watched, position, {"orders": {}, **_told(counted[watched.board])})

    def _watched(self, boards: Collection[str]) -> list[Watched]:
        """What is watched of these boards; others came while we looked."""
        return [watched for watched in self._readers if watched.board in boards]

    async def _count(self, connection: Connection, boards: Sequence[Board]) -> dict[str, BoardCounts]:
        began = asyncio.get_running_loop().time()
        counted = await counts(connection, boards)
        ended = asyncio.get_running_loop().time()
        self._count_from, self._owed = max(began + COUNT_S, ended + (ended - began) / COUNTING_SHARE), False
        return counted

    def _deliver(self, watched: Watched, position: str, told: Mapping[str, object]) -> None:
        """The same message to all."""
        made = message(position, "changed", orjson.dumps(told).decode())
        for mailbox in self._readers[watched]:
            if mailbox.is_full:
                mailbox.put_anew(position)
            else:
                mailbox.put(made)


def _told(counted: BoardCounts) -> dict[str, object]:
    return {"queues": counted.queues, "total": counted.total}
