"""How late people may enter what happened.

Decides: who may enter something how long after it happened. Must not know: what a command means.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from domain.access import LEADS
from domain.decider import Command
from web.problems import fault, invalid
from web.tokens import Caller

LATE: Final = timedelta(hours=72)
"""How long after it happened anybody may enter something; whoever leads may enter it later, and says why."""


def require_recent(request: Request, who: Caller, command: Command, now: datetime) -> None:
    """`Problem` 422 for what lies too far back. Of people alone: a program enters what it has once it has it."""
    at = command.occurred_at
    if "authorization" in request.headers or at is None or now - at <= LATE:
        return
    if who.role not in LEADS:
        raise invalid(
            fault(["occurred_at"], "lies more than 72 hours back; somebody who leads may enter it", "too_late")
        )
    if command.reason is None:
        raise invalid(fault(["reason"], "needed for what happened more than 72 hours ago", "reason_for_late"))
