"""Each role reads what its work needs: every address of the query API is walked as every role, page and document."""

import dataclasses
import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import cast

import pytest

from domain.access import SIGHTS, STAFF, Sight, sights
from domain.order.commands import (
    AddNote,
    ConfirmReceipt,
    HandOver,
    Hold,
    LogContact,
    Pack,
    Pick,
    PickedUnits,
    PlaceOrder,
    RecordCheckpoint,
    StartPick,
)
from domain.order.terms import Audience, Channel, Evidence, HoldType, ParcelStatus
from domain.person.commands import InvitePerson
from domain.person.state import Register
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import PEOPLE, name_of, stock_stream
from domain.values import MAIN, Address, Customer, CustomerReference, Line, Price, Units
from projections.registry import BOARDS
from query_api.papers import Paper
from tests.life import Life
from tests.query_api.conftest import PAGE, Api, Filled, api_on
from web.sight import MASK, shown

SECRETS = {
    "CUSTOMER-77": Sight.NAMES,
    "Hidden Harbour Ltd": Sight.NAMES,
    "HH-2209": Sight.NAMES,
    "Hiddencity": Sight.NAMES,
    "Hiddenshire": Sight.NAMES,
    "rosa@hidden.example": Sight.CONTACT,
    "0422 7701": Sight.CONTACT,
    "Rosa Recipient": Sight.DELIVERY,
    "Hidden Lane 7": Sight.DELIVERY,
    "Hidden Court": Sight.DELIVERY,
    "HX1 7ZZ": Sight.DELIVERY,
    "0422 7702": Sight.DELIVERY,
    "Beware of Rex": Sight.DELIVERY,
    "77.31": Sight.PRICES,
    "23193": Sight.PRICES,
    "231.93": Sight.PRICES,
    "Wanda Warehouse": Sight.PEOPLE,
    "Cleo Clerk": Sight.PEOPLE,
    "Peter Porter": Sight.PEOPLE,
    "Is Rosa at home?": Sight.PEOPLE,
    "Rosa is at home.": Sight.PEOPLE,
    "Ring for Rosa": Sight.PEOPLE,
    "Rosa moved house": Sight.PEOPLE,
    "Left with neighbour Nora": Sight.PEOPLE,
    "Behind the blue gate": Sight.PEOPLE,
}
"""What stands in the order that is in the house, and which sight it takes to read it."""
GONE_SECRETS = {"Nick Next": Sight.DELIVERY, "Other Lane 9": Sight.DELIVERY, "0422 7703": Sight.DELIVERY}
"""And in the one that has left."""
REGISTERED = ("Ines Invited", "ines@hidden.example")
"""And in the register of people, for those who keep or audit it."""


def life() -> Life:
    """One order that has been through everything that keeps something about a person."""
    life = Life()
    name, email = REGISTERED
    life.do(PEOPLE, InvitePerson(name=name, role=Role.SALES, email=email), by="Ada", role=Role.ADMIN)
    life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=50), by="Wanda Warehouse", role=Role.WAREHOUSE)
    line = Line(sku="MUG", name="Mug", quantity=3, unit_price=Price(amount=Decimal("77.31"), currency="GBP"))
    stream = life.place(
        order=PlaceOrder(
            customer=Customer(
                id="CUSTOMER-77", name="Hidden Harbour Ltd", email="rosa@hidden.example", phone="0422 7701"
            ),
            customer_reference=CustomerReference(number="HH-2209"),
            ship_to=Address(
                country="United Kingdom",
                name="Rosa Recipient",
                street="Hidden Lane 7",
                street_2="Hidden Court",
                postal_code="HX1 7ZZ",
                city="Hiddencity",
                region="Hiddenshire",
                phone="0422 7702",
            ),
            delivery_note="Beware of Rex",
            lines=(line,),
        )
    )
    units, picked = (Units(line=1, quantity=2),), (PickedUnits(line=1, quantity=2),)
    life.do(stream, StartPick(), Pick(units=picked), Pack(contents=units), by="Wanda Warehouse", role=Role.WAREHOUSE)
    life.do(stream, HandOver(parcel=1, carrier="DHL", tracking_number="1"), by="Olga", role=Role.LOGISTICS)
    received = ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN, received_by="Peter Porter")
    scan = RecordCheckpoint(
        carrier="DHL",
        tracking_number="1",
        status=ParcelStatus.EXCEPTION,
        code="X1",
        place="Behind the blue gate",
        message="Left with neighbour Nora",
    )
    life.do(stream, received, scan, by="Olga", role=Role.LOGISTICS)
    contact = LogContact(channel=Channel.PHONE, question="Is Rosa at home?", answer="Rosa is at home.")
    note = AddNote(audience=Audience.CUSTOMER, text="Ring for Rosa")
    hold = Hold(type=HoldType.MANUAL, reason="Rosa moved house")
    life.do(stream, contact, note, hold, by="Cleo Clerk", role=Role.CUSTOMER_SERVICE)
    place_and_send(life, line)
    return life


def place_and_send(life: Life, line: Line) -> None:
    """Another order, which has left the house."""
    address = Address(country="Ireland", name="Nick Next", street="Other Lane 9", phone="0422 7703")
    stream = life.place(order=PlaceOrder(ship_to=address, lines=(line,)))
    units, picked = (Units(line=1, quantity=3),), (PickedUnits(line=1, quantity=3),)
    life.do(stream, Pick(units=picked), Pack(contents=units), by="Wanda Warehouse", role=Role.WAREHOUSE)
    life.do(stream, HandOver(parcel=1, carrier="DHL", tracking_number="2"), by="Olga", role=Role.LOGISTICS)


LIFE = life()
ORDER, GONE = (stream for stream in LIFE.streams if stream.startswith("order-"))
GONE_NUMBER = LIFE.order(GONE).number
(PERSON,) = cast(Register, LIFE.states[PEOPLE]).members
NUMBER, TOKEN = LIFE.order(ORDER).number, LIFE.order(ORDER).tracking_token


@pytest.fixture(scope="module")
def seen_url(filled: Filled) -> Iterator[str]:
    """A database with all views of the one order."""
    with filled(LIFE) as url:
        yield url


@pytest.fixture
async def api(seen_url: str) -> AsyncIterator[Api]:
    async with api_on(seen_url, follow_s=0.0) as opened:
        yield opened


def addresses(api: Api) -> list[str]:
    """Every address that the description names, filled in for the order in the house; what it does not name; the other."""
    filled = {"sku": "MUG", "location": MAIN, "token": TOKEN, "code": "fault", "paper": "delivery-note"}
    filled["person"] = str(PERSON)
    found = ["/orders/new", f"/orders/{NUMBER}?version=3", f"/orders?number={NUMBER}"]
    found += [f"/orders/{NUMBER}/why?of={name}" for name in ("line.1", "parcel.1", "hold.1", "problem.1", "total")]
    found += [f"/search?q={asked}" for asked in ("MUG", "hh2209", "hidden", "ROSA@HIDDEN.EXAMPLE", NUMBER)]
    papers = [f"/papers/{paper}" for paper in Paper]
    gone = ("", "/timeline", "?version=1", "?version=6", *papers)
    found += [f"/orders/{GONE_NUMBER}{part}" for part in gone] + [f"/orders/{NUMBER}{paper}" for paper in papers]
    for path, operations in api.app.openapi()["paths"].items():
        if "get" not in operations or path == "/metrics":
            continue
        if path.startswith("/boards/{name}"):
            rows = f"?order={name_of(ORDER)}" if path.endswith("/rows") else ""
            found += [path.replace("{name}", board.name) + rows for board in BOARDS]
        else:
            found.append(re.sub(r"\{(\w+)\}", lambda name: {"name": NUMBER, **filled}[name[1]], path))
    return found


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_no_address_shows_a_role_what_it_does_not_read(api: Api, role: Role) -> None:
    hidden = [secret for secret, sight in SECRETS.items() if sight not in sights(role, in_the_house=True)]
    hidden += [secret for secret, sight in GONE_SECRETS.items() if sight not in sights(role)]
    hidden += [TOKEN] if Sight.LINK not in SIGHTS[role] else []
    hidden += REGISTERED if role not in {Role.ADMIN, Role.AUDITOR} else ()
    for address in addresses(api):
        if address.startswith("/track/"):
            continue  # the customer's, for whoever has the link
        for headers in (PAGE, {"Accept": "application/json"}):
            text = (await api.get(address, role, headers=headers)).text
            assert not [secret for secret in hidden if secret in text], address


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_a_role_reads_of_an_order_and_its_timeline_what_its_work_needs(api: Api, role: Role) -> None:
    texts = [
        (await api.get(f"/orders/{NUMBER}{part}", role, headers=headers)).text
        for part in ("", "/timeline")
        for headers in (PAGE, {"Accept": "application/json"})
    ]
    together, here = "".join(texts), sights(role, in_the_house=True)
    assert [secret for secret, sight in SECRETS.items() if sight in here and secret not in together] == []


@pytest.mark.parametrize("query", ["customer=CUSTOMER-77", "reference=HH-2209"])
async def test_who_does_not_read_names_cannot_find_them_out_by_searching(api: Api, query: str) -> None:
    assert (await api.get(f"/orders?{query}", Role.ANALYST)).status_code == 403
    assert (await api.get(f"/orders?{query}", Role.WAREHOUSE)).status_code == 200
    if query.startswith("customer"):
        assert (await api.get(f"/boards/sales?{query}", Role.ANALYST)).status_code == 403


def test_every_role_of_staff_has_its_line_in_the_table() -> None:
    assert set(SIGHTS) == STAFF


@dataclasses.dataclass(frozen=True)
class Note:
    text: str
    number: int


def test_what_is_hidden_is_hidden_at_any_depth_and_the_rest_is_left_alone() -> None:
    payload = {"lines": [{"unit_price": {"amount": "1"}, "sku": "MUG"}], "ship_to": {"city": "Leeds", "country": "UK"}}
    assert shown(Role.WAREHOUSE, payload) == {
        "lines": [{"unit_price": None, "sku": "MUG"}],
        "ship_to": {"city": "Leeds", "country": "UK"},
    }
    assert shown(Role.ANALYST, (Note("Rosa", 1),)) == (Note(MASK, 1),)
    assert shown(Role.SALES, payload) is payload
    assert shown(Role.CARRIER, {"customer": {"name": None, "id": "x"}}) == {"customer": {"name": None, "id": MASK}}
