"""The command API on Kafka with its index, as the product composes it; workflow and projector left out.

What is measured is how fast commands are taken; the workflow sends commands of its own and would be measured with them.
"""

from __future__ import annotations

import asyncio
from typing import Final

import uvicorn

from benchmarks.order import COMPANY, Credentials
from benchmarks.serving import Setting, run, serve
from commands import app
from ordertrail.manifest import DATA_FORMAT
from ordertrail.wiring import open_index_pool, open_pool
from streams.index import PostgresIndex
from streams.kafka.log import KafkaLog
from streams.log import ClaimRecord
from streams.snapshots import PostgresSnapshots
from streams.writing.lookup import Lookups
from streams.writing.partition import Company
from streams.writing.writers import Writers
from web.connections import uvicorn_options
from web.kept_forms import MemoryForms
from web.server import Server

PARTITIONS: Final = 4
PREFIX: Final = "DEMO"


def claim_record(partitions: int = PARTITIONS) -> ClaimRecord:
    """What an owner in this run writes when it claims."""
    return ClaimRecord(
        owner="http://127.0.0.1",
        company=COMPANY,
        training=True,
        number_prefix=PREFIX,
        partitions=partitions,
        hash_name="crc32",
        data_format=DATA_FORMAT,
        instance="benchmarks",
    )


async def work(setting: Setting) -> None:
    """Own all partitions and serve the commands until told to stop."""
    log = KafkaLog(setting.bootstrap, PARTITIONS, replication=1)
    await log.open()
    async with open_index_pool(setting.database_url) as looking_up, open_pool(setting.database_url) as pool:
        lookups = Lookups(PostgresIndex(looking_up), PostgresSnapshots(pool, setting.database_url))
        writers = Writers(log, lookups, Company(COMPANY, PREFIX, PARTITIONS), claim_record())
        owning = asyncio.create_task(writers.run())
        try:
            await writers.opened()
            served = app.build(writers, Credentials(setting.key_file).identity(), MemoryForms())
            await serve(Server(uvicorn.Config(served, **uvicorn_options())))
        finally:
            owning.cancel()
            await asyncio.gather(owning, return_exceptions=True)
            await log.close()


if __name__ == "__main__":
    run("product", work)
