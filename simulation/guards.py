"""Which guards a world has reached: every `raise` of an error of ours in write side and projector, by its place.

Decides: which guards have to be reached in a long run, and which cannot be in these worlds, each with the reason.
Counted where an error is made, so the product is not changed for it. Must not know: faults.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import commands
import projections.projector
import streams
from projections.checkpoints import Displaced, OtherLog, Superseded
from projections.projector.view_store import RowsRefused, ViewsAway
from streams.index import IndexUnavailable
from streams.log import LogError
from streams.record import UnknownType, Unreadable
from streams.writing.errors import WriteError
from streams.writing.folding import SnapshotRefuted

if TYPE_CHECKING:
    from simulation.trace import WorldTrace

BASES: Final[tuple[type[Exception], ...]] = (
    LogError,
    Displaced,
    IndexUnavailable,
    OtherLog,
    RowsRefused,
    SnapshotRefuted,
    Superseded,
    UnknownType,
    Unreadable,
    ViewsAway,
    WriteError,
)
GUARDED: Final = (
    *sorted(Path(streams.__path__[0], "writing").glob("*.py")),
    Path(streams.__path__[0], "contiguous.py"),
    *sorted(Path(commands.__path__[0]).glob("workflow_*.py")),
    Path(projections.__path__[0], "checkpoints.py"),
    *(Path(projections.__path__[0], "projector", name) for name in ("transaction.py", "reading.py", "fold_batch.py")),
)
"""Files whose guards are meant."""

OUT_OF_REACH: Final = {
    "folding.py folded Unreadable": "nobody changes a record",
    "ownership.py _open LogUnfit": "nobody shortens the log",
    "ownership.py _require_ours LogUnfit": "nobody shortens the log",
    "ownership.py _require_same LogUnfit": "the index is of this log",
    "ownership.py commit LogUnfit": "nobody commits before the partition is open",
    "partition.py _staged_answer StreamParked": "nobody changes a record",
    "partition.py _foreseen CommandTooLarge": "nobody previews",
    "queues.py put CommandTooLarge": "commands are small",
    "queues.py put Overloaded": "clients wait for their answers",
    "writer.py queue Overloaded": "clients wait for their answers",
    "tail.py require_next LogUnfit": "the partition numbers its records itself",
    "contiguous.py contiguous LogUnfit": "nobody changes a record",
    "workflow_runner.py _read LogUnfit": "the index has no holes",
    "checkpoints.py _lock_all OtherLog": "of PostgreSQL alone",
    "checkpoints.py caught_up Displaced": "of PostgreSQL alone",
    "checkpoints.py require_halted Displaced": "of PostgreSQL alone",
    "fold_batch.py _fold HistoryChanged": "nobody changes a record",
    "reading.py following HistoryChanged": "nobody changes a record",
}
"""Guards that these worlds have no fault for, with what would have to happen."""


@contextmanager
def watched(trace: WorldTrace) -> Iterator[None]:
    """Count every error of ours by where it is made."""
    made = {base: base.__dict__.get("__init__") for base in BASES}
    for base in BASES:
        base.__init__ = _counting(base.__init__, trace)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for base, init in made.items():
            if init is None:
                del base.__init__
            else:
                base.__init__ = init  # type: ignore[method-assign]


def _counting(init: Callable[..., None], trace: WorldTrace) -> Callable[..., None]:
    files = {str(path) for path in GUARDED}

    @wraps(init)
    def counted(self: Exception, *args: Any, **named: Any) -> None:
        init(self, *args, **named)
        frame = sys._getframe(1)  # noqa: SLF001 - whoever makes the error
        while frame.f_code.co_name == "__init__" and frame.f_back is not None:
            frame = frame.f_back
        if frame.f_code.co_filename in files:
            trace.count("guard", _site(frame.f_code.co_filename, frame.f_code.co_name, type(self).__name__))

    return counted


def guards() -> list[str]:
    """Every guard there is, as it is counted."""
    found: set[str] = set()
    for path in GUARDED:
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found |= {_site(str(path), function.name, error) for error in _raised(function)}
    return sorted(found)


def _raised(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        raised = node.exc if isinstance(node, ast.Raise) else None
        error = raised.func if isinstance(raised, ast.Call) else raised
        if isinstance(error, ast.Name) and error.id[:1].isupper():
            yield error.id


def _site(path: str, function: str, error: str) -> str:
    return f"{Path(path).name} {function} {error}"
