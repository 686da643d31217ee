"""What the boards of finance, customer service and purchasing share: desks that lift holds and look at trouble.

Decides: in which queue of a desk an order stands because of a hold or of trouble. Must not know: which desks there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.order.state import Order
from domain.order.status import NextAction, awaited_hold, standing_holds
from domain.order.terms import EXCEPTION_OWNERS, HOLD_OWNERS, HoldType
from domain.roles import Party
from projections.board import PROBLEMS, has_trouble


@dataclass(frozen=True, slots=True)
class HoldDesk:
    """A department that orders wait for beside the goods' way, and for whom else it acts."""

    party: Party
    acts_for: frozenset[Party] = frozenset()

    @property
    def parties(self) -> frozenset[Party]:
        """Whoever's steps are taken at this desk."""
        return self.acts_for | {self.party}

    @property
    def queues(self) -> Mapping[str, NextAction]:
        """One for trouble, if any is the desk's, and one for each type of hold that it lifts."""
        holds = [hold_queue(kind) for kind, owner in HOLD_OWNERS.items() if owner in self.parties]
        looks_at_trouble = self.party in EXCEPTION_OWNERS.values()
        return {
            **({PROBLEMS: NextAction.RESOLVE_EXCEPTION} if looks_at_trouble else {}),
            **dict.fromkeys(holds, NextAction.LIFT_HOLD),
        }

    def queue(self, order: Order) -> str | None:
        """The hold that the order waits for, then trouble, then the oldest hold that is in nobody's way yet."""
        awaited = awaited_hold(order)
        if awaited is not None and self._lifts(awaited.type):
            return hold_queue(awaited.type)
        if has_trouble(order, self.party):
            return PROBLEMS
        return next((hold_queue(hold.type) for hold in standing_holds(order) if self._lifts(hold.type)), None)

    def _lifts(self, kind: HoldType) -> bool:
        return HOLD_OWNERS[kind] in self.parties


def hold_queue(kind: HoldType) -> str:
    """Where orders stand with a hold of this type."""
    return f"hold-{kind.value}"
