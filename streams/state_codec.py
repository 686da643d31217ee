"""Folded states as bytes, so that a reader does not begin from nothing when it starts again.

Decides: the stored form of a state (JSON) and how a changed form is noticed. All of it is disposable: the log has it.
Must not know: where they are kept.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Final

from pydantic import TypeAdapter

from domain.order.state import Order
from domain.stock.state import StockItem

STATES: Final[dict[str, TypeAdapter[Order | None] | TypeAdapter[StockItem]]] = {
    "order": TypeAdapter(Order | None),
    "stock": TypeAdapter(StockItem),
}
"""Kind of stream -> its state. An order's is None as long as it was not placed."""

State = Order | StockItem | None


def dump(kind: str, state: State) -> bytes:
    """The state as JSON; `load` gives an equal one back."""
    return STATES[kind].dump_json(state)  # type: ignore[arg-type]  # the kind says which of the two it is


def load(kind: str, value: bytes) -> State:
    """The state that was dumped; pydantic's ValidationError when its form has changed since."""
    return STATES[kind].validate_json(value)


@cache
def shape() -> str:
    """SHA-256 (hex) of the form of all states: what is stored under another shape is folded again, not loaded."""
    forms = {kind: adapter.json_schema(mode="serialization") for kind, adapter in STATES.items()}
    return hashlib.sha256(json.dumps(forms, sort_keys=True).encode()).hexdigest()
