"""Commands of customer service, open to every department: notes, contacts, exceptions."""

from __future__ import annotations

from domain.decider import Command
from domain.order.command_terms import ExceptionNumber, NoteNumber
from domain.order.terms import Audience, Channel, Outcome
from domain.roles import Department
from domain.values import PersonalNote, Reason


class AddNote(Command):
    """Somebody writes something down, for colleagues or for the customer; a department that it names has to answer."""

    audience: Audience = Audience.INTERNAL
    text: PersonalNote
    department: Department | None = None
    """Who has to answer; None where nobody has to."""


class AnswerNote(Command):
    """Somebody of the department that a note names answers it."""

    note: NoteNumber
    text: PersonalNote


class LogContact(Command):
    """The customer asked something."""

    channel: Channel
    question: PersonalNote
    answer: PersonalNote


class ResolveException(Command):
    """Somebody has dealt with an exception."""

    exception: ExceptionNumber
    outcome: Outcome | None = None
    """What became of the parcel; has to be said of one that is lost or on its way back, and of no other trouble."""
    reason: Reason
