"""What people write into an order: for its customer to read, or for a department to answer.

Decides: nothing; how notes and answers change an order. Must not know: commands, refusals, clocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.order.state import CustomerNote, DepartmentMessage
from domain.order.terms import Audience
from domain.replacing import replace

if TYPE_CHECKING:
    from domain.order.events import NoteAdded, NoteAnswered
    from domain.order.state import Order
    from domain.roles import Department


def noted(order: Order, event: NoteAdded) -> Order:
    """The customer reads it, a department has to answer it, both, or neither."""
    if event.audience is Audience.CUSTOMER:
        note = CustomerNote(event.occurred_at, event.text)
        order = replace(order, customer_notes=(*order.customer_notes, note))
    if event.department is None or event.number is None:
        return order
    asked = DepartmentMessage(event.number, event.department, event.author, event.occurred_at, event.text)
    return replace(order, messages=(*order.messages, asked))


def answered(order: Order, event: NoteAnswered) -> Order:
    """The message is dealt with; it stays in the order with its answer."""
    messages = tuple(_answered(each, event) if each.number == event.note else each for each in order.messages)
    return replace(order, messages=messages)


def _answered(message: DepartmentMessage, event: NoteAnswered) -> DepartmentMessage:
    return replace(message, answer=event.text, answered_by=event.author, answered_at=event.occurred_at)


def unanswered(order: Order, department: Department) -> tuple[DepartmentMessage, ...]:
    """What waits for an answer of the department, oldest first."""
    return tuple(each for each in order.messages if each.answer is None and each.department is department)
