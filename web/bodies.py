"""Bodies of requests: how large one may be, and how much of all of them an application holds at once.

Decides: what is refused as soon as it is too much, announced or arrived. Must not know: what is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from web.problems import TOO_LARGE, TOO_MUCH_AT_ONCE, Problem

if TYPE_CHECKING:
    from starlette.types import Message, Receive

LARGEST_BODY: Final = 4 * 1024 * 1024
"""An order of 10,000 lines is about 2 MB."""
MOST_AT_ONCE: Final = 64 * 1024 * 1024
"""Of bodies that have begun and whose requests are not at their end: callers who never finish hold no more."""


@dataclass(slots=True)
class BodyLimits:
    """The limits of one application, in bytes; `larger` are addresses that take more than `largest`."""

    largest: int = LARGEST_BODY
    larger: Mapping[str, int] = field(default_factory=dict)
    at_once: int = MOST_AT_ONCE
    held: int = 0
    """What is held now."""


class Body:
    """One request's body: counts what arrives, and stops reading when it is too much."""

    __slots__ = ("_largest", "_limits", "_receive", "_seen", "refusal")

    def __init__(self, receive: Receive, limits: BodyLimits, path: str) -> None:
        self.refusal: Problem | None = None
        """Why it was not read to its end."""
        self._receive = receive
        self._limits = limits
        self._largest = limits.larger.get(path, limits.largest)
        self._seen = 0

    def refuse_announced(self, length: str) -> None:
        """`Problem` 413 for a body that says that it will be too large."""
        if length.isdecimal() and int(length) > self._largest:
            raise self._too_large()

    async def receive(self) -> Message:
        """The next part; `Problem` 413 or 503 where it is too much."""
        message = await self._receive()
        size = len(message.get("body", b""))
        self._seen += size
        self._limits.held += size
        if self._seen > self._largest:
            self.refusal = self._too_large()
        elif self._limits.held > self._limits.at_once:
            self.refusal = Problem(TOO_MUCH_AT_ONCE, headers={"Retry-After": "1"})
        if self.refusal is not None:
            raise self.refusal
        return message

    def done(self) -> None:
        """The request is at its end, and nothing of its body is held any more."""
        self._limits.held -= self._seen
        self._seen = 0

    def _too_large(self) -> Problem:
        return Problem(TOO_LARGE, f"at most {self._largest} bytes are taken", limit_bytes=self._largest)
