"""How fast orders are placed while the workflow is behind.

An order of three lines sets off ten of the workflow's commands. Taken as they came, orders by the hundred were all
placed, and next to none was sent to the warehouse. Decides: when the workflow is behind, and how many orders have to
wait for it then. All partitions count together: what an order sets off is worked off in those of its articles. Must
not know: queues, batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """The workflow counts as behind while more than so many events and commands wait for it: `waiting` counts them."""

    def __init__(self, behind: int, spare: int, waiting: Callable[[], int]) -> None:
        self._behind = behind
        self._waiting = waiting
        self._spare = spare
        self._is_behind = False
        self._ahead = 0
        """How many more of its commands were set off than were taken to be worked off, since it was not behind."""

    def look(self) -> None:
        """Look how far the workflow is; called for every batch."""
        self._is_behind = self._waiting() > self._behind
        if not self._is_behind:
            self._ahead = 0

    @property
    def admits(self) -> bool:
        """Whether another order may be placed."""
        return self._ahead <= 0 or not self._is_behind

    def set_off(self, number: int) -> None:
        """An order is placed, which sets off about so many of the workflow's commands."""
        self._ahead += number

    def worked_off(self) -> None:
        """One of the workflow's commands was taken."""
        self._ahead = max(self._ahead - 1, -self._spare)
