"""What a caller may send: with which role, in whose name, how long after it happened.

Decides: what is refused whatever the state of a stream is. Must not know: how it is carried out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from domain.access import LEADS, PERMISSIONS, may
from domain.decider import Command
from domain.order.commands import RecordCheckpoint
from domain.order.parcels import same_carrier
from domain.roles import Role
from web.caller_dependency import by_token
from web.problems import NOT_PERMITTED, Problem, fault, invalid
from web.tokens import Caller

LATE: Final = timedelta(hours=72)
"""How long after it happened anybody may enter something; whoever leads may enter it later, and says why."""


def require_permission(caller: Caller, command: type[Command]) -> None:
    """`Problem` 403 unless the caller's role may send this command."""
    if not may(caller.role, command):
        allowed = sorted(role.value for role in PERMISSIONS.get(command, ()))
        raise Problem(NOT_PERMITTED, f"{caller.role} may not send {command.__name__}", allowed_roles=allowed)


def require_theirs(request: Request, who: Caller, command: Command, now: datetime) -> None:
    """`Problem` 403 or 422 unless the caller may say this of this moment."""
    _require_own_name(who, command)
    if not by_token(request):
        _require_recent(who, command, now)


def _require_own_name(caller: Caller, command: Command) -> None:
    """`Problem` 403 for a carrier that speaks as another one; its token names the carrier it is."""
    if caller.role is Role.CARRIER and isinstance(command, RecordCheckpoint):
        known = caller.carrier or ""
        if not same_carrier(known, command.carrier):
            raise Problem(NOT_PERMITTED, f"the token speaks for the carrier {known!r} only")


def _require_recent(who: Caller, command: Command, now: datetime) -> None:
    """`Problem` 422 for what lies too far back. Of people alone: a program enters what it has once it has it."""
    at = command.occurred_at
    if at is None or now - at <= LATE:
        return
    if who.role not in LEADS:
        raise invalid(
            fault(["occurred_at"], "lies more than 72 hours back; somebody who leads may enter it", "too_late")
        )
    if command.reason is None:
        raise invalid(fault(["reason"], "needed for what happened more than 72 hours ago", "reason_for_late"))
