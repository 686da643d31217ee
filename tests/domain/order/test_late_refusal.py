"""An ask for units that stock has taken back meanwhile: its refusal finds them waiting, and they are asked for again."""

from domain.event_values import Shortage
from domain.order.commands import ConfirmIfReady
from domain.order.event_terms import WantTerms
from domain.order.events import StockAsked, StockReconfirmed, UnitsBackordered
from domain.order.terms import Bucket
from domain.roles import Role
from tests.domain.order.orders import answer, buckets, given, lived, place, wants
from tests.spec import NOW

NEITHER = place(2, 3, partial=False, backorder=False)
SECOND = answer((2, 3, 0), sku="SKU-2")
"""With this all is reserved, and the order asks both items for good."""
FIRM = (NEITHER, answer((1, 2, 0)), SECOND, ConfirmIfReady())
TAKEN_BACK = answer((1, 0, 2), version=2, want_version=1)
REFUSED = answer((1, 0, 0), version=3)


def test_units_taken_back_and_then_refused_are_asked_for_again() -> None:
    before = lived(*FIRM, TAKEN_BACK)
    assert any(isinstance(event, UnitsBackordered) for event in before)
    outcome = given(*before).when(REFUSED, role=Role.WORKFLOW)
    state = outcome.then_kinds(StockReconfirmed, StockAsked)
    assert buckets(state) == {Bucket.BACKORDERED: 2}
    asked = outcome.events[-1]
    terms = WantTerms(priority=5, shortage=Shortage.WAIT)
    assert asked == StockAsked(occurred_at=NOW, wants=(wants((1, 2)),), terms=terms)
