"""Folded states as bytes, so that a reader does not begin from nothing when it starts again.

Decides: the stored form of a state (JSON) and how a changed form is noticed. All of it is disposable: the log has it.
A stock item's orders are stored as arrays without names, and what can be made of them is not stored.
Must not know: where they are kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from domain.order.state import Order
from domain.stock.entries import filled
from domain.stock.state import Entry, Movement, StockItem, TaughtCode

State = Order | StockItem | None


class StoredItem(NamedTuple):
    """A stock item without what is made of its entries."""

    sku: str
    location: str
    on_hand: int
    entries: tuple[Entry, ...]
    arrivals: int
    allocating: bool
    count_asked_at: datetime | None
    counted_at: datetime | None
    movements: tuple[Movement, ...]
    last_issue_at: datetime | None
    bins: tuple[str, ...]
    codes: tuple[TaughtCode, ...]


PLAIN: Final = tuple(name for name in StoredItem._fields if name != "entries")
"""What a stock item and its stored form have in common."""
STORED_ORDER: Final = TypeAdapter[Order | None](Order | None)
"""An order's state is None as long as it was not placed."""
STORED_STOCK: Final = TypeAdapter(StoredItem)
ENTRY: Final = TypeAdapter(Entry)


def dump(state: State) -> bytes:
    """The state as JSON; `load` gives an equal one back."""
    if isinstance(state, StockItem):
        return STORED_STOCK.dump_json(_stored(state, state.entries.values()))
    return STORED_ORDER.dump_json(state)


def load(kind: str, value: bytes) -> State:
    """The state that was dumped; pydantic's ValidationError when its form has changed since."""
    if kind == "order":
        return STORED_ORDER.validate_json(value)
    stored = STORED_STOCK.validate_json(value)
    return _made_of(stored, stored.entries)


def dump_apart(item: StockItem) -> bytes:
    """The stock item without its orders, for whoever keeps each of these by itself."""
    return STORED_STOCK.dump_json(_stored(item, ()))


def dump_entry(entry: Entry) -> bytes:
    """What a stock item knows of one order."""
    return ENTRY.dump_json(entry)


def load_apart(value: bytes, entries: Iterable[bytes]) -> StockItem:
    """The stock item that was dumped apart from its orders; ValidationError as `load`."""
    return _made_of(STORED_STOCK.validate_json(value), map(ENTRY.validate_json, entries))


@cache
def shape() -> str:
    """SHA-256 (hex) of the form of all states: what is stored under another shape is folded again, not loaded."""
    forms = [adapter.json_schema(mode="serialization") for adapter in (STORED_ORDER, STORED_STOCK, ENTRY)]
    return hashlib.sha256(json.dumps(forms, sort_keys=True).encode()).hexdigest()


def _stored(item: StockItem, entries: Iterable[Entry]) -> StoredItem:
    plain = {name: getattr(item, name) for name in PLAIN}
    return StoredItem(entries=tuple(sorted(entries, key=attrgetter("arrival", "order_id"))), **plain)


def _made_of(stored: StoredItem, entries: Iterable[Entry]) -> StockItem:
    return filled(StockItem(**{name: getattr(stored, name) for name in PLAIN}), entries)
