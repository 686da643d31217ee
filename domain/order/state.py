"""What an order is, folded from its events.

Decides: nothing; it is the shape that decisions, status words and views read. `evolve` (in `evolve.py`) makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.event_values import Actor, Address, Customer, CustomerReference, Line, PersonalText, PromisePortion, Units
from domain.order.event_terms import HoldPlaced, NamedUnits, TroubleFacts
from domain.order.terms import COMING_BACK, NOT_COMING, Bucket, Evidence, ExceptionCode, Outcome, ParcelStatus
from domain.paged_map import PagedMap
from domain.roles import Department, Party

Buckets = tuple[int, ...]
"""One count per `Bucket`, in its order."""

EMPTY: Buckets = (0,) * len(Bucket)


@dataclass(frozen=True, slots=True)
class LineState:
    """A line with its units by bucket. Lines that are no goods have none."""

    line: Line
    buckets: Buckets = EMPTY
    stock_version: int = 0
    """Version of the stock stream whose answer was taken last; 0 before the first."""
    missing: int = 0
    """Units that pickers did not find, to date."""
    asked: int = 0
    """Version of the order's newest ask of stock for this line; 0 as long as the first one counts."""
    deferred: bool = False
    """Stock knows of the line and is not to serve it yet: another article of the order comes first."""


@dataclass(frozen=True, slots=True)
class CarrierCheckpoint:
    """What makes a carrier's message the same message (carrier, number, time, code), and what it said."""

    carrier: str
    tracking_number: str
    occurred_at: datetime
    code: str
    status: ParcelStatus
    place: PersonalText | None = None
    message: PersonalText | None = None
    """The carrier's own words."""
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel; `contents` is empty once it was unpacked."""

    number: int
    contents: tuple[Units, ...]
    packed_at: datetime
    weight_g: int | None = None
    carrier: str | None = None
    service: str | None = None
    tracking_number: str | None = None
    handed_over_at: datetime | None = None
    received_at: datetime | None = None
    evidence: Evidence | None = None
    outcome: Outcome | None = None
    """What became of it, where its carrier reported it lost or on its way back and somebody found out."""
    outcome_at: datetime | None = None
    """Up to when whoever found out has looked: older messages say nothing against it."""
    expected_on: date | None = None
    """The day that the carrier's newest message with a day names."""
    checkpoints: tuple[CarrierCheckpoint, ...] = ()
    """Newest last, ranked by when they happened."""

    @property
    def turned_round_at(self) -> datetime | None:
        """When its carrier first said that it comes back to us; None where nobody said so or a person knew better."""
        return next((known.occurred_at for known in self._standing if known.status in COMING_BACK), None)

    @property
    def status(self) -> ParcelStatus | None:
        """What the newest checkpoint or a person says; None before. What had turned round was delivered to us."""
        standing = self._standing
        if not standing:
            return ParcelStatus.IN_TRANSIT if self.outcome is Outcome.UNDER_WAY else None
        newest, turned_round = standing[-1], self.turned_round_at
        if newest.status is ParcelStatus.DELIVERED and turned_round and turned_round <= newest.occurred_at:
            return ParcelStatus.RETURNED
        return newest.status

    @property
    def _standing(self) -> tuple[CarrierCheckpoint, ...]:
        """Checkpoints without those that a person overruled who found the parcel to be under way all the same."""
        looked = self.outcome_at
        if self.outcome is not Outcome.UNDER_WAY or looked is None:
            return self.checkpoints
        return tuple(
            known for known in self.checkpoints if known.status not in NOT_COMING or known.occurred_at > looked
        )


@dataclass(frozen=True, slots=True)
class OpenException:
    """Trouble that somebody has to look at."""

    number: int
    code: ExceptionCode
    owner: Party
    opened_at: datetime
    about: TroubleFacts = field(default_factory=TroubleFacts)


@dataclass(frozen=True, slots=True)
class CustomerNote:
    """A note the customer may read."""

    written_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class OrderTake:
    """Somebody of a department is on the order: colleagues are warned, nobody is stopped."""

    department: Department
    person: Actor
    since: datetime
    until: datetime
    """From then on readers see nobody."""
    came: bool = False
    """Whether the order has waited for the department since, so that it can leave it."""

    def stands(self, now: datetime) -> bool:
        """Whether their time is not over yet."""
        return now < self.until


@dataclass(frozen=True, slots=True)
class DepartmentMessage:
    """A note that names a department; it stands on that department's board until somebody there answers."""

    number: int
    department: Department
    author: Actor
    written_at: datetime
    text: PersonalText
    answer: PersonalText | None = None
    answered_by: Actor | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order that has been placed."""

    order_id: str
    serial: int
    number: str
    tracking_token: str
    placed_by: str
    placed_at: datetime
    customer: Customer
    customer_reference: CustomerReference | None
    ship_to: Address
    business_date: date
    requested_date: date | None
    partial_shipment: bool
    backorder: bool
    priority: int
    location: str
    currency: str
    total_minor: int
    """What all lines cost, in minor units."""
    lines: PagedMap[int, LineState]
    totals: Buckets
    """Units of all lines by bucket, so that no status word has to look at every line."""
    delivery_note: PersonalText | None = None
    """What is to stand on the delivery note beside the goods."""
    version: int = 1
    """Version of the order's stream: how many events it has had."""
    by_sku: PagedMap[str, tuple[int, ...]] = field(default_factory=PagedMap)
    """Numbers of the goods lines that draw on each SKU."""
    stock_asked: bool = False
    """Whether the order has told stock what it wants."""
    provisional: bool = False
    """Whether the order may yet give back what stock reserves: it is all or nothing, and an article is undecided."""
    deferred: tuple[str, ...] = ()
    """Articles that stock is not to serve yet, in the order in which their turn comes."""
    deferred_units: int = 0
    """Units of these that are not reserved."""
    refused: int = 0
    """Units cancelled because there was no stock for them."""
    to_send: tuple[int, ...] = ()
    """Lines with reserved units, ascending."""
    promises: tuple[PromisePortion, ...] = ()
    gone_before_promise: Mapping[int, int] = field(default_factory=dict)
    """Units that had left the house when dates were promised, by line: the promise is of those after them."""
    holds: tuple[HoldPlaced, ...] = ()
    holds_placed: int = 0
    parcels: tuple[Parcel, ...] = ()
    exceptions: tuple[OpenException, ...] = ()
    exceptions_opened: int = 0
    excess: tuple[NamedUnits, ...] = ()
    customer_notes: tuple[CustomerNote, ...] = ()
    messages: tuple[DepartmentMessage, ...] = ()
    """All of them, by number from 1."""
    takes: tuple[OrderTake, ...] = ()
    """One a department at most; whether it still stands is a question of the time."""
    stray_checkpoints: tuple[CarrierCheckpoint, ...] = ()
    """Carrier messages for no parcel of this order."""
    confirmed_at: datetime | None = None
    sent_by_hand: bool = False
    """Whether a person took reserved units back from the warehouse, so that a person has to send them again."""
    sent_at: datetime | None = None
    """When units first went to the warehouse."""
    pick_started_at: datetime | None = None
    """When somebody began to pick what the warehouse has now; None once nothing is left, or more was sent."""
    shipped_at: datetime | None = None
    """When the first parcel left."""
    received_at: datetime | None = None
    """When the customer got the last parcel so far."""
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    waiting_on: Party = Party.SYSTEM
    waiting_since: datetime | None = None

    def count(self, *buckets: Bucket) -> int:
        """Units in these buckets, all lines together."""
        return sum(map(self.totals.__getitem__, buckets))

    def has_goods(self) -> bool:
        """Whether any line is goods."""
        return any(self.totals)
