"""An order as people read it: its lines' stages, parcels, promise and address in words; also as it was at some time.

Decides: how the parts of an order are put into words, and how a past state is folded from its timeline. Must not know:
HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from domain.catalogue import ORDER
from domain.event_values import MINOR_DIGITS, Address, Price, PromisePortion, Units
from domain.order.decisions.sales import total_minor
from domain.order.number import is_order_number
from domain.order.parcels import status_told
from domain.order.state import Parcel
from domain.order.status import Headline
from domain.order.terms import BUCKET_OF_NAME
from domain.recorded import Metadata, Recorded
from projections import order as orders
from projections import timeline
from projections.order import OrderFilter, OrderRow
from projections.timeline import TimelineRow
from projections.view import Connection, Folded
from query_api.rendering import money
from query_api.sentences import Words
from query_api.sentences.words import Naming
from web.sight import MASK

HIDDEN: Final = "–"
"""For roles that do not read prices."""
EVENTS_AT_ONCE: Final = 1_000

MOST_MISSING_NAMED: Final = 10
"""Articles that could not be had; of more, how many there are."""


async def find_order(connection: Connection, name: str) -> OrderRow | None:
    """The order with this id or number; None where there is none."""
    if is_order_number(name.upper()):
        found = await orders.find(connection, OrderFilter(number=name.upper()), limit=1)
        return found[0] if found else None
    try:
        return await orders.get(connection, UUID(name))
    except ValueError:
        return None


async def history(connection: Connection, stream: str, upto: int) -> list[TimelineRow]:
    """All events of an order up to a version."""
    rows: list[TimelineRow] = []
    while len(rows) < upto:
        more = await timeline.of(connection, stream, len(rows), min(EVENTS_AT_ONCE, upto - len(rows)))
        if not more:
            break
        rows += more
    return rows


def as_it_was(rows: Sequence[TimelineRow]) -> OrderRow | None:
    """The order after these events; None where they place none."""
    if not rows:
        return None
    last = rows[-1]
    stream = last.stream
    state = ORDER.fold(stream, [row.event() for row in rows])  # type: ignore[misc]  # a stream holds its own kind's events
    return orders.order_row(Folded(stream, last.version, state, _recorded(last)))


def until(rows: Sequence[TimelineRow], at: datetime) -> list[TimelineRow]:
    """What had been recorded by an instant."""
    return [row for row in rows if row.recorded_at <= at]


def _recorded(row: TimelineRow) -> Recorded[Any]:
    metadata = Metadata(
        command_id=row.command_id,
        command_hash="",  # the timeline does not keep it, and no row shows it
        actor=row.actor,
        role=row.role,
        recorded_at=row.recorded_at,
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
    )
    return Recorded(row.position, row.stream, row.version, row.event_id, row.event(), metadata, row.hash)


def naming(order: OrderRow) -> Naming:
    """Calls the order's lines by their SKUs."""
    skus: Mapping[int, str] = {line.number: line.line.sku for line in order.state.lines}
    return lambda number: skus.get(number, f"#{number}")


def articles(order: OrderRow) -> Mapping[int, str]:
    """What is on the order's lines."""
    return {line.number: line.line.name for line in order.state.lines}


def in_words(order: OrderRow, words: Words) -> dict[str, Any]:
    """What the template of the order page calls."""
    skus = {line.number: line.line for line in order.state.lines}

    def contents(units: Sequence[Units]) -> str:
        return " · ".join(f"{part.quantity:,} × {skus[part.line].sku} {skus[part.line].name}" for part in units)

    return {
        "stages": lambda units: [(name, words.stages[BUCKET_OF_NAME[name]], count) for name, count in units.items()],
        "parcel_state": lambda parcel: _parcel_state(parcel, words),
        "contents": contents,
        "address": address_line,
        "promise": _promise(order.state.promises, words),
        "price": _price,
        "total": _total(order),
        "total_left": _total_left(order),
        "tracking": "" if order.state.tracking_token == MASK else f"/track/{order.state.tracking_token}",
    }


def could_not(order: OrderRow, words: Words, *, just_placed: bool) -> list[str]:
    """What of the order could not be had: units that wait, and right after placing it those that were cancelled."""
    told = {"could_not_waits": "backordered"} | ({"could_not_cancelled": "cancelled"} if just_placed else {})
    sentences = []
    for key, stage in told.items():
        units = [(line.units.get(stage, 0), line.line.sku) for line in order.state.lines]
        short = [f"{count:,} × {sku}" for count, sku in units if count]
        more = [words.more_articles(len(short) - MOST_MISSING_NAMED)] if len(short) > MOST_MISSING_NAMED else []
        if short:
            sentences.append(words.text(key, units=" · ".join((*short[:MOST_MISSING_NAMED], *more))))
    return sentences


def _parcel_state(parcel: Parcel, words: Words) -> str:
    if parcel.received_at:
        return words.text("received")
    if status := status_told(parcel):
        return words.parcels[status]
    if parcel.handed_over_at:
        return words.text("handed_over")
    return words.text("packed") if parcel.contents else words.text("unpacked")


def _promise(promises: Sequence[PromisePortion], words: Words) -> str:
    if not promises:
        return words.text("no_promise")
    last = max(promises, key=lambda promise: promise.on)
    return f"{words.day(last.on)} ({words.sources[last.source]})"


def address_line(address: Address) -> str:
    """On one line; several parts that the reader does not read are one gap."""
    door = (address.name, address.street, address.street_2)
    town = " ".join(part for part in (address.postal_code, address.city) if part and part != MASK)
    gap = MASK if MASK in {*door, address.postal_code, address.city} else None
    parts = (gap, *door, town, address.region, address.country)
    return ", ".join(part for number, part in enumerate(parts) if part and (part != MASK or number == 0))


def _total(order: OrderRow) -> str:
    return HIDDEN if _hides_prices(order) else _in_currency(order, order.total_minor)


def _total_left(order: OrderRow) -> str:
    """What the order costs without what was cancelled of it; empty where nothing was, or everything."""
    if order.headline is Headline.CANCELLED or not order.state.totals.get("cancelled"):
        return ""
    if _hides_prices(order):
        return HIDDEN
    left = (
        line.line.model_copy(update={"quantity": line.line.quantity - line.units.get("cancelled", 0)})
        for line in order.state.lines
    )
    return _in_currency(order, total_minor(left))


def _hides_prices(order: OrderRow) -> bool:
    """Whether its reader does not read them."""
    return cast("int | None", order.total_minor) is None


def _in_currency(order: OrderRow, minor: int) -> str:
    return money(minor, order.currency, MINOR_DIGITS[order.currency])


def _price(price: Price | None) -> str:
    """Up to six decimals, at least as many as the currency has."""
    if price is None:
        return HIDDEN
    whole, _, fraction = f"{price.amount:,f}".partition(".")
    shown = fraction.rstrip("0").ljust(MINOR_DIGITS[price.currency], "0")
    return f"{whole}.{shown}" if shown else whole
