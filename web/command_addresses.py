"""Under which word each command is sent: the last part of its address, for routes and for the forms that lead there.

Decides: words in addresses. Programs rely on them: a word may be added, none may change. Must not know: routes, forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from domain.order.commands import (
    AddNote,
    AnswerNote,
    ConfirmOrder,
    ConfirmReceipt,
    GiveBack,
    HandOver,
    Hold,
    LogContact,
    Pack,
    PassOn,
    Pick,
    PromiseDates,
    RecallFromWarehouse,
    RecordCheckpoint,
    RequestCancel,
    ResolveException,
    Resume,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Take,
    Unpack,
)
from domain.person.commands import ActivatePerson, DeactivatePerson, GrantRole, InvitePerson, WithdrawRole
from domain.stock.commands import CountStock, ReceiveStock, TeachCode

if TYPE_CHECKING:
    from domain.decider import Command

PLACE_ORDER: Final = "/commands/orders"
"""Where an order is placed: it has no stream yet."""
BULK_PATH: Final = "/commands/bulk"
"""Where many commands are sent at once."""
MOST_COMMANDS: Final = 1_000
"""Of one such request."""

ORDER_COMMANDS: Final[Mapping[str, type[Command]]] = {
    "confirm": ConfirmOrder,
    "promise-dates": PromiseDates,
    "send-to-warehouse": SendToWarehouse,
    "recall-from-warehouse": RecallFromWarehouse,
    "start-pick": StartPick,
    "pick": Pick,
    "short-pick": ShortPick,
    "pack": Pack,
    "unpack": Unpack,
    "hand-over": HandOver,
    "record-checkpoint": RecordCheckpoint,
    "hold": Hold,
    "resume": Resume,
    "request-cancel": RequestCancel,
    "confirm-receipt": ConfirmReceipt,
    "add-note": AddNote,
    "answer-note": AnswerNote,
    "log-contact": LogContact,
    "resolve-exception": ResolveException,
    "take": Take,
    "pass-on": PassOn,
    "give-back": GiveBack,
}

STOCK_COMMANDS: Final[Mapping[str, type[Command]]] = {
    "receive": ReceiveStock,
    "count": CountStock,
    "teach-code": TeachCode,
}

PEOPLE_COMMANDS: Final[Mapping[str, type[Command]]] = {
    "invite": InvitePerson,
    "grant-role": GrantRole,
    "withdraw-role": WithdrawRole,
    "deactivate": DeactivatePerson,
    "activate": ActivatePerson,
}

WORDS_OF: Final[Mapping[type[Command], str]] = {
    command: word for word, command in (*ORDER_COMMANDS.items(), *STOCK_COMMANDS.items(), *PEOPLE_COMMANDS.items())
}
"""The word of each command that is sent to a stream that exists."""
