"""What an operator waits for: `ordertrail rebuild` and `ordertrail verify`, on both logs in turn.

Decides: what is counted: events of the log, by the time of the very functions that these commands call, with the start
of the processes that they work in. Must not know: how they work.
"""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Amount, Goal
from ordertrail import exits
from ordertrail.operating.verify import verify_instance
from ordertrail.operating.views import rebuild_views
from ordertrail.settings import LogKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from benchmarks.company import RunningCompany
    from ordertrail.settings import Settings

    Work = Callable[[Settings], Awaitable[None]]

FILL_S: Final = 600.0
HASHES: Final = {LogKind.KAFKA: 60_000, LogKind.EMBEDDED: 100_000}


async def rebuild(view: str, settings: Settings) -> None:
    """Build one view anew, or all of them where none is named."""
    if await rebuild_views(settings, view, lambda _: None) != exits.STOPPED:
        raise RuntimeError("the views could not be rebuilt")


async def verify(settings: Settings, *, only_hashes: bool = False) -> None:
    """Verify; nothing may be wrong, or the figures would be of something else."""
    found = await verify_instance(settings, only_hashes=only_hashes)
    if not found.ok:
        raise RuntimeError(f"the log or its views are not sound: {found.problems.told}")


def figures(log: LogKind) -> list[tuple[Amount, Work]]:
    """What is measured on a log, what must hold, and what is called."""
    name = {LogKind.KAFKA: "on Kafka", LogKind.EMBEDDED: "embedded"}[log]
    return [
        (Amount(f"rebuild of the order view, {name}", "events/s", Goal(15_000)), partial(rebuild, "order")),
        (Amount(f"rebuild of all views, {name}", "events/s", Goal(10_000)), partial(rebuild, "")),
        (Amount(f"verify: hashes, folds and views, {name}", "records/s", Goal(12_000)), verify),
        (Amount(f"verify --hashes, {name}", "records/s", Goal(HASHES[log])), partial(verify, only_hashes=True)),
    ]


async def measure(companies: Sequence[RunningCompany], orders: int, rounds: int) -> list[list[Amount]]:
    """Give each company this number of orders, then run all rounds; returns the figures of each company."""
    measured = [await _filled(each, orders) for each in companies]
    for _ in range(rounds):
        for settings, events, due in measured:
            for figure, work in due:
                began = perf_counter()
                await work(settings)
                took = perf_counter() - began
                figure.add(events / took, events=events, took_s=took)
    return [[figure for figure, _ in due] for _, _, due in measured]


async def _filled(company: RunningCompany, orders: int) -> tuple[Settings, int, list[tuple[Amount, Work]]]:
    """A company with this number of orders, the events that they made, and what is measured."""
    await company.place(FILL_S, most=orders)
    await company.shown()
    events = (await verify_instance(company.settings, only_hashes=True)).counts["records"]
    return company.settings, events, figures(company.settings.log)
