"""What people wrote down about the order, and trouble that somebody has to look at."""

from __future__ import annotations

from domain.access import Party
from domain.decider import Event
from domain.order.terms import Audience, Channel, ExceptionCode, ExceptionNumber
from domain.values import Actor, PersonalNote, Text


class NoteAdded(Event):
    """Somebody wrote something down."""

    author: Actor
    audience: Audience
    text: PersonalNote


class ContactLogged(Event):
    """The customer asked something and got an answer."""

    channel: Channel
    question: PersonalNote
    answer: PersonalNote


class ExceptionOpened(Event):
    """Something is not as it should be; `owner` looks at it."""

    number: ExceptionNumber
    code: ExceptionCode
    owner: Party
    detail: Text


class ExceptionResolved(Event):
    """Somebody dealt with an exception."""

    exception: ExceptionNumber
    resolved_by: Actor
