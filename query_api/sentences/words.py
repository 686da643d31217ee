"""What a language has to have words for, and the arithmetic that all languages share.

Decides: which words there are. Must not know: how a page looks, where a row comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import Enum, StrEnum
from itertools import groupby
from typing import Any, Final

from domain.catalogue import AnyEvent
from domain.company_time import day_in, offset_in
from domain.event_values import DateSource, LineKind, LineTotal, PromisePortion, Units
from domain.offering import Act
from domain.order.event_terms import PickedUnits, TroubleFacts
from domain.order.status import Badge, BadgeKind, Headline, Milestone, NextAction
from domain.order.terms import (
    Audience,
    Bucket,
    CancelCause,
    Channel,
    Evidence,
    ExceptionCode,
    HoldType,
    Outcome,
    ParcelStatus,
    Step,
)
from domain.roles import Department, Party, Role
from projections.search_terms import SearchField
from projections.tracking_document import TrackedProblem, TrackingDocument, UnitState

Naming = Callable[[int], str]
"""Calls an order line by its number: its SKU where it is known."""

NAMED_LINES = 4
"""Up to this many lines are named one by one; of more, only the total is given."""


PEOPLE_IN_SENTENCES: Final = ("person", "taken_from", "picker")
"""Fields of events that hold an actor and are told in the event's sentence."""


class Language(StrEnum):
    """The languages of every page; the value is the HTML `lang`."""

    EN = "en"
    ZH = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """Everything one language says. A missing key is an error, never a gap on a page."""

    language: Language
    texts: Mapping[str, str]
    """Words of the pages by key; `{name}` stands for a value."""
    headlines: Mapping[Headline, str]
    badges: Mapping[BadgeKind, str]
    next_steps: Mapping[NextAction, str]
    parties: Mapping[Party, str]
    roles: Mapping[Role, str]
    milestones: Mapping[Milestone, str]
    holds: Mapping[HoldType, str]
    steps: Mapping[Step, str]
    exceptions: Mapping[ExceptionCode, str]
    outcomes: Mapping[Outcome, str]
    """What became of a parcel in doubt."""
    parcels: Mapping[ParcelStatus, str]
    evidence: Mapping[Evidence, str]
    stages: Mapping[Bucket, str]
    causes: Mapping[CancelCause, str]
    channels: Mapping[Channel, str]
    audiences: Mapping[Audience, str]
    sources: Mapping[DateSource, str]
    kinds: Mapping[LineKind, str]
    acts: Mapping[Act, str]
    fields: Mapping[str, str]
    """What the fields of forms are called, by the command's own names."""
    refusals: Mapping[str, str]
    """What a refusal says, by its code; one that is not here is said as the command API says it, in English."""
    faults: Mapping[str, str]
    """What is wrong with a field, by the rule that it breaks, with the rule's limits left open."""
    searched: Mapping[SearchField, str]
    """What people call the fields in which they look for an order."""
    tracked_units: Mapping[UnitState, str]
    tracked_problems: Mapping[TrackedProblem, str]
    """What a customer is told of a problem, in plain words."""
    event_sentence: Callable[[AnyEvent, Naming], str]
    """One event as one sentence, with people as the event names them."""
    trouble: Callable[[ExceptionCode, TroubleFacts], str]
    """What is wrong, without a full stop."""
    units: Callable[[int], str]
    """A number of units, `1 unit`."""
    more_articles: Callable[[int], str]
    """A number of articles that are not listed, `and 2 more articles`."""
    day: Callable[[date], str]
    duration: Callable[[timedelta], str]
    tell_whereabouts: Callable[[TrackingDocument, tzinfo], str]
    """One sentence that says where an order is, for its customer to read or to be read to; days are of this zone."""
    zone: tzinfo = UTC
    """The company's time zone: all moments are told in it."""
    named: Callable[[str], str] = str
    """What people call an actor, whom events name by an id."""

    def sentence(self, event: AnyEvent, naming: Naming) -> str:
        """One event as one sentence."""
        by_id = ((field, getattr(event, field, None)) for field in PEOPLE_IN_SENTENCES)
        named = {field: self.named(actor) for field, actor in by_id if isinstance(actor, str)}
        return self.event_sentence(event.model_copy(update=named) if named else event, naming)

    def text(self, key: str, **values: object) -> str:
        """The words of a page by key."""
        return self.texts[key].format(**values)

    def badge(self, badge: Badge) -> str:
        """`Part shipped 6/10`, `On hold (Credit)`."""
        told = {"count": f"{badge.count:,}", "of": f"{badge.of:,}", "detail": self._detail(badge)}
        return self.badges[badge.kind].format(**told).strip()

    def _detail(self, badge: Badge) -> str:
        match badge.kind:
            case BadgeKind.ON_HOLD:
                return self.holds[HoldType(badge.detail)] if badge.detail else ""
            case BadgeKind.PROBLEM:
                return self.exceptions[ExceptionCode(badge.detail)] if badge.detail else ""
            case _:
                return ""

    def choice(self, value: Enum) -> str:
        """What a form calls one of several choices."""
        tables: dict[type[Enum], Mapping[Any, str]] = {
            HoldType: self.holds,
            Step: self.steps,
            Outcome: self.outcomes,
            ParcelStatus: self.parcels,
            Evidence: self.evidence,
            CancelCause: self.causes,
            Channel: self.channels,
            Audience: self.audiences,
            DateSource: self.sources,
            LineKind: self.kinds,
            Department: self.parties,
            Role: self.roles,
        }
        return tables[type(value)][value]

    def moment(self, at: datetime) -> str:
        """Day and minute in the company's zone, and how far that is from UTC, as people read it."""
        return f"{self.day_of(at)} {at.astimezone(self.zone):%H:%M} {offset_in(self.zone, at)}"

    def clock(self, at: datetime) -> str:
        """What the company's clocks show, `09:12`: of something that was a short while ago."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def day_of(self, at: datetime) -> str:
        """The company's day on which something happened."""
        return self.day(day_in(self.zone, at))

    def whereabouts(self, document: TrackingDocument) -> str:
        """Where an order is, in one sentence."""
        return self.tell_whereabouts(document, self.zone)


Amount = Units | LineTotal | PickedUnits | PromisePortion
Amounts = Sequence[Amount]


def by_day(promises: Iterable[PromisePortion]) -> list[tuple[date, tuple[PromisePortion, ...]]]:
    """Promised units, day by day."""
    return [(on, tuple(found)) for on, found in groupby(sorted(promises, key=_day), key=_day)]


def _day(promise: PromisePortion) -> date:
    return promise.on


def total(units: Amounts) -> int:
    """Units of all lines together."""
    return sum(part.quantity for part in units)


def unnamed(about: TroubleFacts) -> int:
    """Units of trouble that none of its parts names."""
    return max(0, (about.units or 0) - sum(part.quantity for part in about.parts))


def joined(*parts: str | None, by: str) -> str:
    """The parts that say something: of a fact that is not known, nothing is told."""
    return by.join(part for part in parts if part)


def unended(said: str | None) -> str:
    """Somebody else's words without the full stop at their end, so that ours is the only one."""
    return (said or "").rstrip(" .!?。！？")


def named(units: Amounts, naming: Naming) -> str:
    """`6 × 85123A, 2 × 71053`; empty where there are too many lines to name."""
    if not 0 < len(units) <= NAMED_LINES:
        return ""
    return ", ".join(f"{part.quantity} × {_name(part, naming)}" for part in units)


def _name(part: Amount, naming: Naming) -> str:
    if part.line is not None:
        return naming(part.line)
    return part.sku or "?"
