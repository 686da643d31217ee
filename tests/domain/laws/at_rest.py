"""What must hold whenever nothing is on its way: orders and stock agree, nobody waits for the system, no unit lies idle."""

from typing import Final
from uuid import UUID

from domain.event_values import LineKind
from domain.order.commands import RecallFromWarehouse
from domain.order.events import RecalledFromWarehouse
from domain.order.ledger import GONE, LIVE
from domain.order.state import Order
from domain.order.status import (
    NextAction,
    awaited_hold,
    holds_blocking,
    is_closed,
    may_be_handed_over,
    may_be_sent,
    may_leave_in_part,
    waiting,
)
from domain.order.terms import HOLD_OWNERS, Bucket, Step
from domain.roles import Party
from domain.stock.allocation import ALL_OR_NOTHING
from domain.stock.state import Entry, StockItem
from domain.stream_names import name_of, stock_stream
from domain.values import MAIN
from projections.board import Board
from projections.desk import hold_queue
from projections.registry import BOARDS
from tests.domain.laws.people import SKUS, units
from tests.life import Life

BOARD_OF: Final[dict[Party, Board]] = {party: board for board in BOARDS for party in board.parties}


def assert_order_and_stock_agree(life: Life, streams: list[str]) -> None:
    """Every unit that an order has is with its stock item what it is with the order."""
    for sku in SKUS:
        item = life.stock(sku)
        for stream in streams:
            entry = item.entries.get(UUID(name_of(stream)))
            if not is_closed(life.order(stream)):
                assert_lines_agree(life.order(stream), sku, entry)
        assert item.available >= 0
        assert item.on_hand >= item.staged >= 0


def assert_lines_agree(order: Order, sku: str, entry: Entry | None) -> None:
    """One order at one item."""
    there = {line.line: (line.waiting, line.reserved, line.staged, line.gone) for line in entry.lines} if entry else {}
    for number in order.by_sku.get(sku, ()):
        here = (
            units(order, number, Bucket.OPEN, Bucket.BACKORDERED),
            units(order, number, Bucket.RESERVED, Bucket.SENT),
            units(order, number, Bucket.PICKED, Bucket.PACKED),
            units(order, number, *GONE),
        )
        if order.stock_asked:
            assert there.get(number, (0, 0, 0, 0)) == here, f"{order.number} line {number}"
    if entry is not None and entry.want_version:
        assert (entry.priority, entry.promise) == (order.priority, order.requested_date)


def assert_nothing_is_kept_for_a_closed_order(life: Life, streams: list[str]) -> None:
    """Stock has forgotten every order that is over."""
    live = {UUID(name_of(stream)) for stream in streams if not is_closed(life.order(stream))}
    for sku in SKUS:
        assert set(life.stock(sku).entries) <= live, f"{sku}: an order that is over still has units"


def assert_nobody_waits_for_the_system(life: Life, streams: list[str]) -> None:
    """Whoever an order waits for can do something; the system has done its part."""
    for stream in streams:
        order = life.order(stream)
        party, action = waiting(order)
        assert party is not Party.SYSTEM, f"{order.number} waits for the system to {action}"
        assert party is not Party.NOBODY or is_closed(order)
        if may_be_sent(order) and not is_closed(order) and not holds_blocking(order, Step.SEND):
            assert was_recalled(life, stream), f"{order.number}: nobody took its units back, and they are not sent"


def assert_who_is_waited_for_sees_it(life: Life, streams: list[str]) -> None:
    """An order that waits for anybody but us stands on one board, in a queue named after the step it waits for."""
    for stream in streams:
        order = life.order(stream)
        party, action = waiting(order)
        if party not in {Party.SYSTEM, Party.NOBODY}:
            board = BOARD_OF[party]
            work = board.work(order)
            assert work is not None, f"{order.number} waits for {party} to {action}, and is not on its board"
            assert board.queues[work.queue] is action, f"{order.number} waits for {action} and stands in {work.queue}"
            assert_hold_is_named(order, board, work.queue)


def assert_hold_is_named(order: Order, board: Board, queue: str) -> None:
    """Where a board has a queue for each type of hold, the order stands in that of the hold it waits for."""
    hold = awaited_hold(order)
    if hold is not None and hold_queue(hold.type) in board.queues:
        assert queue == hold_queue(hold.type)


def assert_nobody_sees_what_is_not_theirs(life: Life, streams: list[str]) -> None:
    """In a queue named after a step stands only an order of which the department has that step to take."""
    for order in map(life.order, streams):
        for board in BOARDS:
            work = board.work(order)
            step = None if work is None else board.queues[work.queue]
            assert step is None or can_be_taken(order, board, step), f"{order.number} is in {board.name} for {step}"


def can_be_taken(order: Order, board: Board, step: NextAction) -> bool:
    """Whether this step of the department is there to be taken, whoever the order waits for first."""
    theirs = {
        NextAction.RESOLVE_EXCEPTION: any(trouble.owner in board.parties for trouble in order.exceptions),
        NextAction.LIFT_HOLD: any(HOLD_OWNERS[hold.type] in board.parties for hold in order.holds),
        NextAction.CONFIRM: order.confirmed_at is None and not holds_blocking(order, Step.CONFIRM),
        NextAction.SEND_TO_WAREHOUSE: may_be_sent(order) and not holds_blocking(order, Step.SEND),
        NextAction.PICK: order.count(Bucket.SENT) > 0,
        NextAction.PACK: order.count(Bucket.PICKED) > 0 and may_leave_in_part(order),
        NextAction.HAND_OVER: may_be_handed_over(order) and not holds_blocking(order, Step.HAND_OVER),
        NextAction.RECEIVE_STOCK: order.count(Bucket.BACKORDERED) > 0,
        NextAction.DELIVER: order.count(Bucket.HANDED_OVER) > 0,
    }
    return theirs[step] and (not is_closed(order) or step is NextAction.RESOLVE_EXCEPTION)


def assert_no_message_is_astray(life: Life, streams: list[str]) -> None:
    """A carrier's message of a number that a parcel has is that parcel's; of any other, somebody looks for the parcel."""
    for stream in streams:
        order = life.order(stream)
        numbers = {parcel.tracking_number for parcel in order.parcels}
        for stray in order.stray_checkpoints:
            assert stray.tracking_number not in numbers, f"{order.number}: {stray} never found its parcel"


def was_recalled(life: Life, stream: str) -> bool:
    """Whether a person, not a cancellation, took back some of the units that are reserved now."""
    recalled, reserved = False, 0
    for recorded in life.streams[stream]:
        if isinstance(recorded.event, RecalledFromWarehouse):
            recalled |= isinstance(life.began[recorded.metadata.correlation_id], RecallFromWarehouse)
        for move in getattr(recorded.event, "moves", ()):
            reserved += move.quantity * ((move.target is Bucket.RESERVED) - (move.source is Bucket.RESERVED))
        recalled &= reserved > 0
    return recalled


def assert_no_unit_lies_idle(life: Life, streams: list[str]) -> None:
    """No free unit lies beside an order that could take it under its policy."""
    for sku in SKUS:
        item = life.stock(sku)
        if not item.available:
            continue
        for stream in streams:
            entry = item.entries.get(UUID(name_of(stream)))
            if entry is not None and entry.waiting:
                assert not could_take(life, stream, item, entry), f"{item.available} of {sku} lie idle"


def could_take(life: Life, stream: str, item: StockItem, entry: Entry) -> bool:
    """Whether what is free could go to this order, now: all or nothing means all, and parts wait for parts."""
    order = life.order(stream)
    if entry.shortage in ALL_OR_NOTHING and item.available < entry.waiting:
        return False
    return not (entry.deferred and any(waits_at(life, order, sku) for sku in SKUS if sku < item.sku))


def waits_at(life: Life, order: Order, sku: str) -> bool:
    """Whether the order has units waiting at this item: it is asked for before later ones."""
    entry = life.stock(sku).entries.get(UUID(order.order_id))
    return entry is not None and entry.waiting > 0


def assert_units_add_up(life: Life, streams: list[str]) -> None:
    """Every ordered unit is in one bucket, and where the events' moves brought it."""
    for stream in streams:
        order = life.order(stream)
        moved = replayed(life, stream)
        for number, state in order.lines.items():
            ordered = state.line.quantity if state.line.kind is LineKind.GOODS else 0
            assert units(order, number, *LIVE, Bucket.CANCELLED) == ordered
            assert min(state.buckets) >= 0
            assert moved[number][: Bucket.EXCESS] == list(state.buckets[: Bucket.EXCESS])


def replayed(life: Life, stream: str) -> dict[int, list[int]]:
    """Buckets by line as the moves of the events alone make them."""
    order = life.order(stream)
    buckets = {number: [0] * len(Bucket) for number in order.lines}
    for number, state in order.lines.items():
        buckets[number][Bucket.OPEN] = state.line.quantity if state.line.kind is LineKind.GOODS else 0
    for recorded in life.streams[stream]:
        for move in getattr(recorded.event, "moves", ()):
            buckets[move.line][move.source] -= move.quantity
            buckets[move.line][move.target] += move.quantity
    return buckets


def assert_no_portion_is_left(life: Life, _streams: list[str]) -> None:
    """What one event could not hold went on until it was through, and nobody is left undecided."""
    for sku in SKUS:
        item = life.stock(sku)
        assert not item.allocating, f"{sku}: the rest was forgotten ({stock_stream(sku, MAIN)})"
        assert not any(entry.undecided for entry in item.entries.values())
