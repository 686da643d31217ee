"""What has to be there before the log is opened: a quick checksum here, transactions of version 2 at the brokers.

Must not know: topics, claims.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Final

from streams.log import LogUnavailable, LogUnfit

if TYPE_CHECKING:
    from streams.kafka.connection import Cluster

TRANSACTION_VERSION: Final = "transaction.version"
WANTED_VERSION: Final = 2


def require_crc32c() -> None:
    """Kafka's checksum in pure Python takes twenty times as long."""
    if importlib.util.find_spec("crc32c") is None:
        raise LogUnfit("the package crc32c is missing; without it every batch takes twenty times as long")


async def require_transactions(cluster: Cluster) -> None:
    """Refuse a broker whose transactions share epochs: a late commit could end the transaction after its own."""
    try:
        async with await cluster.reach() as connection:
            found = connection.features.get(TRANSACTION_VERSION, 0)
    except OSError as error:
        raise LogUnavailable(f"Kafka at {cluster.bootstrap} cannot be reached: {error}") from error
    if found < WANTED_VERSION:
        wanted = f"{WANTED_VERSION} (Kafka 4.0 or newer)"
        raise LogUnfit(f"the broker has {TRANSACTION_VERSION} {found}, wanted is {wanted}")
