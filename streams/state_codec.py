"""Folded states as bytes, so that a reader does not begin from nothing when it starts again.

Decides: the stored form of a state (JSON) and how a changed form is noticed. All of it is disposable: the log has it.
A stock item's orders are stored as arrays without names, and what can be made of them is not stored.
Must not know: where they are kept.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from domain.order.state import Order
from domain.stock.entries import filled
from domain.stock.state import Entry, StockItem

State = Order | StockItem | None


class StoredItem(NamedTuple):
    """A stock item without what is made of its entries."""

    sku: str
    location: str
    on_hand: int
    entries: tuple[Entry, ...]
    arrivals: int
    allocating: bool
    shortfall: int
    count_asked_at: datetime | None
    counted_at: datetime | None
    last_issue_at: datetime | None


PLAIN: Final = tuple(name for name in StoredItem._fields if name != "entries")
"""What a stock item and its stored form have in common."""
ORDER: Final = TypeAdapter[Order | None](Order | None)
"""An order's state is None as long as it was not placed."""
STOCK: Final = TypeAdapter(StoredItem)


def dump(kind: str, state: State) -> bytes:
    """The state as JSON; `load` gives an equal one back."""
    if kind == "order":
        return ORDER.dump_json(state)  # type: ignore[arg-type]  # the kind says which of the two it is
    return STOCK.dump_json(_stored(state))  # type: ignore[arg-type]


def load(kind: str, value: bytes) -> State:
    """The state that was dumped; pydantic's ValidationError when its form has changed since."""
    return ORDER.validate_json(value) if kind == "order" else _made_of(STOCK.validate_json(value))


@cache
def shape() -> str:
    """SHA-256 (hex) of the form of all states: what is stored under another shape is folded again, not loaded."""
    forms = [adapter.json_schema(mode="serialization") for adapter in (ORDER, STOCK)]
    return hashlib.sha256(json.dumps(forms, sort_keys=True).encode()).hexdigest()


def _stored(item: StockItem) -> StoredItem:
    entries = sorted(item.entries.values(), key=attrgetter("arrival", "order_id"))
    plain = {name: getattr(item, name) for name in PLAIN}
    return StoredItem(entries=tuple(entries), **plain)


def _made_of(stored: StoredItem) -> StockItem:
    return filled(StockItem(**{name: getattr(stored, name) for name in PLAIN}), stored.entries)
