"""What people wrote down about the order, and trouble that somebody has to look at."""

from __future__ import annotations

from domain.decider import Event
from domain.order.terms import Audience, Channel, ExceptionCode, ExceptionNumber, ParcelNumber
from domain.roles import Party
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
    parcel: ParcelNumber | None = None
    """The parcel it is about; None where it is about no parcel or one that the order does not have."""


class ExceptionResolved(Event):
    """Somebody dealt with an exception."""

    exception: ExceptionNumber
    resolved_by: Actor
