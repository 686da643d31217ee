"""What customer service decides: notes, contacts, exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decider import Rejected, require
from domain.order.decisions.shared_refusals import require_of_department
from domain.order.events import ContactLogged, ExceptionResolved, NoteAdded, NoteAnswered
from domain.order.ledger import Ledger
from domain.order.parcels import WHERE, moves_of, parcel_of
from domain.order.terms import HAVE_OUTCOME, Evidence, Outcome

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.commands import AddNote, AnswerNote, LogContact, ResolveException
    from domain.order.event_terms import Move
    from domain.order.events import OrderEvent
    from domain.order.state import Order


class NoSuchNote(Rejected):
    """The order has no such message."""


class AlreadyAnswered(Rejected):
    """Somebody has answered this message already."""


class NoSuchException(Rejected):
    """The order has no such exception."""


class OutcomeMissing(Rejected):
    """Say what happened to the parcel: whether it is still on its way, lost or returned."""


class NoOutcome(Rejected):
    """Only a parcel that is lost or on its way back has an outcome."""


def add_note(order: Order, command: AddNote, context: Context) -> tuple[OrderEvent, ...]:
    """Written down, always; a department that is to answer finds it by its number."""
    return (
        NoteAdded(
            occurred_at=context.occurred_at,
            reason=command.reason,
            author=context.actor,
            audience=command.audience,
            text=command.text,
            department=command.department,
            number=None if command.department is None else len(order.messages) + 1,
        ),
    )


def answer_note(order: Order, command: AnswerNote, context: Context) -> tuple[OrderEvent, ...]:
    """Once, by the department that was asked."""
    message = next((each for each in order.messages if each.number == command.note), None)
    if message is None:
        raise NoSuchNote(f"Message {command.note} of {len(order.messages)}.", note=command.note)
    require_of_department(message.department, context)
    require(message.answer is None, AlreadyAnswered)
    return (
        NoteAnswered(
            occurred_at=context.occurred_at,
            reason=command.reason,
            note=command.note,
            department=message.department,
            author=context.actor,
            text=command.text,
        ),
    )


def log_contact(command: LogContact, context: Context) -> tuple[OrderEvent, ...]:
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
    """Dealt with, once; of a parcel that is lost or on its way back, it has to be said what became of it."""
    opened = order.exceptions_opened
    require(command.exception <= opened, NoSuchException, f"Exception {command.exception} of {opened}.")
    trouble = next((known for known in order.exceptions if known.number == command.exception), None)
    if trouble is None:
        return ()
    expected = trouble.code in HAVE_OUTCOME
    require(command.outcome is not None or not expected, OutcomeMissing, ", ".join(Outcome) + ".")
    require(command.outcome is None or expected, NoOutcome)
    return (
        ExceptionResolved(
            occurred_at=context.occurred_at,
            reason=command.reason,
            exception=command.exception,
            resolved_by=context.actor,
            outcome=command.outcome,
            moves=() if command.outcome is None else _settled(order, trouble.about.parcel, command.outcome),
        ),
    )


def _settled(order: Order, number: int | None, outcome: Outcome) -> tuple[Move, ...]:
    """Units of the parcel go where it is, unless its customer has it; who has it back knows better than a scan."""
    parcel = None if number is None else parcel_of(order, number)
    if parcel is None:
        return ()
    only_scanned = parcel.evidence is Evidence.CARRIER_SCAN and outcome is Outcome.RETURNED
    if parcel.received_at is not None and not only_scanned:
        return ()
    return moves_of(Ledger(order), parcel, WHERE[outcome])
