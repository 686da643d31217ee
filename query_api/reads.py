"""What reads have in common: who may read, waiting for a position, one snapshot, and telling how fresh it is.

Decides: that staff may read, what of it by the sights of their role, and how long a read waits. Must not know: what is
read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeAlias

import orjson
from fastapi import Depends
from pydantic import BaseModel, BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from domain.access import STAFF, Role, Sight, may, sights
from domain.decider import UnknownOrder
from domain.order.commands import PlaceOrder
from domain.person.decisions import UnknownPerson
from domain.recorded import Position
from domain.values import Text
from projections.freshness import freshness
from projections.view import Connection
from query_api.dependencies import Given, Readers
from query_api.rendering import render, wants_page
from web.caller_dependency import CallerDep, identity_of
from web.database import UNAVAILABLE, borrowed
from web.entity_tags import is_there_already
from web.positions import HEADER, After, format_positions
from web.problems import NOT_PERMITTED, Problem, ProblemKind, fault, invalid
from web.tokens import Caller

AS_OF: Final = "Ordertrail-As-Of"
"""Everything recorded up to this instant (RFC 3339, UTC) is in the answer."""

NOT_REACHED: Final = ProblemKind(
    "position-not-reached", 503, "The views have not reached this position yet. Ask again."
)
UNKNOWN_ORDER: Final = ProblemKind(UnknownOrder.code(), 404, UnknownOrder.title())
UNKNOWN_PERSON: Final = ProblemKind(UnknownPerson.code(), 404, UnknownPerson.title())
UNKNOWN_VERSION: Final = ProblemKind("unknown-version", 404, "The order did not exist at that version or time.")
NO_SUCH_VALUE: Final = ProblemKind("no-such-value", 404, "The order has no such value, and never had.")
NO_SUCH_STOCK: Final = ProblemKind("no-such-stock", 404, "Nothing is known about this SKU at this location.")
UNKNOWN_LINK: Final = ProblemKind("unknown-link", 404, "This link does not lead to an order.")
NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Views that have not yet had everything say that they last did in 1970."""

NOT_KEPT: Final = {"Cache-Control": "no-store"}
"""By browsers and proxies; a program that asks with an ETag keeps a document as it likes."""

READ_PROBLEMS: Final = (
    UNAVAILABLE,
    NOT_REACHED,
    UNKNOWN_ORDER,
    UNKNOWN_PERSON,
    UNKNOWN_VERSION,
    NO_SUCH_VALUE,
    NO_SUCH_STOCK,
    UNKNOWN_LINK,
)


def _nothing_if_empty(value: object) -> object:
    """A form also sends its empty fields."""
    return None if value == "" else value


Emptied = BeforeValidator(_nothing_if_empty)
FilterText: TypeAlias = Annotated[Text | None, Emptied]
"""A filter's text; an empty field leaves the filter out."""
NumberText: TypeAlias = Annotated[str, Field(max_length=40)]
"""An order's number as somebody may have typed it."""


async def staff(request: Request, caller: CallerDep) -> Caller:
    """The caller, if its role may read what staff reads; `Problem` 401 or 403."""
    request.state.caller = caller
    if caller.role not in STAFF:
        raise Problem(NOT_PERMITTED)
    if (colleagues := identity_of(request).colleagues) is not None:  # whom they read of is called by name
        await colleagues.refresh()
    return caller


def reader_of(request: Request) -> Role:
    """As what the caller reads; only where `staff` has let it in."""
    caller: Caller = request.state.caller
    return caller.role


def actor_of(request: Request) -> str:
    """Who reads, by the name of their token; only where `staff` has let them in."""
    caller: Caller = request.state.caller
    return caller.actor


def order_numbers(asked: Iterable[str]) -> list[str]:
    """Each order once, by its number as it is written, however somebody typed it."""
    return list(dict.fromkeys(number.strip().upper() for number in asked))


def require_sight(request: Request, asked: object, sight: Sight) -> None:
    """`Problem` 403 where somebody filters by a field that the role does not read: an answer would tell it."""
    if asked is not None and sight not in sights(reader_of(request)):
        raise Problem(NOT_PERMITTED, f"your role does not read {sight}")


def may_place(request: Request) -> bool:
    """Whether the caller's role may place orders."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller is not None and may(caller.role, PlaceOrder)


@dataclass(frozen=True, slots=True)
class Reading:
    """One snapshot of all views: what is read through it belongs together."""

    connection: Connection
    positions: Mapping[int, int]
    as_of: datetime | None
    """None until the views have had everything once."""

    @property
    def token(self) -> str:
        """The positions as `after=` takes them."""
        return format_positions(Position(*pair) for pair in self.positions.items())


async def reading(request: Request, readers: Given, after: After) -> AsyncIterator[Reading]:
    """Wait for the positions asked for, then open a snapshot; `Problem` 503 where they do not come in time, 422 where
    they never can. Only staff waits: both would tell others how the log is made.
    """
    if after:
        await _reach(request, readers, after)
    async with borrowed(readers.pool) as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = await _look(connection, readers)
        request.state.reading = found
        request.state.as_of = found.as_of
        yield found


snapshot_of = asynccontextmanager(reading)
"""For the route that reads for some callers only."""

ReadingDep = Annotated[Reading, Depends(reading, scope="function")]
"""Closed before the answer is sent: a client that does not read its answer must hold no connection."""


async def _look(connection: Connection, readers: Readers) -> Reading:
    fresh = await freshness(connection)
    as_of = min((readers.clock() - timedelta(seconds=one.age_s) for one in fresh), default=NEVER)
    positions = {one.partition: one.sequence for one in fresh}
    return Reading(connection, positions, as_of if as_of > NEVER else None)


async def _reach(request: Request, readers: Readers, after: Mapping[int, int]) -> None:
    if unknown := [partition for partition in after if partition >= readers.partitions]:
        raise invalid(fault(["after"], f"partition {unknown[0]} does not exist"))
    if await readers.waiter.reached(after, readers.wait_s):
        return
    if not _reads_positions(request):
        raise Problem(NOT_REACHED, headers={"Retry-After": "1"})
    async with borrowed(readers.pool) as connection:
        reached = await _look(connection, readers)
    raise Problem(
        NOT_REACHED,
        f"seen so far: {reached.token or 'nothing'}",
        headers={"Retry-After": "1", HEADER: reached.token},
        position=reached.token,
    )


def answer(request: Request, document: object, template: str, **values: Any) -> Response:
    """The page for a person, the document for a program; both say how fresh they are."""
    made = render(request, template, **values) if wants_page(request) else json(document)
    return with_freshness(request, made)


def with_freshness(request: Request, made: Response) -> Response:
    """The answer with its freshness in the headers."""
    seen: Reading | None = getattr(request.state, "reading", None)
    if seen is not None:
        if _reads_positions(request):
            made.headers[HEADER] = seen.token
        if seen.as_of is not None:
            made.headers[AS_OF] = seen.as_of.isoformat(timespec="milliseconds")
    made.headers.setdefault("Vary", "Accept")
    return made


def _reads_positions(request: Request) -> bool:
    """Whether staff asks: how much there is in the log is nobody else's business."""
    return getattr(request.state, "caller", None) is not None


def json(document: object) -> Response:
    """A document of rows and plain values."""
    body = orjson.dumps(document, default=_plain)
    return Response(body, media_type="application/json", headers=NOT_KEPT)


def unchanged(request: Request, tag: str) -> Response | None:
    """304 where the caller has the document of this tag; a page is made anew."""
    if wants_page(request) or not is_there_already(request.headers, tag):
        return None
    return with_freshness(request, Response(status_code=304, headers={**NOT_KEPT, "ETag": tag}))


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", warnings=False)  # a hidden field has no value
    raise TypeError(f"{type(value).__name__} is no part of a document")
