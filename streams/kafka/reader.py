"""Reading one partition of a Kafka topic with kafka-python's own consumer, in a thread, for asyncio.

Decides: how the thread hands over and how it is stopped: at most `WAITING` batches wait for the loop, then the thread
does. Must not know: what the records mean.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.log import LogUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.kafka.connection import Cluster

WAITING: Final = 4
FETCH_MS: Final = 500
"""How long the broker keeps a fetch for which it has nothing; what comes is sent at once."""
POLL_MS: Final = (50, 100, 200)
"""How long one poll waits: longer where nothing came, since each poll costs as much as a record. A record ends a wait
early. `stop`, or an end of the log without a record, is seen only when the wait is over."""
FETCH_BYTES: Final = 10 * 1024 * 1024
LOOK_BYTES: Final = 128 * 1024
"""For whoever looks at a few records: the broker sends what lies behind them, too, and the consumer asks for more. With
10 MB, looking at the last claims of four partitions took 100 MB at first and 170 MB after three times, for ever."""
RECORDS_EACH_POLL: Final = 1000
CLOSE_S: Final = 3.0

OPTIONS: Final = {
    "isolation_level": "read_committed",
    "group_id": None,
    "enable_auto_commit": False,
    "auto_offset_reset": "none",
    "allow_auto_create_topics": False,
    "fetch_max_wait_ms": FETCH_MS,
    "max_poll_records": RECORDS_EACH_POLL,
    "retry_backoff_ms": 10,  # its poll sleeps this long while it does not know the topic yet; 100 by default
    "reconnect_backoff_max_ms": 500,
    "bootstrap_timeout_ms": 10_000,
    "request_timeout_ms": 10_000,
    "metrics_enabled": False,
}

KafkaRecord = Any  # kafka-python's ConsumerRecord, published without types


@dataclass(frozen=True, slots=True)
class Polled:
    """Records in order and the offset after them, markers included."""

    records: Sequence[KafkaRecord]
    place: int


class TopicReader:
    """One thread with one consumer from one offset on. `async with` starts and ends it."""

    def __init__(self, cluster: Cluster, partition: int, start: int, fetch_bytes: int = FETCH_BYTES) -> None:
        self._cluster = cluster
        self._partition = TopicPartition(cluster.topic, partition)
        self._start = start
        self._fetch_bytes = fetch_bytes
        self._loop = asyncio.get_running_loop()
        self._polled: deque[Polled] = deque()
        self._arrived = asyncio.Event()
        self._room = threading.Semaphore(WAITING)
        self._stopping = threading.Event()
        self._ended = asyncio.Event()
        self._failure: KafkaError | None = None
        # A daemon: a reader that nobody closed must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name=f"read {cluster.topic}.{partition}", daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        self._room.release()
        # A consumer of a frozen broker may take its time: the thread is a daemon, and nobody waits for it.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._ended.wait()

    async def next(self) -> Polled:
        """What was polled next; `LogUnavailable` when the consumer failed."""
        while not self._polled:
            if self._ended.is_set():
                raise LogUnavailable(f"reading {self._partition.topic} ended: {self._failure!r}") from self._failure
            self._arrived.clear()
            await self._arrived.wait()
        self._room.release()
        return self._polled.popleft()

    def _run(self) -> None:
        try:
            self._consume()
        except KafkaError as error:
            self._failure = error
        finally:
            self._tell(self._end)

    def _consume(self) -> None:
        size = {"fetch_max_bytes": 2 * self._fetch_bytes, "max_partition_fetch_bytes": self._fetch_bytes}
        options = OPTIONS | size | self._cluster.security.options()
        consumer = KafkaConsumer(bootstrap_servers=self._cluster.servers, **options)
        try:
            consumer.assign([self._partition])
            consumer.seek(self._partition, self._start)
            place, idle = self._start, 0
            while not self._stopping.is_set():
                wait_ms = POLL_MS[min(idle, len(POLL_MS) - 1)]
                records = consumer.poll(timeout_ms=wait_ms).get(self._partition, ())
                position = consumer.position(self._partition)
                idle += 1
                if position != place:
                    place, idle = position, 0
                    self._room.acquire()
                    self._tell(self._arrive, Polled(records, place))
        finally:
            consumer.close(autocommit=False, timeout_ms=1000)

    def _tell(self, callback: Any, *arguments: Polled) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(callback, *arguments)

    def _arrive(self, polled: Polled) -> None:
        self._polled.append(polled)
        self._arrived.set()

    def _end(self) -> None:
        self._ended.set()
        self._arrived.set()
