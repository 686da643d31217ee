"""What a person finds on the start page: what their department is asked, and what others did to their orders.

Decides: whose messages somebody is shown, and how many. Must not know: HTTP, how it looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from domain.order.state import DepartmentMessage
from domain.roles import Role, departments_of
from projections import order as orders
from projections.board import MESSAGES, Board, BoardFilter
from projections.order import OrderRow
from projections.registry import BOARDS
from projections.timeline import TimelineRow
from projections.view import Connection
from query_api.followed_orders import ChangedOrder, changed_by_others
from query_api.order_page import naming
from query_api.sentences import Words
from query_api.timeline_page import sentence_of
from web.sight import Onlooker
from web.tokens import Caller

MOST_ASKED: Final = 20
"""Orders with a message, of one department; all of them stand on its board."""


@dataclass(frozen=True, slots=True)
class AskedMessage:
    """A message that waits for the reader's department, and the order that it is about."""

    row: OrderRow
    message: DepartmentMessage

    def document(self) -> dict[str, Any]:
        """For programs."""
        told, message = self.row, self.message
        return {
            "number": told.number,
            "message": message.number,
            "department": message.department,
            "author": message.author,
            "written_at": message.written_at,
            "text": message.text,
        }


@dataclass(frozen=True, slots=True)
class OrderNews:
    """An order as the reader reads it, and what somebody else did to it last."""

    row: OrderRow
    last: TimelineRow
    sentence: str

    def document(self) -> dict[str, Any]:
        """For programs."""
        told = self.last.model_dump(mode="json", exclude={"data"})
        return {"number": self.row.number, "headline": self.row.headline, "last": {**told, "sentence": self.sentence}}


def own_boards(role: Role) -> tuple[Board, ...]:
    """The boards on which somebody of this role works: whoever helps out everywhere, on all."""
    departments = departments_of(role)
    return tuple(board for board in BOARDS if board.department in departments)


async def asked_of(connection: Connection, role: Role) -> list[AskedMessage]:
    """Messages for the departments of this role, in the order of their boards."""
    found: list[AskedMessage] = []
    for board in own_boards(role):
        rows = await board.find(connection, BoardFilter(queue=MESSAGES), limit=MOST_ASKED)
        known = await orders.these(connection, [row.order_id for row in rows])
        for order in (known[row.order_id] for row in rows if row.order_id in known):
            shown = Onlooker(role, order.state.in_the_house).shown(order)
            mine = (each for each in shown.state.messages if each.department is board.department)
            found += [AskedMessage(shown, message) for message in mine if message.answered_at is None]
    return found


async def news_for(connection: Connection, reader: Caller, words: Words) -> list[OrderNews]:
    """What others did to the reader's orders since the reader last looked, the latest first."""
    return [_news(changed, reader.role, words) for changed in await changed_by_others(connection, reader.actor)]


def _news(changed: ChangedOrder, role: Role, words: Words) -> OrderNews:
    row, onlooker = changed.row, Onlooker(role, changed.row.state.in_the_house)
    sentence = sentence_of(changed.last, words, naming(row), onlooker)
    return OrderNews(onlooker.shown(row), onlooker.shown(changed.last), sentence)
