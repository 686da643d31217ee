"""Facts from the warehouse."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.decider import Event
from domain.event_values import Actor, StockTotals, Units
from domain.order.event_terms import NamedUnits, PickedUnits
from domain.order.events.moving import UnitsMoved


class SentToWarehouse(UnitsMoved):
    """Reserved units became work for the warehouse."""

    location: str


class RecalledFromWarehouse(UnitsMoved):
    """Units nobody had picked came back from the warehouse."""

    for_cancellation: bool
    """They came back to be cancelled; otherwise a person took them back and a person sends them again."""


class PickStarted(Event):
    """Somebody began to pick, and is on the order for the warehouse by that."""

    picker: Actor
    until: AwareDatetime | None = None
    """Until when; None of those who began before orders were taken."""
    taken_from: Actor | None = None
    """Who was on it; None where nobody else was, or where it was not written down yet."""


class Picked(UnitsMoved):
    """Units were picked; `excess` is what the order had no room for."""

    picked: tuple[PickedUnits, ...]
    """The units the order had room for, with bin, lot and serial as the picker said."""
    excess: tuple[NamedUnits, ...] = ()
    location: str
    staged: tuple[StockTotals, ...]
    """Units picked to date of the lines that moved, in totals, per stock item."""


class ShortPicked(UnitsMoved):
    """Units were not on the shelf; stock has to answer for them again."""

    missing: tuple[StockTotals, ...]
    """Units found missing to date of the lines that moved, in totals, per stock item."""


class Packed(UnitsMoved):
    """Picked units went into a parcel."""

    parcel: int
    weight_g: int | None = None

    @property
    def contents(self) -> tuple[Units, ...]:
        """What is in the parcel."""
        return self.units


class Unpacked(UnitsMoved):
    """A parcel was opened again."""

    parcel: int
