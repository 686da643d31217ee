"""One Kafka transaction a batch, spoken in plain asyncio.

Decides: which requests a claim and a commit are, which error codes are asked again for how long, and what a failure
says about the outcome. Transactions version 2 only: each has an epoch of its own, taken from the answer before. Uses
kafka-python's messages and batch builder, which are not its advertised API. Must not know: claims, records, bookmarks.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from kafka.protocol.producer import EndTxnRequest, InitProducerIdRequest, ProduceRequest
from kafka.record.default_records import DefaultRecordBatchBuilder

from streams.kafka.connection import (
    CONCURRENT_TRANSACTIONS,
    COORDINATOR_LOADING,
    LATEST_OFFSET,
    READ_UNCOMMITTED,
    BrokerConnection,
    Cluster,
    Message,
    named,
    offset,
    refusal,
)
from streams.log import Fenced, NotCommitted, OutcomeUnknown, TooLarge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from streams.runtime import Runtime

TRANSACTION_MS: Final = 15_000

MESSAGE_TOO_LARGE, INVALID_PRODUCER_EPOCH, INVALID_STATE, PRODUCER_FENCED = 10, 47, 48, 90

KafkaEntry = tuple[bytes | None, bytes, list[tuple[str, bytes]]]
"""Key, value and headers of one Kafka record."""


class Transaction:
    """The transactions of one partition under one fence.

    A broker answers one request a connection at a time: both are its own.
    """

    def __init__(self, cluster: Cluster, partition: int) -> None:
        self._cluster = cluster
        self._runtime = cluster.runtime
        self._place = (cluster.topic, partition)
        self._id = f"{cluster.topic}.{partition}"
        self._producer = (-1, -1)  # producer id and epoch of the next transaction
        self._lock = asyncio.Lock()
        self.leader = self.coordinator = BrokerConnection(cluster.runtime.limits.kafka_answer_s)

    async def fence(self) -> int:
        """From its return on no earlier writer can commit. Returns the partition's end, which only we can move now.

        Raises OSError for whatever may be better in a moment, `LogUnavailable` for the rest.
        """
        self.leader = await self._cluster.leader(self._place[1])
        self.coordinator = await self._cluster.coordinator(self._id)
        code = await self._begin((-1, -1))
        if code:
            raise refusal(code, "to fence the partition")
        return await offset(self.leader, self._place, at=LATEST_OFFSET, isolation=READ_UNCOMMITTED)

    async def prove(self) -> None:
        """Return if nobody has fenced since: the coordinator hands out the next epoch, or says so."""
        async with self._lock:
            try:
                code = await self._begin(self._producer)
            except OSError as error:
                raise NotCommitted(f"Kafka's transaction coordinator did not answer: {error}") from error
        if code == PRODUCER_FENCED:
            raise Fenced(f"another writer has fenced {self._id}")
        if code:
            raise NotCommitted(f"Kafka refused the proof: {named(code)}")

    async def commit(self, entries: Sequence[KafkaEntry]) -> int:
        """Commit all entries or none; the first one's offset. Raises the port's errors, `TooLarge` costs nothing."""
        async with self._lock:
            first = await self._produce(self._batch(entries))
            await self._end()
            return first

    def close(self) -> None:
        """Let go of both connections at once."""
        self.leader.close()
        self.coordinator.close()

    async def _begin(self, producer: tuple[int, int]) -> int:
        async def ask() -> tuple[int, Message]:
            request = InitProducerIdRequest(
                transactional_id=self._id, transaction_timeout_ms=TRANSACTION_MS,
                producer_id=producer[0], producer_epoch=producer[1],
            )  # fmt: skip
            answer = await self.coordinator.ask(request, 5)
            return answer.error_code, answer

        code, answer = await ask_until_final(ask, {CONCURRENT_TRANSACTIONS, COORDINATOR_LOADING}, self._runtime)
        if not code:
            self._producer = answer.producer_id, answer.producer_epoch
        return code

    async def _produce(self, batch: bytes) -> int:
        topic = ProduceRequest.TopicProduceData
        data = [topic(name=self._place[0], partition_data=[topic.PartitionProduceData(self._place[1], batch)])]

        async def ask() -> tuple[int, Message]:
            request = ProduceRequest(transactional_id=self._id, acks=-1, timeout_ms=5000, topic_data=data)
            answer = (await self.leader.ask(request, 12)).responses[0].partition_responses[0]
            return answer.error_code, answer

        try:
            code, answer = await ask_until_final(ask, {CONCURRENT_TRANSACTIONS}, self._runtime)
        except OSError as error:
            raise NotCommitted(f"Kafka did not take the records: {error}") from error
        if code == MESSAGE_TOO_LARGE:
            await self._abandon()
            raise TooLarge(f"{self._place[0]} takes no batch of {len(batch)} bytes")
        if code == INVALID_PRODUCER_EPOCH:
            raise Fenced(f"another writer has fenced {self._id}")
        if code:
            raise NotCommitted(f"Kafka did not take the records: {named(code)}")
        return int(answer.base_offset)

    async def _end(self) -> None:
        if self.coordinator.closed:
            raise NotCommitted("the connection to Kafka's transaction coordinator was lost before the commit")
        asked = 0

        async def ask() -> tuple[int, Message]:
            nonlocal asked
            asked += 1
            answer = await self.coordinator.ask(self._end_request(committed=True), 5)
            return answer.error_code, answer

        try:
            code, answer = await ask_until_final(ask, {CONCURRENT_TRANSACTIONS}, self._runtime)
        except OSError as error:
            raise OutcomeUnknown(f"Kafka's transaction coordinator did not answer the commit: {error}") from error
        if code == PRODUCER_FENCED and asked == 1:
            raise Fenced(f"another writer has fenced {self._id}")
        if code:
            raise OutcomeUnknown(f"Kafka answered the commit with {named(code)}")
        self._producer = answer.producer_id, answer.producer_epoch

    async def _abandon(self) -> None:
        """End the transaction that the refused records had begun; else the broker would fence us when it times out."""
        try:
            answer = await self.coordinator.ask(self._end_request(committed=False), 5)
        except OSError as error:
            raise NotCommitted(f"Kafka's transaction coordinator did not answer: {error}") from error
        if answer.error_code not in {0, INVALID_STATE}:
            raise NotCommitted(f"Kafka did not end the refused transaction: {named(answer.error_code)}")
        if not answer.error_code:
            self._producer = answer.producer_id, answer.producer_epoch

    def _end_request(self, *, committed: bool) -> Message:
        producer_id, epoch = self._producer
        return EndTxnRequest(
            transactional_id=self._id, producer_id=producer_id, producer_epoch=epoch, committed=committed
        )

    def _batch(self, entries: Sequence[KafkaEntry]) -> bytes:
        builder = DefaultRecordBatchBuilder(
            magic=2, compression_type=0, is_transactional=1, producer_id=self._producer[0],
            producer_epoch=self._producer[1], base_sequence=0, batch_size=1 << 30,
        )  # fmt: skip
        now_ms = int(self._runtime.clock().timestamp() * 1000)
        for number, (key, value, headers) in enumerate(entries):
            builder.append(number, now_ms, key, value, headers)
        return bytes(builder.build())


async def ask_until_final(
    ask: Callable[[], Awaitable[tuple[int, Message]]], retried: set[int], runtime: Runtime
) -> tuple[int, Message]:
    """Ask again while the answer's code is a retried one; the last answer when the time is over."""
    limits = runtime.limits
    deadline = runtime.monotonic() + limits.kafka_commit_s
    pause = limits.kafka_first_pause_s
    while True:
        code, answer = await ask()
        if code not in retried or runtime.monotonic() > deadline:
            return code, answer
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, limits.kafka_longest_pause_s)
