"""The quick half of `verify`: sequences, versions and the hash chain of one partition, without reading the events.

Decides: nothing beyond what `log_audit` decides of these three. Must not know: logs, events, views.
"""

from __future__ import annotations

from typing import Any

from domain.recorded import Position
from ordertrail.operating.log_audit import Problems
from streams.log import Stored
from streams.record import NO_HASH, Unreadable, digest, parse


class Chain:
    """Take every record of the partition in its order."""

    def __init__(self, partition: int) -> None:
        self.problems = Problems()
        self.sequence = 0
        self.records = 0
        self._partition = partition
        self._ends: dict[str, tuple[int, str]] = {}

    def take(self, stored: Stored) -> None:
        """The next record."""
        self.records += 1
        if stored.sequence != self.sequence + 1:
            self._add(stored, f"sequence {self.sequence + 1} was due in partition {self._partition}")
        self.sequence = stored.sequence
        try:
            self._link(stored, parse(stored.value))
        except Unreadable as error:
            self._add(stored, str(error))

    def _link(self, stored: Stored, document: dict[str, Any]) -> None:
        stream = stored.stream
        version, link = self._ends.get(stream, (0, NO_HASH))
        if document.get("subject") != stream:
            self._add(stored, f"stored under {stream}, written for {document.get('subject')}")
        if document.get("streamversion") != version + 1:
            self._add(stored, f"{stream} has version {document.get('streamversion')} after {version}")
        if document.get("prevhash") != link:
            self._add(stored, f"{stream} is not linked to its version {version}")
        self._ends[stream] = (version + 1, digest(stored.value))

    def _add(self, stored: Stored, what: str) -> None:
        self.problems.add(f"{Position(self._partition, stored.sequence)}: {what}")
