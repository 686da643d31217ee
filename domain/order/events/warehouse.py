"""Facts from the warehouse."""

from __future__ import annotations

from domain.decider import Event
from domain.order.terms import Excess, ParcelNumber, PickedUnits
from domain.values import Actor, Location, Quantity, StockTotals, Units


class SentToWarehouse(Event):
    """Reserved units became work for the warehouse."""

    location: Location
    units: tuple[Units, ...]


class RecalledFromWarehouse(Event):
    """Units nobody had picked came back from the warehouse."""

    units: tuple[Units, ...]


class PickStarted(Event):
    """Somebody began to pick."""

    picker: Actor


class Picked(Event):
    """Units were picked; `excess` is what the order had no room for."""

    units: tuple[PickedUnits, ...]
    excess: tuple[Excess, ...] = ()
    staged: tuple[StockTotals, ...]
    """Units picked to date, in totals, per stock item concerned."""


class ShortPicked(Event):
    """Units were not on the shelf; they wait for stock, first in the list."""

    units: tuple[Units, ...]
    missing: tuple[StockTotals, ...]
    """Units found missing to date, in totals, per stock item concerned."""


class Packed(Event):
    """Picked units went into a parcel."""

    parcel: ParcelNumber
    contents: tuple[Units, ...]
    weight_g: Quantity | None = None


class Unpacked(Event):
    """A parcel was opened again."""

    parcel: ParcelNumber
    contents: tuple[Units, ...]
