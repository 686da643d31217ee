"""The whole company in memory, with nothing but domain code: streams are lists, reactions run until all is quiet.

life = Life()
life.do(stock_stream("MUG", "main"), ReceiveStock(quantity=10))
order = life.place(line("MUG", 4))
assert life.order(order).confirmed_at

A person's command must be permitted to the role, a workflow's may never be refused. What is delivered when, and whether
again, is `luck`'s (`deliveries.py`); without it the oldest goes first and all run once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid5

from domain.access import may
from domain.catalogue import DECIDERS
from domain.decider import Command, Context, Event
from domain.event_values import LineKind
from domain.order.commands import HandOver, Pack, Pick, PickedUnits, PlaceOrder, RecordCheckpoint
from domain.order.number import TRAINING_PREFIX, order_number
from domain.order.state import Order
from domain.order.terms import Bucket, ParcelStatus
from domain.recorded import Metadata, Origin, Position, Recorded
from domain.roles import Role
from domain.stock.commands import OrderTotals, ReceiveStock, TakeExcess
from domain.stock.state import Entry, StockItem
from domain.stream_names import kind_of, order_stream, stock_stream
from domain.values import MAIN, Address, Line, Price, Units
from tests.deliveries import Deliveries, Delivery
from tests.spec import NOW

COMPANY = UUID(int=0)
MOST_STEPS = 20_000
"""Beyond what any history here needs until all is quiet."""


def line(sku: str, quantity: int, kind: LineKind = LineKind.GOODS) -> Line:
    """An order line that costs 2.50 EUR a piece."""
    return Line(
        kind=kind, sku=sku, name=sku, quantity=quantity, unit_price=Price(amount=Decimal("2.50"), currency="EUR")
    )


@dataclass
class Life:
    """Everything recorded, and what has not been delivered yet."""

    luck: Random | None = None
    repeated: float = 0.1
    """How often, after a batch, a command of long ago is executed again."""
    streams: dict[str, list[Recorded[Event]]] = field(default_factory=dict)
    log: list[Recorded[Event]] = field(default_factory=list)
    states: dict[str, Any] = field(default_factory=dict)
    began: dict[UUID, Command] = field(default_factory=dict)
    """The person's command that set everything of one correlation id in motion."""
    now: datetime = NOW
    orders: int = 0
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        self.deliveries = Deliveries(self.luck)

    def do(self, stream: str, *commands: Command, by: str = "ada", role: Role = Role.ADMIN) -> tuple[Event, ...]:
        """A person's commands, one after the other; reactions run before the next and before this returns."""
        events: tuple[Event, ...] = ()
        for command in commands:
            events += self.submit(stream, command, by=by, role=role)
            self.settle()
        return events

    def place(self, *lines: Line, order: PlaceOrder | None = None) -> str:
        """Place an order of these lines, with the terms of `order`; gives its stream."""
        stream = self.submit_order(*lines, order=order)
        self.settle()
        return stream

    def submit_order(self, *lines: Line, order: PlaceOrder | None = None) -> str:
        """As `place`, but its reactions have not run yet."""
        self.orders += 1
        stream = order_stream(uuid5(COMPANY, str(self.orders)))
        terms = order or PlaceOrder(ship_to=Address(country="DE"), lines=lines)
        self.submit(stream, terms.model_copy(update={"lines": lines or terms.lines}), role=Role.SALES)
        return stream

    def submit(self, stream: str, command: Command, *, by: str = "ada", role: Role = Role.ADMIN) -> tuple[Event, ...]:
        """Decide and record what a person wants; what follows from it waits."""
        assert may(role, type(command)), f"{role} may not {type(command).__name__}"
        correlation_id = uuid5(COMPANY, f"first {len(self.log)}")
        recorded = self._execute(stream, command, self._metadata(by, role, correlation_id))
        self.began[correlation_id] = command
        self.deliveries.committed(recorded)
        return tuple(each.event for each in recorded)

    def tick(self) -> None:
        """The runner's next step; now and then something of long ago comes again."""
        batch: list[Recorded[Event]] = []
        for delivery in self.deliveries.next_batch():
            batch += self._deliver(delivery)
        self.deliveries.committed(batch)
        if self.luck is not None and self.luck.random() < self.repeated:
            self.repeat()

    def repeat(self) -> None:
        """Execute a finished command again as if its id had been forgotten, where totals must make that harmless.

        A difference rests on its id. So does what an order said of a stock item that has closed its entry since.
        """
        delivery = self.deliveries.repeated()
        if delivery is None or isinstance(delivery.reaction.command, TakeExcess):
            return
        command = delivery.reaction.command
        if isinstance(command, OrderTotals) and self.entry(delivery.reaction.stream, command.order_id) is None:
            return
        self.deliveries.committed(self._deliver(delivery))

    def settle(self) -> None:
        """Run the runner until all is quiet."""
        self.run_dry()
        assert self.deliveries.quiet(), "an order that asked before does not ask any more"

    def run_dry(self) -> None:
        """Run the runner until nothing is left but what waits for its turn."""
        for _ in range(MOST_STEPS):
            if self.deliveries.quiet() or self.deliveries.stuck():
                return
            self.tick()
        raise AssertionError("the workflow goes round in circles")

    def order(self, stream: str) -> Order:
        """The order as it is now."""
        state = self._state(stream)
        assert isinstance(state, Order)
        return state

    def stock(self, sku: str) -> StockItem:
        """The stock item as it is now."""
        state = self._state(stock_stream(sku, MAIN))
        assert isinstance(state, StockItem)
        return state

    def entry(self, stream: str, order_id: UUID) -> Entry | None:
        """What an order has at a stock item; None once it is closed."""
        found: Entry | None = self._state(stream).entries.get(order_id)
        return found

    def kinds(self, stream: str) -> list[str]:
        """Names of the stream's events, oldest first."""
        return [type(recorded.event).__name__ for recorded in self.streams[stream]]

    def causes(self, recorded: Recorded[Event]) -> Iterator[Recorded[Event]]:
        """What led to an event, nearest cause first."""
        by_id = {each.event_id: each for each in self.log}
        while recorded.metadata.causation_id is not None:
            recorded = by_id[recorded.metadata.causation_id]
            yield recorded

    def _state(self, stream: str) -> Any:
        return self.states.get(stream) or DECIDERS[kind_of(stream)].initial(stream)

    def _deliver(self, delivery: Delivery) -> list[Recorded[Event]]:
        known = delivery.cause.metadata
        metadata = self._metadata("workflow", Role.WORKFLOW, known.correlation_id, delivery.cause.event_id)
        return self._execute(delivery.reaction.stream, delivery.reaction.command, metadata)

    def _execute(self, stream: str, command: Command, metadata: Metadata) -> list[Recorded[Event]]:
        """Decide and record."""
        self.now += timedelta(seconds=1)
        decider = DECIDERS[kind_of(stream)]
        state = self._state(stream)
        events = decider.decide(state, command, self._context(stream, command, metadata))
        for event in events:
            state = decider.evolve(state, event)
        self.states[stream] = state
        return [self._record(stream, event, metadata) for event in events]

    def _context(self, stream: str, command: Command, metadata: Metadata) -> Context:
        return Context(
            actor=metadata.actor,
            role=metadata.role,
            occurred_at=command.occurred_at or self.now,
            stream=stream,
            serial=self.orders,
            number=order_number(TRAINING_PREFIX, self.now.year, self.orders),
            tracking_token=f"{self.orders:022d}",
            command_id=metadata.command_id,
        )

    def _metadata(self, by: str, role: Role, correlation_id: UUID, causation_id: UUID | None = None) -> Metadata:
        return Metadata(
            command_id=uuid5(COMPANY, f"command {len(self.log)}"),
            command_hash="0" * 64,
            actor=by,
            role=role,
            recorded_at=self.now,
            correlation_id=correlation_id,
            causation_id=causation_id,
            origin=Origin.LIVE,
        )

    def _record(self, stream: str, event: Event, metadata: Metadata) -> Recorded[Event]:
        history = self.streams.setdefault(stream, [])
        recorded = Recorded(
            position=Position(0, len(self.log) + 1),
            stream=stream,
            version=len(history) + 1,
            event_id=uuid5(COMPANY, f"event {len(self.log)}"),
            event=event,
            metadata=metadata,
            hash="0" * 64,
        )
        history.append(recorded)
        self.log.append(recorded)
        return recorded


def terms(**changes: object) -> PlaceOrder:
    """Terms of an order that differ from the usual ones in these fields."""
    return PlaceOrder(ship_to=Address(country="DE"), lines=(line("MUG", 1),)).model_copy(update=changes)


def with_stock(life: Life, **units: int) -> Life:
    """Units of these articles came in."""
    for sku, quantity in units.items():
        life.do(stock_stream(sku, MAIN), ReceiveStock(quantity=quantity), role=Role.WAREHOUSE)
    return life


def ledger(order: Order, number: int = 1) -> dict[Bucket, int]:
    """Buckets of a line that are not empty."""
    return {bucket: units for bucket, units in zip(Bucket, order.lines[number].buckets, strict=True) if units}


def pick(quantity: int, number: int = 1) -> Pick:
    """Units of one line are off the shelf."""
    return Pick(units=(PickedUnits(line=number, quantity=quantity),))


def pack(quantity: int, number: int = 1) -> Pack:
    """Picked units of one line go into a parcel."""
    return Pack(contents=(Units(line=number, quantity=quantity),))


def send_off(life: Life, stream: str, quantity: int, number: int = 1) -> None:
    """Pick, pack and hand over, as one new parcel."""
    parcel = len(life.order(stream).parcels) + 1
    life.do(stream, pick(quantity, number), pack(quantity, number), role=Role.WAREHOUSE)
    life.do(stream, HandOver(parcel=parcel, carrier="DHL", tracking_number=f"T-{parcel}"), role=Role.LOGISTICS)


def delivered(parcel: int = 1) -> RecordCheckpoint:
    """The carrier says that a parcel is with the customer."""
    return RecordCheckpoint(carrier="DHL", tracking_number=f"T-{parcel}", status=ParcelStatus.DELIVERED, code="DLV")
