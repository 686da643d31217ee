"""What we have written to a connection and its reader has not taken.

Decides: since when a reader is behind. A byte now and then is no reading: a reader is behind until it has taken a whole
piece, or everything. Must not know: HTTP, what becomes of who is behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from web.sockets import untaken_bytes


class Outgoing(asyncio.Transport):
    """A transport that counts what is written: asyncio tells how much lies here, not how much has gone."""

    def __init__(self, under: asyncio.Transport, piece: int, clock: Callable[[], float]) -> None:
        super().__init__()
        self._under = under
        self._piece = piece
        self._clock = clock
        self._written = 0
        self._mark: int | None = None
        """What had been taken when the reader last was not behind; None until somebody looks."""
        self._since = clock()

    @property
    def behind_since(self) -> float | None:
        """When the reader began, or took its last piece as far as anybody has looked; None where nothing lies here."""
        return self._since if self._under.get_write_buffer_size() else None

    def behind_s(self) -> float | None:
        """How long ago that is, looked up: asking the system takes longer than everything else here."""
        unsent = self._under.get_write_buffer_size()
        if unsent == 0:
            return None
        taken = self._written - unsent - untaken_bytes(self._under)
        if self._mark is None:
            self._mark = taken
        elif taken - self._mark >= self._piece:
            self._mark, self._since = taken, self._clock()
        return self._clock() - self._since

    @override
    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self._under.get_write_buffer_size() == 0:
            self._mark, self._since = None, self._clock()
        self._written += len(data)
        self._under.write(data)

    @override
    def get_write_buffer_size(self) -> int:
        return self._under.get_write_buffer_size()

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._under.get_extra_info(name, default)

    @override
    def pause_reading(self) -> None:
        self._under.pause_reading()

    @override
    def resume_reading(self) -> None:
        self._under.resume_reading()

    @override
    def is_closing(self) -> bool:
        return self._under.is_closing()

    @override
    def close(self) -> None:
        self._under.close()

    @override
    def abort(self) -> None:
        self._under.abort()
