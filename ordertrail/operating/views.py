"""`ordertrail rebuild` and `ordertrail status`: how the views are, and making them anew.

Decides: what is printed. Must not know: how views are built.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ordertrail import exits, wiring
from ordertrail.local.servers import reached
from ordertrail.manifest import DataRefused
from projections.freshness import freshness
from projections.projector import tables
from projections.projector.filling import Elsewhere
from projections.projector.rebuild import UnknownView, rebuild
from projections.projector.store import parked
from projections.registry import VIEWS
from streams.postgres.migrate import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ordertrail.local.children import Say
    from ordertrail.settings import Settings
    from projections.view import Connection

SETTLED_S = 5.0
"""Views that had everything within this time are up to date."""


async def rebuild_views(settings: Settings, view: str, say: Say) -> int:
    """Build one view anew, or all of them, while a projector may run, and say how it went."""
    manifest = wiring.manifest_of(settings)
    async with (
        reached(settings) as endpoints,
        wiring.opened(wiring.build_log(settings, endpoints, manifest.partitions)) as log,
    ):
        opener = functools.partial(wiring.build_log, settings, endpoints, manifest.partitions)
        elsewhere = Elsewhere(opener, endpoints.database_url)
        try:
            done = await rebuild(log, endpoints.database_url, [view] if view else [], elsewhere=elsewhere)
        except UnknownView as unknown:
            raise DataRefused(f"{unknown}.") from None
    for one in done:
        say(f"{one.view}: {one.events} events, {one.rows_before} rows before, {one.rows} now, {one.differing} differ")
    return exits.STOPPED


async def show_previous_views(settings: Settings, view: str, say: Say) -> int:
    """Show one view, or all of them, as it was before its last rebuild, until it is built again; 1 where none was."""
    names = [view] if view else [each.name for each in VIEWS]
    async with reached(settings) as endpoints, await connect(endpoints.database_url) as connection:
        return await go_back(connection, names, say)


async def go_back(connection: Connection, names: Sequence[str], say: Say) -> int:
    """All of the views in one transaction, so that no reader sees only some of them go back."""
    async with connection.transaction():
        shown = {name: await tables.show_previous(connection, name) for name in names}
    for name, table in shown.items():
        say(f"{name}: {f'shows {table} as it was then' if table else 'there is nothing to go back to'}")
    return exits.STOPPED if all(shown.values()) else exits.PROBLEM


async def print_status(settings: Settings, say: Say) -> int:
    """Say how far the views are in each partition; 1 when one has stopped, is late or has given up on a stream."""
    manifest = wiring.manifest_of(settings)
    async with (
        reached(settings) as endpoints,
        wiring.opened(wiring.build_log(settings, endpoints, manifest.partitions)) as log,
        await connect(endpoints.database_url) as connection,
    ):
        found, aside = await freshness(connection), await parked(connection)
    say(f"{manifest.company}, {'training' if manifest.training else 'not training'}, LOG={manifest.log}")
    say(log.durability)
    say(f"views: {', '.join(f'{view.name} version {view.version}' for view in VIEWS)}")
    for one in found:
        state = f"stopped: {one.stopped}" if one.stopped else f"up to date {one.age_s:.1f} s ago"
        say(f"partition {one.partition}: sequence {one.sequence}, {state}")
    for poison in aside:
        say(f"view {poison.view} has given up on {poison.stream}: {poison.error}")
    well = found and not aside and all(not one.stopped and one.age_s <= SETTLED_S for one in found)
    return exits.STOPPED if well else exits.PROBLEM
