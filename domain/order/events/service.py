"""What people wrote down about the order, and trouble that somebody has to look at."""

from __future__ import annotations

from domain.decider import Event
from domain.event_values import Actor, PersonalText
from domain.order.events.moving import UnitsMoved
from domain.order.terms import Audience, Channel, ExceptionCode, Outcome
from domain.roles import Party


class NoteAdded(Event):
    """Somebody wrote something down."""

    author: Actor
    audience: Audience
    text: PersonalText


class ContactLogged(Event):
    """The customer asked something and got an answer."""

    channel: Channel
    question: PersonalText
    answer: PersonalText


class ExceptionOpened(Event):
    """Something is not as it should be; `owner` looks at it."""

    number: int
    code: ExceptionCode
    owner: Party
    detail: PersonalText
    """What is wrong: in our words, and in the carrier's where a carrier said so."""
    parcel: int | None = None
    """The parcel it is about, by the number that was named; None where it is about no parcel."""
    tracking_number: str | None = None
    """The tracking number it is about; None where it is about none."""


class ExceptionResolved(UnitsMoved):
    """Somebody dealt with an exception, or other events overtook it (`resolved_by` is then `workflow`)."""

    exception: int
    resolved_by: Actor
    outcome: Outcome | None = None
    """What became of the parcel, where the exception was about one that is lost or on its way back."""
