"""The company's logo, for everybody: it stands on the customer's page too."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from query_api.dependencies import Given
from web.problems import NO_SUCH_PAGE, Problem

router = APIRouter(include_in_schema=False)

KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/logo")
async def logo(readers: Given) -> Response:
    """404 for a company without one."""
    found = readers.company.logo
    if found is None:
        raise Problem(NO_SUCH_PAGE)
    return Response(found.content, media_type=found.media_type, headers=KEPT)
