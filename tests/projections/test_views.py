"""What each view makes of the events: no database, the rows alone."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.catalogue import EVENTS
from domain.order.commands import AddNote, HandOver, Hold, Pack, Pick, PickedUnits, RecordCheckpoint, Resume, ShortPick
from domain.order.number import is_order_number
from domain.order.status import Headline, Milestone
from domain.order.terms import Audience, HoldType, ParcelStatus
from domain.roles import Party, Role
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import name_of, stock_stream
from domain.values import MAIN, Units
from projections.board import BoardRow
from projections.order import OrderRow
from projections.stock import StockRow, TaskKind
from projections.timeline import TimelineRow
from projections.tracking import TrackingRow
from projections.tracking_document import TrackedProblem, UnitState
from projections.view import Row
from tests.life import Life, line, with_stock
from tests.life import terms as usual_terms
from tests.projections.company import Company, company, terms
from tests.projections.comparing import expected_rows

ROWS = expected_rows(company().records)


def row(view: str, stream: str) -> Row | None:
    return ROWS[view].get((stream,))


def order_row(stream: str) -> OrderRow:
    found = row("order", stream)
    assert isinstance(found, OrderRow)
    return found


def tracking_row(life: Life, stream: str) -> TrackingRow:
    found = expected_rows(life.log)["tracking"][stream,]
    assert isinstance(found, TrackingRow)
    return found


def queues(life: Life, stream: str) -> tuple[str | None, str | None, str | None]:
    """Where the order stands on the boards of sales, warehouse and logistics."""
    rows = expected_rows(life.log)
    boards = (rows[board].get((stream,)) for board in ("sales", "warehouse", "logistics"))
    sales, warehouse, logistics = (board.queue if isinstance(board, BoardRow) else None for board in boards)
    return sales, warehouse, logistics


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("completed", (None, None, None)),
        ("on_the_way", ("in-progress", None, "in-transit")),
        ("part_shipped", ("backordered", "to-receive", "no-scan")),
        ("held", ("in-progress", "to-pick", None)),
        ("cancelled", (None, "messages", None)),
        ("picking", ("backordered", "picking", None)),
        ("to_pick", ("in-progress", "to-pick", None)),
    ],
)
def test_an_order_is_on_the_boards_where_somebody_has_something_to_do(
    stage: str, expected: tuple[str | None, str | None, str | None]
) -> None:
    assert queues(company().life, getattr(company(), stage)) == expected


def test_an_order_moves_from_queue_to_queue_and_leaves_the_boards() -> None:
    life = Life()
    life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=5), role=Role.WAREHOUSE)
    stream = life.place(line("MUG", 4))
    seen = [queues(life, stream)]
    scan = RecordCheckpoint(carrier="DHL", tracking_number="T-1", status=ParcelStatus.OUT_FOR_DELIVERY, code="1")
    for role, command in (
        (Role.WAREHOUSE, Pick(units=(PickedUnits(line=1, quantity=4),))),
        (Role.WAREHOUSE, Pack(contents=(Units(line=1, quantity=4),))),
        (Role.LOGISTICS, HandOver(parcel=1, carrier="DHL", tracking_number="T-1")),
        (Role.CARRIER, scan),
        (Role.CARRIER, scan.model_copy(update={"status": ParcelStatus.ATTEMPT_FAILED, "code": "2"})),
        (Role.CARRIER, scan.model_copy(update={"status": ParcelStatus.DELIVERED, "code": "3"})),
    ):
        life.do(stream, command, role=role)
        seen.append(queues(life, stream))
    assert seen[:5] == [
        ("in-progress", "to-pick", None),
        ("in-progress", "to-pack", None),
        ("in-progress", "to-hand-over", "to-hand-over"),
        ("in-progress", None, "no-scan"),
        ("in-progress", None, "out-for-delivery"),
    ]
    assert seen[5] == ("in-progress", None, "in-transit")


def test_a_board_counts_the_units_that_are_through() -> None:
    sales, warehouse, logistics = (
        ROWS[board][company().part_shipped,] for board in ("sales", "warehouse", "logistics")
    )
    assert isinstance(sales, BoardRow)
    assert isinstance(warehouse, BoardRow)
    assert isinstance(logistics, BoardRow)
    assert (sales.units_done, sales.units_of) == (0, 10)
    assert (warehouse.units_done, warehouse.units_of) == (6, 10)
    assert (logistics.units_done, logistics.units_of) == (0, 6)


def test_short_picked_units_wait_for_stock_at_the_warehouse() -> None:
    life = Life()
    life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=1), role=Role.WAREHOUSE)
    stream = life.place(line("MUG", 1))
    life.do(stream, ShortPick(lines=(Units(line=1, quantity=1),)), role=Role.WAREHOUSE)
    assert queues(life, stream)[1] == "to-receive"


def test_the_order_row_holds_what_orders_are_searched_by() -> None:
    found = order_row(company().to_pick)
    assert found.order_id == UUID(name_of(company().to_pick))
    assert is_order_number(found.number)
    assert (found.customer_id, found.customer_name, found.customer_reference) == ("C-7", "Ann Example", "PO-99")
    assert (found.headline, found.waiting_on) == (Headline.PROCESSING, Party.WAREHOUSE)
    assert (found.requested_date, found.total_minor, found.currency) == (date(2026, 3, 9), 750, "EUR")
    assert (found.line_count, found.country, found.skus, found.training) == (1, "DE", ("MUG",), True)
    assert found.version == len(company().life.streams[company().to_pick])


def test_the_order_page_counts_units_by_bucket() -> None:
    state = order_row(company().part_shipped).state
    assert state.lines[0].units == state.totals == {"backordered": 4, "handed-over": 6}
    assert [(parcel.number, parcel.tracking_number) for parcel in state.parcels] == [(1, "T-1")]


def test_every_order_and_every_item_has_its_row() -> None:
    streams = {recorded.stream for recorded in company().records}
    shown = {key[0] for view in ("order", "stock") for key in ROWS[view]}
    assert shown == streams


def test_stock_tells_what_is_free_and_who_waits() -> None:
    found = row("stock", stock_stream("CUP", MAIN))
    assert isinstance(found, StockRow)
    assert (found.on_hand, found.staged, found.reserved, found.available) == (0, 0, 0, 0)
    assert (found.waiting, found.waiting_orders) == (5, 2)
    assert found.last_issue_at is not None
    assert found.days_since_last_issue(found.last_issue_at) == 0


def test_stock_tells_since_when_the_order_waits_that_has_waited_longest() -> None:
    life, mug = Life(), stock_stream("MUG", MAIN)

    def since() -> date | None:
        found = expected_rows(life.log)["stock"][mug,]
        assert isinstance(found, StockRow)
        return found.waiting_since.date() if found.waiting_since else None

    began = []
    for quantity in (2, 3):
        life.now += timedelta(days=1)
        began.append(life.now.date())
        life.place(line("MUG", quantity))
    assert since() == began[0]
    life.now += timedelta(days=1)
    with_stock(life, MUG=1)
    assert since() == began[0], "a part of it has come: it waits on"
    with_stock(life, MUG=2)
    assert since() == began[1]
    with_stock(life, MUG=2)
    assert since() is None


def test_stock_tells_who_waits_for_another_article_although_units_are_free() -> None:
    life = with_stock(Life(), MUG=10)
    life.place(line("CUP", 5), line("MUG", 5), order=usual_terms(partial_shipment=False))
    found = expected_rows(life.log)["stock"][stock_stream("MUG", MAIN),]
    assert isinstance(found, StockRow)
    assert (found.available, found.waiting, found.waiting_orders, found.deferred_orders) == (10, 5, 1, 1)


def test_stock_tells_what_is_to_be_dealt_with_and_by_whom() -> None:
    life, mug = Life(), stock_stream("MUG", MAIN)
    life.do(mug, ReceiveStock(quantity=5), role=Role.WAREHOUSE)
    stream = life.place(line("MUG", 5))
    life.do(stream, ShortPick(lines=(Units(line=1, quantity=1),)), role=Role.WAREHOUSE)
    assert tasks(life, mug) == [(TaskKind.COUNT, Party.WAREHOUSE), (TaskKind.SHORTFALL, Party.PURCHASING)]
    life.do(mug, CountStock(counted=2), role=Role.WAREHOUSE)
    assert tasks(life, mug) == [(TaskKind.SHORTFALL, Party.PURCHASING)]
    life.do(mug, ReceiveStock(quantity=3), role=Role.WAREHOUSE)
    assert tasks(life, mug) == []


def tasks(life: Life, stream: str) -> list[tuple[TaskKind, Party]]:
    found = expected_rows(life.log)["stock"][stream,]
    assert isinstance(found, StockRow)
    return [(task.kind, task.owner) for task in found.tasks]


def test_the_timeline_has_every_event_with_what_surrounds_it() -> None:
    assert len(ROWS["timeline"]) == len(company().records)
    for recorded in company().records:
        found = ROWS["timeline"][recorded.stream, recorded.version]
        assert isinstance(found, TimelineRow)
        assert found.event() == recorded.event
        assert (found.position, found.event_id) == (recorded.position, recorded.event_id)
        assert (found.actor, found.causation_id) == (recorded.metadata.actor, recorded.metadata.causation_id)
        assert found.name == type(recorded.event).__name__
        assert found.type in EVENTS


def test_the_customer_sees_milestones_parcels_dates_and_notes() -> None:
    found = tracking_row(company().life, company().on_the_way)
    assert (found.milestone, found.cancelled) == (Milestone.SHIPPED, False)
    document = found.document
    assert [step.reached for step in document.milestones] == [True, True, True, True, False, False]
    assert all((step.reached_at is not None) == step.reached for step in document.milestones)
    (parcel,) = document.parcels
    assert (parcel.carrier, parcel.tracking_number, parcel.contents[0].quantity) == ("DHL", "T-1", 4)
    assert parcel.checkpoints[0].place == "Hub"
    assert [(each.kind, each.on) for each in document.dates] == [("expected", date(2026, 3, 5))]
    assert [note.text for note in document.notes] == ["On its way"]
    assert document.lines[0].states == {UnitState.ON_THE_WAY: 4}


def test_a_customer_whose_order_is_held_reads_no_inner_reason() -> None:
    found = tracking_row(company().life, company().held)
    assert [problem.code for problem in found.document.problems] == [TrackedProblem.ON_HOLD]
    assert "fraud" not in found.model_dump_json()
    assert "looks odd" not in found.model_dump_json()


def test_a_customer_reads_of_a_hold_what_it_needs_from_the_customer_and_of_our_own_no_more_than_that() -> None:
    life = Life()
    stream = life.place(line("MUG", 1))
    for kind in (HoldType.FRAUD, HoldType.ADDRESS, HoldType.PAYMENT, HoldType.CREDIT, HoldType.CUSTOMER_REQUEST):
        life.do(stream, Hold(type=kind, reason="see the file"))
    assert [problem.code for problem in tracking_row(life, stream).document.problems] == [
        TrackedProblem.ON_HOLD,
        TrackedProblem.ADDRESS_NEEDED,
        TrackedProblem.PAYMENT_NEEDED,
        TrackedProblem.CUSTOMER_WAITS,
    ]


def test_a_customer_reads_since_when_the_oldest_hold_is_there_not_since_when_the_order_waits() -> None:
    life = Life()
    stream = life.place(line("MUG", 1))
    life.now += timedelta(days=10)
    life.do(stream, Hold(type=HoldType.PRICE, reason="discount"))
    held_at = life.now
    life.now += timedelta(days=1)
    life.do(stream, Hold(type=HoldType.MANUAL, reason="no such street"))
    (problem,) = tracking_row(life, stream).document.problems
    assert problem.since == held_at
    life.do(stream, Resume(hold=1, reason="agreed"))
    (problem,) = tracking_row(life, stream).document.problems
    assert problem.since > held_at


def test_a_cancelled_order_has_no_milestone_and_says_so() -> None:
    found = tracking_row(company().life, company().cancelled)
    assert (found.milestone, found.cancelled) == (None, True)
    assert found.document.lines[0].states == {UnitState.CANCELLED: 2}


def test_nothing_personal_and_nothing_internal_reaches_the_tracking_page() -> None:
    life = Company().life
    stream = life.place(order=terms())
    life.do(stream, AddNote(audience=Audience.INTERNAL, text="difficult"), by="Berta Staff", role=Role.SALES)
    text = tracking_row(life, stream).model_dump_json()
    for secret in ("Ann", "example.org", "Long Lane", "Bonn", "53111", "C-7", "Berta", "difficult", "ada"):
        assert secret not in text


def test_what_is_unpacked_again_never_was_a_parcel_for_the_customer() -> None:
    life = Life()
    life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=1), role=Role.WAREHOUSE)
    stream = life.place(line("MUG", 1))
    life.do(stream, Pick(units=(PickedUnits(line=1, quantity=1),)), role=Role.WAREHOUSE)
    life.do(stream, Pack(contents=(Units(line=1, quantity=1),)), role=Role.WAREHOUSE)
    document = tracking_row(life, stream).document
    assert document.parcels == ()
    assert document.lines[0].states == {UnitState.BEING_PREPARED: 1}
