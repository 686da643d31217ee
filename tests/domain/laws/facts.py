"""Nothing vanishes: what a person or a carrier tells us leaves an event, in full; the rest is EXCESS or an exception."""

from collections.abc import Iterable
from random import Random
from typing import Any, Final

from domain.catalogue import DECIDERS
from domain.decider import Command, Event
from domain.event_values import LineKind
from domain.order.commands import (
    AddNote,
    ConfirmReceipt,
    HandOver,
    Pick,
    PickedUnits,
    RecordCheckpoint,
    ShortPick,
    StartPick,
)
from domain.order.event_terms import NamedUnits
from domain.order.events import (
    CheckpointRecorded,
    ExceptionOpened,
    ExceptionResolved,
    HandedOver,
    Picked,
    PickStarted,
)
from domain.order.state import Order, Parcel
from domain.order.terms import Bucket, ExceptionCode, Misfit, Outcome, ParcelStatus
from domain.roles import Role
from domain.stream_names import order_stream
from tests.domain.laws.people import UNPICKED, scan, units
from tests.life import Life


def assert_left_an_event(life: Life, before: Any, command: Command, events: tuple[Event, ...]) -> None:
    """A fact is in the log, unless the log said so already."""
    if not command.fact:
        return
    assert events or (isinstance(before, Order) and known(life, before, command)), f"vanished: {command!r}"
    if isinstance(command, Pick):
        assert_picked_in_full(before, command, events)
    if isinstance(command, ShortPick):
        assert_missed_in_full(before, command, events)


def assert_complaints_stay(life: Life, streams: list[str], luck: Random) -> None:
    """Trouble with a parcel that the customer was said to have stays until somebody deals with it, whatever is said."""
    for stream in streams:
        there = [
            p for p in life.order(stream).parcels if p.tracking_number and p.contents and p.received_at is not None
        ]
        if not there:
            continue
        life.submit(stream, scan(luck, luck.choice(there).tracking_number, luck.choice(TROUBLE)))
        open_ones = life.order(stream).exceptions
        life.submit(stream, AddNote(text="the customer has called"))
        life.settle()
        assert life.order(stream).exceptions == open_ones


TROUBLE: Final = (ParcelStatus.ATTEMPT_FAILED, ParcelStatus.EXCEPTION, ParcelStatus.LOST)


def known(life: Life, order: Order, command: Command) -> bool:
    """Whether the log says so already, or the same words are being looked at."""
    told = life.streams[order_stream(order.order_id)]
    match command:
        case StartPick():
            return is_begun(each.event for each in told)
        case RecordCheckpoint():
            return any(
                isinstance(each.event, CheckpointRecorded) and same_message(each.event, command) for each in told
            )
        case ConfirmReceipt() if meant(order, command):
            not_to_come = {Outcome.LOST, Outcome.RETURNED} if command.parcel is None else set()
            return all(parcel.received_at or parcel.outcome in not_to_come for parcel in meant(order, command))
        case HandOver():
            return is_told_hand_over((each.event for each in told), command)
        case _:
            said = (life.began[each.metadata.correlation_id] for each in told if each.metadata.causation_id is None)
            return bool(order.exceptions) and command in said


def is_begun(told: Iterable[Event]) -> bool:
    """Whether somebody walks for what is to be picked now: nothing was sent since, and something was left all the time."""
    begun, sent = False, 0
    for event in told:
        before = sent
        for move in getattr(event, "moves", ()):
            sent += move.quantity * ((move.target is Bucket.SENT) - (move.source is Bucket.SENT))
        ended = sent > before or (before and not sent)
        begun = isinstance(event, PickStarted) or (begun and not ended)
    return begun


def meant(order: Order, command: ConfirmReceipt) -> list[Parcel]:
    """Parcels that a receipt is about: the one named, or all that left."""
    if command.parcel is not None:
        return [parcel for parcel in order.parcels if parcel.number == command.parcel and parcel.contents]
    return [parcel for parcel in order.parcels if parcel.handed_over_at or parcel.received_at]


def is_told_hand_over(told: Iterable[Event], command: HandOver) -> bool:
    """Whether carrier, number and service have been told; what is not given says nothing new: a parcel whose carrier is
    corrected keeps its number.
    """
    left = [event for event in told if isinstance(event, HandedOver) and event.parcel == command.parcel]
    same = [event for event in left if event.carrier.casefold() == command.carrier.casefold()]
    numbers, services = ({getattr(event, name) for event in left} for name in ("tracking_number", "service"))
    return bool(same) and command.tracking_number in {None, *numbers} and command.service in {None, *services}


def same_message(event: CheckpointRecorded, command: RecordCheckpoint) -> bool:
    """Carrier, number, time and code make a message what it is."""
    mine = (event.carrier.casefold(), event.tracking_number, event.occurred_at, event.code)
    return mine == (command.carrier.casefold(), command.tracking_number, command.occurred_at, command.code)


def assert_picked_in_full(order: Order, command: Pick, events: tuple[Event, ...]) -> None:
    """Each unit is the order's or EXCESS; EXCESS is what nobody had left to pick, and somebody looks at it."""
    picked = events[0]
    assert isinstance(picked, Picked)
    moved = sum(move.quantity for move in picked.moves)
    excess = sum(part.quantity for part in picked.excess)
    room = dict.fromkeys(order.lines, 0)
    for part in command.units:
        number = line_of(order, part)
        if number is not None:
            room[number] = min(room[number] + part.quantity, units(order, number, *UNPICKED))
    assert moved == sum(room.values())
    assert moved + excess == sum(part.quantity for part in command.units)
    assert not excess or any(is_about(event, ExceptionCode.EXCESS) for event in events)
    for named in picked.excess:
        assert_is_named_rightly(order, named)


def assert_is_named_rightly(order: Order, named: NamedUnits) -> None:
    """What is said of units beyond the order is true: a goods line that it has, or what is wrong about the name."""
    goods = {number: state.line.sku for number, state in order.lines.items() if state.line.kind is LineKind.GOODS}
    match named.misfit:
        case None:
            assert goods[named.line or 0] == named.sku
        case Misfit.LINE_NOT_NAMED:
            assert named.sku in {None, *goods.values()}
            assert goods.get(named.named_line or 0) != (named.sku or "")
        case Misfit.NO_SUCH_LINE:
            assert named.named_line not in {None, *goods}
        case Misfit.NOT_IN_ORDER:
            assert named.sku not in {None, *goods.values()}


def assert_no_receipt_is_dropped(life: Life, streams: list[str]) -> None:
    """What somebody said of a receipt ends with that receipt, or a person ends it."""
    for stream in streams:
        order: Order | None = None
        for each in life.streams[stream]:
            if isinstance(each.event, ExceptionResolved) and each.event.resolved_by == Role.WORKFLOW and order:
                ended = next(known for known in order.exceptions if known.number == each.event.exception)
                spoken_of = {ended.about.parcel} - {None} or {parcel.number for parcel in order.parcels}
                there = {parcel.number for parcel in order.parcels if parcel.received_at is not None}
                assert ended.about.evidence is None or spoken_of & there, f"{order.number}: {ended} was dropped"
            order = DECIDERS["order"].evolve(order, each.event)


def assert_missed_in_full(order: Order, command: ShortPick, events: tuple[Event, ...]) -> None:
    """Each unit is looked for again, or somebody looks at why it was to be picked at all."""
    moved = sum(move.quantity for event in events for move in getattr(event, "moves", ()))
    asked_about = any(is_about(event, ExceptionCode.SHORT_PICK) for event in events)
    known_trouble = any(trouble.code is ExceptionCode.SHORT_PICK for trouble in order.exceptions)
    assert moved == sum(part.quantity for part in command.lines) or asked_about or known_trouble


def line_of(order: Order, part: PickedUnits) -> int | None:
    """The goods line that a pick names rightly."""
    state = None if part.line is None else order.lines.get(part.line)
    if state is None or state.line.kind is not LineKind.GOODS or part.sku not in {None, state.line.sku}:
        return None
    return part.line


def is_about(event: Event, code: ExceptionCode) -> bool:
    """Whether this opened such an exception."""
    return isinstance(event, ExceptionOpened) and event.code is code
