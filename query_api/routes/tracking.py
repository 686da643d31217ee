"""The customer's page: no sign-in, an unguessable link, and nothing on it but what concerns the customer.

Decides: that only staff may wait for a position here: anybody else would learn how much the log holds. Must not
know: boards.
"""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from domain.access import STAFF
from projections import tracking
from projections.tracking import TrackingRow
from projections.view import Connection
from query_api.dependencies import Given
from query_api.followed import followed_order
from query_api.reads import UNKNOWN_LINK, answer, snapshot_of
from query_api.rendering import words_of
from query_api.server_sent_events import follow
from query_api.tracked_page import tracked_page
from web.caller_dependency import visitor
from web.database import borrowed
from web.positions import After, position_seal
from web.problems import Problem

router = APIRouter(prefix="/track", tags=["tracking"])

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")
PRIVATE: Final = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


@router.get("/{token}", summary="An order as its customer may see it")
async def track(request: Request, readers: Given, token: str, after: After, show: str = "") -> Response:
    """Milestones, parcels, dates and problems; `show=all` lists every article of a very long order."""
    reader = await visitor(request)
    awaited = after if reader is not None and reader.role in STAFF else {}
    async with snapshot_of(request, readers, awaited) as snapshot:
        row = await _row(snapshot.connection, token)
    page = tracked_page(row, words_of(request), everything=show == "all")
    follow_link = f"/track/{token}/events?seen={position_seal(readers.identity.secret).closed(str(row.position))}"
    made = answer(request, _document(row), "track.html", page=page, follow=follow_link)
    made.headers.update(PRIVATE)
    return made


@router.get("/{token}/events", summary="Server-sent events: a tracked order has moved")
async def events(request: Request, readers: Given, token: str) -> Response:
    """A message whenever the order has changed."""
    before = readers.waiter.positions
    async with borrowed(readers.pool) as connection:
        row = await _row(connection, token)
    made = follow(readers, request, followed_order(readers.waiter, before, row), token)
    made.headers.update(PRIVATE)
    return made


async def _row(connection: Connection, token: str) -> TrackingRow:
    """Unknown, malformed and withdrawn links are answered alike."""
    row = await tracking.by_token(connection, token) if TOKEN.fullmatch(token) else None
    if row is None:
        raise Problem(UNKNOWN_LINK, headers=PRIVATE)
    return row


def _document(row: TrackingRow) -> dict[str, Any]:
    told = row.document.model_dump(mode="json")
    return {
        "number": row.number,
        "milestone": row.milestone,
        "cancelled": row.cancelled,
        "updated_at": row.updated_at,
        **told,
    }
