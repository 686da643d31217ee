"""What the page for entering an order says beside the form: what can be had now, what is suggested, what looks twice.

Decides: how much of it is shown. Must not know: HTTP, where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.event_values import Address
from domain.order.status import Headline
from projections.order import OrderRow
from projections.past_orders import PastArticle
from query_api.availability import Availability
from query_api.entry_form import ENTRY_LINES
from query_api.entry_hints import EntryHints
from query_api.order_page import address_line
from query_api.sentences import Words
from web.kept_forms import KeptForm
from web.pasted_lines import PASTED, columns_left_out

MOST_SHOWN: Final = 10
"""Lines of an order that are named; of more, how many there are."""
MOST_MISSING: Final = 50


@dataclass(frozen=True, slots=True)
class CanBeHad:
    """What is said beside a line."""

    whole: bool
    said: str
    article: str
    """What the article is called, where something else is typed."""


@dataclass(frozen=True, slots=True)
class OrderSide:
    """An order beside another."""

    number: str
    """Empty for the one that is being entered."""
    placed_at: datetime | None
    headline: Headline | None
    ship_to: str
    lines: tuple[tuple[str, str, str], ...]
    """Quantity, SKU, name."""
    more: int


@dataclass(frozen=True, slots=True)
class EntryPage:
    """What the template calls."""

    can: Mapping[str, CanBeHad]
    """By row."""
    summary: str
    """What becomes of what cannot be had; empty as long as no line can be understood."""
    all_here: bool
    articles: Sequence[tuple[str, str]]
    """SKUs and names to choose from."""
    addresses: Sequence[tuple[str, str]]
    """Orders, and where they went."""
    twice: tuple[OrderSide, OrderSide] | None
    pasted: int
    """Lines that were pasted and stay text."""
    left_out: Sequence[str]
    """Columns of the paste that an order does not have."""
    missing: Sequence[tuple[str, str]]
    """Of the pasted lines those that cannot be had in full: article, and what is said of it."""


def entry_page(kept: KeptForm, hints: EntryHints, words: Words) -> EntryPage:
    """Everything beside the form, in words."""
    order = hints.order
    lines: dict[str, Mapping[str, Any]] = dict(zip(hints.rows, order.get(ENTRY_LINES, ()), strict=True))
    said = {row: _can(one, order, words) for row, one in hints.lines.items()}
    as_text = [one for row, one in hints.lines.items() if row.startswith(f"{PASTED}-") and one.short]
    return EntryPage(
        can={
            row: CanBeHad(not one.short, said[row], _called(hints, one, lines[row])) for row, one in hints.lines.items()
        },
        summary=_summary(order, hints.lines.values(), words),
        all_here=not any(one.short for one in hints.lines.values()),
        articles=[(sku, _label(article)) for sku, article in hints.articles.items()],
        addresses=[(str(past.order_id), address_line(past.ship_to)) for past in hints.addresses],
        twice=None if hints.earlier is None else (side_of(hints.earlier), _entered(order, lines.values())),
        pasted=sum(row.startswith(f"{PASTED}-") for row in hints.rows),
        left_out=(*kept.answer.get("left_out", ()), *columns_left_out(kept.text(PASTED))),
        missing=[(one.wanted.sku, said[one.wanted.row]) for one in as_text[:MOST_MISSING]],
    )


def _can(one: Availability, order: Mapping[str, Any], words: Words) -> str:
    if not one.short:
        return words.text("can_all", available=f"{one.available or 0:,}")
    fate = words.text("no_date_yet" if order.get("backorder", True) else "would_be_cancelled")
    if one.now:
        return words.text("can_part", now=f"{one.now:,}", of=f"{one.wanted.quantity:,}", fate=fate)
    return words.text("can_unknown" if one.available is None else "can_none", fate=fate)


def _summary(order: Mapping[str, Any], lines: Iterable[Availability], words: Words) -> str:
    known = list(lines)
    if not known:
        return ""
    if not any(one.short for one in known):
        return words.text("entry_all_here")
    waits, partial = order.get("backorder", True), order.get("partial_shipment", True)
    fates = {
        (True, True): "entry_waits",
        (True, False): "entry_waits_whole",
        (False, True): "entry_cancels",
        (False, False): "entry_cancels_whole",
    }
    return words.text(fates[waits is True, partial is True])


def _called(hints: EntryHints, one: Availability, line: Mapping[str, Any]) -> str:
    article = hints.articles.get(one.wanted.sku)
    return "" if article is None or article.name == line.get("name") else article.name


def _label(article: PastArticle | None) -> str:
    return "" if article is None else article.name


def side_of(row: OrderRow) -> OrderSide:
    """An order that was placed."""
    lines = [(f"{line.line.quantity:,}", line.line.sku, line.line.name) for line in row.state.lines[:MOST_SHOWN]]
    more = max(0, len(row.state.lines) - MOST_SHOWN)
    return OrderSide(row.number, row.placed_at, row.headline, address_line(row.state.ship_to), tuple(lines), more)


def _entered(order: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> OrderSide:
    told = [tuple(str(line.get(name, "")) for name in ("quantity", "sku", "name")) for line in lines]
    where = {name: str(text) for name, text in order.get("ship_to", {}).items() if name in Address.model_fields}
    return OrderSide(
        number="",
        placed_at=None,
        headline=None,
        ship_to=address_line(Address.model_validate({"country": "", **where})),
        lines=tuple((quantity, sku, name) for quantity, sku, name in told[:MOST_SHOWN]),
        more=max(0, len(told) - MOST_SHOWN),
    )
