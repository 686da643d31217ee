"""Why something was done, in the words of who did it, stays with every event that says that it was done."""

import pytest

from domain.order.commands import (
    AddNote,
    CompleteOrder,
    ConfirmIfReady,
    ConfirmOrder,
    ConfirmReceipt,
    Hold,
    LogContact,
    OrderCommand,
    RecallFromWarehouse,
    RecordCheckpoint,
    ReportRefusal,
    RequestCancel,
    ResolveException,
    Resume,
    SendIfReady,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Unpack,
)
from domain.order.terms import Channel, Evidence, HoldType, ParcelStatus
from domain.stock.commands import StockCommand
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
    given,
    hand_over,
    lived,
    pack,
    pick,
    place,
    units,
)
from tests.domain.stock import example as stock
from tests.spec import NOW

WHY = "the customer called"
HELD = Hold(type=HoldType.ADDRESS, reason="no such street")
RECEIVED = ConfirmReceipt(evidence=Evidence.OWN_VAN)
SCAN = RecordCheckpoint(
    occurred_at=NOW, carrier="DHL", tracking_number="T-1", status=ParcelStatus.DELIVERED, code="C-1", message="it came"
)


@pytest.mark.parametrize(
    ("history", "command"),
    [
        ((), place(10)),
        (RESERVED, ConfirmIfReady()),
        (RESERVED, ConfirmOrder()),
        (PLACED, answer((1, 6, 4))),
        (RESERVED, answer((1, 10, 0), version=2)),
        (PLACED, HELD),
        ((*PLACED, HELD), Resume(hold=1, reason=WHY)),
        (CONFIRMED, SendIfReady()),
        (CONFIRMED, SendToWarehouse()),
        (SENT, RecallFromWarehouse(reason=WHY)),
        (SENT, RequestCancel(reason=WHY)),
        (PART_RESERVED, RequestCancel(lines=units((1, 1)), reason=WHY)),
        (SENT, StartPick()),
        (SENT, pick(10)),
        (SENT, ShortPick(lines=units((1, 2)))),
        (PICKED, pack(10)),
        (PACKED, Unpack(parcel=1, reason=WHY)),
        (PACKED, hand_over()),
        (HANDED_OVER, RECEIVED),
        (HANDED_OVER, ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN)),
        ((*HANDED_OVER, RECEIVED), CompleteOrder()),
        ((*PLACED, ReportRefusal(command="c", refusal="r")), ResolveException(exception=1, reason=WHY)),
        (PLACED, AddNote(text="difficult")),
        (PLACED, LogContact(channel=Channel.PHONE, question="Where?", answer="Packed")),
    ],
    ids=lambda part: type(part).__name__,
)
def test_an_orders_events_say_why(history: tuple[OrderCommand, ...], command: OrderCommand) -> None:
    decided = given(*lived(*history)).when(command.model_copy(update={"reason": WHY})).events
    assert {event.reason for event in decided} == {WHY}


def test_a_carriers_message_says_why_and_the_receipt_that_follows_from_it_needs_no_reason() -> None:
    recorded, received = given(*lived(*HANDED_OVER)).when(SCAN.model_copy(update={"reason": WHY})).events
    assert (recorded.reason, received.reason) == (WHY, None)


@pytest.mark.parametrize(
    ("history", "command"),
    [
        ((), stock.receive(5)),
        ((stock.receive(5),), stock.count(5)),
        ((stock.receive(5),), stock.want(stock.ADA, 3)),
        ((), stock.want(stock.ADA, 3)),
        ((stock.receive(5), stock.want(stock.ADA, 3)), stock.want(stock.ADA, 2, version=2)),
        ((stock.receive(5), stock.want(stock.ADA, 3)), stock.stage(stock.ADA, 3)),
        ((stock.receive(5), stock.want(stock.ADA, 3), stock.stage(stock.ADA, 3)), stock.issue(stock.ADA, 3)),
        ((stock.receive(5), stock.want(stock.ADA, 3)), stock.write_off(stock.ADA, 1)),
        ((stock.receive(5), stock.want(stock.ADA, 3)), stock.take_excess(stock.ADA, 1)),
        ((stock.receive(5), stock.want(stock.ADA, 3)), stock.close(stock.ADA)),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_stock_items_events_say_why(history: tuple[StockCommand, ...], command: StockCommand) -> None:
    decided = stock.after(*history).when(command.model_copy(update={"reason": WHY})).events
    assert decided[0].reason == WHY
