"""What people and carriers do in the laws' histories: mostly what fits where an order stands, now and then what does not.

Every choice is `luck`'s, so that a seed is a history, and hypothesis can make one smaller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from domain.decider import Command
from domain.event_values import LineKind
from domain.order.commands import (
    AddNote,
    AnswerNote,
    ConfirmReceipt,
    GiveBack,
    HandOver,
    Hold,
    HoldTerms,
    LogContact,
    Pack,
    PassOn,
    Pick,
    PickedUnits,
    PlaceOrder,
    RecallFromWarehouse,
    RecordCheckpoint,
    RequestCancel,
    ResolveException,
    Resume,
    ShortPick,
    StartPick,
    Take,
    Unpack,
)
from domain.order.ledger import LIVE
from domain.order.state import OpenException, Order, Parcel
from domain.order.terms import Bucket, Channel, Evidence, ExceptionCode, HoldType, Outcome, ParcelStatus, Step
from domain.roles import Department
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Address, Units
from tests.life import Life, line
from tests.spec import NOW

SKUS: Final = ("CUP", "MUG", "POT")
FOREIGN: Final = "VASE"
PRIORITIES: Final = (0, 5, 5, 9)
DATES: Final = (None, None, date(2026, 3, 9), date(2026, 3, 12))
POLICIES: Final = tuple((backorder, partial) for backorder in (True, False) for partial in (True, False))
UNPICKED: Final = (Bucket.OPEN, Bucket.BACKORDERED, Bucket.RESERVED, Bucket.SENT)
GOOD_NEWS: Final = (
    ParcelStatus.IN_TRANSIT,
    ParcelStatus.OUT_FOR_DELIVERY,
    ParcelStatus.DELIVERED,
    ParcelStatus.DELIVERED,
)

TOLD_OF: Final = (
    ("T-1", "DHL"),
    ("T-1", "DHL Express"),
    ("T-1", "UPS"),
    ("T-2", "DHL"),
    ("T-9", "DHL"),
    ("T-9", "UPS"),
)
"""Tracking numbers and carriers of messages that come early, or of no parcel here."""
KNOWN_BY: Final = (*((evidence, None) for evidence in Evidence), (Evidence.COUNTER, "Kim"), (Evidence.COUNTER, "Lee"))


@dataclass(frozen=True, slots=True)
class Act:
    """What one person does; an order that is placed gets its stream by that."""

    command: Command
    stream: str = ""
    by: str = "ada"


Wish = Callable[[Random, Order], Command | None]
"""What somebody may do with an order as it is; None where nothing of this kind comes to mind."""


def basket(luck: Random, *, policy: tuple[bool, bool] | None = None, equal_turns: bool = False) -> PlaceOrder:
    """An order of one to three lines, of any policy unless one is given."""
    backorder, partial = policy or luck.choice(POLICIES)
    lines = [line(luck.choice(SKUS), luck.randint(1, 5)) for _ in range(luck.choice((1, 2, 2, 3)))]
    if luck.random() < 0.05:
        lines.append(line("FITTING", 1, LineKind.SERVICE))
    return PlaceOrder(
        ship_to=Address(country="DE"),
        lines=tuple(lines),
        backorder=backorder,
        partial_shipment=partial,
        priority=5 if equal_turns else luck.choice(PRIORITIES),
        requested_date=None if equal_turns else luck.choice(DATES),
        holds=tuple(hold_terms(luck) for _ in range(luck.choice((0, 0, 0, 0, 1, 2)))),
    )


def hold_terms(luck: Random) -> HoldTerms:
    """A hold of any type before any steps."""
    blocks = tuple(luck.sample(list(Step), luck.randint(1, len(Step))))
    return HoldTerms(type=luck.choice(list(HoldType)), blocks=blocks, reason="to be looked at")


def receive(luck: Random) -> Command:
    """Goods come in."""
    return ReceiveStock(quantity=luck.randint(1, 8))


def count(luck: Random) -> Command:
    """The shelf is counted, rightly or not."""
    return CountStock(counted=luck.randint(0, 12))


def pick(luck: Random, order: Order) -> Command | None:
    """What was sent is picked, all of it or a part."""
    sent = in_bucket(order, Bucket.SENT)
    chosen = some(luck, sent)
    parts = [PickedUnits(line=number, quantity=portion(luck, sent[number])) for number in chosen]
    return Pick(units=tuple(parts)) if parts else None


def pick_oddly(luck: Random, order: Order) -> Command | None:
    """Too many, too early, or another article."""
    number, quantity = luck.choice(list(order.lines)), luck.randint(1, 6)
    kinds = (
        PickedUnits(line=number, quantity=quantity),
        PickedUnits(sku=luck.choice((*SKUS, FOREIGN)), quantity=quantity),
        PickedUnits(line=number, sku=luck.choice(SKUS), quantity=quantity),
        PickedUnits(line=len(order.lines) + 1, sku=FOREIGN, quantity=quantity),
    )
    return Pick(units=(luck.choice(kinds),))


def miss(luck: Random, order: Order) -> Command | None:
    """Units of one or several lines are not on the shelf."""
    sent = in_bucket(order, Bucket.SENT)
    units = tuple(Units(line=number, quantity=portion(luck, sent[number])) for number in some(luck, sent))
    return ShortPick(lines=units) if units else None


def miss_oddly(luck: Random, order: Order) -> Command | None:
    """Units of a line that few or none were to be picked for."""
    return ShortPick(lines=(Units(line=luck.choice(list(order.lines)), quantity=luck.randint(1, 6)),))


def pack(luck: Random, order: Order) -> Command | None:
    """Picked units go into a parcel."""
    picked = in_bucket(order, Bucket.PICKED)
    contents = tuple(Units(line=number, quantity=portion(luck, picked[number])) for number in some(luck, picked))
    return Pack(contents=contents) if contents else None


def unpack(luck: Random, order: Order) -> Command | None:
    """A parcel is opened again."""
    return Unpack(parcel=luck.randint(1, len(order.parcels)), reason="wrong box") if order.parcels else None


def hand_over(luck: Random, order: Order) -> Command | None:
    """A packed parcel leaves."""
    here = [p for p in order.parcels if p.contents and p.handed_over_at is None and p.received_at is None]
    return leaves(luck.choice(here)) if here else None


def leaves(parcel: Parcel) -> HandOver:
    """A parcel leaves under a number of its own."""
    return HandOver(parcel=parcel.number, carrier="DHL", tracking_number=f"T-{parcel.number}")


def hand_over_oddly(luck: Random, order: Order) -> Command | None:
    """A parcel that left before, or is not there; another carrier, another number, none."""
    number = luck.randint(1, len(order.parcels) + 1)
    tracking_number = luck.choice((None, "T-1", f"T-{number}", "T-9"))
    carrier, service = luck.choice((("DHL", None), ("UPS", None), ("DHL", "Express")))
    return HandOver(parcel=number, carrier=carrier, service=service, tracking_number=tracking_number)


def good_news(luck: Random, order: Order) -> Command | None:
    """A carrier's message of a parcel that is on its way."""
    under_way = [p for p in order.parcels if p.tracking_number and p.handed_over_at and p.received_at is None]
    return scan(luck, luck.choice(under_way).tracking_number, luck.choice(GOOD_NEWS)) if under_way else None


def any_news(luck: Random, _order: Order) -> Command | None:
    """A message that comes early, twice, of an unknown parcel, or is bad; its time may lie before the last one's."""
    number, carrier = luck.choice(TOLD_OF)
    news = scan(luck, number, luck.choice(list(ParcelStatus)))
    happened = None if luck.random() < 0.5 else long_ago(luck)
    return news.model_copy(update={"occurred_at": happened, "carrier": carrier})


def scan(luck: Random, tracking_number: str | None, status: ParcelStatus) -> RecordCheckpoint:
    """A carrier's message."""
    code = luck.choice(("A", "B"))
    return RecordCheckpoint(carrier="DHL", tracking_number=tracking_number or "T-9", status=status, code=code)


def long_ago(luck: Random) -> datetime:
    """One of few moments before any of these lives began, so that messages meet again."""
    return NOW - timedelta(hours=luck.randint(1, 3))


def receipt(luck: Random, order: Order) -> Command | None:
    """Somebody says that the customer has it."""
    parcel = luck.choice((None, luck.randint(1, len(order.parcels) + 1)))
    evidence, by = luck.choice(KNOWN_BY)
    return ConfirmReceipt(parcel=parcel, evidence=evidence, received_by=by)


def cancel(luck: Random, order: Order) -> Command | None:
    """Some units, or the whole order."""
    unpicked = {number: count for number in order.lines if (count := units(order, number, *UNPICKED))}
    chosen = some(luck, unpicked) if luck.random() < 0.7 else ()
    lines = tuple(Units(line=number, quantity=portion(luck, unpicked[number])) for number in chosen)
    return RequestCancel(lines=lines, reason="changed their mind")


def recall(luck: Random, order: Order) -> Command | None:
    """Unpicked units come back."""
    sent = in_bucket(order, Bucket.SENT)
    chosen = some(luck, sent) if luck.random() < 0.5 else ()
    lines = tuple(Units(line=number, quantity=portion(luck, sent[number])) for number in chosen)
    return RecallFromWarehouse(lines=lines, reason="wait with it") if sent else None


def hold(luck: Random, _order: Order) -> Command | None:
    """Somebody stops the order."""
    return Hold(**dict(hold_terms(luck)))


def resume(luck: Random, order: Order) -> Command | None:
    """Somebody lifts a hold."""
    return Resume(hold=luck.choice(order.holds).number, reason="looked at") if order.holds else None


def resolve(luck: Random, order: Order) -> Command | None:
    """Somebody deals with an exception."""
    if not order.exceptions:
        return None
    return resolved(luck.choice(order.exceptions), luck.choice(list(Outcome)))


def resolved(trouble: OpenException, outcome: Outcome) -> ResolveException:
    """An exception is dealt with; of a parcel that may never arrive, what became of it is said."""
    in_doubt = trouble.code in {ExceptionCode.LOST, ExceptionCode.RETURN_TO_SENDER}
    return ResolveException(exception=trouble.number, reason="dealt with", outcome=outcome if in_doubt else None)


def start(_luck: Random, _order: Order) -> Command | None:
    """Somebody begins to pick."""
    return StartPick()


def write_down(luck: Random, _order: Order) -> Command | None:
    """A note or a contact."""
    return luck.choice((AddNote(text="call back"), LogContact(channel=Channel.PHONE, question="When?", answer="Soon.")))


def ask(luck: Random, _order: Order) -> Command | None:
    """A department is asked something."""
    return AddNote(text="is it there?", department=luck.choice(list(Department)))


def answer(luck: Random, order: Order) -> Command | None:
    """Somebody answers, sometimes what nobody asked or what is answered."""
    return AnswerNote(note=luck.randint(1, len(order.messages)), text="yes") if order.messages else None


def take(luck: Random, _order: Order) -> Command | None:
    """Somebody takes the order for a department."""
    return Take(department=luck.choice(list(Department)))


def let_go(luck: Random, order: Order) -> Command | None:
    """Somebody who is on the order, or is not, is to be so no longer."""
    department = luck.choice([take.department for take in order.takes] or list(Department))
    return luck.choice((GiveBack(department=department), PassOn(department=department, to=luck.choice(("ada", "bob")))))


Wished = Callable[[], Act | None]
"""What comes to mind only when its time has come."""

USUAL: Final[tuple[Wish, ...]] = (pick, pick, pick, miss, pack, pack, hand_over, hand_over, good_news, resume, resolve)
"""What moves an order on."""

ODD: Final[tuple[Wish, ...]] = (
    pick_oddly,
    miss_oddly,
    unpack,
    hand_over_oddly,
    any_news,
    any_news,
    receipt,
    cancel,
    cancel,
    recall,
    hold,
    start,
    write_down,
    ask,
    answer,
    take,
    take,
    let_go,
)
"""What comes in between."""


class People:
    """Everybody who does something to a company. Each history has habits of its own, so that rare things meet in some."""

    def __init__(self, life: Life, luck: Random, streams: list[str]) -> None:
        self.life = life
        self.luck = luck
        self.streams = streams
        self.most_orders = luck.choice((1, 2, 3, 5, 8))
        self.opening = luck.choice((0, 0, 12))
        self.rush = luck.choice((0.0, 0.1, 0.4))
        self.usual = luck.choice((0.5, 0.7, 0.9))
        self.odd = tuple(luck.sample(ODD, luck.randint(1, len(ODD))))
        self.policy = luck.choice((None, None, *POLICIES))
        self.counted = luck.choice((0.0, 0.2, 0.6))

    def opens(self) -> list[Act]:
        """What lies on the shelves before the first order: mostly nothing; or enough for an order to come far."""
        if not self.opening:
            return []
        return [Act(ReceiveStock(quantity=self.opening), stock_stream(sku, MAIN)) for sku in SKUS]

    def acts(self) -> list[Wished]:
        """What comes about at about the same time: several orders now and then, or whatever comes to mind."""
        if self.luck.random() < self.rush and len(self.streams) + 1 < self.most_orders:
            return [self.order] * self.luck.choice((2, 2, 3))
        return [self.act] * self.luck.choice((1, 1, 2, 4))

    def act(self) -> Act | None:
        """What somebody does next."""
        chance = self.luck.random()
        if not self.streams or (chance < 0.15 and len(self.streams) < self.most_orders):
            return self.order()
        if chance < 0.3:
            command = count(self.luck) if self.luck.random() < self.counted else receive(self.luck)
            return Act(command, stock_stream(self.luck.choice(SKUS), MAIN))
        return self.with_order(self.luck.choice(self.streams))

    def order(self) -> Act:
        """A customer orders."""
        return Act(basket(self.luck, policy=self.policy))

    def with_order(self, stream: str) -> Act | None:
        """What somebody does to one order."""
        order = self.life.order(stream)
        wish = self.luck.choice(USUAL if self.luck.random() < self.usual else self.odd)
        command = wish(self.luck, order)
        if command is None:
            return None
        return Act(command, stream, by="bob" if isinstance(command, Resume) else "ada")


def in_bucket(order: Order, bucket: Bucket) -> dict[int, int]:
    """Units in a bucket, by line; lines without any left out."""
    if not order.totals[bucket]:
        return {}
    return {number: state.buckets[bucket] for number, state in sorted(order.lines.items()) if state.buckets[bucket]}


def units(order: Order, number: int, *buckets: Bucket) -> int:
    """Units of a line in these buckets."""
    return sum(order.lines[number].buckets[bucket] for bucket in buckets)


def live_units(order: Order, number: int) -> int:
    """Units of a line that were ordered and not cancelled."""
    return units(order, number, *LIVE)


def some(luck: Random, there: dict[int, int]) -> list[int]:
    """All keys, or some."""
    return [] if not there else luck.sample(sorted(there), luck.randint(1, len(there)))


def portion(luck: Random, there: int) -> int:
    """All, mostly; or a part."""
    return there if luck.random() < 0.6 else luck.randint(1, there)
