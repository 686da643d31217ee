"""The whole company in memory, with nothing but domain code: streams are lists, reactions run until all is quiet.

life = Life()
life.do(stock_stream("MUG", "main"), ReceiveStock(quantity=10))
order = life.place(line("MUG", 4))
assert life.order(order).confirmed_at

A person's command must be permitted to the role, a workflow's may never be refused. Which stream's next reaction runs,
and whether one runs twice, is `luck`'s; without it the oldest goes first and all run once.
"""

from collections import deque
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
from domain.order.commands import HandOver, Pack, Pick, PlaceOrder, RecordCheckpoint
from domain.order.number import TRAINING_PREFIX, order_number
from domain.order.state import Order
from domain.order.terms import Bucket, ParcelStatus, PickedUnits
from domain.recorded import Metadata, Origin, Position, Recorded
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stock.state import StockItem
from domain.stream_names import kind_of, order_stream, stock_stream
from domain.values import MAIN, Address, Line, LineKind, Price, Units
from domain.workflow import Reaction, react
from tests.spec import NOW

COMPANY = UUID(int=0)


def line(sku: str, quantity: int, kind: LineKind = LineKind.GOODS) -> Line:
    """An order line that costs 2.50 EUR a piece."""
    return Line(
        kind=kind, sku=sku, name=sku, quantity=quantity, unit_price=Price(amount=Decimal("2.50"), currency="EUR")
    )


@dataclass
class Life:
    """Everything recorded, and the reactions that have not run yet."""

    luck: Random | None = None
    streams: dict[str, list[Recorded[Event]]] = field(default_factory=dict)
    log: list[Recorded[Event]] = field(default_factory=list)
    states: dict[str, Any] = field(default_factory=dict)
    waiting: dict[str, deque[tuple[Recorded[Event], Reaction]]] = field(default_factory=dict)
    done: list[tuple[Recorded[Event], Reaction]] = field(default_factory=list)
    now: datetime = NOW
    orders: int = 0

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

    def submit(
        self,
        stream: str,
        command: Command,
        *,
        by: str = "ada",
        role: Role = Role.ADMIN,
        cause: Recorded[Event] | None = None,
    ) -> tuple[Event, ...]:
        """Decide and record; what follows from it waits."""
        assert may(role, type(command)), f"{role} may not {type(command).__name__}"
        self.now += timedelta(seconds=1)
        decider = DECIDERS[kind_of(stream)]
        state = self._state(stream)
        events: tuple[Event, ...] = decider.decide(state, command, self._context(stream, command, by=by, role=role))
        for event in events:
            state = decider.evolve(state, event)
            self._record(stream, event, self._metadata(by, role, cause))
        self.states[stream] = state
        return events

    def settle(self) -> None:
        """Run reactions until none is left; of one source stream in order, between streams as luck has it."""
        while any(self.waiting.values()):
            cause, reaction = self._next()
            self.submit(reaction.stream, reaction.command, by="workflow", role=Role.WORKFLOW, cause=cause)

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

    def _next(self) -> tuple[Recorded[Event], Reaction]:
        sources = [source for source, reactions in self.waiting.items() if reactions]
        if self.luck is None:
            chosen = self.waiting[sources[0]].popleft()
        elif self.done and self.luck.random() < 0.2:
            return self.luck.choice(self.done)
        else:
            chosen = self.waiting[self.luck.choice(sources)].popleft()
        self.done.append(chosen)
        return chosen

    def _context(self, stream: str, command: Command, *, by: str, role: Role) -> Context:
        return Context(
            actor=by,
            role=role,
            occurred_at=command.occurred_at or self.now,
            stream=stream,
            serial=self.orders,
            number=order_number(TRAINING_PREFIX, self.now.year, self.orders),
            tracking_token=f"{self.orders:022d}",
        )

    def _metadata(self, by: str, role: Role, cause: Recorded[Event] | None) -> Metadata:
        return Metadata(
            command_id=uuid5(COMPANY, f"command {len(self.log)}"),
            command_hash="0" * 64,
            actor=by,
            role=role,
            recorded_at=self.now,
            correlation_id=cause.metadata.correlation_id if cause else uuid5(COMPANY, f"first {len(self.log)}"),
            causation_id=cause.event_id if cause else None,
            origin=Origin.LIVE,
        )

    def _record(self, stream: str, event: Event, metadata: Metadata) -> None:
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
        self.waiting.setdefault(stream, deque()).extend((recorded, reaction) for reaction in react(recorded))


def terms(**changes: object) -> PlaceOrder:
    """Terms of an order that differ from the usual ones in these fields."""
    return PlaceOrder(ship_to=Address(country="DE"), lines=(line("MUG", 1),)).model_copy(update=changes)


def with_stock(life: Life, **units: int) -> Life:
    """So many units of these articles came in."""
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
