"""Whole orders: placed, reserved, confirmed and sent to the warehouse, while workflow, projector and views run beside.

Decides: what counts. An order is done when the event that sends it to the warehouse was recorded, and shown when the
order view says so; a backlog is how long after the load's end the last one came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, LiteralString

from psycopg import AsyncConnection

from benchmarks.figures import Amount, Goal
from domain.catalogue import event_type
from domain.order.events import SentToWarehouse

if TYPE_CHECKING:
    from benchmarks.bench import Length
    from benchmarks.company import RunningCompany

WHOLE: Final = "whole orders of 3 lines on Kafka, sent to the warehouse"

RECORDED: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE recorded_at <= to_timestamp(%(ended)s)), extract(epoch FROM max(recorded_at))::float8
FROM views.timeline WHERE type = %(type)s AND recorded_at >= to_timestamp(%(began)s)
"""


async def measure(company: RunningCompany, length: Length) -> list[Amount]:
    """Rounds of load at a fixed rate, each begun when the one before is wholly shown."""
    sent = Amount(WHOLE, "orders/s", Goal(450))
    workflow = Amount(f"{WHOLE}: backlog of the workflow at the end", "s", Goal(1.0, at_least=False))
    views = Amount(f"{WHOLE}: backlog of the views at the end", "s", Goal(1.0, at_least=False))
    for _ in range(length.rounds):
        outcome = await company.place(length.whole_s, per_s=length.whole_per_s)
        ended = outcome["ended"]
        shown = await company.shown()
        count, last = await recorded(company, outcome["began"], ended)
        load = {"offered_per_s": length.whole_per_s, "placed_per_s": outcome["per_s"], "p99_ms": outcome["p99_ms"]}
        sent.add(count / (ended - outcome["began"]), load_s=length.whole_s, **load)
        workflow.add(max(0.0, last - ended), **load)
        views.add(max(0.0, shown - ended), **load)
    return [sent, workflow, views]


async def recorded(company: RunningCompany, began: float, ended: float) -> tuple[int, float]:
    """How many orders were sent to the warehouse within the load, and when the last of all (seconds since 1970)."""
    of_interest = {"type": event_type(SentToWarehouse), "began": began, "ended": ended}
    async with await AsyncConnection.connect(company.database_url, autocommit=True) as connection:
        row = await (await connection.execute(RECORDED, of_interest)).fetchone()
    if row is None or row[1] is None:
        raise RuntimeError("not one order was sent to the warehouse")
    return int(row[0]), float(row[1])
