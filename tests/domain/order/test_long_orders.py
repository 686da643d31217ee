"""What an order of thousands of lines costs, counted in calls: they do not depend on how busy the machine is."""

import cProfile
import pstats
from collections.abc import Callable

from domain.decider import Context
from domain.order.commands import ConfirmIfReady, OrderCommand, RequestCancel, SendIfReady
from domain.order.events import OrderEvent, OrderPlaced, Picked, SentToWarehouse
from domain.order.state import Order
from domain.roles import Role
from domain.workflow import react, reactions
from tests.domain.order.orders import ORDER, STREAM, answer, given, goods, lived, pick, place
from tests.life import Life, line
from tests.spec import NOW

CONTEXT = Context(actor="workflow", role=Role.WORKFLOW, occurred_at=NOW, stream=STREAM)


def calls(work: Callable[[], object]) -> int:
    profile = cProfile.Profile()
    profile.runcall(work)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # not in the stubs


def after(order: Order | None, *commands: OrderCommand) -> Order | None:
    for command in commands:
        for event in ORDER.decide(order, command, CONTEXT):
            order = ORDER.evolve(order, event)
    return order


def waiting(lines: int) -> Order | None:
    order = ORDER.fold(STREAM, lived(place(*[5] * lines)))
    return after(order, *(answer((n, 0, 5), sku=f"SKU-{n}") for n in range(1, lines + 1)), ConfirmIfReady())


def fill(order: Order | None) -> tuple[OrderEvent, ...]:
    filled = after(order, answer((7, 5, 0), version=2, sku="SKU-7"), ConfirmIfReady())
    return ORDER.decide(filled, SendIfReady(), CONTEXT)


def test_the_first_reaction_to_a_long_order_is_there_before_the_others_are_made() -> None:
    lines, life = 300, Life()
    placed = life.streams[life.submit_order(*(line(f"SKU-{n}", 5) for n in range(lines)))][0]
    event = placed.event
    assert isinstance(event, OrderPlaced)
    folded = calls(lambda: ORDER.fold(STREAM, [event]))
    everything = calls(lambda: react(placed))
    assert calls(lambda: next(reactions(placed))) - folded < (everything - folded) / 10


def test_a_line_that_is_filled_costs_the_same_in_a_long_order() -> None:
    short, long = waiting(30), waiting(300)
    assert isinstance(fill(long)[0], SentToWarehouse)
    assert calls(lambda: fill(long)) <= 1.5 * calls(lambda: fill(short))


def test_cancelling_everything_costs_the_same_for_every_line() -> None:
    cancel = RequestCancel(reason="changed mind")
    short, long = waiting(150), waiting(600)
    assert calls(lambda: after(long, cancel)) <= 4.4 * calls(lambda: after(short, cancel))
    assert calls(lambda: after(long, cancel)) <= 80 * 600


def test_an_article_on_many_lines_is_picked_without_telling_all_lines_each_time() -> None:
    lines = 300
    everything = answer(*((n, 5, 0) for n in range(1, lines + 1)), sku="MUG")
    events = lived(place(*[goods(5)] * lines), everything)
    picked = given(*events).when(pick(5, line=150)).events[0]
    assert isinstance(picked, Picked)
    assert len(picked.model_dump_json()) < 500
