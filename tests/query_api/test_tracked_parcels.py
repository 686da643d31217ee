"""What a customer reads of parcels that are lost, come back or wait: nothing that is not true now."""

from datetime import date, timedelta

import pytest

from domain.event_values import LineKind
from domain.order.commands import Hold, HoldTerms, PlaceOrder, RecordCheckpoint, RequestCancel, ResolveException
from domain.order.status import Milestone
from domain.order.terms import HoldType, Outcome, ParcelStatus
from domain.roles import Role
from domain.stock.commands import CountStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Address
from query_api.sentences import LANGUAGES, Language
from query_api.tracked_page import TrackedPage, tracked_page
from tests.life import Life, delivered, line, send_off, with_stock
from tests.projections.test_views import tracking_row

ARRIVAL = date(2026, 3, 9)
EXPECTED = "Expected arrival"
NOT_KNOWN = "We do not know the date yet. We will tell you."


def sent(ordered: int = 3) -> tuple[Life, str]:
    """An order of which three units left in one parcel; the others wait."""
    life = with_stock(Life(), MUG=3)
    stream = life.place(line("MUG", ordered))
    send_off(life, stream, 3)
    return life, stream


def scan(status: ParcelStatus, number: str = "T-1", *, expected: date | None = None) -> RecordCheckpoint:
    return RecordCheckpoint(
        carrier="DHL",
        tracking_number=number,
        status=status,
        code=status.value,
        message="Left with Mrs Miller",
        expected_on=expected,
    )


def resolve(outcome: Outcome) -> ResolveException:
    return ResolveException(exception=1, outcome=outcome, reason="asked the carrier")


def page(life: Life, stream: str) -> TrackedPage:
    return tracked_page(tracking_row(life, stream), LANGUAGES[Language.EN])


@pytest.mark.parametrize("outcome", [Outcome.LOST, Outcome.RETURNED])
def test_what_is_lost_or_back_with_us_is_not_out_for_delivery(outcome: Outcome) -> None:
    life, stream = sent(5)
    life.do(stream, scan(ParcelStatus.LOST), scan(ParcelStatus.OUT_FOR_DELIVERY), resolve(outcome))
    told = page(life, stream)
    assert tracking_row(life, stream).milestone is Milestone.SHIPPED
    assert told.next == "Next: we send the remaining 2 units."


@pytest.mark.parametrize("status", [ParcelStatus.LOST, ParcelStatus.RETURNING, ParcelStatus.RETURNED])
def test_a_parcel_that_was_found_to_be_under_way_is_what_was_scanned_before(status: ParcelStatus) -> None:
    life, stream = sent()
    life.do(stream, scan(ParcelStatus.IN_TRANSIT), scan(status), resolve(Outcome.UNDER_WAY))
    assert page(life, stream).parcels[0].state == "On its way"
    life.do(stream, scan(status).model_copy(update={"code": "again"}))
    assert page(life, stream).parcels[0].state != "On its way"


def test_a_parcel_found_to_be_under_way_with_no_other_scan_is_on_its_way() -> None:
    life, stream = sent()
    life.do(stream, scan(ParcelStatus.LOST), resolve(Outcome.UNDER_WAY))
    assert page(life, stream).parcels[0].state == "On its way"


@pytest.mark.parametrize("status", [ParcelStatus.LOST, ParcelStatus.RETURNING])
def test_no_arrival_is_expected_of_a_parcel_in_doubt(status: ParcelStatus) -> None:
    life, stream = sent()
    life.do(stream, scan(ParcelStatus.IN_TRANSIT, expected=ARRIVAL))
    assert EXPECTED in page(life, stream).when
    life.do(stream, scan(status))
    told = page(life, stream)
    assert told.when == NOT_KNOWN
    assert EXPECTED not in told.parcels[0].when
    life.do(stream, resolve(Outcome.UNDER_WAY))
    assert EXPECTED in page(life, stream).when


def test_what_waits_for_stock_is_not_about_to_be_handed_over() -> None:
    life = with_stock(Life(), MUG=4)
    stream = life.place(line("MUG", 4))
    assert page(life, stream).next == "Next: we hand your goods to the carrier."
    life.do(stock_stream("MUG", MAIN), CountStock(counted=0))
    assert page(life, stream).next == "Next: the missing goods come in, and our warehouse prepares them."


def test_out_for_delivery_is_dated_by_what_is_brought_now() -> None:
    life = with_stock(Life(), MUG=4)
    stream = life.place(line("MUG", 4))
    send_off(life, stream, 2)
    life.do(stream, scan(ParcelStatus.OUT_FOR_DELIVERY), delivered(1))
    life.now += timedelta(days=7)
    send_off(life, stream, 2)
    life.do(stream, scan(ParcelStatus.OUT_FOR_DELIVERY, "T-2"))
    (brought,) = (step for step in page(life, stream).steps if step.milestone is Milestone.OUT_FOR_DELIVERY)
    assert brought.at is not None
    assert brought.at > life.now - timedelta(days=1)


NEEDS_THE_CUSTOMER = pytest.mark.parametrize("kind", [HoldType.PAYMENT, HoldType.ADDRESS, HoldType.CUSTOMER_REQUEST])


@NEEDS_THE_CUSTOMER
def test_of_a_cancelled_order_nothing_is_asked_of_its_customer(kind: HoldType) -> None:
    life = with_stock(Life(), MUG=2)
    stream = life.place(line("MUG", 2))
    life.do(stream, Hold(type=kind, reason="see the file"))
    assert page(life, stream).problems
    life.do(stream, RequestCancel(reason="the customer changed their mind"))
    assert page(life, stream).problems == ()


@NEEDS_THE_CUSTOMER
def test_of_what_has_left_nothing_is_asked_of_its_customer(kind: HoldType) -> None:
    life, stream = sent()
    life.do(stream, Hold(type=kind, reason="see the file"))
    assert page(life, stream).problems == ()
    life.do(stream, delivered(1))
    assert page(life, stream).problems == ()


def test_an_order_without_goods_stands_still_until_its_hold_is_lifted() -> None:
    life = Life()
    lines = (line("GIFT WRAP", 1, LineKind.CHARGE),)
    holds = (HoldTerms(type=HoldType.PAYMENT, reason="see the file"),)
    stream = life.place(order=PlaceOrder(ship_to=Address(country="DE"), lines=lines, holds=holds))
    told = page(life, stream)
    assert len(told.problems) == 1
    assert told.next == LANGUAGES[Language.EN].text("next_customer")


def test_what_a_carrier_writes_is_not_for_everybody_with_the_link() -> None:
    life, stream = sent()
    life.do(stream, scan(ParcelStatus.LOST), role=Role.LOGISTICS)
    assert life.order(stream).parcels[0].checkpoints[0].message == "Left with Mrs Miller"
    assert "Mrs Miller" not in tracking_row(life, stream).model_dump_json()
