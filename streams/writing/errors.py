"""Why a command got no ordinary answer, although no rule of the business refused it.

    WriteError
    ├── VersionConflict     the stream is not at the version that the caller expected
    ├── KeyReused           the same idempotency key came with another body before
    ├── NotExecuted         it is certain that nothing was committed: send it again
    ├── StillUnknown        the caller's time ran out before the outcome was known: ask again with the same key
    ├── Overloaded          refused before anything was tried
    ├── CommandTooLarge     what the command would store is larger than the log takes
    ├── StreamParked        the stream's records cannot be read; everything else goes on
    └── ElsewhereOwned      another process owns the partition

The class docstrings are the messages that callers read. Must not know: HTTP, statuses.
"""

from __future__ import annotations

from domain.decider import Coded


class WriteError(Coded):
    """The command could not be carried out."""

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(detail or self.title())


class VersionConflict(WriteError):
    """The order or stock item has changed since the version that you expected."""

    def __init__(self, expected: int, actual: int) -> None:
        self.expected = expected
        self.actual = actual
        super().__init__(f"expected version {expected}, it is at version {actual}")


class KeyReused(WriteError):
    """This Idempotency-Key has already been used with another body or for another command."""


class NotExecuted(WriteError):
    """The command was not executed: nothing was stored. Send it again."""


class StillUnknown(WriteError):
    """It is not known yet whether the command was executed. Ask again with the same Idempotency-Key."""


class Overloaded(WriteError):
    """There is too much work at the moment. The command was not executed: send it again later."""

    def __init__(self, retry_after_s: float = 1.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"try again in {retry_after_s:g} s")


class CommandTooLarge(WriteError):
    """The command is larger than one record of the log may be."""


class StreamParked(WriteError):
    """The history of this order or stock item cannot be read: a person has to look at it. Nothing was executed."""


class ElsewhereOwned(WriteError):
    """Another process owns the part of the log that this command belongs to."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"owned by {address}")
