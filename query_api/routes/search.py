"""The one box: orders and articles by whatever somebody knows of them.

Decides: in which fields a role looks (those that it reads, so that no answer tells of the others), and that a single
hit leads straight to its order. Must not know: how terms are written and kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.access import reads, sights
from domain.roles import Role
from projections import stock
from projections.search_hits import FIRST, Hits, SearchCursor, SearchHit, find_orders
from projections.search_terms import SearchField, folded, readable
from projections.stock import StockRow
from query_api.codes import order_in
from query_api.reads import Emptied, Reading, ReadingDep, answer, reader_of, staff
from query_api.rendering import wants_page, words_of
from query_api.routes.cursors import search_place
from query_api.routes.timelines import link_target
from query_api.sentences import Words
from web import sight
from web.paging import encode_cursor, next_link

router = APIRouter(prefix="/search", tags=["search"], dependencies=[Depends(staff)])

LONGEST_ASKED: Final = 200
PAGE_OF_HITS: Final = 50


class Asked(BaseModel):
    """What somebody looks for."""

    model_config = ConfigDict(extra="ignore")

    q: Annotated[str, StringConstraints(max_length=LONGEST_ASKED)] = ""
    cursor: Annotated[str | None, Emptied] = None


def fields_of(role: Role) -> tuple[SearchField, ...]:
    """Where a role looks: in what it reads of every order."""
    named = ((field, *field.rpartition(".")[::2]) for field in SearchField)
    return tuple(field for field, parent, name in named if reads(sights(role), name, parent))


@router.get("", summary="Orders and articles by number, reference, customer, e-mail, phone, tracking number or SKU")
async def search(request: Request, asked: Annotated[Asked, Query()], snapshot: ReadingDep) -> Response:
    """The latest orders first, each with what it was found by; orders of an article after them, open ones first."""
    text, fields = order_in(readable(asked.q)), fields_of(reader_of(request))
    after = SearchCursor(*search_place(asked.cursor)) if asked.cursor else FIRST
    found = await find_orders(snapshot.connection, text, fields, after, PAGE_OF_HITS)
    articles = await _articles(snapshot, text, found)
    if wants_page(request) and (only := _only_one(found, articles, after)) is not None:
        return RedirectResponse(f"/orders/{only.order.number}", 303)
    link, words = next_link(request, _cursor(found.more)), words_of(request)
    hits = [(sight.shown(reader_of(request), hit.order), hit.by) for hit in found.hits]
    made = answer(
        request,
        {
            "asked": text,
            "looked_in": fields,
            "too_many": found.too_many,
            "orders": [{**_document(order), "found_by": by} for order, by in hits],
            "articles": [{"sku": row.sku, "location": row.location} for row in articles],
        },
        "search.html",
        asked=text,
        looked_in=_in_words(fields, words),
        too_many=found.too_many,
        hits=[(order, _in_words(by, words)) for order, by in hits],
        articles=articles,
        next_link=link_target(link),
    )
    made.headers.update(link)
    return made


async def _articles(snapshot: Reading, text: str, found: Hits) -> list[StockRow]:
    """Stock of the article with this code: as it was written, or as orders that hold it write it."""
    asked = folded(SearchField.SKU, text)
    written = {sku for hit in found.hits for sku in hit.order.skus if folded(SearchField.SKU, sku) == asked}
    return await stock.of_articles(snapshot.connection, {text.upper(), asked.upper(), *written}) if asked else []


def _only_one(found: Hits, articles: list[StockRow], after: SearchCursor) -> SearchHit | None:
    """The one order that is all there is to be seen."""
    if articles or found.more is not None or after != FIRST or len(found.hits) != 1:
        return None
    return found.hits[0]


def _in_words(fields: Iterable[SearchField], words: Words) -> tuple[str, ...]:
    """Each word once: two fields may be one thing to people."""
    return tuple(dict.fromkeys(words.searched[field] for field in fields))


def _cursor(more: SearchCursor | None) -> str | None:
    return None if more is None else encode_cursor(int(more.last), more.place, str(more.order_id))


def _document(order: Any) -> dict[str, Any]:
    return {name: value for name, value in order.model_dump(mode="json", warnings=False).items() if name not in INNER}


INNER: Final = frozenset({"stream", "skus"})
"""What nobody asked for."""
