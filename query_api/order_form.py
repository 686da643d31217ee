"""The form for placing an order, in both directions: fields to a body, and the API's faults back to fields.

Decides: how fields are called and where a fault is shown. The command API alone decides what a valid order is. Must not
know: HTTP, templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

FIRST_ROWS: Final = 4
MORE_ROWS: Final = 5
MOST_ROWS: Final = 60

PLACES: Final[dict[str, str]] = {
    "customer.id": "customer_id",
    "customer.name": "customer_name",
    "customer.email": "customer_email",
    "customer_reference.number": "reference",
    "ship_to.country": "country",
    "ship_to.name": "ship_name",
    "ship_to.street": "street",
    "ship_to.postal_code": "postal_code",
    "ship_to.city": "city",
    "requested_date": "requested_date",
    "priority": "priority",
    "location": "location",
}
"""Field of the command by field of the form."""

LINE_PLACES: Final[dict[str, str]] = {
    "sku": "sku",
    "name": "name",
    "quantity": "quantity",
    "unit_price.amount": "price",
    "unit_price.currency": "currency",
}

BLANK_FORM: Final[dict[str, str]] = {
    "currency": "EUR",
    "location": "main",
    "priority": "5",
    "partial_shipment": "yes",
    "backorder": "yes",
}
"""What a fresh form says."""

LINE: Final = re.compile(r"lines\.(\d+)\.(.+)")


@dataclass(frozen=True, slots=True)
class FieldFaults:
    """Reasons by field of the form; what fits no field is in `elsewhere`."""

    fields: dict[str, str] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()


def rows_of(given: Mapping[str, str]) -> int:
    """How many lines the form has."""
    text = given.get("rows", "")
    return min(max(int(text), 1), MOST_ROWS) if text.isdecimal() and len(text) < len("100") else FIRST_ROWS


def used_rows(given: Mapping[str, str]) -> list[int]:
    """Rows in which somebody has written something; the first one where all are empty."""
    used = [row for row in range(1, rows_of(given) + 1) if any(_cell(given, name, row) for name in LINE_NAMES)]
    return used or [1]


LINE_NAMES: Final = ("sku", "name", "quantity", "price")


def body_of(given: Mapping[str, str]) -> dict[str, Any]:
    """The command's body. Empty fields are left out; what is no number stays text, so that the API can say so."""
    body: dict[str, Any] = {
        "partial_shipment": given.get("partial_shipment") == "yes",
        "backorder": given.get("backorder") == "yes",
        "lines": [_line(given, row) for row in used_rows(given)],
        "ship_to": {},
    }
    for place, name in PLACES.items():
        value = given.get(name, "").strip()
        if value:
            _put(body, place.split("."), _number(value) if name == "priority" else value)
    return body


def faults_of(errors: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> FieldFaults:
    """The `errors` of a problem document, assigned to the form's fields."""
    rows = used_rows(given)
    fields: dict[str, str] = {}
    elsewhere = []
    for error in errors:
        place, reason = str(error.get("field", "")), str(error.get("reason", ""))
        name = _field(place, rows)
        if name is None:
            elsewhere.append(f"{place}: {reason}")
        else:
            fields.setdefault(name, reason)
    return FieldFaults(fields, tuple(elsewhere))


def _field(place: str, rows: Sequence[int]) -> str | None:
    found = LINE.fullmatch(place)
    if found is None:
        return PLACES.get(place)
    index, name = int(found[1]), LINE_PLACES.get(found[2])
    if name is None or index >= len(rows):
        return None
    return name if name == "currency" else f"{name}_{rows[index]}"


def _line(given: Mapping[str, str], row: int) -> dict[str, Any]:
    price = {"amount": _cell(given, "price", row), "currency": given.get("currency", "").strip().upper()}
    cells = {
        "sku": _cell(given, "sku", row),
        "name": _cell(given, "name", row),
        "quantity": _number(_cell(given, "quantity", row)),
    }
    line: dict[str, Any] = {name: value for name, value in cells.items() if value != ""}
    return {**line, "unit_price": {name: value for name, value in price.items() if value}}


def _cell(given: Mapping[str, str], name: str, row: int) -> str:
    return given.get(f"{name}_{row}", "").strip()


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len("1000000000000") else text


def _put(body: dict[str, Any], steps: Sequence[str], value: object) -> None:
    for step in steps[:-1]:
        body = body.setdefault(step, {})
    body[steps[-1]] = value
