"""A wholesaler with an order at every stage, one of them full of markup and SQL, one very long: what pages are tested on."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from uuid import UUID

from domain.order.commands import (
    AddNote,
    AnswerNote,
    ConfirmReceipt,
    HandOver,
    Hold,
    HoldTerms,
    LogContact,
    Pack,
    Pick,
    PickedUnits,
    PlaceOrder,
    RecordCheckpoint,
    RequestCancel,
    ShortPick,
    StartPick,
)
from domain.order.terms import Audience, Channel, Evidence, HoldType, ParcelStatus
from domain.person.commands import DeactivatePerson, GrantRole, InvitePerson
from domain.person.state import Register
from domain.roles import Department, Role
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import PEOPLE, stock_stream
from domain.values import MAIN, Address, Customer, CustomerReference, Line, Price, Units
from tests.life import Life
from tests.spec import NOW

NASTY = "<script>alert('x')</script>'; DROP TABLE views.order_v1; --\"&amp;{{ 7*7 }}"
LONG_LINES = 320

ARTICLES = {
    "85123A": ("White hanging heart T-light holder", "2.55"),
    "71053": ("White metal lantern", "3.39"),
    "84406B": ("Cream cupid hearts coat hanger", "2.75"),
    "22752": ("Set 7 babushka nesting boxes", "7.65"),
    "21730": ("Glass star frosted T-light holder", "4.25"),
    "22633": ("Hand warmer union jack", "1.85"),
    "POPPY 6": ("Poppy's playhouse bedroom", "2.10"),
}


def line(sku: str, quantity: int) -> Line:
    name, price = ARTICLES[sku]
    return Line(sku=sku, name=name, quantity=quantity, unit_price=Price(amount=Decimal(price), currency="GBP"))


def order(customer: Customer, *lines: Line, country: str = "United Kingdom", **terms: object) -> PlaceOrder:
    return PlaceOrder.model_validate(
        {"customer": customer, "ship_to": Address(country=country, city="Leeds"), "lines": lines, **terms}
    )


class Shop:
    """The attributes are streams of orders, called by where they stand."""

    def __init__(self) -> None:
        life = self.life = Life()
        for sku in ARTICLES:
            self.by(Role.WAREHOUSE, "Wen Li", stock_stream(sku, MAIN), ReceiveStock(quantity=500, document="PO-4711"))
        self.by(Role.WAREHOUSE, "Wen Li", stock_stream("22633", MAIN), CountStock(counted=14))
        self.completed = self._place(
            order(Customer(id="17850", name="Harbour Gifts Ltd"), line("85123A", 6), line("71053", 6))
        )
        self._send(self.completed, {1: 6, 2: 6}, 1)
        self.by(
            Role.LOGISTICS,
            "Olga",
            self.completed,
            ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN, received_by="Mr Harbour"),
        )
        life.now += timedelta(hours=2)
        self.part_shipped = self._place(
            order(
                Customer(id="13047", name="Mill Lane Store", email="buyer@mill-lane.example"),
                line("22633", 20),
                line("84406B", 8),
                requested_date=date(2026, 3, 9),
                customer_reference=CustomerReference(number="ML-2209"),
            )
        )
        self._send(self.part_shipped, {2: 8}, 1)
        self.out_for_delivery = self._place(
            order(
                Customer(id="12583", name="上海远行礼品有限公司"), line("22752", 2), line("21730", 6), country="France"
            )
        )
        self._send(self.out_for_delivery, {1: 2, 2: 6}, 1)
        self._scan(self.out_for_delivery, ParcelStatus.IN_TRANSIT, "Lyon hub")
        self._scan(self.out_for_delivery, ParcelStatus.OUT_FOR_DELIVERY, "Lyon")
        self.by(
            Role.CUSTOMER_SERVICE,
            "Cara",
            self.out_for_delivery,
            AddNote(audience=Audience.CUSTOMER, text="The driver rings twice."),
        )
        self.failed = self._place(order(Customer(id="15100", name="Kerry Smith"), line("71053", 3)))
        self._send(self.failed, {1: 3}, 1)
        self._scan(self.failed, ParcelStatus.ATTEMPT_FAILED, "Leeds")
        life.now += timedelta(hours=5)
        self.held = self._place(
            order(
                Customer(id="16029", name="Prestige Wholesale"),
                line("85123A", 60),
                holds=(HoldTerms(type=HoldType.CREDIT, reason="Over the limit by 1,240 GBP"),),
            )
        )
        self.cancelled = self._place(order(Customer(), line("21730", 1)))
        self.by(
            Role.CUSTOMER_SERVICE,
            "Cara",
            self.cancelled,
            LogContact(channel=Channel.PHONE, question="Can I still cancel?", answer="Yes."),
        )
        self.by(Role.CUSTOMER_SERVICE, "Cara", self.cancelled, RequestCancel(reason="Ordered twice by mistake"))
        self.picking = self._place(
            order(Customer(id="14688", name="Old Town Books"), line("POPPY 6", 4), line("85123A", 2))
        )
        self.by(Role.WAREHOUSE, "Wen Li", self.picking, StartPick())
        self.by(Role.SALES, "Sam", self.picking, AddNote(text="Can it leave today?", department=Department.WAREHOUSE))
        self.by(Role.WAREHOUSE, "Wen Li", self.picking, AddNote(text="Any card to add?", department=Department.SALES))
        self.by(Role.SALES, "Sam", self.picking, AnswerNote(note=2, text="No card."))
        self.short = self._place(order(Customer(id="17809", name="Garden & Sons"), line("84406B", 12)))
        self.by(
            Role.WAREHOUSE,
            "Wen Li",
            self.short,
            Pick(units=(PickedUnits(line=1, quantity=9),)),
            ShortPick(lines=(Units(line=1, quantity=3),)),
        )
        self.nasty = self._place(nasty_order())
        self.by(Role.CUSTOMER_SERVICE, NASTY, self.nasty, AddNote(audience=Audience.CUSTOMER, text=NASTY))
        self.by(Role.FINANCE, "Fay", self.nasty, Hold(type=HoldType.MANUAL, reason=NASTY))
        self.long = self._place(long_order())
        life.now += timedelta(minutes=50)
        self.waiting = [
            self._place(
                order(Customer(id=f"2{number:04}", name=f"Corner shop {number}"), line("85123A", number % 5 + 1))
            )
            for number in range(24)
        ]
        self._hire()
        life.now += timedelta(minutes=35)

    def by(self, role: Role, actor: str, stream: str, *commands: object) -> None:
        self.life.do(stream, *commands, by=actor, role=role)  # type: ignore[arg-type]  # commands of either kind

    def token(self, stream: str) -> str:
        return self.life.order(stream).tracking_token

    def number(self, stream: str) -> str:
        return self.life.order(stream).number

    @property
    def people(self) -> Register:
        state = self.life.states[PEOPLE]
        assert isinstance(state, Register)
        return state

    def _hire(self) -> None:
        """An admin, a deputy, one whose name is markup, and one who has left."""
        self._invite("陈梅", Role.ADMIN)
        tom = self._invite("Tom Baker", Role.SALES, "tom@shop.example")
        for role, until in ((Role.FINANCE, date(2026, 12, 31)), (Role.PURCHASING, NOW.date())):
            granted = GrantRole(person=tom, role=role, until=until, occurred_at=NOW)
            self.by(Role.ADMIN, "Ada", PEOPLE, granted)
        self._invite(NASTY, Role.WAREHOUSE, NASTY)
        self.by(Role.ADMIN, "Ada", PEOPLE, DeactivatePerson(person=self._invite("Pat Gone", Role.LOGISTICS)))

    def _invite(self, name: str, role: Role, email: str | None = None) -> UUID:
        self.by(Role.ADMIN, "Ada", PEOPLE, InvitePerson(name=name, role=role, email=email))
        return next(member.id for member in self.people.members.values() if member.name == name)

    def _place(self, terms: PlaceOrder) -> str:
        self.life.now += timedelta(minutes=7)
        return self.life.place(order=terms)

    def _send(self, stream: str, units: dict[int, int], parcel: int) -> None:
        picked = tuple(PickedUnits(line=number, quantity=quantity) for number, quantity in units.items())
        packed = tuple(Units(line=number, quantity=quantity) for number, quantity in units.items())
        self.by(Role.WAREHOUSE, "Wen Li", stream, StartPick(), Pick(units=picked), Pack(contents=packed, weight_g=1800))
        self.life.now += timedelta(minutes=20)
        leaving = HandOver(
            parcel=parcel, carrier="Parcelforce", service="express48", tracking_number=f"PF{stream[-9:]}GB"
        )
        self.by(Role.LOGISTICS, "Olga", stream, leaving)

    def _scan(self, stream: str, status: ParcelStatus, place: str) -> None:
        self.life.now += timedelta(minutes=40)
        scan = RecordCheckpoint(
            carrier="Parcelforce",
            tracking_number=f"PF{stream[-9:]}GB",
            status=status,
            code="X1",
            place=place,
            expected_on=date(2026, 3, 4),
        )
        self.by(Role.CARRIER, "Parcelforce", stream, scan)


def nasty_order() -> PlaceOrder:
    """Markup and SQL in every field that takes text."""
    price = Price(amount=Decimal("1.5"), currency="GBP")
    return PlaceOrder(
        customer=Customer(id=NASTY, name=NASTY, email=NASTY),
        customer_reference=CustomerReference(number=NASTY, document=NASTY),
        ship_to=Address(
            country=NASTY, name=NASTY, street=NASTY, street_2=NASTY, city=NASTY, postal_code=NASTY, region=NASTY
        ),
        delivery_note=NASTY,
        lines=(
            Line(sku="71053", name=NASTY, quantity=2, unit_price=price, tax_code=NASTY, lot=NASTY, customer_line=NASTY),
        ),
        reason=NASTY,
    )


def long_order() -> PlaceOrder:
    """More lines than a phone's page lists, with long Chinese names."""
    price = Price(amount=Decimal("1.5"), currency="GBP")
    return PlaceOrder(
        customer=Customer(id="18102", name="Very Long Orders plc"),
        ship_to=Address(country="Germany"),
        lines=tuple(
            Line(sku=f"LONG{number}", name="长" * 150 + str(number), quantity=3, unit_price=price)
            for number in range(LONG_LINES)
        ),
    )


@cache
def shop() -> Shop:
    """One for all tests; nobody changes it."""
    return Shop()
