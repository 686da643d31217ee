"""What becomes of a command, as its sender is told: status, document and headers.

Decides: what an answer says, and that of how much the log holds outsiders learn nothing. Must not know: requests, how a
command came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.responses import Response

from commands.execution import SentCommand
from commands.preview import preview
from domain.access import STAFF
from domain.order.commands import PlaceOrder
from domain.order.state import Order
from domain.person.commands import InvitePerson, OfPerson
from domain.stream_names import kind_of, name_of
from streams.writing.submission import CommandResult
from web.entity_tags import entity_tag
from web.positions import HEADER as POSITION_HEADER


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """One command's answer."""

    status: int
    document: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """As a request of its own is answered."""
        return Response(orjson.dumps(self.document), self.status, self.headers, "application/json")


def answer_to(asked: SentCommand, result: CommandResult) -> CommandAnswer:
    """The answer to a command that was carried out, or that was only to be looked at."""
    if result.foreseen is not None:
        return CommandAnswer(200, preview(asked.caller.role, result, result.foreseen), {"Cache-Control": "no-store"})
    position = None if result.position is None or asked.caller.role not in STAFF else str(result.position)
    outcome = {"version": result.version, "position": position, "repeated": result.repeated}
    headers = {"ETag": entity_tag(result.version)} | ({POSITION_HEADER: position} if position else {})
    if isinstance(asked.command, PlaceOrder):
        name = name_of(result.stream)
        return CommandAnswer(
            201, {"order_id": name, **outcome, **_public(result)}, {"Location": f"/orders/{name}", **headers}
        )
    return CommandAnswer(200, {**_concerned(asked, result), **outcome}, headers)


def _concerned(asked: SentCommand, result: CommandResult) -> Mapping[str, str]:
    """What the command was about."""
    match asked.command:
        case InvitePerson():
            return {"person": str(result.command_id)}
        case OfPerson(person=person):
            return {"person": str(person)}
        case _:
            return {"stock" if kind_of(result.stream) == "stock" else "order_id": name_of(result.stream)}


def _public(result: CommandResult) -> Mapping[str, str]:
    """What the customer of a new order is given."""
    if not isinstance(result.state, Order):
        return {}
    return {"number": result.state.number, "tracking_url": f"/track/{result.state.tracking_token}"}
