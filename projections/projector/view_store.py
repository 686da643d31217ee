"""What the projector keeps the views in, as a port: PostgreSQL (`postgres_store.py`), or memory (`memory_store.py`).

Both pass one contract test. Decides: what a transaction can do, and what its errors mean. Must not know: SQL, how
events are read and gathered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from projections.checkpoints import Checkpoint, Tenure
    from projections.projector.fold_batch import Known, Poison, Writes
    from projections.projector.reading import Halt
    from streams.log import Log


class ViewsAway(Exception):
    """An outage: what keeps the views cannot be reached. A transaction that was being ended may have been committed."""


class RowsRefused(Exception):
    """A row is not taken as it is; the transaction is lost. Written singly, the row alone is."""


class ViewTransaction(Protocol):
    """One transaction: all of it becomes true at its end, or nothing."""

    async def fence(self, tenure: Tenure) -> tuple[int, dict[int, Checkpoint]]:
        """Keep everybody else from writing until the end: the generation, and the places by partition.

        `Superseded` when somebody else has claimed since; `Displaced` when our claim is not remembered.
        """

    async def parked(self) -> set[tuple[str, str]]:
        """View and stream of everything that is shown no further."""

    async def folds(self, streams: Collection[str]) -> dict[str, Known]:
        """Version and state of those streams that have one."""

    async def write(self, outcome: Writes, *, singly: bool) -> list[Poison]:
        """Rows in, rows out, of all views. `RowsRefused`; `singly`, what is not taken is handed back to be parked."""

    async def settle(
        self, tenure: Tenure, known: Mapping[str, Known], outcome: Writes, moved: Sequence[Checkpoint]
    ) -> None:
        """Park what is poisoned, keep what was folded (`known` is how it stood before), move places, tell waiters."""


class ViewStore(Protocol):
    """The port. Every method may raise `ViewsAway`; then call it again."""

    async def prepare(self, log: Log) -> None:
        """Make what these views have no rows for yet from the log."""

    async def claim(self, partitions: int, owner: str) -> tuple[Tenure, tuple[Checkpoint, ...]]:
        """Take over from the previous owner; the right to write, and where to read on."""

    def transaction(self, *, lazily: bool) -> AbstractAsyncContextManager[ViewTransaction]:
        """One at a time. `lazily`: a crash of the database may take it back, rows and places together."""

    async def caught_up(self, tenure: Tenure, ages: Mapping[int, float]) -> None:
        """Note which partitions had everything applied, and how many seconds ago. Errors as those of `fence`."""

    async def require_halted(self, partitions: Collection[int]) -> None:
        """`Displaced` when one of these partitions may be read again."""

    async def stop(self, tenure: Tenure, halt: Halt) -> None:
        """Note for everybody to see that a partition is read no further."""

    async def close(self) -> None:
        """Let go of what is held."""
