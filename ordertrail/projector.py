"""The projector process: keeps every view up to date.

Decides: nothing; it puts the parts together. Must not know: what a view shows.
"""

from __future__ import annotations

import functools

from ordertrail import wiring
from ordertrail.process_main import main
from ordertrail.settings import Settings
from projections.projector.filling import Elsewhere
from projections.projector.postgres_store import PostgresViewStore
from projections.projector.projector import Projector


async def project(settings: Settings) -> None:
    """Project until cancelled."""
    endpoints, manifest = wiring.endpoints_of(settings), wiring.manifest_of(settings)
    async with wiring.opened(wiring.build_log(settings, endpoints, manifest.partitions)) as log:
        opener = functools.partial(wiring.build_log, settings, endpoints, manifest.partitions)
        store = PostgresViewStore(endpoints.database_url, elsewhere=Elsewhere(opener, endpoints.database_url))
        await Projector(log, store).run()


if __name__ == "__main__":
    main(project)
