"""Every view there is. A new one is its file and one word here.

Must not know: what a view is called on screen; `query_api/sentences` knows it, and `query_api.app.build` asks for it.
"""

from __future__ import annotations

from typing import Final

from domain.roles import Role
from projections import (
    customer_service,
    finance,
    logistics,
    order,
    purchasing,
    sales,
    search,
    stock,
    timeline,
    tracking,
    warehouse,
)
from projections.board import Board
from projections.view import View

BOARDS: Final[tuple[Board, ...]] = (
    sales.BOARD,
    warehouse.BOARD,
    logistics.BOARD,
    finance.BOARD,
    customer_service.BOARD,
    purchasing.BOARD,
)
"""The departments' boards: a word here is a view, a page and its place in the menu."""

VIEWS: Final[tuple[View, ...]] = (
    order.VIEW,
    search.VIEW,
    timeline.VIEW,
    *(board.view for board in BOARDS),
    stock.VIEW,
    tracking.VIEW,
)


def boards_for(role: Role) -> tuple[Board, ...]:
    """All boards, the one on which the role starts first."""
    return tuple(sorted(BOARDS, key=lambda board: role not in board.roles))
