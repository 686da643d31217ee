"""Who is served before whom: first what was not found on the shelf, unit by unit, then priority, promise, arrival."""

from collections.abc import Iterator
from functools import reduce
from itertools import groupby

from domain.catalogue import DECIDERS
from domain.decider import Event
from domain.recorded import Recorded
from domain.stock.allocation import ALL_OR_NOTHING
from domain.stock.state import Entry, StockItem
from domain.stock.terms import Place, Shift
from domain.stream_names import stock_stream
from domain.values import MAIN
from tests.domain.laws.people import SKUS
from tests.life import Life


def assert_served_in_turn(life: Life, _streams: list[str]) -> None:
    """Whoever got units, beyond those once not found for it, got them after everybody who was before it."""
    for sku in SKUS:
        stream, decider = stock_stream(sku, MAIN), DECIDERS["stock"]
        state = decider.initial(stream)
        for decision in decisions(life.streams.get(stream, [])):
            state = reduce(decider.evolve, decision, state)
            for served in granted(state, decision):
                passed = [entry for entry in state.entries.values() if is_before(entry, served)]
                assert not passed, f"{sku}: {served.order_id} got units before {passed}"


def decisions(history: list[Recorded[Event]]) -> Iterator[list[Event]]:
    """Events in groups, as they were decided."""
    for _, group in groupby(history, key=lambda recorded: recorded.metadata.command_id):
        yield [recorded.event for recorded in group]


def granted(state: StockItem, decision: list[Event]) -> Iterator[Entry]:
    """Entries that waited and now have units, more than were ever not found for them."""
    for order_id, entry in state.entries.items():
        units = sum(
            move.quantity
            for event in decision
            for move in moves_for(event, order_id)
            if (move.source, move.target) == (Place.WAITING, Place.RESERVED)
        )
        if units > sum(quantity for _, quantity in entry.written_off):
            yield entry


def moves_for(event: Event, order_id: object) -> tuple[Shift, ...]:
    """Units of one order that an event moved."""
    if getattr(event, "order_id", None) == order_id:
        return tuple(getattr(event, "moves", ()))
    return tuple(
        move for answer in getattr(event, "answers", ()) if answer.order_id == order_id for move in answer.moves
    )


def is_before(entry: Entry, served: Entry) -> bool:
    """Whether this one still waits though it comes first. All-or-nothing orders let others pass until all is there."""
    waits = entry.waiting > 0 and not entry.deferred and entry.shortage not in ALL_OR_NOTHING
    return waits and entry.turn < served.turn
