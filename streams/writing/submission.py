"""What the write side is asked and what it answers: the values that routes, workflow and writer share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from domain.order.commands import PlaceOrder
from domain.recorded import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from domain.access import Role
    from domain.catalogue import AnyState
    from domain.decider import Command, Context, Event
    from domain.recorded import Position, Recorded


Precondition: TypeAlias = "Callable[[Any, int, Context], None]"
"""Takes state, version and context; raises a `Rejected` where the sender does not want it carried out then."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A command for one stream, with who sends it and why."""

    stream: str
    command: Command
    command_id: UUID
    command_hash: str
    """SHA-256 (hex) of the canonical command: tells the same idempotency key with another body."""
    actor: str
    role: Role
    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None
    on_behalf_of: str | None = None
    expected_version: int | None = None
    """From If-Match; None where the sender does not care."""
    precondition: Precondition | None = None
    lookup: bool = True
    """False where the command id was made here for this one attempt: nobody can have sent it before."""
    origin: Origin = Origin.LIVE
    size: int = 512
    """Bytes the command came in; batches are bounded by their sum, and what an order sets off is reckoned by them."""
    preview: bool = False
    """Decided like any other and not carried out: nothing of it is stored, looked up by its id, or remembered."""

    @property
    def places(self) -> bool:
        """Whether it places an order, or would."""
        return isinstance(self.command, PlaceOrder)

    @property
    def is_new(self) -> bool:
        """Whether no earlier command can have its id."""
        return self.preview or not self.lookup


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a command would do that was only decided."""

    recorded: tuple[Recorded[Event], ...]
    """The events as they would stand in the log; ids, hashes and places are nobody's."""
    before: AnyState | None


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of an accepted command. `position` is its last event's, or the stream's where it had none.

    Of a preview: `version` is that of the state it was decided on, `state` the one that it would lead to.
    """

    stream: str
    version: int
    position: Position | None
    command_id: UUID
    repeated: bool
    """Whether the command had been executed before; nothing happened a second time."""
    state: AnyState | None
    foreseen: Foreseen | None = None
    """Of a preview; None where the command was carried out."""
