"""Folded states as bytes, so that a reader does not begin from nothing when it starts again.

Decides: the stored form of a state (JSON) and how a changed form is noticed. All of it is disposable: the log has it.
A stock item's orders are stored as arrays without names, and what can be made of them is not stored.
Must not know: where they are kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from domain.catalogue import AnyState
from domain.order.state import Order
from domain.person.state import Register
from domain.stock.entries import filled
from domain.stock.state import Entry, Movement, StockItem, TaughtCode

State = AnyState | None


class StoredItem(NamedTuple):
    """A stock item without its entries, and what is made of them."""

    sku: str
    location: str
    on_hand: int
    arrivals: int
    allocating: bool
    count_asked_at: datetime | None
    counted_at: datetime | None
    movements: tuple[Movement, ...]
    last_issue_at: datetime | None
    version: int
    received_version: int
    bins: tuple[str, ...]
    codes: tuple[TaughtCode, ...]


STORED_ORDER: Final = TypeAdapter[Order | None](Order | None)
"""An order's state is None as long as it was not placed."""
STORED_STOCK: Final = TypeAdapter(StoredItem)
STORED_REGISTER: Final = TypeAdapter(Register)
ENTRY: Final = TypeAdapter(Entry)


def dump(state: State) -> bytes:
    """The state as lines of JSON; `load` gives an equal one back."""
    return b"\n".join(lines(state))


def lines(state: State) -> Iterator[bytes]:
    """What `dump` gives, line by line: a stock item by itself, then what it knows of each order."""
    if isinstance(state, StockItem):
        yield dump_apart(state)
        yield from map(dump_entry, state.entries.values())
    elif isinstance(state, Register):
        yield STORED_REGISTER.dump_json(state)
    else:
        yield STORED_ORDER.dump_json(state)


def load(kind: str, value: bytes) -> State:
    """The state that was dumped; pydantic's ValidationError when its form has changed since."""
    if kind == "order":
        return STORED_ORDER.validate_json(value)
    if kind == "person":
        return STORED_REGISTER.validate_json(value)
    item, *entries = value.split(b"\n")
    return load_apart(item, entries)


def dump_apart(item: StockItem) -> bytes:
    """The stock item without its orders, for whoever keeps each of these by itself."""
    return STORED_STOCK.dump_json(StoredItem(**{name: getattr(item, name) for name in StoredItem._fields}))


def dump_entry(entry: Entry) -> bytes:
    """What a stock item knows of one order."""
    return ENTRY.dump_json(entry)


def load_apart(value: bytes, entries: Iterable[bytes]) -> StockItem:
    """The stock item that was dumped apart from its orders; ValidationError as `load`."""
    stored = STORED_STOCK.validate_json(value)
    return filled(StockItem(**stored._asdict()), map(ENTRY.validate_json, entries))


STORED: Final[tuple[TypeAdapter[Any], ...]] = (STORED_ORDER, STORED_STOCK, STORED_REGISTER, ENTRY)


@cache
def shape() -> str:
    """SHA-256 (hex) of the form of all states: what is stored under another shape is folded again, not loaded."""
    forms = [adapter.json_schema(mode="serialization") for adapter in STORED]
    return hashlib.sha256(json.dumps(forms, sort_keys=True).encode()).hexdigest()
