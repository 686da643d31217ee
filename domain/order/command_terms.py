"""Terms of order commands: holds, picked units, numbers. Where events have the same term, this one adds bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.event_values import Model
from domain.order import event_terms
from domain.order.terms import DEFAULT_BLOCKS, HoldType, Step
from domain.shelf_values import Bin
from domain.values import LineNumber, Moment, Quantity, Reason, Sku, Text

ParcelNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Number of a parcel within its order, from 1."""

HoldNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Number of a hold within its order, from 1."""

ExceptionNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Number of an exception within its order, from 1."""

NoteNumber = Annotated[int, Field(strict=True, ge=1, le=10**6)]
"""Number of a message within its order, from 1."""


class HoldTerms(Model):
    """A hold as somebody asks for it."""

    type: HoldType
    blocks: Annotated[tuple[Step, ...], Field(min_length=1, max_length=len(Step))] = DEFAULT_BLOCKS
    reason: Reason
    review_at: Moment | None = None
    """When somebody wants to look at it again; None where nobody said."""


class PickedUnits(event_terms.PickedUnits):
    """Units as they are picked. `line` None: it is not named, as of an article that the order does not have."""

    line: LineNumber | None = None
    sku: Sku | None = None
    quantity: Quantity
    bin: Bin | None = None
    lot: Text | None = None
    serial: Text | None = None
