"""What is offered of an order, by example; that offers are what decisions take is a law (`laws/offers.py`)."""

import uuid

from domain.access import STAFF
from domain.decider import Context
from domain.offering import Act, Offer, OneOf, Rank, UnitsWithin
from domain.offers import order_offers
from domain.order.commands import (
    ConfirmIfReady,
    ConfirmReceipt,
    HandOver,
    OrderCommand,
    RecordCheckpoint,
    ReportRefusal,
    RequestCancel,
    ResolveException,
    SendIfReady,
)
from domain.order.terms import Evidence, HoldType, Outcome, ParcelStatus, Step
from domain.roles import Role
from domain.stock.state import Entry, EntryLine, StockItem
from domain.stream_names import stock_stream
from domain.values import MAIN
from tests.domain.order.orders import (
    CONFIRMED,
    HANDED_OVER,
    ORDER_ID,
    PACKED,
    PART_RESERVED,
    PICKED,
    PLACED,
    SENT,
    STREAM,
    answer,
    hand_over,
    hold_terms,
    order_of,
    pack,
    pick,
    place,
)
from tests.spec import NOW

LOST = RecordCheckpoint(carrier="DHL", tracking_number="T-1", status=ParcelStatus.LOST, code="L", occurred_at=NOW)

RESOLVE = Act.RESOLVE_EXCEPTION


def offered(*commands: OrderCommand, role: Role = Role.ADMIN, by: str = "eve") -> dict[Act, Offer]:
    """One offer of each act, the likeliest acts first; the first of several."""
    found: dict[Act, Offer] = {}
    context = Context(actor=by, role=role, occurred_at=NOW, stream=STREAM)
    for offer in order_offers(order_of(*commands), {}, context):
        found.setdefault(offer.act, offer)
    return found


def unit_limits(offer: Offer, name: str) -> list[tuple[int, str, int, int]]:
    """Line, SKU, likely and most of each line that the field may name."""
    limit = offer.limits[name]
    assert isinstance(limit, UnitsWithin)
    return [(each.line, each.sku, each.likely, each.most) for each in limit.lines]


def first(*commands: OrderCommand, role: Role) -> Act:
    """The act that stands first."""
    return next(iter(offered(*commands, role=role)))


def test_what_the_order_waits_for_stands_first() -> None:
    assert first(*SENT, role=Role.WAREHOUSE) is Act.PICK
    assert first(*PICKED, role=Role.WAREHOUSE) is Act.PACK
    assert first(*PACKED, role=Role.LOGISTICS) is Act.HAND_OVER
    assert first(*HANDED_OVER, role=Role.CUSTOMER_SERVICE) is Act.CONFIRM_RECEIPT


def test_what_nobody_planned_stands_behind() -> None:
    assert offered(*CONFIRMED)[Act.PICK].rank is offered(*CONFIRMED)[Act.START_PICK].rank is Rank.POSSIBLE
    assert offered(*SENT)[Act.START_PICK].rank is Rank.USUAL
    here = ConfirmReceipt(evidence=Evidence.COUNTER)
    assert offered(*HANDED_OVER)[Act.RECORD_CHECKPOINT].rank is Rank.USUAL
    assert offered(*HANDED_OVER, here)[Act.RECORD_CHECKPOINT].rank is Rank.POSSIBLE


def test_a_form_is_filled_in_with_what_is_likely_and_bounded_by_what_is_possible() -> None:
    pick_it = offered(*PART_RESERVED, ConfirmIfReady(), SendIfReady())[Act.PICK]
    assert unit_limits(pick_it, "units") == [(1, "SKU-1", 6, 10)]


def test_nothing_is_offered_to_who_does_not_look_at_orders_first() -> None:
    for role in set(Role) - STAFF:
        assert offered(*HANDED_OVER, role=role) == {}


def test_a_reader_is_offered_nothing() -> None:
    assert offered(*SENT, role=Role.AUDITOR) == {}


def test_each_hold_is_offered_to_those_who_may_lift_it() -> None:
    held = (place(10, holds=(hold_terms(type=HoldType.FRAUD),)), answer((1, 10, 0)))
    assert offered(*held, role=Role.FINANCE)[Act.RESUME].rank is Rank.NEXT
    assert Act.RESUME not in offered(*held, role=Role.FINANCE, by="ADA ")  # placed by ada
    assert Act.RESUME not in offered(*held, role=Role.SALES)


def test_of_a_closed_order_no_hold_is_offered_to_be_lifted() -> None:
    held = (place(10, holds=(hold_terms(),)), answer((1, 10, 0)))
    assert Act.RESUME in offered(*held)
    assert Act.RESUME not in offered(*held, RequestCancel(reason="changed mind"))


def test_of_several_holds_the_next_one_to_lift_is_that_which_stops_the_order_where_it_stands() -> None:
    later, now = hold_terms(Step.HAND_OVER, type=HoldType.CREDIT), hold_terms(Step.SEND, type=HoldType.FRAUD)
    context = Context("eve", Role.FINANCE, NOW, STREAM)
    offers = order_offers(order_of(place(10, holds=(later, now)), answer((1, 10, 0)), ConfirmIfReady()), {}, context)
    lifted = [(offer.rank, offer.given["hold"]) for offer in offers if offer.act is Act.RESUME]
    assert lifted == [(Rank.NEXT, 2), (Rank.USUAL, 1)]


def test_purchasing_is_offered_its_own_kinds_of_holds() -> None:
    types = OneOf((HoldType.STOCK, HoldType.DATE_UNKNOWN))
    assert offered(*PLACED, role=Role.PURCHASING)[Act.HOLD].limits == {"type": types}


def test_a_parcel_that_must_stay_is_not_offered_to_be_handed_over() -> None:
    waits = (place(4, 1, partial=False), answer((1, 4, 0)), answer((2, 1, 0), sku="SKU-2"))
    part = (*waits, ConfirmIfReady(), SendIfReady(), pick(4), pack(4))
    assert Act.HAND_OVER not in offered(*part)
    assert Act.HAND_OVER in offered(*part, pick(1, line=2), pack(1, line=2))


def test_a_hand_over_that_is_known_is_no_correction() -> None:
    correct = offered(*HANDED_OVER)[Act.CORRECT_HAND_OVER]
    assert correct.proposed == {"carrier": "DHL", "service": None, "tracking_number": "T-1"}
    assert not correct.covers(hand_over())
    assert not correct.covers(HandOver(parcel=1, carrier="dhl"))
    assert correct.covers(hand_over(tracking_number="T-2"))
    assert not correct.covers(hand_over(parcel=2, tracking_number="T-2"))


def test_a_message_that_is_known_is_none() -> None:
    record = offered(*HANDED_OVER, LOST)[Act.RECORD_CHECKPOINT]
    assert not record.covers(LOST)
    assert not record.covers(LOST.model_copy(update={"occurred_at": None, "carrier": "dhl"}))  # it is that moment still
    assert record.covers(LOST.model_copy(update={"code": "D"}))


def test_one_offer_stands_for_all_parcels_of_one_number() -> None:
    two = (*SENT, pick(10), pack(4), pack(6), hand_over(1), hand_over(2))
    context = Context(actor="eve", role=Role.LOGISTICS, occurred_at=NOW, stream=STREAM)
    acts = [offer.act for offer in order_offers(order_of(*two), {}, context)]
    assert (acts.count(Act.RECORD_CHECKPOINT), acts.count(Act.CONFIRM_RECEIPT)) == (1, 2)


def test_what_is_known_to_be_lost_is_received_by_its_name_alone() -> None:
    assert Act.CONFIRM_RECEIPT_OF_ALL in offered(*HANDED_OVER, LOST)
    settled = (*HANDED_OVER, LOST, ResolveException(exception=1, outcome=Outcome.LOST, reason="lost indeed"))
    assert Act.CONFIRM_RECEIPT_OF_ALL not in offered(*settled)
    receipt = offered(*settled)[Act.CONFIRM_RECEIPT]
    assert receipt.rank is Rank.POSSIBLE
    assert receipt.covers(ConfirmReceipt(parcel=1, evidence=Evidence.COUNTER))


def test_the_first_trouble_stands_first_and_has_to_be_said_what_became_of_it() -> None:
    resolve = offered(*HANDED_OVER, LOST, role=Role.CUSTOMER_SERVICE)[Act.RESOLVE_EXCEPTION]
    assert resolve.rank is Rank.NEXT
    assert not resolve.covers(ResolveException(exception=1, reason="dealt with"))
    assert resolve.covers(ResolveException(exception=1, reason="dealt with", outcome=Outcome.UNDER_WAY))


def test_of_several_troubles_the_first_alone_is_what_the_order_waits_for() -> None:
    context = Context("eve", Role.ADMIN, NOW, STREAM)
    twice = order_of(*HANDED_OVER, LOST, ReportRefusal(command="c", refusal="r"))
    found = [(each.rank, each.given["exception"]) for each in order_offers(twice, {}, context) if each.act is RESOLVE]
    assert found == [(Rank.NEXT, 1), (Rank.USUAL, 2)]


def test_a_whole_order_is_cancelled_as_long_as_nobody_has_picked() -> None:
    assert {Act.CANCEL_ORDER, Act.CANCEL_UNITS} <= set(offered(*SENT, role=Role.SALES))
    begun = offered(*SENT, pick(3), role=Role.SALES)
    assert Act.CANCEL_ORDER not in begun
    assert unit_limits(begun[Act.CANCEL_UNITS], "lines") == [(1, "SKU-1", 0, 7)]
    assert Act.CANCEL_UNITS not in offered(*PICKED, role=Role.SALES)


def test_who_waits_for_goods_is_offered_to_receive_them() -> None:
    waits = (*PART_RESERVED, ConfirmIfReady(), SendIfReady(), pick(6), pack(6), hand_over())
    entry = Entry(uuid.UUID(ORDER_ID), lines=(EntryLine(1, reserved=6, waiting=4),))
    item = StockItem("SKU-1", MAIN, waiting=entry.waiting)
    context = Context(actor="eve", role=Role.PURCHASING, occurred_at=NOW, stream=STREAM)
    found = order_offers(order_of(*waits), {"SKU-1": (item, 7)}, context)
    assert (found[0].act, found[0].rank, found[0].version) == (Act.RECEIVE_STOCK, Rank.NEXT, 7)
    assert found[0].stream == stock_stream("SKU-1", MAIN)
    assert found[0].proposed == {"quantity": 4}
    elsewhere = order_offers(order_of(*CONFIRMED), {"SKU-1": (item, 7)}, context)
    assert Act.RECEIVE_STOCK not in {offer.act for offer in elsewhere}
