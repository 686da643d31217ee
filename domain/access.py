"""Who may do what, and who reads what: one permission per command, one table for fields.

Decides: which roles may send which command, and which read which field. Must not know: tokens, HTTP.
A rule about persons (four eyes) is the domain's own and stands with the decision.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from domain.decider import Command
from domain.order import commands as order
from domain.order.terms import HoldType
from domain.person import commands as person
from domain.roles import Party, Role
from domain.stock import commands as stock

__all__ = [
    "BY_BADGE",
    "FIELDS",
    "LEADS",
    "LIFTED_BY",
    "PERMISSIONS",
    "PLACED_ONLY",
    "READS_PEOPLE",
    "SIGHTS",
    "SIGHTS_IN_THE_HOUSE",
    "STAFF",
    "Party",
    "Role",
    "Sight",
    "may",
    "may_place",
    "reads",
    "sights",
]

STAFF: Final = frozenset(Role) - {Role.CARRIER, Role.WORKFLOW}
"""Roles that may read every board."""

READS_PEOPLE: Final = frozenset({Role.ADMIN, Role.AUDITOR})
"""Who reads the register of people, with its addresses."""

LEADS: Final = frozenset({Role.SALES_LEAD, Role.WAREHOUSE_LEAD, Role.ADMIN})
"""Who leads others, and does what they should not do alone."""

BY_BADGE: Final = frozenset({Role.WAREHOUSE, Role.LOGISTICS})
"""As what somebody works who signed in with a badge and a PIN, at a bench that many people pass."""

_SALES: Final = frozenset({Role.SALES, Role.SALES_LEAD})
_WAREHOUSE: Final = frozenset({Role.WAREHOUSE, Role.WAREHOUSE_LEAD})
_WORKFLOW: Final = frozenset({Role.WORKFLOW})
_MAY_STOP: Final = _SALES | {Role.FINANCE, Role.CUSTOMER_SERVICE, Role.WAREHOUSE_LEAD, Role.LOGISTICS}

_DEPARTMENTS: Final = STAFF - {Role.AUDITOR, Role.ANALYST}


def _people(*roles: Role) -> frozenset[Role]:
    """These roles, and the administrator."""
    return frozenset(roles) | {Role.ADMIN}


PERMISSIONS: Final[dict[type[Command], frozenset[Role]]] = {
    order.PlaceOrder: _people(*_SALES, Role.CUSTOMER_SERVICE),
    order.ConfirmOrder: _people(*_SALES),
    order.PromiseDates: _people(*_SALES, Role.PURCHASING),
    order.Hold: _people(*_MAY_STOP, Role.PURCHASING),
    order.Resume: _people(*_MAY_STOP, Role.PURCHASING),
    order.RequestCancel: _people(*_SALES, Role.CUSTOMER_SERVICE),
    order.SendToWarehouse: _people(*_SALES, Role.WAREHOUSE_LEAD),
    order.RecallFromWarehouse: _people(Role.WAREHOUSE_LEAD, Role.SALES_LEAD),
    order.StartPick: _people(*_WAREHOUSE),
    order.Pick: _people(*_WAREHOUSE),
    order.ShortPick: _people(*_WAREHOUSE),
    order.Pack: _people(*_WAREHOUSE),
    order.Unpack: _people(*_WAREHOUSE),
    order.HandOver: _people(*_WAREHOUSE, Role.LOGISTICS),
    order.RecordCheckpoint: _people(Role.CARRIER, Role.LOGISTICS, Role.CUSTOMER_SERVICE),
    order.ConfirmReceipt: _people(Role.CUSTOMER_SERVICE, Role.LOGISTICS),
    order.AddNote: _DEPARTMENTS,
    order.AnswerNote: _DEPARTMENTS,
    order.LogContact: _people(*_SALES, Role.CUSTOMER_SERVICE, Role.LOGISTICS, Role.FINANCE),
    order.ResolveException: _people(
        Role.CUSTOMER_SERVICE, Role.LOGISTICS, Role.WAREHOUSE_LEAD, Role.SALES_LEAD, Role.PURCHASING, Role.FINANCE
    ),
    order.Take: _DEPARTMENTS,
    order.PassOn: _DEPARTMENTS,
    order.GiveBack: _DEPARTMENTS,
    order.TakeStockAnswer: _WORKFLOW,
    order.ConfirmIfReady: _WORKFLOW,
    order.SendIfReady: _WORKFLOW,
    order.CompleteOrder: _WORKFLOW,
    order.ReportRefusal: _WORKFLOW,
    stock.ReceiveStock: _people(*_WAREHOUSE, Role.PURCHASING),
    stock.CountStock: _people(*_WAREHOUSE),
    stock.TeachCode: _people(*_WAREHOUSE, Role.PURCHASING),
    stock.Want: _WORKFLOW,
    stock.Stage: _WORKFLOW,
    stock.WriteOff: _WORKFLOW,
    stock.Issue: _WORKFLOW,
    stock.TakeExcess: _WORKFLOW,
    stock.Close: _WORKFLOW,
    stock.Allocate: _WORKFLOW,
    person.AdmitPerson: _WORKFLOW,
    person.InvitePerson: _people(),
    person.GrantRole: _people(),
    person.WithdrawRole: _people(),
    person.DeactivatePerson: _people(),
    person.ActivatePerson: _people(),
}
"""Who may send each command. A command that is not here may be sent by nobody."""

LIFTED_BY: Final[dict[HoldType, frozenset[Role]]] = {
    HoldType.CREDIT: _people(Role.FINANCE),
    HoldType.PAYMENT: _people(Role.FINANCE),
    HoldType.FRAUD: _people(Role.FINANCE),
    HoldType.ADDRESS: _people(*_SALES, Role.CUSTOMER_SERVICE, Role.LOGISTICS),
    HoldType.STOCK: _people(Role.PURCHASING),
    HoldType.PRICE: _people(*_SALES),
    HoldType.APPROVAL: _people(Role.SALES_LEAD),
    HoldType.CUSTOMER_REQUEST: _people(*_SALES, Role.CUSTOMER_SERVICE),
    HoldType.COMPLIANCE: _people(Role.WAREHOUSE_LEAD),
    HoldType.DATE_UNKNOWN: _people(*_SALES, Role.PURCHASING),
    HoldType.MANUAL: frozenset(Role),
}
"""Whose hold it is: who may lift it."""

PLACED_ONLY: Final[dict[Role, frozenset[HoldType]]] = {
    Role.PURCHASING: frozenset({HoldType.STOCK, HoldType.DATE_UNKNOWN}),
}
"""Roles that may place holds of these types only; the others that may place a hold may place any."""


def may_place(role: Role, hold: HoldType) -> bool:
    """Whether the role may place a hold of this type."""
    return may(role, order.Hold) and hold in PLACED_ONLY.get(role, frozenset(HoldType))


def may(role: Role, command: type[Command]) -> bool:
    """Whether the role may send this kind of command."""
    return role in PERMISSIONS.get(command, frozenset())


# What each role reads. Pages, documents and timelines all take it from here.


class Sight(StrEnum):
    """A kind of field that not everybody's work needs."""

    NAMES = "names"
    """Who ordered, and whereabouts they are: the customer, its reference, city and region."""
    CONTACT = "contact"
    """How to reach who ordered: e-mail, telephone."""
    DELIVERY = "delivery"
    """To whose door it goes: the recipient, street, postal code, telephone there, text for the delivery note."""
    PRICES = "prices"
    LINK = "link"
    """The customer's own link to the tracking page; anybody who has it reads what the customer reads."""
    PEOPLE = "people"
    """Who of us did it, and what was written about persons."""


_EVERYTHING: Final = frozenset(Sight)

SIGHTS: Final[dict[Role, frozenset[Sight]]] = {
    Role.SALES: _EVERYTHING,
    Role.SALES_LEAD: _EVERYTHING,
    Role.CUSTOMER_SERVICE: _EVERYTHING,
    Role.FINANCE: _EVERYTHING,
    Role.ADMIN: _EVERYTHING,
    Role.AUDITOR: _EVERYTHING - {Sight.LINK},
    Role.LOGISTICS: frozenset({Sight.NAMES, Sight.PEOPLE}),
    Role.WAREHOUSE: frozenset({Sight.NAMES, Sight.PEOPLE}),
    Role.WAREHOUSE_LEAD: frozenset({Sight.NAMES, Sight.PEOPLE}),
    Role.PURCHASING: frozenset({Sight.NAMES, Sight.PEOPLE}),
    Role.ANALYST: frozenset({Sight.PRICES}),
}
"""What each role reads in addition to the plain facts. A role that is not here reads none of it."""

SIGHTS_IN_THE_HOUSE: Final[dict[Role, frozenset[Sight]]] = {
    Role.WAREHOUSE: frozenset({Sight.DELIVERY}),
    Role.WAREHOUSE_LEAD: frozenset({Sight.DELIVERY}),
    Role.LOGISTICS: frozenset({Sight.DELIVERY}),
}
"""What a role reads besides of an order that is in the house (`in_the_house` in domain/order/status.py): whoever packs
and labels a parcel needs the address, and nobody needs it for longer.
"""

FIELDS: Final[dict[str, Sight]] = {
    "customer.id": Sight.NAMES,
    "customer.name": Sight.NAMES,
    "customer.email": Sight.CONTACT,
    "customer.phone": Sight.CONTACT,
    "customer_id": Sight.NAMES,
    "customer_name": Sight.NAMES,
    "customer_reference": Sight.NAMES,
    "ship_to.name": Sight.DELIVERY,
    "ship_to.city": Sight.NAMES,
    "ship_to.region": Sight.NAMES,
    "ship_to.street": Sight.DELIVERY,
    "ship_to.street_2": Sight.DELIVERY,
    "ship_to.postal_code": Sight.DELIVERY,
    "ship_to.phone": Sight.DELIVERY,
    "delivery_note": Sight.DELIVERY,
    "unit_price": Sight.PRICES,
    "total_minor": Sight.PRICES,
    "tracking_token": Sight.LINK,
    "actor": Sight.PEOPLE,
    "on_behalf_of": Sight.PEOPLE,
    "placed_by": Sight.PEOPLE,
    "resumed_by": Sight.PEOPLE,
    "resolved_by": Sight.PEOPLE,
    "author": Sight.PEOPLE,
    "answered_by": Sight.PEOPLE,
    "person": Sight.PEOPLE,
    "taken_by": Sight.PEOPLE,
    "taken_from": Sight.PEOPLE,
    "details.name": Sight.PEOPLE,
    "details.email": Sight.PEOPLE,
    "identity.issuer": Sight.PEOPLE,
    "identity.subject": Sight.PEOPLE,
    "picker": Sight.PEOPLE,
    "received_by": Sight.PEOPLE,
    "text": Sight.PEOPLE,
    "reason": Sight.PEOPLE,
    "question": Sight.PEOPLE,
    "answer": Sight.PEOPLE,
    "place": Sight.PEOPLE,
    "message": Sight.PEOPLE,
}
"""Which field of an order, an event or a row needs which sight: by its parent's name and its own, or by its own.

What carriers write (`place`, `message`) tells where somebody lives and who took the parcel in.
"""


def sights(role: Role, *, in_the_house: bool = False) -> frozenset[Sight]:
    """What the role reads, of an order that is in the house or of anything else."""
    more = SIGHTS_IN_THE_HOUSE.get(role, frozenset()) if in_the_house else frozenset()
    return SIGHTS.get(role, frozenset()) | more


def reads(seen: frozenset[Sight], field: str, parent: str) -> bool:
    """Whether this field is read with these sights."""
    sight = FIELDS.get(f"{parent}.{field}", FIELDS.get(field))
    return sight is None or sight in seen
