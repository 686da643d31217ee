"""What is offered is taken; what is not offered is refused, changes nothing, or is a fact that somebody has to look at."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from random import Random
from typing import Any, Final

from domain.access import STAFF, may
from domain.catalogue import DECIDERS
from domain.decider import Command, Context, Event, Rejected
from domain.offering import Act, Offer, OneOf, Rank
from domain.offers import awaited_articles, order_offers, stock_offers
from domain.order.command_terms import PickedUnits
from domain.order.commands import AddNote, Hold, LogContact, Pick, RecordCheckpoint
from domain.order.decisions.logistics import BAD_NEWS
from domain.order.events import ExceptionOpened
from domain.order.parcels import same_carrier
from domain.order.state import Order
from domain.order.status import NextAction, waiting
from domain.order.terms import Audience, CancelCause, Channel, Evidence, ExceptionCode, HoldType, ParcelStatus
from domain.roles import Department, Party, Role
from domain.stream_names import kind_of, stock_stream
from domain.values import MAIN, PromisePortion, Units
from tests.domain.laws.people import ODD, SKUS, USUAL, long_ago, portion, some
from tests.life import Life

ALWAYS_TAKEN: Final = (AddNote, Hold, LogContact)

CARRIERS_NEWS: Final = frozenset(BAD_NEWS.values())
"""Trouble that a carrier's message is, whoever enters it."""

ACTS_FOR: Final[dict[Party, frozenset[Role]]] = {
    Party.SALES: frozenset({Role.SALES, Role.SALES_LEAD}),
    Party.WAREHOUSE: frozenset({Role.WAREHOUSE, Role.WAREHOUSE_LEAD}),
    Party.LOGISTICS: frozenset({Role.LOGISTICS}),
    Party.FINANCE: frozenset({Role.FINANCE}),
    Party.CUSTOMER_SERVICE: frozenset({Role.CUSTOMER_SERVICE}),
    Party.PURCHASING: frozenset({Role.PURCHASING}),
    Party.CARRIER: frozenset({Role.LOGISTICS, Role.CUSTOMER_SERVICE}),
    Party.CUSTOMER: frozenset({Role.SALES, Role.CUSTOMER_SERVICE}),
}
"""Roles of each department, and of those that record what others do."""

# Open fields that the offer says nothing of: values that a person may give.
VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "article_code": ("4006381333931", "PACK-12"),
    "audience": tuple(Audience),
    "bin": (None, "A-01", "B-02"),
    "answer": ("Tomorrow.",),
    "carrier": ("DHL", "dhl", "UPS"),
    "cause": tuple(CancelCause),
    "channel": tuple(Channel),
    "code": ("A", "B"),
    "department": (None, *Department),
    "counted": (0, 3, 12),
    "email": ("mei@example.com",),
    "factor": (1, 12),
    "evidence": tuple(Evidence),
    "name": ("Mei Chen",),
    "quantity": (1, 8),
    "question": ("When?",),
    "reason": ("because",),
    "service": (None, "express"),
    "status": tuple(ParcelStatus),
    "text": ("call back",),
    "to": ("ada", "bob", "Eve"),
    "tracking_number": (None, "T-1", "T-2", "T-9"),
    "type": tuple(HoldType),
    "until": (None, date(2999, 12, 31)),
}


OVER, AHEAD = date(2026, 1, 9), date(2999, 12, 31)


def assert_offers_hold(life: Life, streams: list[str], luck: Random) -> None:
    """Of every order and stock item, for a person of any role who may have touched it before."""
    for stream in streams:
        order = life.order(stream)
        for role in luck.sample(sorted(STAFF), 3):
            who = Context(actor=luck.choice(("ada", "bob")), role=role, occurred_at=life.now, stream=stream)
            open_to = offered(life, order, who)
            assert_all_are_taken(life, luck, open_to, who)
            assert_others_are_not(life, luck, open_to, who)
        take_the_next(life, luck, assert_next_action_is_offered(life, order, stream))
    for sku in SKUS:
        stream = stock_stream(sku, MAIN)
        who = Context(actor="ada", role=luck.choice(sorted(STAFF)), occurred_at=life.now, stream=stream)
        version = len(life.streams.get(stream, ()))
        assert life.stock(sku).version == version
        assert_all_are_taken(life, luck, stock_offers(life.stock(sku), version, who), who)


def offered(life: Life, order: Order, who: Context) -> tuple[Offer, ...]:
    """Everything that is offered about an order, stock included."""
    items = {sku: (life.stock(sku), len(life.streams.get(stock_stream(sku, MAIN), ()))) for sku in SKUS}
    return order_offers(order, items, who)


def assert_all_are_taken(life: Life, luck: Random, found: tuple[Offer, ...], who: Context) -> None:
    """Each offer, filled in within its limits, changes something and opens no exception of our own making."""
    for offer in found:
        assert may(who.role, offer.command)
        assert offer.version == len(life.streams.get(offer.stream, ()))
        command = filled_in(luck, offer)
        assert offer.covers(command) or offer.is_known(command), f"{offer} covers not its own {command}"
        assert_is_taken_if_offered(life, command, (offer,), who)


def assert_others_are_not(life: Life, luck: Random, found: tuple[Offer, ...], who: Context) -> None:
    """What nobody offered is refused, changes nothing, or is trouble to be looked at; some may be done at any time."""
    for command in other_commands(luck, life.order(who.stream), found):
        if may(who.role, type(command)) and not isinstance(command, ALWAYS_TAKEN):
            assert_is_taken_if_offered(life, command, found, who)


def assert_is_taken_if_offered(life: Life, command: Command, found: tuple[Offer, ...], who: Context) -> None:
    """A command is one of the offers if and only if it leads to something and to no trouble that we make ourselves."""
    offer = next((offer for offer in found if offer.covers(command)), None)
    stream = who.stream if offer is None else offer.stream
    events = decided(life, stream, command, who)
    troubles = {event.code for event in events or () if isinstance(event, ExceptionOpened)}
    if offer is not None:
        assert events, f"{who.role} was offered {offer.act}, and {command} led to {events}"
        assert troubles <= CARRIERS_NEWS, f"{offer.act} opened {troubles}: {command}"
    else:
        is_trouble = troubles or is_known_trouble(life.states[stream], command)
        assert not events or (command.fact and is_trouble), f"nobody offered {who.role} {command}"


def other_commands(luck: Random, order: Order, found: tuple[Offer, ...]) -> Iterator[Command]:
    """What people think of without looking at any offer, and offers filled in beyond their limits."""
    for wish in (*USUAL, *ODD):
        command = wish(luck, order)
        if command is not None:
            yield command
    for known in (known for parcel in order.parcels for known in parcel.checkpoints):
        yield RecordCheckpoint(
            carrier=known.carrier,
            tracking_number=known.tracking_number,
            status=known.status,
            code=known.code,
            occurred_at=known.occurred_at,
        )
    for offer in found:
        command = filled_in(luck, offer)
        yield command.model_copy(update={name: beyond(luck, order, command, name) for name in offer.limits})


def beyond(luck: Random, order: Order, command: Command, name: str) -> Any:
    """A value of a limited field that may be outside its limit."""
    value = getattr(command, name)
    if isinstance(value, Enum):
        return luck.choice((*type(value), *((None,) if name == "outcome" else ())))
    number, quantity = luck.choice(list(order.lines)), luck.randint(1, 6)
    if name == "promises":
        return (*value, PromisePortion(line=number, quantity=quantity, on=luck.choice((OVER, AHEAD))))
    kind = PickedUnits if isinstance(command, Pick) else Units
    return (*value, kind(line=number, quantity=quantity))


def is_known_trouble(order: Order, command: Command) -> bool:
    """Whether the exception that the fact belongs to is open already."""
    return isinstance(command, RecordCheckpoint) and any(
        trouble.code is ExceptionCode.UNKNOWN_PARCEL
        and trouble.about.tracking_number == command.tracking_number
        and same_carrier(trouble.about.carrier or "", command.carrier)
        for trouble in order.exceptions
    )


def assert_next_action_is_offered(life: Life, order: Order, stream: str) -> list[tuple[Role, Offer]]:
    """Somebody of the department that the order waits for, who has not touched it, finds what it waits for; gives that."""
    party, action = waiting(order)
    if party in {Party.SYSTEM, Party.NOBODY}:
        return []
    found = [
        (role, offer)
        for role in sorted(ACTS_FOR[party])
        for offer in offered(life, order, Context(actor="eve", role=role, occurred_at=life.now, stream=stream))
        if offer.rank is Rank.NEXT
    ]
    assert found, f"the order waits for {party} to {action}, and nobody there is offered that"
    receipts = {offer.stream for _, offer in found if offer.act is Act.RECEIVE_STOCK}
    assert receipts == {stock_stream(sku, MAIN) for sku in awaited_articles(order)}
    assert bool(receipts) is (action is NextAction.RECEIVE_STOCK)
    return found


def take_the_next(life: Life, luck: Random, found: list[tuple[Role, Offer]]) -> None:
    """Chance alone rarely gets an order far: mostly, somebody does what it waits for."""
    if found and luck.random() < 0.7:
        role, offer = luck.choice(found)
        life.do(offer.stream, filled_in(luck, offer), by="eve", role=role)


def filled_in(luck: Random, offer: Offer) -> Command:
    """A command as somebody might send it who was offered this: sometimes entered late."""
    fields = {name: luck.choice(values) for name, values in VALUES.items() if name in offer.command.model_fields}
    fields |= {name: within(luck, offer, name) for name in offer.limits}
    late = {"occurred_at": long_ago(luck)} if luck.random() < 0.2 else {}
    return offer.command.model_validate({**fields, **offer.given, **late})


def within(luck: Random, offer: Offer, name: str) -> Any:
    """A value of a limited field."""
    limit = offer.limits[name]
    if isinstance(limit, OneOf):
        return luck.choice(limit.values)
    most = {each.line: each.most for each in limit.lines}
    if limit.optional and luck.random() < 0.3:
        return ()
    named = {} if limit.from_day is None else {"on": limit.from_day + timedelta(days=luck.randint(0, 3))}
    return tuple({"line": line, "quantity": portion(luck, most[line]), **named} for line in some(luck, most))


def decided(life: Life, stream: str, command: Command, who: Context) -> tuple[Event, ...] | None:
    """What a command would lead to; None where it is refused. Nothing of it is recorded."""
    decider = DECIDERS[kind_of(stream)]
    state = life.states.get(stream) or decider.initial(stream)
    context = Context(actor=who.actor, role=who.role, occurred_at=command.occurred_at or who.occurred_at, stream=stream)
    try:
        return tuple(decider.decide(state, command, context))
    except Rejected:
        assert not command.fact
        return None
