"""Whoever an order waits for does what it waits for, until it waits for nobody: every trouble has an owner and an end."""

from random import Random
from typing import Final

from domain.decider import Command
from domain.order.commands import ConfirmReceipt, Pack, Pick, PickedUnits, Resume, SendToWarehouse
from domain.order.state import Order
from domain.order.status import NextAction, is_closed, waiting
from domain.order.terms import Bucket, Evidence, Outcome
from domain.roles import Party
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Units
from tests.domain.laws.people import SKUS, in_bucket, leaves, resolved
from tests.life import Life

MOST_ROUNDS: Final = 60


def bring_to_an_end(life: Life, streams: list[str]) -> None:
    """Every order is followed until it is over; AssertionError names one that is not."""
    for stream in streams:
        for _ in range(MOST_ROUNDS):
            if waiting(life.order(stream))[0] is Party.NOBODY:
                break
            do_what_it_waits_for(life, stream)
        assert is_closed(life.order(stream)), f"{life.order(stream).number} never ends: {waiting(life.order(stream))}"
    for sku in SKUS:
        end_doubts(life, sku)


def do_what_it_waits_for(life: Life, stream: str) -> None:
    """One step of whoever is named."""
    order = life.order(stream)
    party, action = waiting(order)
    assert party is not Party.SYSTEM, f"{order.number} waits for the system to {action}"
    if action is NextAction.RECEIVE_STOCK:
        for sku in SKUS:
            if life.stock(sku).waiting:
                life.do(stock_stream(sku, MAIN), ReceiveStock(quantity=life.stock(sku).waiting))
        return
    command = next_command(order, action)
    events = life.do(stream, command, by="bob")
    assert events, f"{order.number} waits for {party} to {action}, and {command} is no answer to it"


def next_command(order: Order, action: NextAction) -> Command:  # noqa: PLR0911 - one line a case
    """What the party in question would do."""
    match action:
        case NextAction.LIFT_HOLD:
            return Resume(hold=order.holds[0].number, reason="looked at")
        case NextAction.RESOLVE_EXCEPTION:
            return resolved(order.exceptions[0], Outcome.LOST)
        case NextAction.SEND_TO_WAREHOUSE:
            return SendToWarehouse()
        case NextAction.PICK:
            return Pick(units=tuple(PickedUnits(line=n, quantity=q) for n, q in in_bucket(order, Bucket.SENT).items()))
        case NextAction.PACK:
            return Pack(contents=tuple(Units(line=n, quantity=q) for n, q in in_bucket(order, Bucket.PICKED).items()))
        case NextAction.HAND_OVER:
            return leaves(next(p for p in order.parcels if p.contents and not p.handed_over_at and not p.received_at))
        case NextAction.DELIVER:
            left = [parcel for parcel in order.parcels if parcel.handed_over_at and not parcel.received_at]
            under_way = [parcel for parcel in left if parcel.outcome not in {Outcome.LOST, Outcome.RETURNED}]
            assert under_way, f"{order.number} waits for a carrier that has nothing of it"
            return ConfirmReceipt(parcel=under_way[0].number, evidence=Evidence.OWN_VAN)
        case _:
            raise AssertionError(f"nobody can {action}")


def end_doubts(life: Life, sku: str) -> None:
    """A count ends what asked for one; a shortfall ends with what came in."""
    item = life.stock(sku)
    if item.count_asked_at is not None:
        life.do(stock_stream(sku, MAIN), CountStock(counted=item.on_hand - item.staged))
    after = life.stock(sku)
    assert after.count_asked_at is None
    assert not after.shortfall
    assert (after.reserved, after.waiting, after.staged) == (0, 0, 0)


def one_by_one(luck: Random, streams: list[str]) -> list[str]:
    """Orders are looked at in any order."""
    return luck.sample(streams, len(streams))
