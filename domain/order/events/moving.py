"""What all events have in common that move units."""

from __future__ import annotations

from domain.decider import Event
from domain.event_values import Units
from domain.order.event_terms import Move, units_of


class UnitsMoved(Event):
    """Base: units went from one bucket to another, these and no others."""

    moves: tuple[Move, ...] = ()

    @property
    def units(self) -> tuple[Units, ...]:
        """What moved, line by line."""
        return units_of(self.moves)
