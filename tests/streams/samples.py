"""One sample of every event, with every optional field filled, for the golden files and the codec's tests."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.access import Party, Role
from domain.catalogue import AnyEvent
from domain.event_values import (
    Address,
    Customer,
    CustomerReference,
    DateSource,
    Line,
    LineKind,
    LineTotal,
    OrderId,
    Price,
    PromisePortion,
    Shortage,
    StockTotals,
    Units,
)
from domain.order import events as order
from domain.order.event_terms import (
    HoldInTheWay,
    HoldPlaced,
    Move,
    NamedUnits,
    PickedUnits,
    StockWant,
    TroubleFacts,
    WantTerms,
)
from domain.order.terms import (
    Audience,
    Bucket,
    CancelCause,
    Channel,
    Evidence,
    ExceptionCode,
    HoldType,
    Misfit,
    Outcome,
    ParcelStatus,
    Step,
)
from domain.person import events as person
from domain.roles import Department
from domain.stock import events as stock
from domain.stock.terms import Answer, LineStanding, Place, Shift

AT = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
ORDER_ID = "0198f0aa-0000-7000-8000-000000000001"
WHY = "a customer's wish"

LINE = Line(
    sku="85123A",
    name="White hanging heart",
    quantity=6,
    unit="pair",
    pack_factor=2,
    unit_price=Price(amount=Decimal("2.550000"), currency="GBP"),
    tax_code="standard",
    lot="L7",
    serial="S1",
    customer_line="10",
)
CHARGE = Line(
    kind=LineKind.CHARGE, sku="POST", name="Postage", quantity=1, unit_price=Price(amount=Decimal(18), currency="GBP")
)
PROMISE = PromisePortion(line=1, quantity=6, on=date(2026, 3, 9), source=DateSource.PERSON)
HOLD = HoldPlaced(
    number=1,
    type=HoldType.CREDIT,
    blocks=(Step.CONFIRM, Step.SEND),
    reason=WHY,
    review_at=AT,
    placed_by="ada",
    placed_at=AT,
)
UNITS = (Units(line=1, quantity=4),)
TOTALS = (StockTotals(sku="85123A", location="main", lines=(LineTotal(line=1, quantity=4),)),)

WANTS = (StockWant(sku="85123A", location="main", lines=(LineTotal(line=1, quantity=4),), deferred=True),)
TERMS = WantTerms(priority=5, promise=date(2026, 3, 9), shortage=Shortage.REFUSE_MISSING, provisional=True)


def move(source: Bucket, target: Bucket) -> tuple[Move, ...]:
    """Four units of the first line that moved."""
    return (Move(line=1, quantity=4, source=source, target=target),)


def shift(quantity: int, source: Place, target: Place) -> Shift:
    """Units of the first line that moved."""
    return Shift(line=1, quantity=quantity, source=source, target=target)


STANDING = (LineStanding(line=1, reserved=3, waiting=4),)
WANTED: dict[str, Any] = {
    "occurred_at": AT,
    "reason": WHY,
    "order_id": UUID(ORDER_ID),
    "order_version": 1,
    "lines": STANDING,
    "priority": 5,
    "promise": date(2026, 3, 9),
    "shortage": Shortage.REFUSE_MISSING,
    "provisional": True,
    "deferred": True,
}


def answer(*moves: Shift) -> Answer:
    """What one order of many is told."""
    return Answer(order_id=UUID(ORDER_ID), want_version=1, moves=moves, lines=STANDING)


SAMPLES: tuple[AnyEvent, ...] = (
    order.OrderPlaced(
        occurred_at=AT,
        reason=WHY,
        order_id=OrderId(ORDER_ID),
        lines=(LINE, CHARGE),
        serial=5,
        number="T-2026-000005-61",
        tracking_token="AAAAAAAAAAAAAAAAAAAAAA",
        placed_by="ada",
        customer=Customer(
            id="17850", name="A. Shop", email="shop@example.com", phone="+33 (0)4 72 00 00 00 x7", language="fr-FR"
        ),
        customer_reference=CustomerReference(number="PO-1", document="purchase order"),
        ship_to=Address(
            country="France",
            name="A. Shop",
            street="1 rue",
            street_2="Bâtiment B",
            city="Lyon",
            postal_code="69001",
            region="Rhône",
            phone="04 72 00 00 01",
        ),
        delivery_note="Ring at the blue gate.\nAsk for Ann.",
        business_date=date(2026, 3, 2),
        requested_date=date(2026, 3, 9),
        partial_shipment=True,
        backorder=False,
        priority=5,
        location="main",
        currency="GBP",
        total_minor=3330,
        holds=(HOLD,),
        promises=(PROMISE,),
    ),
    order.OrderConfirmed(occurred_at=AT, promises=(PROMISE,)),
    order.DatesPromised(occurred_at=AT, reason=WHY, promises=(PROMISE,)),
    order.Held(occurred_at=AT, hold=HOLD),
    order.Resumed(occurred_at=AT, reason=WHY, hold=1, resumed_by="bob"),
    order.CancelRequested(occurred_at=AT, reason=WHY, lines=UNITS, cause=CancelCause.CUSTOMER),
    order.UnitsCancelled(
        occurred_at=AT, cause=CancelCause.NO_STOCK, moves=move(Bucket.OPEN, Bucket.CANCELLED), wants=WANTS, terms=TERMS
    ),
    order.OrderCancelled(occurred_at=AT, location="main", skus=("85123A",)),
    order.OrderCompleted(occurred_at=AT, location="main", skus=("85123A",)),
    order.StockAsked(occurred_at=AT, reason=WHY, moves=move(Bucket.BACKORDERED, Bucket.OPEN), wants=WANTS, terms=TERMS),
    order.UnitsReserved(
        occurred_at=AT,
        sku="85123A",
        location="main",
        stock_version=7,
        moves=move(Bucket.OPEN, Bucket.RESERVED),
        still_open=2,
    ),
    order.UnitsBackordered(
        occurred_at=AT,
        sku="85123A",
        location="main",
        stock_version=7,
        moves=move(Bucket.OPEN, Bucket.BACKORDERED),
        still_open=0,
    ),
    order.StockReconfirmed(occurred_at=AT, sku="85123A", location="main", stock_version=8, still_open=0),
    order.SentToWarehouse(occurred_at=AT, location="main", moves=move(Bucket.RESERVED, Bucket.SENT)),
    order.RecalledFromWarehouse(
        occurred_at=AT, reason=WHY, moves=move(Bucket.SENT, Bucket.RESERVED), for_cancellation=True
    ),
    order.PickStarted(occurred_at=AT, picker="wei", until=AT, taken_from="eve"),
    order.Picked(
        occurred_at=AT,
        moves=move(Bucket.SENT, Bucket.PICKED),
        picked=(PickedUnits(line=1, sku="85123A", quantity=4, bin="A-01", lot="L7", serial="S1"),),
        excess=(
            NamedUnits(line=1, sku="85123A", quantity=2),
            NamedUnits(sku="22423", quantity=1, misfit=Misfit.NOT_IN_ORDER, named_line=9),
        ),
        location="main",
        staged=TOTALS,
    ),
    order.ShortPicked(occurred_at=AT, moves=move(Bucket.SENT, Bucket.OPEN), missing=TOTALS),
    order.Packed(occurred_at=AT, parcel=1, moves=move(Bucket.PICKED, Bucket.PACKED), weight_g=1200),
    order.Unpacked(occurred_at=AT, reason=WHY, parcel=1, moves=move(Bucket.PACKED, Bucket.PICKED)),
    order.HandedOver(
        occurred_at=AT,
        parcel=1,
        carrier="Royal Mail",
        service="48h",
        tracking_number="RM1",
        moves=move(Bucket.PACKED, Bucket.HANDED_OVER),
        issued=TOTALS,
    ),
    order.CheckpointRecorded(
        occurred_at=AT,
        parcel=1,
        carrier="Royal Mail",
        tracking_number="RM1",
        status=ParcelStatus.OUT_FOR_DELIVERY,
        code="OFD",
        place="Lyon",
        message="On the van",
        expected_on=date(2026, 3, 4),
    ),
    order.ReceiptConfirmed(
        occurred_at=AT,
        parcel=1,
        evidence=Evidence.CARRIER_SCAN,
        received_by="Neighbour",
        moves=move(Bucket.HANDED_OVER, Bucket.RECEIVED),
        issued=TOTALS,
    ),
    order.NoteAdded(
        occurred_at=AT,
        author="ada",
        audience=Audience.CUSTOMER,
        text="Two parcels\nwill come",
        department=Department.LOGISTICS,
        number=1,
    ),
    order.NoteAnswered(occurred_at=AT, note=1, department=Department.LOGISTICS, author="olga", text="On Monday"),
    order.Taken(occurred_at=AT, department=Department.WAREHOUSE, person="wei", until=AT, taken_from="wen"),
    order.PassedOn(occurred_at=AT, department=Department.WAREHOUSE, person="wen", until=AT, taken_from="wei"),
    order.GivenBack(occurred_at=AT, department=Department.WAREHOUSE, taken_from="wen"),
    order.ContactLogged(occurred_at=AT, channel=Channel.PHONE, question="When?", answer="On Monday"),
    order.ExceptionOpened(
        occurred_at=AT,
        number=1,
        code=ExceptionCode.EXCESS,
        owner=Party.WAREHOUSE,
        about=TroubleFacts(
            parcel=1,
            tracking_number="RM1",
            carrier="Royal Mail",
            service="48h",
            code="NBR",
            message="Left with a neighbour",
            evidence=Evidence.CARRIER_SCAN,
            received_by="Neighbour",
            holds=(HoldInTheWay(number=1, type=HoldType.ADDRESS),),
            parts=(NamedUnits(line=1, sku="MUG", quantity=1),),
            units=1,
            command="SendIfReady",
            refusal="on-hold",
        ),
    ),
    order.ExceptionResolved(
        occurred_at=AT,
        reason=WHY,
        exception=1,
        resolved_by="wei",
        moves=move(Bucket.HANDED_OVER, Bucket.LOST),
        outcome=Outcome.LOST,
    ),
    stock.StockReceived(occurred_at=AT, quantity=10, document="DN-1", counted=4, bin="A-01"),
    stock.StockCounted(occurred_at=AT, counted=9, expected=10, difference=-1, too_late=True, bin="A-01"),
    stock.StockReserved(
        moves=(shift(3, Place.NOT_WANTED, Place.RESERVED), shift(4, Place.NOT_WANTED, Place.WAITING)),
        **WANTED,
        wanted=7,
        available=3,
    ),
    stock.StockBackordered(moves=(shift(7, Place.NOT_WANTED, Place.WAITING),), **WANTED, wanted=7, available=0),
    stock.StockRefused(moves=(shift(3, Place.NOT_WANTED, Place.RESERVED),), **WANTED, wanted=7, available=3),
    stock.StockPended(moves=(shift(7, Place.NOT_WANTED, Place.WAITING),), **WANTED, wanted=7, available=0),
    stock.StockFreed(moves=(shift(4, Place.RESERVED, Place.NOT_WANTED),), **WANTED),
    stock.StockKept(moves=(), **WANTED),
    stock.StockAllocated(occurred_at=AT, answers=(answer(shift(4, Place.WAITING, Place.RESERVED)),), more=True),
    stock.ReservationsTakenBack(occurred_at=AT, answers=(answer(shift(4, Place.RESERVED, Place.WAITING)),), more=True),
    stock.StockStaged(
        occurred_at=AT,
        reason=WHY,
        order_id=UUID(ORDER_ID),
        order_version=9,
        moves=(shift(2, Place.RESERVED, Place.STAGED),),
        found=1,
        bin="A-01",
    ),
    stock.StockIssued(
        occurred_at=AT,
        order_id=UUID(ORDER_ID),
        order_version=11,
        moves=(shift(2, Place.STAGED, Place.GONE),),
        quantity=2,
        found=1,
    ),
    stock.StockWrittenOff(
        occurred_at=AT,
        order_id=UUID(ORDER_ID),
        order_version=8,
        moves=(shift(2, Place.RESERVED, Place.WAITING),),
        quantity=2,
        written_off=(LineTotal(line=1, quantity=2),),
    ),
    stock.ExcessTaken(occurred_at=AT, order_id=UUID(ORDER_ID), order_version=10, taken=2, quantity=1),
    stock.EntryClosed(
        occurred_at=AT, order_id=UUID(ORDER_ID), order_version=14, moves=(shift(1, Place.RESERVED, Place.NOT_WANTED),)
    ),
    stock.StockShortfallDetected(occurred_at=AT, shortfall=2, owner=Party.PURCHASING),
    stock.CodeTaught(occurred_at=AT, reason=WHY, article_code="4006381333931", factor=12),
    stock.CountAsked(occurred_at=AT, owner=Party.WAREHOUSE),
    person.PersonInvited(
        occurred_at=AT,
        reason=WHY,
        person=UUID(ORDER_ID),
        details=person.PersonalDetails(name="Mei Chen", email="mei@example.com"),
        identity=person.ProviderIdentity(issuer="https://login.example.com", subject="00u1"),
    ),
    person.RoleGranted(occurred_at=AT, person=UUID(ORDER_ID), role=Role.FINANCE, until=date(2026, 12, 24)),
    person.RoleWithdrawn(occurred_at=AT, person=UUID(ORDER_ID), role=Role.FINANCE),
    person.PersonDeactivated(occurred_at=AT, person=UUID(ORDER_ID)),
    person.PersonActivated(occurred_at=AT, person=UUID(ORDER_ID)),
)
