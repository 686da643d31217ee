"""How the system is: freshness of the views, what is set aside, what is promised, and the list of addresses.

Must not know: how views are kept up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from domain.stream_names import kind_of
from projections.freshness import Freshness, freshness
from projections.projector.store import parked
from projections.registry import VIEWS
from query_api.dependencies import Given, Readers
from query_api.reads import ReadingDep, answer, staff
from query_api.rendering import words_of
from query_api.timeline_page import timeline_path
from web.caller_dependency import visitor

router = APIRouter(tags=["status"])

SETTLED_S: Final = 5.0
"""Views that had everything within this time are up to date."""


@router.get("/status", summary="Lag, promises, versions", dependencies=[Depends(staff)])
async def status(request: Request, readers: Given, snapshot: ReadingDep) -> Response:
    """One entry per view; all are fed together, so they are equally fresh."""
    fresh = await freshness(snapshot.connection)
    aside = await parked(snapshot.connection)
    seconds = None if snapshot.as_of is None else (readers.clock() - snapshot.as_of).total_seconds()
    behind = await _behind(readers, fresh)
    stopped = [f"{one.partition}: {one.stopped}" for one in fresh if one.stopped]
    views = [{"name": view.name, "version": view.version, "behind": behind, "seconds": seconds} for view in VIEWS]
    return answer(
        request,
        {
            "views": views,
            "parked": [{"view": one.view, "stream": one.stream, "error": one.error} for one in aside],
            "stopped": stopped,
            "durability": readers.durability,
            "versions": dict(readers.versions),
            "position": snapshot.token,
        },
        "status.html",
        views=views,
        parked=[
            {"view": one.view, "name": _name(one.stream), "link": timeline_path(one.stream), "error": one.error}
            for one in aside
        ],
        stopped=stopped,
        settled=seconds is not None and seconds <= SETTLED_S and not stopped,
        durability=readers.durability,
        versions=readers.versions,
        position=snapshot.token,
    )


async def _behind(readers: Readers, fresh: Sequence[Freshness]) -> int | None:
    """Events that the views have not seen; None where the end of the log is not known here."""
    if readers.ends is None:
        return None
    seen = {one.partition: one.sequence for one in fresh}
    ends: Mapping[int, int] = await readers.ends()
    return sum(max(0, end - seen.get(partition, 0)) for partition, end in ends.items())


def _name(stream: str) -> str:
    return stream.removeprefix(f"{kind_of(stream)}-")


@router.get("/docs", summary="Every address of this interface", include_in_schema=False)
async def documentation(request: Request) -> Response:
    """The list for people; programs read `/openapi.json`."""
    request.state.caller = await visitor(request)
    described: dict[str, Any] = request.app.openapi()
    operations = [
        {"path": path, "method": method.upper(), "summary": told.get("summary", "")}
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]
    return answer(request, described, "docs.html", operations=operations, language=words_of(request).language)
