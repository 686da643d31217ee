"""What people wrote down about the order, and trouble that somebody has to look at."""

from __future__ import annotations

from domain.decider import Event
from domain.event_values import Actor, PersonalText
from domain.order.event_terms import TroubleFacts
from domain.order.events.moving import UnitsMoved
from domain.order.terms import Audience, Channel, ExceptionCode, Outcome
from domain.roles import Department, Party


class NoteAdded(Event):
    """Somebody wrote something down."""

    author: Actor
    audience: Audience
    text: PersonalText
    department: Department | None = None
    """Whose board it stands on as a message until somebody there answers; None where nobody has to."""
    number: int | None = None
    """Its number among the order's messages; None where it is none."""


class NoteAnswered(Event):
    """Somebody of the department that a note names answered it."""

    note: int
    department: Department
    author: Actor
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
    about: TroubleFacts = TroubleFacts()


class ExceptionResolved(UnitsMoved):
    """Somebody dealt with an exception, or other events overtook it (`resolved_by` is then `workflow`)."""

    exception: int
    resolved_by: Actor
    outcome: Outcome | None = None
    """What became of the parcel, where the exception was about one that is lost or on its way back."""
