"""What customer service decides: notes, contacts, exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decider import Rejected, require
from domain.order.events import ContactLogged, ExceptionResolved, NoteAdded

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.commands import AddNote, LogContact, ResolveException
    from domain.order.events import OrderEvent
    from domain.order.state import Order


class NoSuchException(Rejected):
    """The order has never had such an exception."""


def add_note(_order: Order, command: AddNote, context: Context) -> tuple[OrderEvent, ...]:
    """Written down, always."""
    return (
        NoteAdded(
            occurred_at=context.occurred_at,
            reason=command.reason,
            author=context.actor,
            audience=command.audience,
            text=command.text,
        ),
    )


def log_contact(_order: Order, command: LogContact, context: Context) -> tuple[OrderEvent, ...]:
    """Written down, always."""
    return (
        ContactLogged(
            occurred_at=context.occurred_at,
            reason=command.reason,
            channel=command.channel,
            question=command.question,
            answer=command.answer,
        ),
    )


def resolve_exception(order: Order, command: ResolveException, context: Context) -> tuple[OrderEvent, ...]:
    """Dealt with, once."""
    opened = order.exceptions_opened
    require(command.exception <= opened, NoSuchException, f"Exception {command.exception} of {opened}.")
    if all(trouble.number != command.exception for trouble in order.exceptions):
        return ()
    return (
        ExceptionResolved(
            occurred_at=context.occurred_at,
            reason=command.reason,
            exception=command.exception,
            resolved_by=context.actor,
        ),
    )
