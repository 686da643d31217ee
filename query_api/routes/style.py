"""The page that shows every part of the style once, for whoever changes it.

Must not know: what the parts look like.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from domain.order.status import Milestone
from query_api.codes import qr
from query_api.dependencies import readers_of
from query_api.reads import staff
from query_api.rendering import render, words_of
from query_api.style_page import EXAMPLE_BADGES, EXAMPLE_STAGES, STYLE_PATH, example_acts

router = APIRouter(tags=["start"], include_in_schema=False, dependencies=[Depends(staff)])


@router.get(STYLE_PATH)
async def style(request: Request) -> Response:
    """Nothing on it can be carried out."""
    return render(
        request,
        "style.html",
        badges=EXAMPLE_BADGES,
        stages=EXAMPLE_STAGES,
        milestones=tuple(zip(Milestone, ("done", "done", "now", "", "", ""), strict=True)),
        acting=example_acts(words_of(request)),
        code=qr("DEMO-2026-000041-64"),
        earlier=readers_of(request).clock(),
    )
