"""What an offer is: a command that a stream would take now, with what is decided about it and what is still open.

Decides: which act includes another. `offers.py` and those of `order/`, `stock/` and `person/` make offers.
Must not know: forms, words.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from domain.decider import Command


class Act(StrEnum):
    """What somebody would do by an offer. A command that serves two ends has two."""

    CONFIRM = "confirm"
    PROMISE_DATES = "promise-dates"
    SEND_TO_WAREHOUSE = "send-to-warehouse"
    RECALL_FROM_WAREHOUSE = "recall-from-warehouse"
    START_PICK = "start-pick"
    TAKE_OVER_PICK = "take-over-pick"
    PICK = "pick"
    SHORT_PICK = "short-pick"
    PACK = "pack"
    UNPACK = "unpack"
    HAND_OVER = "hand-over"
    CORRECT_HAND_OVER = "correct-hand-over"
    RECORD_CHECKPOINT = "record-checkpoint"
    CONFIRM_RECEIPT = "confirm-receipt"
    CONFIRM_RECEIPT_OF_ALL = "confirm-receipt-of-all"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL_ORDER = "cancel-order"
    CANCEL_UNITS = "cancel-units"
    RESOLVE_EXCEPTION = "resolve-exception"
    TAKE = "take"
    TAKE_OVER = "take-over"
    PASS_ON = "pass-on"  # noqa: S105 - an order is passed on, no word to pass by
    GIVE_BACK = "give-back"
    TAKE_AWAY = "take-away"
    ADD_NOTE = "add-note"
    ANSWER_NOTE = "answer-note"
    LOG_CONTACT = "log-contact"
    RECEIVE_STOCK = "receive-stock"
    COUNT_STOCK = "count-stock"
    TEACH_CODE = "teach-code"
    INVITE_PERSON = "invite-person"
    GRANT_ROLE = "grant-role"
    WITHDRAW_ROLE = "withdraw-role"
    DEACTIVATE_PERSON = "deactivate-person"
    ACTIVATE_PERSON = "activate-person"


WEAKER: Final[Mapping[Act, Act]] = {Act.TAKE_OVER_PICK: Act.START_PICK, Act.TAKE_OVER: Act.TAKE}
"""Of an act that takes an order from a colleague, the same act where nobody is on it."""


def includes(act: Act, other: Act) -> bool:
    """Whether whoever agrees to an act agrees to the other, too: it is the same, or the weaker one of it."""
    return other in {act, WEAKER.get(act)}


class Rank(IntEnum):
    """How likely somebody is to do it now; the likeliest first."""

    NEXT = 0
    """What the order waits for."""
    USUAL = 1
    """What moves the order on, or is done to it at any time."""
    POSSIBLE = 2
    """A fact that nobody planned, which would be taken all the same, or a way back."""


@dataclass(frozen=True, slots=True)
class UnitLimit:
    """Of one order line: how many units at most, and how many are likely."""

    line: int
    sku: str
    most: int
    likely: int = 0


@dataclass(frozen=True, slots=True)
class UnitsWithin:
    """Units of these lines: of each, all entries together no more than its limit; at least one unless `optional`."""

    lines: tuple[UnitLimit, ...]
    optional: bool = False
    """Whether naming no units is something else that may be done: all of them, or none."""
    from_day: date | None = None
    """The first day for which units may be named; None where no day is."""

    def allows(self, value: Any) -> bool:
        """Whether a field of this value is within the limit."""
        limits = {limit.line: limit for limit in self.lines}
        sums = Counter[int]()
        for part in value:
            limit = limits.get(part.line)
            if limit is None or getattr(part, "sku", None) not in {None, limit.sku}:
                return False
            if self.from_day is not None and part.on < self.from_day:
                return False
            sums[part.line] += part.quantity
        return (bool(value) or self.optional) and all(units <= limits[line].most for line, units in sums.items())


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these values."""

    values: tuple[Any, ...]

    def allows(self, value: Any) -> bool:
        """Whether a field of this value is within the limit."""
        return value in self.values


Limit = UnitsWithin | OneOf

NOTHING: Final[Mapping[str, Any]] = {}


def _never(_command: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Offer:
    """A command that would be taken now and change something. Other fields are open, as their types say."""

    act: Act
    command: type[Command]
    stream: str
    version: int
    """Of the stream whose state made it."""
    rank: Rank = Rank.USUAL
    given: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """Fields that are decided: with other values it is another offer."""
    proposed: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """Values that open fields are likely to have."""
    limits: Mapping[str, Limit] = field(default_factory=lambda: NOTHING)
    """Of open fields, where the state allows less than the type."""
    is_known: Callable[[Any], bool] = field(default=_never, repr=False, compare=False)
    """Whether a command within the limits says nothing new."""

    def covers(self, command: Command) -> bool:
        """Whether this is the offer by which the command would be sent."""
        return (
            type(command) is self.command
            and all(getattr(command, name) == value for name, value in self.given.items())
            and all(limit.allows(getattr(command, name)) for name, limit in self.limits.items())
            and not self.is_known(command)
        )
