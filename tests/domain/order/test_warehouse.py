import pytest

from domain.decider import TAKE_FOR
from domain.event_values import LineKind
from domain.order.commands import (
    ConfirmOrder,
    ConfirmReceipt,
    OrderCommand,
    Pack,
    Pick,
    PickedUnits,
    RecallFromWarehouse,
    RequestCancel,
    SendIfReady,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Unpack,
)
from domain.order.decisions.exceptions import MOST_NAMED
from domain.order.decisions.shared_refusals import NoSuchLine, NoSuchParcel
from domain.order.decisions.warehouse import AlreadyUnpacked, NothingToRecall, NotPicked, ParcelGone
from domain.order.event_terms import NamedUnits, TroubleFacts
from domain.order.events import (
    ExceptionOpened,
    Packed,
    Picked,
    PickStarted,
    RecalledFromWarehouse,
    SentToWarehouse,
    ShortPicked,
    Unpacked,
)
from domain.order.state import Parcel
from domain.order.terms import Bucket, Evidence, ExceptionCode, Misfit, Step
from domain.roles import Party, Role
from tests.domain.order.orders import (
    CONFIRMED,
    HANDED_OVER,
    PACKED,
    PART_RESERVED,
    PICKED,
    PLACED,
    RESERVED,
    SENT,
    answer,
    buckets,
    folded,
    given,
    goods,
    hold_terms,
    lived,
    moves,
    of_kind,
    pack,
    pick,
    place,
    totals,
    units,
)
from tests.spec import NOW

RECALL = RecallFromWarehouse(reason="address changed")


def test_all_reserved_units_are_sent_once_the_order_is_confirmed() -> None:
    order = (
        given(*lived(*CONFIRMED))
        .when(SendIfReady(), role=Role.WORKFLOW)
        .then(SentToWarehouse(occurred_at=NOW, location="main", moves=moves(Bucket.RESERVED, Bucket.SENT, (1, 10))))
    )
    assert order is not None
    assert (order.sent_at, order.waiting_on) == (NOW, Party.WAREHOUSE)
    given(*lived(*SENT)).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()


def test_nothing_is_sent_before_the_order_is_confirmed() -> None:
    given(*lived(*RESERVED)).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()


def test_nothing_is_sent_while_a_hold_stops_it() -> None:
    events = lived(place(10, holds=(hold_terms(Step.SEND),)), *CONFIRMED[1:])
    given(*events).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()


def test_with_partial_shipment_what_is_there_is_sent() -> None:
    events = lived(*PART_RESERVED, ConfirmOrder())
    order = given(*events).when(SendIfReady(), role=Role.WORKFLOW).then_kinds(SentToWarehouse)
    assert buckets(order) == {Bucket.SENT: 6, Bucket.BACKORDERED: 4}


def test_without_partial_shipment_nothing_is_sent_until_all_is_reserved() -> None:
    events = lived(place(10, partial=False), answer((1, 6, 4)), ConfirmOrder())
    given(*events).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()
    complete = (*events, *given(*events).when(answer((1, 10, 0), version=2)).events)
    given(*complete).when(SendIfReady(), role=Role.WORKFLOW).then_kinds(SentToWarehouse)


def test_units_that_nobody_has_picked_can_be_recalled() -> None:
    order = (
        given(*lived(*SENT, pick(3)))
        .when(RECALL)
        .then(
            RecalledFromWarehouse(
                occurred_at=NOW,
                reason="address changed",
                moves=moves(Bucket.SENT, Bucket.RESERVED, (1, 7)),
                for_cancellation=False,
            )
        )
    )
    assert buckets(order) == {Bucket.PICKED: 3, Bucket.RESERVED: 7}


def test_named_units_are_recalled_all_or_none() -> None:
    events = lived(*SENT, pick(3))
    some = RecallFromWarehouse(lines=units((1, 4), (1, 3)), reason="x")
    given(*events).when(some).then_kinds(RecalledFromWarehouse)
    too_many = RecallFromWarehouse(lines=units((1, 4), (1, 4)), reason="x")
    given(*events).when(too_many).then_rejected(NothingToRecall, saying="Line 1: 7 of 8")
    given(*events).when(RecallFromWarehouse(lines=units((2, 1)), reason="x")).then_rejected(NoSuchLine)


def test_what_a_person_recalled_only_a_person_sends_again() -> None:
    sent = lived(*SENT)
    recalled = (*sent, *given(*sent).when(RECALL).events)
    given(*recalled).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()
    again = (*recalled, *given(*recalled).when(SendToWarehouse(), role=Role.SALES).events)
    assert buckets(folded(again)) == {Bucket.SENT: 10}


def test_what_is_not_at_the_warehouse_cannot_be_recalled() -> None:
    given(*lived(*CONFIRMED)).when(RECALL).then_rejected(NothingToRecall)


def test_a_pick_is_started_once_and_again_after_everything_was_recalled() -> None:
    started = lived(*SENT, StartPick())
    assert started[-1] == PickStarted(occurred_at=NOW, picker="ada", until=NOW + TAKE_FOR)
    given(*started).when(StartPick()).then_nothing()
    part_recalled = (*started, *given(*started).when(RecallFromWarehouse(lines=units((1, 1)), reason="x")).events)
    given(*part_recalled).when(StartPick()).then_nothing()
    recalled = (*started, *given(*started).when(RECALL).events)
    given(*recalled).when(StartPick()).then_kinds(PickStarted)


@pytest.mark.parametrize(
    "history",
    [
        (*CONFIRMED, StartPick(), SendIfReady()),
        (*SENT, StartPick(), pick(10)),
        (*SENT, StartPick(), ShortPick(lines=units((1, 10)))),
        (
            place(10),
            answer((1, 6, 4)),
            ConfirmOrder(),
            SendIfReady(),
            StartPick(),
            answer((1, 10, 0), version=2),
            SendIfReady(),
        ),
    ],
    ids=["begun too early", "picked", "not found", "more was sent"],
)
def test_a_walk_ends_with_the_last_unit_and_what_is_sent_later_is_a_new_one(history: tuple[OrderCommand, ...]) -> None:
    events = lived(*history)
    assert folded(events).pick_started_at is None
    given(*events).when(StartPick()).then_kinds(PickStarted)


def test_picked_units_keep_bin_lot_and_serial_and_stock_hears_the_total_to_date() -> None:
    part = PickedUnits(line=1, sku="SKU-1", quantity=4, bin="A-12", lot="L1", serial="S1")
    events = lived(*SENT, pick(3))
    order = (
        given(*events)
        .when(Pick(units=(part,)))
        .then(
            Picked(
                occurred_at=NOW,
                moves=moves(Bucket.SENT, Bucket.PICKED, (1, 4)),
                picked=(part,),
                location="main",
                staged=(totals((1, 7)),),
            )
        )
    )
    assert buckets(order) == {Bucket.PICKED: 7, Bucket.SENT: 3}


def test_units_that_were_only_reserved_can_be_picked_after_the_sent_ones() -> None:
    events = lived(*PART_RESERVED, ConfirmOrder(), SendToWarehouse(), answer((1, 8, 2), version=2))
    order = given(*events).when(pick(7)).then_kinds(Picked)
    assert buckets(order) == {Bucket.PICKED: 7, Bucket.RESERVED: 1, Bucket.BACKORDERED: 2}


def test_more_than_the_line_had_room_for_is_excess_and_somebody_looks_at_it() -> None:
    order = (
        given(*lived(*SENT))
        .when(pick(12))
        .then(
            Picked(
                occurred_at=NOW,
                moves=moves(Bucket.SENT, Bucket.PICKED, (1, 10)),
                picked=(PickedUnits(line=1, quantity=10),),
                excess=(NamedUnits(line=1, sku="SKU-1", quantity=2),),
                location="main",
                staged=(totals((1, 10)),),
            ),
            ExceptionOpened(
                occurred_at=NOW,
                number=1,
                code=ExceptionCode.EXCESS,
                owner=Party.WAREHOUSE,
                about=TroubleFacts(parts=(NamedUnits(line=1, sku="SKU-1", quantity=2),), units=2),
            ),
        )
    )
    assert order is not None
    assert buckets(order) == {Bucket.PICKED: 10, Bucket.EXCESS: 2}
    assert order.count(Bucket.EXCESS) == 2
    assert order.waiting_on is Party.WAREHOUSE


def misfit(why: Misfit, sku: str | None, named_line: int | None = None) -> NamedUnits:
    return NamedUnits(sku=sku, quantity=1, misfit=why, named_line=named_line)


@pytest.mark.parametrize(
    ("part", "excess"),
    [
        (PickedUnits(sku="CUP", quantity=1), misfit(Misfit.NOT_IN_ORDER, "CUP")),
        (PickedUnits(line=1, sku="CUP", quantity=1), misfit(Misfit.NOT_IN_ORDER, "CUP", 1)),
        (PickedUnits(line=9, sku="CUP", quantity=1), misfit(Misfit.NOT_IN_ORDER, "CUP", 9)),
        (PickedUnits(sku="SKU-1", quantity=1), misfit(Misfit.LINE_NOT_NAMED, "SKU-1")),
        (PickedUnits(line=9, sku="SKU-1", quantity=1), misfit(Misfit.LINE_NOT_NAMED, "SKU-1", 9)),
        (PickedUnits(line=9, quantity=1), misfit(Misfit.NO_SUCH_LINE, None, 9)),
        (PickedUnits(line=2, quantity=1), misfit(Misfit.NO_SUCH_LINE, None, 2)),
        (PickedUnits(quantity=1), misfit(Misfit.LINE_NOT_NAMED, None)),
    ],
)
def test_units_that_the_order_has_no_line_for_are_excess_and_it_is_said_what_is_wrong_with_them(
    part: PickedUnits, excess: NamedUnits
) -> None:
    events = lived(place(10, of_kind(LineKind.SERVICE)), *SENT[1:])
    outcome = given(*events).when(Pick(units=(part,)))
    order = outcome.then_kinds(Picked, ExceptionOpened)
    picked, opened = outcome.events
    assert isinstance(picked, Picked)
    assert isinstance(opened, ExceptionOpened)
    assert (picked.moves, picked.excess, picked.staged, opened.about.parts) == ((), (excess,), (), (excess,))
    assert order is not None
    assert order.excess == (excess,)
    assert order.count(Bucket.EXCESS) == 0
    assert buckets(order, 2) == {}


def test_excess_adds_up_and_each_part_of_it_is_told() -> None:
    events = lived(*PICKED, pick(2))
    parts = (PickedUnits(line=1, quantity=3), PickedUnits(sku="CUP", quantity=1))
    outcome = given(*events).when(Pick(units=parts))
    order = outcome.then_kinds(Picked, ExceptionOpened)
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert opened.about.parts == (NamedUnits(line=1, sku="SKU-1", quantity=3), misfit(Misfit.NOT_IN_ORDER, "CUP"))
    assert buckets(order) == {Bucket.PICKED: 10, Bucket.EXCESS: 5}


def test_of_a_great_deal_of_excess_an_exception_names_the_first_parts_and_all_units() -> None:
    parts = tuple(PickedUnits(sku=f"CUP-{number}", quantity=2) for number in range(MOST_NAMED + 5))
    opened = given(*lived(*SENT)).when(Pick(units=parts)).events[1]
    assert isinstance(opened, ExceptionOpened)
    assert (len(opened.about.parts), opened.about.units) == (MOST_NAMED, 2 * (MOST_NAMED + 5))


def test_a_pick_for_a_cancelled_order_is_kept_as_excess() -> None:
    events = lived(*RESERVED, RequestCancel(reason="changed mind"))
    order = given(*events).when(pick(2)).then_kinds(Picked, ExceptionOpened)
    assert buckets(order) == {Bucket.CANCELLED: 10, Bucket.EXCESS: 2}


def test_staged_totals_name_the_lines_that_were_picked_so_that_a_long_order_does_not_repeat_itself() -> None:
    events = lived(place(goods(3), goods(4)), answer((1, 3, 0), (2, 4, 0), sku="MUG"), ConfirmOrder())
    picked = given(*events).when(pick(2, line=2)).events[0]
    assert isinstance(picked, Picked)
    assert picked.staged == (totals((2, 2), sku="MUG"),)


def test_units_that_are_not_on_the_shelf_are_unanswered_again_and_stock_hears_the_total_to_date() -> None:
    events = lived(*SENT, ShortPick(lines=units((1, 2))))
    order = (
        given(*events)
        .when(ShortPick(lines=units((1, 1), (1, 2))))
        .then(ShortPicked(occurred_at=NOW, moves=moves(Bucket.SENT, Bucket.OPEN, (1, 3)), missing=(totals((1, 5)),)))
    )
    assert order is not None
    assert buckets(order) == {Bucket.SENT: 5, Bucket.OPEN: 5}
    assert order.lines[1].missing == 5


def test_more_missing_than_was_planned_moves_what_was_planned_and_the_rest_is_looked_at() -> None:
    events = lived(*PART_RESERVED, ConfirmOrder(), SendToWarehouse(), answer((1, 8, 2), version=2))
    outcome = given(*events).when(ShortPick(lines=units((1, 9))))
    order = outcome.then_kinds(ShortPicked, ExceptionOpened)
    assert buckets(order) == {Bucket.OPEN: 8, Bucket.BACKORDERED: 2}
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert opened.about == TroubleFacts(parts=(NamedUnits(line=1, sku="SKU-1", quantity=1),), units=1)


def test_units_missing_for_a_line_that_nothing_was_planned_for_are_trouble() -> None:
    events = lived(*PICKED)
    short = ShortPick(lines=units((1, 2), (7, 1)))
    opened = ExceptionOpened(
        occurred_at=NOW,
        number=1,
        code=ExceptionCode.SHORT_PICK,
        owner=Party.WAREHOUSE,
        about=TroubleFacts(
            parts=(NamedUnits(line=1, sku="SKU-1", quantity=2), misfit(Misfit.NO_SUCH_LINE, None, 7)), units=3
        ),
    )
    given(*events).when(short).then(opened)
    given(*events, opened).when(short).then_kinds(ExceptionOpened)
    given(*lived(place(3, 3), answer((1, 3, 0)))).when(ShortPick(lines=units((1, 1), (2, 1)))).then_kinds(
        ShortPicked, ExceptionOpened
    )


def test_packed_units_go_into_the_next_parcel() -> None:
    events = lived(*PICKED, pack(3))
    order = (
        given(*events)
        .when(Pack(contents=units((1, 2), (1, 4)), weight_g=900))
        .then(Packed(occurred_at=NOW, parcel=2, moves=moves(Bucket.PICKED, Bucket.PACKED, (1, 6)), weight_g=900))
    )
    assert order is not None
    assert buckets(order) == {Bucket.PACKED: 9, Bucket.PICKED: 1}
    assert order.parcels == (Parcel(1, units((1, 3)), NOW), Parcel(2, units((1, 6)), NOW, weight_g=900))


def test_only_picked_units_can_be_packed() -> None:
    given(*lived(*SENT, pick(3))).when(pack(4)).then_rejected(NotPicked, saying="Line 1: 3 of 4")
    given(*lived(*PICKED)).when(pack(1, line=2)).then_rejected(NoSuchLine)


def test_an_unpacked_parcel_is_empty_and_its_units_are_picked_ones_again() -> None:
    order = (
        given(*lived(*PACKED))
        .when(Unpack(parcel=1, reason="wrong box"))
        .then(
            Unpacked(occurred_at=NOW, reason="wrong box", parcel=1, moves=moves(Bucket.PACKED, Bucket.PICKED, (1, 10)))
        )
    )
    assert order is not None
    assert buckets(order) == {Bucket.PICKED: 10}
    assert order.parcels[0].contents == ()


def test_the_number_of_an_unpacked_parcel_is_not_given_again() -> None:
    events = lived(*PACKED, Unpack(parcel=1, reason="wrong box"), pack(10))
    assert isinstance(events[-1], Packed)
    assert events[-1].parcel == 2


@pytest.mark.parametrize("history", [HANDED_OVER, (*PACKED, ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER))])
def test_a_parcel_that_is_gone_cannot_be_unpacked(history: tuple[OrderCommand, ...]) -> None:
    given(*lived(*history)).when(Unpack(parcel=1, reason="x")).then_rejected(ParcelGone)


def test_only_a_packed_parcel_can_be_unpacked() -> None:
    given(*lived(*PLACED)).when(Unpack(parcel=1, reason="x")).then_rejected(NoSuchParcel)
    unpacked = lived(*PACKED, Unpack(parcel=1, reason="x"))
    given(*unpacked).when(Unpack(parcel=1, reason="x")).then_rejected(AlreadyUnpacked)
