"""Who people are to us: the roles that a token names, their departments, and the parties that an order can wait for.

Must not know: what anybody may do (`access.py`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

PROGRAM: Final = "program:"
"""What the actor begins with."""


class Role(StrEnum):
    """What a token says its bearer works as. `WORKFLOW` is ours alone and is in no token."""

    SALES = "sales"
    SALES_LEAD = "sales-lead"
    WAREHOUSE = "warehouse"
    WAREHOUSE_LEAD = "warehouse-lead"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    CUSTOMER_SERVICE = "customer-service"
    PURCHASING = "purchasing"
    CARRIER = "carrier"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    ADMIN = "admin"
    WORKFLOW = "workflow"


class Party(StrEnum):
    """Who an order waits for. Departments first, then everybody else."""

    SALES = "sales"
    WAREHOUSE = "warehouse"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    CUSTOMER_SERVICE = "customer-service"
    PURCHASING = "purchasing"
    CUSTOMER = "customer"
    CARRIER = "carrier"
    SYSTEM = "system"
    NOBODY = "nobody"


class Department(StrEnum):
    """Who does our work: each has a desk, and people who sit there. Called as the party is that an order waits for."""

    SALES = "sales"
    WAREHOUSE = "warehouse"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    CUSTOMER_SERVICE = "customer-service"
    PURCHASING = "purchasing"


MEMBERS: Final[Mapping[Department, frozenset[Role]]] = {
    Department.SALES: frozenset({Role.SALES, Role.SALES_LEAD}),
    Department.WAREHOUSE: frozenset({Role.WAREHOUSE, Role.WAREHOUSE_LEAD}),
    Department.LOGISTICS: frozenset({Role.LOGISTICS}),
    Department.FINANCE: frozenset({Role.FINANCE}),
    Department.CUSTOMER_SERVICE: frozenset({Role.CUSTOMER_SERVICE}),
    Department.PURCHASING: frozenset({Role.PURCHASING}),
}
"""Who sits at each desk; the administrator, who helps out everywhere, at none."""

DESKS: Final[Mapping[Party, Department]] = {
    **{Party(department.value): department for department in Department},
    Party.CARRIER: Department.LOGISTICS,
    Party.CUSTOMER: Department.CUSTOMER_SERVICE,
}
"""At whose desk an order stands that waits for a party: what outsiders do is recorded by who speaks with them."""


def departments_of(role: Role) -> tuple[Department, ...]:
    """Whose work somebody of this role does."""
    if role is Role.ADMIN:
        return tuple(Department)
    return tuple(department for department, members in MEMBERS.items() if role in members)


def desks_for(role: Role, party: Party) -> tuple[Department, ...]:
    """At whose desk somebody acts on an order that waits for a party: at their own; who helps out, at the order's."""
    departments = departments_of(role)
    return departments if len(departments) == 1 else tuple(each for each in departments if each is DESKS.get(party))


def program(name: str) -> str:
    """Who acts where a program does that people know by a name."""
    return f"{PROGRAM}{name}"


def is_program(actor: str) -> bool:
    """Whether such a program acts."""
    return actor.startswith(PROGRAM)


def as_compared(name: str) -> str:
    """A name as it is compared: `Ada King`, `ada king `, `AdaKing` and the same in full width are one person."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's."""
    return as_compared(one) == as_compared(other)
