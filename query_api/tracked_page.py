"""What a customer reads of a tracked order: where it is, when it comes, what happens next.

Decides: which of the known facts is the answer, and how much is listed before a page grows too large for a phone. No
date is computed. Must not know: HTTP, where the row comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.event_values import DateSource
from domain.order.status import Milestone
from domain.order.terms import ParcelStatus
from projections.tracking import TrackingRow
from projections.tracking_document import (
    HELD,
    TrackedCheckpoint,
    TrackedDate,
    TrackedDateKind,
    TrackedLine,
    TrackedMilestone,
    TrackedParcel,
    TrackedProblem,
    TrackingDocument,
    UnitState,
)
from query_api.sentences import Words
from query_api.sentences.whereabouts import Whereabouts, holds_told, together

MOST_ARTICLES: Final = 90
"""Articles listed on one page before `show all`: with names of 80 Chinese characters they stay below 30 kB."""
MOST_SCANS: Final = 30
LONGEST_SHOWN_NAME: Final = 80

OURS_TO_SAY: Final = frozenset({TrackedProblem.LOST, TrackedProblem.RETURN_TO_SENDER})
"""Trouble after which the carrier brings nothing more."""

ASK_CUSTOMER: Final = HELD - {TrackedProblem.ON_HOLD}
"""Holds that end when the customer has done something."""

BEFORE_LEAVING: Final = frozenset({Milestone.CONFIRMED, Milestone.BEING_PREPARED})

NEVER_COMES: Final = frozenset({ParcelStatus.LOST, ParcelStatus.RETURNED})

GONE_UNITS: Final = frozenset({UnitState.ON_THE_WAY, UnitState.RECEIVED, UnitState.RETURNED, UnitState.LOST})


@dataclass(frozen=True, slots=True)
class Article:
    """Units of one article."""

    quantity: int
    name: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a parcel holds, or what is still to be sent; `omitted` articles are not listed."""

    articles: tuple[Article, ...]
    units: int
    omitted: int


@dataclass(frozen=True, slots=True)
class TrackedStep:
    """A milestone; `reached` is `done`, `now` or `later`."""

    milestone: Milestone
    reached: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Scan:
    """What a carrier said."""

    at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class ParcelCard:
    """A parcel on its way."""

    state: str
    when: str
    carrier: str | None
    tracking_number: str | None
    contents: Contents
    scans: tuple[Scan, ...]


@dataclass(frozen=True, slots=True)
class TrackedPage:
    """Everything on the page, in words."""

    number: str
    whereabouts: str
    """The sentence that customer service reads too."""
    where: str
    when: str
    next: str
    problems: tuple[tuple[str, str], ...]
    """`hold` or `problem`, and what is said of it."""
    steps: tuple[TrackedStep, ...]
    parcels: tuple[ParcelCard, ...]
    rest: Contents | None
    """What no parcel has."""
    rest_is_cancelled: bool
    notes: tuple[tuple[datetime, str], ...]
    placed_at: datetime
    omitted: int
    """Articles that are listed only when asked for."""


class _Room:
    """How many more articles and scans may be listed."""

    def __init__(self, *, articles: int, scans: int) -> None:
        self.articles = articles
        self.scans = scans

    def contents(self, articles: Sequence[Article]) -> Contents:
        shown = tuple(articles[: self.articles])
        self.articles -= len(shown)
        return Contents(shown, sum(article.quantity for article in articles), len(articles) - len(shown))

    def few_scans(self, checkpoints: Sequence[TrackedCheckpoint]) -> Sequence[TrackedCheckpoint]:
        shown = checkpoints[: self.scans]
        self.scans -= len(shown)
        return shown


def tracked_page(row: TrackingRow, words: Words, *, everything: bool = False) -> TrackedPage:
    """The page of one order; `everything` lists every article, however many."""
    document = row.document
    room = _Room(articles=10**6, scans=10**6) if everything else _Room(articles=MOST_ARTICLES, scans=MOST_SCANS)
    parcels = tuple(_parcel(parcel, words, room) for parcel in document.parcels)
    rest = _rest(document.lines, words, room)
    kept = {state for line in document.lines for state in line.states} - GONE_UNITS
    return TrackedPage(
        number=row.number,
        whereabouts=words.whereabouts(document),
        where=words.milestones[row.milestone] if row.milestone and not row.cancelled else words.text("where_cancelled"),
        when=_when(row, words),
        next=_next(row, words),
        problems=tuple(
            ("hold" if code in HELD else "problem", words.tracked_problems[code])
            for code in dict.fromkeys(trouble.code for trouble in document.problems)
        ),
        steps=() if row.cancelled else _steps(document.milestones),
        parcels=parcels,
        rest=rest,
        rest_is_cancelled=kept == {UnitState.CANCELLED},
        notes=tuple((note.written_at, note.text) for note in document.notes),
        placed_at=document.placed_at,
        omitted=sum(part.omitted for part in [*(card.contents for card in parcels), *([rest] if rest else [])]),
    )


def _steps(milestones: Sequence[TrackedMilestone]) -> tuple[TrackedStep, ...]:
    reached = [place for place, milestone in enumerate(milestones) if milestone.reached]
    newest = reached[-1] if reached else -1
    last = len(milestones) - 1
    return tuple(
        TrackedStep(milestone.code, _place(place, newest, last), milestone.reached_at)
        for place, milestone in enumerate(milestones)
    )


def _place(place: int, newest: int, last: int) -> str:
    if place < newest or place == newest == last:
        return "done"
    return "now" if place == newest else "later"


def _when(row: TrackingRow, words: Words) -> str:
    document = row.document
    if row.cancelled:
        return words.text("when_nothing")
    if document.units_of and document.units_received >= document.units_of:
        return _all_received(document.parcels, words)
    if _nothing_comes(document):
        return words.text("when_nothing")
    for kind, key in (
        (TrackedDateKind.EXPECTED, "when_expected"),
        (TrackedDateKind.PROMISED, "when_promised"),
        (TrackedDateKind.REQUESTED, "when_requested"),
    ):
        named = _latest(document.dates, kind)
        if named is not None:
            return words.text(key, day=words.day(named.on), source=words.sources[named.source])
    return words.text("when_told_later" if _says_no_date(document, words) else "when_unknown")


def _says_no_date(document: TrackingDocument, words: Words) -> bool:
    """Whether the sentence above says already that there is no date yet."""
    parts = together(document, words.zone)
    return any(part.where is Whereabouts.WAITING and part.expected is None for part in parts)


def _nothing_comes(document: TrackingDocument) -> bool:
    """Whether what the customer does not have is lost or with us, so that there is nothing to wait for."""
    astray = _units(document, UnitState.LOST) + _units(document, UnitState.RETURNED)
    return astray > 0 and document.units_received + astray >= document.units_of


def _units(document: TrackingDocument, state: UnitState) -> int:
    return sum(line.states.get(state, 0) for line in document.lines)


def _all_received(parcels: Sequence[TrackedParcel], words: Words) -> str:
    last = max((parcel.received_at for parcel in parcels if parcel.received_at), default=None)
    return words.text("when_all_received", day=words.day_of(last)) if last else words.milestones[Milestone.RECEIVED]


def _latest(dates: Iterable[TrackedDate], kind: TrackedDateKind) -> TrackedDate | None:
    return max((date for date in dates if date.kind is kind), key=lambda date: date.on, default=None)


def _next(row: TrackingRow, words: Words) -> str:
    document = row.document
    if row.cancelled or row.milestone is None:
        return words.text("next_cancelled")
    if _nothing_comes(document) or any(trouble.code in OURS_TO_SAY for trouble in document.problems):
        return words.text("next_contact")
    if not ASK_CUSTOMER.isdisjoint(holds_told(document)):
        return words.text("next_customer")
    return _next_of_goods(row.milestone, document, words)


def _next_of_goods(reached: Milestone, document: TrackingDocument, words: Words) -> str:
    unsent, moving = document.units_of - document.units_shipped, _units(document, UnitState.ON_THE_WAY)
    if reached is Milestone.SHIPPED and unsent and not moving:
        return words.text("next_rest", units=words.units(unsent))
    if reached is Milestone.SHIPPED and document.units_received and not unsent:
        return words.text("next_on_the_way", units=words.units(moving))
    if reached in BEFORE_LEAVING and unsent and not _units(document, UnitState.BEING_PREPARED):
        return words.text("next_waits")
    return words.text(f"next_{reached.value}")


def _parcel(parcel: TrackedParcel, words: Words, room: _Room) -> ParcelCard:
    return ParcelCard(
        state=_state(parcel, words),
        when=_parcel_when(parcel, words),
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        contents=room.contents([Article(units.quantity, _short(units.name)) for units in parcel.contents]),
        scans=tuple(_scan(checkpoint, words) for checkpoint in room.few_scans(parcel.checkpoints)),
    )


def _state(parcel: TrackedParcel, words: Words) -> str:
    if parcel.received_at:
        return words.milestones[Milestone.RECEIVED]
    return words.parcels[parcel.status] if parcel.status else words.text("handed_over_state")


def _parcel_when(parcel: TrackedParcel, words: Words) -> str:
    if parcel.received_at:
        return words.text("when_received", day=words.day_of(parcel.received_at))
    left = words.text("left_on", day=words.day_of(parcel.handed_over_at)) if parcel.handed_over_at else ""
    if parcel.status in NEVER_COMES:
        return left
    return f"{left} {_expected(parcel, words)}".strip()


def _expected(parcel: TrackedParcel, words: Words) -> str:
    if parcel.expected_on is None:
        return words.text("when_unknown")
    return words.text("when_expected", day=words.day(parcel.expected_on), source=words.sources[DateSource.CARRIER])


def _scan(checkpoint: TrackedCheckpoint, words: Words) -> Scan:
    place = f" · {_short(checkpoint.place)}" if checkpoint.place else ""
    return Scan(checkpoint.occurred_at, words.parcels[checkpoint.status] + place)


def _rest(lines: Sequence[TrackedLine], words: Words, room: _Room) -> Contents | None:
    waiting = [
        Article(units, _short(line.name), words.tracked_units[state])
        for line in lines
        for state, units in line.states.items()
        if state not in GONE_UNITS
    ]
    return room.contents(waiting) if waiting else None


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_SHOWN_NAME else name[: LONGEST_SHOWN_NAME - 1] + "…"
