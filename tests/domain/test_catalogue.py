"""What is in the log has one name, and every name is found."""

import pytest

from domain.catalogue import COMMANDS, DECIDERS, EVENTS, ORDER, STOCK, event_type
from domain.decider import Event
from domain.order.events import OrderPlaced
from domain.stock.commands import ReceiveStock
from domain.stock.events import StockReserved


def test_an_events_type_names_company_kind_class_and_version() -> None:
    assert event_type(OrderPlaced) == "ordertrail.order.OrderPlaced.v1"
    assert event_type(StockReserved) == "ordertrail.stock.StockReserved.v1"


def test_every_event_of_every_decider_is_found_by_its_type() -> None:
    events = [event for decider in DECIDERS.values() for event in decider.events]
    assert [EVENTS[event_type(event)] for event in events] == events
    assert len(EVENTS) == len(events)


def test_what_is_no_event_of_ours_has_no_type() -> None:
    with pytest.raises(KeyError):
        event_type(Event)


def test_commands_are_found_by_kind_and_name() -> None:
    assert COMMANDS["stock"]["ReceiveStock"] is ReceiveStock
    assert set(COMMANDS) == {"order", "stock", "person"}


def test_a_stream_nobody_has_written_to_has_an_initial_state() -> None:
    assert ORDER.initial("order-1") is None
    assert (STOCK.initial("stock-85123A@main").sku, STOCK.initial("stock-85123A@main").location) == ("85123A", "main")


@pytest.mark.parametrize("kind", sorted(DECIDERS))
def test_everything_published_explains_itself(kind: str) -> None:
    decider = DECIDERS[kind]
    assert not [
        one.__name__ for one in (*decider.events, *decider.commands) if not (one.__dict__.get("__doc__") or "").strip()
    ]
