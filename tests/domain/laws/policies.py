"""What an order was promised by its policy, read off its events: what is cancelled, sent, packed and handed over, and when."""

from domain.decider import Command, Event
from domain.order.commands import PlaceOrder
from domain.order.events import HandedOver, OrderConfirmed, Packed, ReceiptConfirmed, SentToWarehouse, UnitsCancelled
from domain.order.ledger import LIVE, NOT_PACKED
from domain.order.state import Order
from domain.order.status import NextAction, is_closed, waiting
from domain.order.terms import Bucket, CancelCause, ExceptionCode
from domain.recorded import Recorded
from domain.stream_names import stock_stream
from domain.values import MAIN
from tests.domain.laws.facts import is_about
from tests.domain.laws.people import UNPICKED, live_units
from tests.life import Life

Counts = dict[Bucket, int]


def assert_policies_are_kept(life: Life, streams: list[str]) -> None:
    """Every order's history against its policy."""
    for stream in streams:
        assert_history_keeps_policy(life, stream)
        assert_rest_keeps_policy(life.order(stream))


def assert_history_keeps_policy(life: Life, stream: str) -> None:
    """We cancel only what may not wait, only before we have confirmed; parts leave only where parts are wanted."""
    order, confirmed = life.order(stream), False
    counts: Counts = dict.fromkeys(Bucket, 0)
    counts[Bucket.OPEN] = sum(sum(live_and_cancelled(order, number)) for number in order.lines)
    for recorded in life.streams[stream]:
        event = recorded.event
        if isinstance(event, HandedOver | ReceiptConfirmed) and leaves_now(event) and not order.partial_shipment:
            complete = not sum(counts[bucket] for bucket in NOT_PACKED)
            assert complete or is_looked_at(life, recorded), f"{order.number}: left in part, and nobody looks at it"
        if isinstance(event, Packed | SentToWarehouse) and not order.partial_shipment:
            assert counts[Bucket.OPEN] + counts[Bucket.BACKORDERED] == 0, f"{order.number}: parts of a whole"
        if isinstance(event, UnitsCancelled) and event.cause is CancelCause.NO_STOCK:
            assert not order.backorder, f"{order.number}: cancelled what was to wait"
            assert not confirmed, f"{order.number}: cancelled what we had confirmed"
        confirmed = confirmed or isinstance(event, OrderConfirmed)
        for move in getattr(event, "moves", ()):
            counts[move.source] -= move.quantity
            counts[move.target] += move.quantity


def leaves_now(event: HandedOver | ReceiptConfirmed) -> bool:
    """Whether units leave the house by it; a receipt may be the first that we hear of it."""
    return any(move.source is Bucket.PACKED for move in event.moves)


def is_looked_at(life: Life, left: Recorded[Event]) -> bool:
    """Whether the decision that recorded it opened an exception for leaving in part."""
    told = (each.event for each in life.streams[left.stream] if each.metadata.command_id == left.metadata.command_id)
    return any(is_about(event, ExceptionCode.HANDED_OVER_INCOMPLETE) for event in told)


def assert_rest_keeps_policy(order: Order) -> None:
    """At rest nothing waits that may not wait, all or nothing is all or nothing, and nobody is asked to part a whole."""
    if not order.partial_shipment and order.count(*NOT_PACKED):
        assert waiting(order)[1] is not NextAction.HAND_OVER, f"{order.number} is to leave in part"
    if order.backorder or order.confirmed_at or is_closed(order) or not order.stock_asked:
        return
    assert not order.totals[Bucket.BACKORDERED], f"{order.number} waits, and may not"
    assert not order.totals[Bucket.OPEN], f"{order.number} is left without an answer"


def live_and_cancelled(order: Order, number: int) -> tuple[int, int]:
    """Units of a line, EXCESS left out."""
    return live_units(order, number), order.lines[number].buckets[Bucket.CANCELLED]


class Cancellations:
    """Units that we cancelled for lack of stock, until it is known at rest that they did not lie free."""

    def __init__(self) -> None:
        self.seen = 0

    def assert_none_lies_free(self, life: Life, streams: list[str]) -> None:
        """None that we cancelled since the last rest lies free now, unless a person or a receipt freed it later."""
        for place in range(self.seen, len(life.log)):
            recorded = life.log[place]
            event = recorded.event
            if isinstance(event, UnitsCancelled) and event.cause is CancelCause.NO_STOCK and recorded.stream in streams:
                assert not could_have_been_served(life, place, event), f"{recorded.stream}: {event.moves} lie free"
        self.seen = len(life.log)


def could_have_been_served(life: Life, place: int, event: UnitsCancelled) -> bool:
    """Whether what was cancelled lies free: one unit where parts are wanted, otherwise every unit."""
    stream = life.log[place].stream
    order = life.order(stream)
    missed: dict[str, int] = {}
    for move in event.moves:
        sku = order.lines[move.line].line.sku
        missed[sku] = missed.get(sku, 0) + move.quantity
    refusal = next(life.causes(life.log[place])).position.sequence
    free = {sku: 0 if freed_since(life, refusal, sku) else life.stock(sku).available for sku in missed}
    if order.partial_shipment:
        return any(free[sku] for sku in missed)
    return all(free[sku] >= quantity for sku, quantity in missed.items())


def freed_since(life: Life, refusal: int, sku: str) -> bool:
    """Whether anything but orders being placed moved units of this item after stock had refused."""
    stream = stock_stream(sku, MAIN)
    return any(
        recorded.stream == stream and not isinstance(began_by(life, recorded), PlaceOrder)
        for recorded in life.log[refusal:]
    )


def began_by(life: Life, recorded: Recorded[Event]) -> Command:
    """What a person did that led to this."""
    return life.began[recorded.metadata.correlation_id]


def assert_whole_or_nothing(life: Life, streams: list[str]) -> None:
    """Of all-or-nothing orders that we gave up nothing is left but what was picked all the same."""
    for stream in streams:
        order = life.order(stream)
        if order.partial_shipment or order.backorder or not was_given_up(life, stream):
            continue
        assert order.count(*UNPICKED) == 0
        assert order.cancelled_at is not None or order.count(*LIVE) > 0


def was_given_up(life: Life, stream: str) -> bool:
    """Whether we cancelled units for lack of stock."""
    events = (recorded.event for recorded in life.streams[stream])
    return any(isinstance(event, UnitsCancelled) and event.cause is CancelCause.NO_STOCK for event in events)
