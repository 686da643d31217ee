"""Who reads which field: by the field's name, or by its name within its parent. No text of an event is forgotten."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from domain.access import FIELDS, SIGHTS_IN_THE_HOUSE, reads, sights
from domain.catalogue import EVENTS
from domain.event_values import PersonalMark
from domain.roles import Role

# Written out by hand: texts of events that every role may read. Whoever adds one says so here, and in the review.
PLAIN = frozenset(
    """
    article_code bin carrier code currency customer.language document location number order_id service sku skus tracking_number
    about.carrier about.code about.command about.refusal about.service about.tracking_number excess.sku parts.sku issued.location issued.sku missing.location missing.sku staged.location staged.sku
    lines.customer_line lines.lot lines.name lines.serial lines.sku lines.tax_code lines.unit
    picked.bin picked.lot picked.serial picked.sku ship_to.country wants.location wants.sku
    """.split()
)


@pytest.mark.parametrize(
    ("role", "field", "parent", "readable"),
    [
        (Role.LOGISTICS, "street", "ship_to", False),
        (Role.SALES, "street", "ship_to", True),
        (Role.PURCHASING, "name", "ship_to", False),
        (Role.WAREHOUSE, "region", "ship_to", True),
        (Role.WAREHOUSE, "street", "ship_to", False),
        (Role.WAREHOUSE, "city", "ship_to", True),
        (Role.ANALYST, "name", "customer", False),
        (Role.ANALYST, "name", "line", True),
        (Role.ANALYST, "unit_price", "line", True),
        (Role.WAREHOUSE, "unit_price", "line", False),
        (Role.AUDITOR, "tracking_token", "", False),
        (Role.SALES, "tracking_token", "", True),
        (Role.CARRIER, "actor", "", False),
        (Role.CARRIER, "number", "", True),
        (Role.ANALYST, "message", "data", False),
        (Role.ANALYST, "place", "checkpoints", False),
        (Role.ANALYST, "message", "about", False),
        (Role.ANALYST, "code", "about", True),
        (Role.ANALYST, "received_by", "about", False),
        (Role.ANALYST, "message", "checkpoints", False),
        (Role.ANALYST, "detail", "badges", True),
    ],
)
def test_a_role_reads_what_its_work_needs(role: Role, field: str, parent: str, readable: bool) -> None:
    assert reads(sights(role), field, parent) is readable


TO_THE_DOOR = [("ship_to", name) for name in ("name", "street", "street_2", "postal_code", "phone")] + [
    ("data", "delivery_note")
]
NEVER = [("customer", "email"), ("customer", "phone"), ("line", "unit_price"), ("data", "total_minor")]


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.WAREHOUSE_LEAD, Role.LOGISTICS])
def test_who_packs_reads_the_address_of_what_is_in_the_house_and_never_prices_or_how_to_reach_the_customer(
    role: Role,
) -> None:
    here, away = sights(role, in_the_house=True), sights(role)
    assert all(reads(here, name, parent) and not reads(away, name, parent) for parent, name in TO_THE_DOOR)
    assert not any(reads(here, name, parent) or reads(away, name, parent) for parent, name in NEVER)


@pytest.mark.parametrize("role", sorted(set(Role) - set(SIGHTS_IN_THE_HOUSE)))
def test_for_nobody_else_it_matters_where_the_goods_are(role: Role) -> None:
    assert sights(role, in_the_house=True) == sights(role)


def texts(model: type[BaseModel], parent: str = "") -> Iterator[tuple[str, str, bool]]:
    """Every text of an event and of its values: its parent, its name, whether it is marked as personal."""
    for name, field in model.model_fields.items():
        parts = list(parts_of(field.annotation))
        if str in parts:
            yield parent, name, any(isinstance(mark, PersonalMark) for mark in (*field.metadata, *parts))
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel) and name not in FIELDS:
                yield from texts(part, name)


def parts_of(annotation: Any) -> Iterator[Any]:
    """The classes that an annotation is made of, and its marks."""
    yield getattr(annotation, "__supertype__", annotation)
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        yield from parts_of(part)


TEXTS = {text for event in EVENTS.values() for text in texts(event)}


def named(parent: str, name: str) -> str:
    return f"{parent}.{name}".removeprefix(".")


def test_every_text_of_every_event_has_its_line_in_the_table_or_is_plain_for_everybody() -> None:
    without = {named(parent, name) for parent, name, _ in TEXTS if not {name, named(parent, name)} & set(FIELDS)}
    assert without == PLAIN


def test_what_is_marked_as_personal_is_not_plain() -> None:
    marked = {named(parent, name) for parent, name, personal in TEXTS if personal}
    assert len(marked) > 10
    assert marked & PLAIN == set()
