"""What the boards of all departments share: one row per order that the department has something to do with.

Decides: columns, paging and counts of a board. Which orders are on it, and in which queue, each department's file
decides. Must not know: words on screen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql

from domain.access import Party
from domain.order.ledger import LIVE
from domain.order.messages import unanswered
from domain.order.state import Order, OrderTake
from domain.order.status import Badge, Headline, NextAction, badges, headline, waiting
from domain.order.takes import last_take
from domain.order.terms import Bucket
from domain.roles import MEMBERS, Department, Role
from projections.order import CUSTOMER
from projections.view import (
    Condition,
    Connection,
    Folded,
    Page,
    Part,
    StateRow,
    StateView,
    fetch,
    identifier,
)


class BoardRow(StateRow):
    """One order on one department's board."""

    order_id: UUID
    number: str
    customer_id: str | None
    customer_name: str | None
    headline: Headline
    badges: tuple[Badge, ...]
    waiting_on: Party
    next_action: NextAction
    waiting_since: datetime
    queue: str
    """One of the board's queues."""
    priority: int
    """0 is served first, 9 last."""
    requested_date: date | None
    placed_at: datetime
    units_done: int
    """Units through with what this department does to them."""
    units_of: int
    """Units it has to do with."""
    line_count: int
    country: str
    total_minor: int
    currency: str
    take: OrderTake | None
    """Who of the department took it last; whether they are on it still, the time tells, and whether they work here."""
    messages: int
    """Messages to the department that nobody there has answered."""

    @property
    def place(self) -> str:
        """Where it is sorted in."""
        return place(self.priority, self.waiting_since, self.order_id)


TABLE: Final[LiteralString] = """
CREATE TABLE {table} ({columns}, UNIQUE (order_id));
CREATE INDEX ON {table} (priority, waiting_since, order_id);
CREATE INDEX ON {table} (queue, priority, waiting_since, order_id);
CREATE INDEX ON {table} (priority, waiting_since, order_id) WHERE messages > 0;
"""


class BoardFilter(Part):
    """What a board is narrowed to; None leaves a filter out."""

    queue: str | None = None
    waiting_on: Party | None = None
    customer: str | None = None
    """The customer's id, or any part of the name in either case."""


@dataclass(frozen=True, slots=True)
class BoardCursor:
    """The last row of a page: the next page holds what is less urgent."""

    priority: int
    waiting_since: datetime
    order_id: UUID


@dataclass(frozen=True, slots=True)
class Work:
    """What a department has to do with an order: in which queue it stands, and how many units are through."""

    queue: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands on a board now: what filters ask for, and where it is sorted in."""

    queue: str
    waiting_on: Party
    place: str
    has_message: bool

    def is_within(self, asked: BoardFilter) -> bool:
        """Whether the filter lets it through, as far as that is known: it says nothing about customers."""
        queues = {None, self.queue, MESSAGES if self.has_message else None}
        return asked.queue in queues and asked.waiting_on in {None, self.waiting_on}


def place(priority: int, waiting_since: datetime, order_id: UUID) -> str:
    """A board's sort key as a text that sorts the same."""
    return f"{priority}.{waiting_since.astimezone(UTC).isoformat(timespec='microseconds')}.{order_id}"


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """How many orders are on a board, and in each of its queues, every queue named, in the board's order."""

    total: int
    queues: Mapping[str, int]
    """Together more than all: an order with a message stands among the messages, and where its step is taken."""


# Queues that several boards have.
MESSAGES: Final = "messages"
"""Orders with a message that nobody of the department has answered, whatever else is to be done with them."""
PROBLEMS: Final = "problems"
ON_HOLD: Final = "on-hold"
TO_HAND_OVER: Final = "to-hand-over"
TO_RECEIVE: Final = "to-receive"


def has_trouble(order: Order, party: Party) -> bool:
    """Whether the party has to look at any of the order's exceptions."""
    return any(trouble.owner is party for trouble in order.exceptions)


def until_received(order: Order, queue: str | None) -> Work | None:
    """What a department has to do whose units are through when the customer has them; None for no queue."""
    return None if queue is None else Work(queue, order.count(Bucket.RECEIVED), order.count(*LIVE))


@dataclass(frozen=True)
class Board:
    """A department's board: its queues in the order in which they are shown, and where an order stands, if at all."""

    name: str
    version: int
    queues: Mapping[str, NextAction | None]
    """Each with the step that orders in it wait for; None where they are only watched."""
    work: Callable[[Order], Work | None]
    department: Department
    """Whose board it is: its people start here when they sign in, take orders here, and are asked here."""
    parties: frozenset[Party]
    """Whoever's steps are taken here: the department, and others that it acts for. Each party has one board at most."""

    @property
    def roles(self) -> frozenset[Role]:
        """Roles that start on this board; a role starts on one board at most."""
        return MEMBERS[self.department]

    @cached_property
    def view(self) -> StateView[Order | None, BoardRow]:
        """The view that fills the board."""
        return StateView(name=self.name, version=self.version, kind="order", row=BoardRow, table=TABLE, rows=self._row)

    def _row(self, folded: Folded[Order | None]) -> BoardRow | None:
        order = folded.state
        if order is None:
            return None
        messages = len(unanswered(order, self.department))
        work = self.work(order) or until_received(order, MESSAGES if messages else None)
        if work is None:
            return None
        return board_row(folded, order, work, last_take(order, self.department), messages)

    async def find(
        self, connection: Connection, asked: BoardFilter, cursor: BoardCursor | None = None, limit: int = 50
    ) -> list[BoardRow]:
        """Rows by priority, then the longest wait first, after the cursor's."""
        after = (cursor.priority, cursor.waiting_since, cursor.order_id) if cursor else None
        conditions = (*_met(asked), ("(priority, waiting_since, order_id) > (%s, %s, %s)", after))
        return await fetch(connection, self.view, BoardRow, Page(conditions, BOARD_ORDER, limit))

    async def these(self, connection: Connection, asked: BoardFilter, orders: Collection[UUID]) -> list[BoardRow]:
        """Rows of these orders, as far as they are on the board and the filter lets them through."""
        conditions = (*_met(asked), ("order_id = ANY(%s)", (list(orders),)))
        return await fetch(connection, self.view, BoardRow, Page(conditions, BOARD_ORDER, len(orders)))

    async def counts(self, connection: Connection) -> BoardCounts:
        """How many orders are here, and in each queue."""
        return (await counts(connection, (self,)))[self.name]


STANDINGS: Final[LiteralString] = """
SELECT %s, order_id, queue, waiting_on, priority, waiting_since, messages > 0 FROM {} WHERE order_id = ANY(%s)
"""
COUNTS: Final[LiteralString] = """
SELECT %s, queue, count(*) FROM {0} GROUP BY queue UNION ALL SELECT %s, NULL, count(*) FROM {0} WHERE messages > 0
"""


async def standings(
    connection: Connection, boards: Sequence[Board], orders: Sequence[UUID]
) -> dict[str, dict[UUID, Standing]]:
    """Where these orders stand, by board; one that is not on a board is left out. All boards are one question."""
    query = _of_all(STANDINGS, boards)
    asked = [value for board in boards for value in (board.name, list(orders))]
    found: dict[str, dict[UUID, Standing]] = {board.name: {} for board in boards}
    for name, order, queue, on, rank, since, asks in await (await connection.execute(query, asked)).fetchall():
        found[name][order] = Standing(queue, Party(on), place(rank, since, order), asks)
    return found


async def counts(connection: Connection, boards: Sequence[Board]) -> dict[str, BoardCounts]:
    """How many orders are on each board, and where."""
    query = _of_all(COUNTS, boards)
    queues = {board.name: dict.fromkeys(board.queues, 0) for board in boards}
    totals, messages = dict.fromkeys(queues, 0), dict.fromkeys(queues, 0)
    names = [name for name in queues for _ in range(2)]
    for name, queue, count in await (await connection.execute(query, names)).fetchall():
        if queue is None:
            messages[name] = count
        else:
            queues[name][queue] = count
            totals[name] += count
    return {name: BoardCounts(totals[name], {**queues[name], MESSAGES: messages[name]}) for name in queues}


def _of_all(statement: LiteralString, boards: Sequence[Board]) -> sql.Composed:
    return sql.SQL(" UNION ALL ").join(sql.SQL(statement).format(identifier(board.name)) for board in boards)


def _met(asked: BoardFilter) -> tuple[Condition, ...]:
    return (
        ("messages > 0", ()) if asked.queue == MESSAGES else ("queue = %s", (asked.queue,)),
        ("waiting_on = %s", (asked.waiting_on,)),
        (CUSTOMER, (asked.customer, asked.customer)),
    )


BOARD_ORDER: Final[LiteralString] = "ORDER BY priority, waiting_since, order_id"


def board_row(
    folded: Folded[Order | None], order: Order, work: Work, take: OrderTake | None, messages: int
) -> BoardRow:
    """The order as the board of a department shows it that took it, or was asked about it."""
    party, action = waiting(order)
    return BoardRow(
        **folded.stamp(),
        order_id=UUID(order.order_id),
        number=order.number,
        customer_id=order.customer.id,
        customer_name=order.customer.name,
        headline=headline(order),
        badges=badges(order),
        waiting_on=party,
        next_action=action,
        waiting_since=order.waiting_since or order.placed_at,
        queue=work.queue,
        priority=order.priority,
        requested_date=order.requested_date,
        placed_at=order.placed_at,
        units_done=work.done,
        units_of=work.of,
        line_count=len(order.lines),
        country=order.ship_to.country,
        total_minor=order.total_minor,
        currency=order.currency,
        take=take,
        messages=messages,
    )
