"""What happened in a world, in order, as one hash: the same seed and commit give the same one.

Decides: what is counted, of faults, of errors, and of what the program logs on its ways out of trouble.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable


class WorldTrace:
    """Everything that a world did, hashed; the last lines kept."""

    def __init__(self, now: Callable[[], float], kept: int = 0) -> None:
        self.counts = Counter[str]()
        """How often each fault, error and way out of trouble was met."""
        self.lines: list[str] = []
        self._now, self._kept, self._hash = now, kept, hashlib.sha256()

    def add(self, *words: object) -> None:
        """One step."""
        line = f"{self._now():.6f} {' '.join(map(str, words))}"
        self._hash.update(line.encode() + b"\n")
        if self._kept:
            self.lines.append(line)
            del self.lines[: -self._kept]

    def mix(self, *words: object) -> None:
        """Something that is part of the trace, and is not shown."""
        self._hash.update(" ".join(map(str, words)).encode())

    def count(self, kind: str, name: str) -> None:
        """One more of them, in the trace, too."""
        self.counts[f"{kind} {name}"] += 1
        self.add(kind, name)

    @property
    def sha256(self) -> str:
        """Of everything so far (hex)."""
        return self._hash.hexdigest()


class LogListener(logging.Handler):
    """Counts what the program logs by its wording: a way out of trouble says that it was taken."""

    def __init__(self, trace: WorldTrace) -> None:
        super().__init__(logging.WARNING)
        self._trace = trace

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._trace.count("logged", f"{record.name}: {record.msg}")
        if record.levelno >= logging.ERROR:
            self._trace.add(record.getMessage(), record.exc_text or "")
