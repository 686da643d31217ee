"""Commits without HTTP: `KafkaLog.append`, and the bare Kafka transaction under it, each on a topic of its own.

Answers one line for every line it is asked: what, how many records in a commit, for how many seconds. Only the commits
are timed, not what makes their records.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Final

from benchmarks.order import CALLER, COMPANY, command
from benchmarks.product import claim_record
from benchmarks.serving import Setting, run
from domain.catalogue import ORDER
from domain.decider import Context
from domain.recorded import Metadata
from domain.stream_names import order_stream
from streams.ids import uuid7
from streams.kafka.connection import Cluster
from streams.kafka.log import KafkaLog, entry
from streams.kafka.transaction import Transaction
from streams.log import Record
from streams.record import NO_HASH, Draft, encode

BARE_TOPIC: Final = "benchmarks.bare"
APPEND_TOPIC: Final = "benchmarks.append"

Commit = Callable[[list[Record]], Awaitable[object]]


def placed() -> Record:
    """The record of one placed order."""
    stream, now, ident = order_stream(uuid7()), datetime.now(UTC), uuid7()
    number, token = "DEMO-2026-000004-00", "0123456789abcdefghijkl"
    context = Context(CALLER.actor, CALLER.role, now, stream, serial=4, number=number, tracking_token=token)
    metadata = Metadata(ident, "0" * 64, CALLER.actor, CALLER.role, now, ident)
    (event,) = ORDER.decide(None, command(), context)
    return Record(1, stream, 1, ident, encode(Draft(stream, 1, uuid7(), event, metadata, NO_HASH), COMPANY))


async def measure(commit: Commit, size: int, seconds: float) -> dict[str, float]:
    """Commit batches of `size` one after the other; the median time of one in ms, and records a second."""
    template, sequence = placed(), 0
    took: list[float] = []
    end = perf_counter() + seconds
    while perf_counter() < end:
        records = [replace(template, sequence=sequence + number) for number in range(1, size + 1)]
        began = perf_counter()
        await commit(records)
        took.append(perf_counter() - began)
        sequence += size
    return {"p50_ms": median(took) * 1000, "records_s": size * len(took) / sum(took), "bytes": len(template.value)}


async def work(setting: Setting) -> None:
    """Claim both topics, then measure what standard input asks for until it ends."""
    topics = {topic: KafkaLog(setting.bootstrap, 1, topic=topic, replication=1) for topic in (BARE_TOPIC, APPEND_TOPIC)}
    for log in topics.values():
        await log.open()
    claim = await topics[APPEND_TOPIC].claim(0, claim_record(1))
    transaction = Transaction(Cluster(setting.bootstrap, BARE_TOPIC), 0)
    await transaction.fence()
    commits: dict[str, Commit] = {
        "append": lambda records: topics[APPEND_TOPIC].append(claim, records),
        "bare": lambda records: transaction.commit([entry(record, b"1") for record in records]),
    }
    print("0", flush=True)
    while asked := await asyncio.to_thread(sys.stdin.readline):
        what, size, seconds = json.loads(asked)
        print(json.dumps(await measure(commits[what], size, seconds)), flush=True)
    transaction.close()
    await topics[APPEND_TOPIC].close()


if __name__ == "__main__":
    run("commits", work)
