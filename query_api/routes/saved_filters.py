"""Saving the filter of a board under a name, and forgetting it: two forms on the board.

Must not know: how filters are kept, what they let through.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.access import SIGHTS, Sight
from projections.board import Board, BoardFilter
from projections.view import Connection
from query_api import saved_filters
from query_api.dependencies import Given
from query_api.reads import actor_of, reader_of, staff
from query_api.routes.board_search import BOARD_OF_NAME, BoardFields, Name, address_of
from query_api.saved_filters import FilterName, SavedFilter
from web.database import borrowed
from web.problems import Problem, ProblemKind, from_errors, from_validation

router = APIRouter(
    prefix="/boards/{name}/filters", tags=["boards"], dependencies=[Depends(staff)], include_in_schema=False
)

FILTERS_FULL: Final = ProblemKind("filters-full", 409, "You have saved as many filters as one may; remove one of them.")
Links: TypeAlias = list[dict[str, str | bool]]
NAMED: Final[TypeAdapter[str]] = TypeAdapter(FilterName)


@router.post("", summary="Save a filter")
async def save(request: Request, readers: Given, name: Name) -> Response:
    """Save it for the caller, and lead back to the board under it; one of the same name is replaced."""
    board, form = BOARD_OF_NAME[name], await request.form()
    asked = _asked(form).filter(request, board)
    saved = SavedFilter(name=_called(form.get("save_as")), **asked.model_dump())
    async with borrowed(readers.pool) as connection:
        if not await saved_filters.save(connection, actor_of(request), name, saved):
            raise Problem(FILTERS_FULL)
    return RedirectResponse(address_of(f"/boards/{name}", asked), 303)


@router.post("/remove", summary="Forget a saved filter")
async def remove(request: Request, readers: Given, name: Name) -> Response:
    """Forget one of the caller's, and lead back to the board as it was filtered."""
    board, form = BOARD_OF_NAME[name], await request.form()
    asked = _asked(form).filter(request, board)
    async with borrowed(readers.pool) as connection:
        await saved_filters.remove(connection, actor_of(request), name, _called(form.get("saved")))
    return RedirectResponse(address_of(f"/boards/{name}", asked), 303)


async def saved_links(request: Request, connection: Connection, board: Board, asked: BoardFilter) -> Links:
    """The caller's saved filters of a board as links; those that the caller may not use (any more) are left out."""
    reads_names = Sight.NAMES in SIGHTS[reader_of(request)]
    return [
        {"name": saved.name, "link": address_of(f"/boards/{board.name}", saved), "is_asked": saved.asked == asked}
        for saved in await saved_filters.saved_by(connection, actor_of(request), board.name)
        if saved.customer is None or reads_names
    ]


def _asked(form: Any) -> BoardFields:
    try:
        return BoardFields.model_validate({name: form.get(name) for name in BoardFields.model_fields})
    except ValidationError as error:
        raise from_validation(error, b"") from None


def _called(given: object) -> str:
    try:
        return NAMED.validate_python(given.strip() if isinstance(given, str) else "")
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        for each in found:
            each["loc"] = ("save_as",)
        raise from_errors(found) from None
