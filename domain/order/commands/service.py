"""Commands of customer service, open to every department: notes, contacts, exceptions."""

from __future__ import annotations

from domain.decider import Command
from domain.order.terms import Audience, Channel, ExceptionNumber
from domain.values import PersonalNote, Reason


class AddNote(Command):
    """Somebody writes something down, for colleagues or for the customer."""

    audience: Audience = Audience.INTERNAL
    text: PersonalNote


class LogContact(Command):
    """The customer asked something."""

    channel: Channel
    question: PersonalNote
    answer: PersonalNote


class ResolveException(Command):
    """Somebody has dealt with an exception."""

    exception: ExceptionNumber
    reason: Reason
