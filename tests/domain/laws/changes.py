"""Whatever one asks after of an order, the event named made it what it is, and nothing since has changed it."""

from collections.abc import Iterator

from domain.catalogue import ORDER
from domain.order.aspects import Aspect, LastChanges, aspects_of
from domain.order.state import Order
from domain.order.status import BadgeKind
from domain.order.terms import HoldType
from tests.life import Life


def assert_last_changes_are_named(life: Life, streams: list[str]) -> None:
    """The order just before the event named shows another value or none; the order after it, and ever since, this one."""
    for stream in streams:
        states = states_of(life, stream)
        asked = every_aspect(life.order(stream))
        changes = LastChanges[int](asked)
        for recorded in life.streams[stream]:
            changes.take(recorded.event, recorded.version)  # type: ignore[arg-type]  # an order's events
        for name, aspect in asked.items():
            shown = [None if state is None else aspect(state) for state in states]
            assert changes.values[name] == shown[-1], name
            if (version := changes.changed_by.get(name)) is None:
                assert set(shown) == {None}, f"{name} was there, and no event brought it"
            else:
                assert shown[version - 1] != shown[version], f"event {version} left {name} as it was"
                assert all(value == shown[-1] for value in shown[version:]), f"{name} changed after event {version}"


def states_of(life: Life, stream: str) -> list[Order | None]:
    """The order before its first event and after each."""
    states: list[Order | None] = [None]
    for recorded in life.streams[stream]:
        states.append(ORDER.evolve(states[-1], recorded.event))  # type: ignore[arg-type]  # an order's events
    return states


def every_aspect(order: Order) -> dict[str, Aspect]:
    """All that can be asked of an order, and some that it may not have."""
    return {part: aspect for name in every_name(order) for part, aspect in aspects_of(name).items()}


def every_name(order: Order) -> Iterator[str]:
    """As the links on its page ask, and of one hold, problem, line and parcel more than there were."""
    yield from ("headline", "waiting-on", "next-step", "since", "placed", "requested", "promise", "priority", "total")
    yield "surplus"
    yield from (f"badge.{kind}" for kind in BadgeKind)
    yield from (f"badge.on-hold.{hold}" for hold in HoldType)
    counts = {
        "hold": order.holds_placed,
        "problem": order.exceptions_opened,
        "line": len(order.lines),
        "parcel": len(order.parcels),
    }
    for kind, count in counts.items():
        yield from (f"{kind}.{number}" for number in range(1, count + 2))
