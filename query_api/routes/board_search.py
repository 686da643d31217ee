"""How an address names a board and what it is narrowed to.

Decides: names of boards, parameters of filters, who may filter by what. Must not know: rows, pages.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.requests import Request

from domain.access import Sight
from domain.roles import Party
from projections import registry
from projections.board import Board, BoardFilter
from query_api.reads import Emptied, FilterText, require_sight
from web.paging import DEFAULT_PAGE, LARGEST_PAGE
from web.problems import fault, invalid


def _known(name: str) -> str:
    if name not in BOARD_OF_NAME:
        raise ValueError(f"expected one of {', '.join(BOARD_OF_NAME)}")
    return name


BOARD_OF_NAME: Final[dict[str, Board]] = {board.name: board for board in registry.BOARDS}
Name = Annotated[str, AfterValidator(_known)]


class BoardFields(BaseModel):
    """How a board is filtered."""

    model_config = ConfigDict(extra="ignore")

    queue: FilterText = None
    waiting_on: Annotated[Party | None, Emptied] = None
    customer: FilterText = None

    def filter(self, request: Request, board: Board) -> BoardFilter:
        """`Problem` 422 for a queue that the board does not have, 403 for a field that the caller does not read."""
        require_sight(request, self.customer, Sight.NAMES)
        if self.queue is not None and self.queue not in board.queues:
            raise invalid(fault(["queue"], "expected one of " + ", ".join(board.queues), "enum"))
        return BoardFilter(queue=self.queue, waiting_on=self.waiting_on, customer=self.customer)


class BoardSearch(BoardFields):
    """Which page of a filtered board."""

    cursor: Annotated[str | None, Emptied] = None
    limit: int = Field(DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)


def address_of(path: str, asked: BoardFilter, **more: str) -> str:
    """An address of a board under a filter."""
    query = {name: value for name, value in asked.model_dump(include=FILTERS).items() if value is not None} | more
    return f"{path}?{urlencode(query)}" if query else path


FILTERS: Final = set(BoardFields.model_fields)
