"""What a command would do, as a document for who asked.

Decides: what of it the asking role reads. Must not know: HTTP, how it was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from domain.access import STAFF
from domain.catalogue import DECIDERS, AnyState, event_type
from domain.decider import Command, Context, Event
from domain.offers import NotAsShown
from domain.order.events import OrderPlaced
from domain.order.state import Order
from domain.order.status import badges, headline, waiting
from domain.person.state import Register
from domain.roles import Role
from domain.stream_names import kind_of
from domain.workflow import reactions
from streams.writing.submission import CommandResult, Foreseen
from web.sight import shown

ToldEvents: TypeAlias = Sequence[Mapping[str, Any]]
"""Events as they are told: each with its type and its data."""
UNISSUED: Final = ("order_id", "serial", "number", "tracking_token")
"""What an order gets when it is placed, and not before."""
_READ_BY_STAFF: Final = ("events", "state_before", "state_after", "told")


def preview(role: Role, answer: CommandResult, foreseen: Foreseen) -> Mapping[str, Any]:
    """The document. Who reads no board learns from it what the command's own answer tells, and no more."""
    told: dict[str, Any] = {"preview": True, "version": answer.version, **dict.fromkeys(_READ_BY_STAFF)}
    if role in STAFF:
        told["events"] = [_event(role, recorded.event) for recorded in foreseen.recorded]
        told["state_before"] = _summary(foreseen.before)
        told["state_after"] = _summary(answer.state)
        told["told"] = _told(answer.stream, foreseen)
    return told


def require_as_shown(shown: ToldEvents, command: Command, state: AnyState | None, context: Context) -> None:
    """`NotAsShown` where the command would give other events than those that were told."""
    events = DECIDERS[kind_of(context.stream)].decide(state, command, context)
    if _lasting(_event(context.role, event) for event in events) != _lasting(shown):
        raise NotAsShown


def _lasting(told: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Events, whenever they happen."""
    return [(each["type"], {**each["data"], "occurred_at": None}) for each in told]


def _event(role: Role, event: Event) -> Mapping[str, Any]:
    data = event.model_dump(mode="json", exclude_none=True)  # as streams/record.py stores it
    if isinstance(event, OrderPlaced):
        data |= dict.fromkeys(UNISSUED)
    return {"type": event_type(type(event)), "data": shown(role, data)}


def _summary(state: AnyState | None) -> Mapping[str, Any] | None:
    if isinstance(state, Order):
        party, action = waiting(state)
        return {
            "headline": headline(state),
            "badges": [asdict(badge) for badge in badges(state)],
            "waiting_on": party,
            "next_action": action,
        }
    if isinstance(state, Register):
        return {"people": state.active, "lasting_admins": state.lasting_admins}
    if state is None:
        return None
    return {name: getattr(state, name) for name in ("on_hand", "staged", "reserved", "available", "waiting")}


def _told(stream: str, foreseen: Foreseen) -> list[str]:
    """Other streams that the workflow would send a command to, each once, in its order."""
    reached = (reaction.stream for recorded in foreseen.recorded for reaction in reactions(recorded))
    return [other for other in dict.fromkeys(reached) if other != stream]
