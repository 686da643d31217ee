"""Connections to Kafka's brokers in plain asyncio, and who leads or coordinates what.

With `transaction.py` the only place that knows the wire: kafka-python's message classes, sans-I/O parser and SASL
mechanisms are not its advertised API, hence the narrow pin. Must not know: transactions, records or claims.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self, cast

from kafka import errors
from kafka.net.sasl import get_sasl_mechanism
from kafka.protocol.consumer import ListOffsetsRequest
from kafka.protocol.metadata import ApiVersionsRequest, FindCoordinatorRequest, MetadataRequest
from kafka.protocol.parser import KafkaProtocol
from kafka.protocol.sasl import SaslAuthenticateRequest, SaslHandshakeRequest
from typing_extensions import override

from streams.kafka.security import KafkaSecurity
from streams.log import LogUnfit
from streams.runtime import Runtime

CLIENT_ID: Final = "ordertrail"

UNKNOWN_TOPIC, NO_LEADER, NOT_LEADER, OFFSET_NOT_AVAILABLE = 3, 5, 6, 78
COORDINATOR_LOADING, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS = 14, 15, 16, 51
PASSING: Final = {
    UNKNOWN_TOPIC, NO_LEADER, NOT_LEADER, OFFSET_NOT_AVAILABLE,
    COORDINATOR_LOADING, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS,
}  # fmt: skip

EARLIEST_OFFSET: Final = -2
LATEST_OFFSET: Final = -1
READ_UNCOMMITTED: Final = 0
READ_COMMITTED: Final = 1

Message = Any  # kafka-python makes its message classes at run time, from Apache's schemas


class Cluster:
    """Where a topic is: `bootstrap` is a list of `host:port`, separated by commas."""

    def __init__(
        self, bootstrap: str, topic: str, security: KafkaSecurity | None = None, runtime: Runtime | None = None
    ) -> None:
        self.bootstrap = bootstrap
        self.topic = topic
        self.security = security or KafkaSecurity()
        self.runtime = runtime or Runtime()
        self._answered = ""  # the bootstrap server that has answered last: it is asked first
        self._leaders: dict[int, BrokerConnection] = {}

    @property
    def servers(self) -> list[str]:
        """The bootstrap servers, the one that has answered last in front."""
        named = [address.strip() for address in self.bootstrap.split(",")]
        return sorted(named, key=lambda address: address != self._answered)

    async def reach(self) -> BrokerConnection:
        """A connection to a bootstrap server; OSError when none answers.

        One that keeps silent costs 0.3 s, once: then the next one is tried beside it, and remembered.
        """
        trying = [asyncio.create_task(self._reach(place, address)) for place, address in enumerate(self.servers)]
        failure: OSError = ConnectionError("no bootstrap server is named")
        try:
            for attempt in asyncio.as_completed(trying):
                try:
                    self._answered, connection = await attempt
                except OSError as error:
                    failure = error
                else:
                    return connection
        finally:
            for task in trying:
                task.add_done_callback(partial(_close_unless, self._answered))
                task.cancel()
        raise failure

    async def _reach(self, place: int, address: str) -> tuple[str, BrokerConnection]:
        await asyncio.sleep(place * self.runtime.limits.kafka_reach_s)
        host, _, port = address.rpartition(":")
        return address, await self.connect(host, int(port))

    async def connect(self, host: str, port: int) -> BrokerConnection:
        """A connection that is ready for requests: versions known, signed in."""
        loop, answer_s = asyncio.get_running_loop(), self.runtime.limits.kafka_answer_s
        async with asyncio.timeout(answer_s):
            _, connection = await loop.create_connection(
                lambda: BrokerConnection(answer_s), host, port, ssl=self.security.ssl_context
            )
        try:
            await connection.introduce()
            if self.security.mechanism:
                await connection.sign_in(self.security, host)
        except BaseException:
            connection.close()
            raise
        return connection

    async def leader(self, partition: int) -> BrokerConnection:
        """A connection to the partition's leader."""
        async with await self.reach() as first:
            wanted = MetadataRequest.MetadataRequestTopic(name=self.topic, topic_id=None)
            metadata = await first.ask(MetadataRequest(topics=[wanted], allow_auto_topic_creation=False), 9)
        brokers = {broker.node_id: (broker.host, broker.port) for broker in metadata.brokers}
        leaders = {each.partition_index: each.leader_id for each in metadata.topics[0].partitions}
        address = brokers.get(leaders.get(partition))
        if address is None:
            raise ConnectionError(f"partition {partition} of {self.topic} has no leader at the moment")
        return await self.connect(*address)

    async def coordinator(self, transactional_id: str) -> BrokerConnection:
        """A connection to the coordinator of a transactional id."""
        async with await self.reach() as first:
            found = await first.ask(FindCoordinatorRequest(key_type=1, coordinator_keys=[transactional_id]), 4)
        coordinator = found.coordinators[0]
        if coordinator.error_code:
            raise refusal(coordinator.error_code, "to find the transaction coordinator")
        return await self.connect(coordinator.host, coordinator.port)

    async def offset(self, partition: int, *, at: int, isolation: int) -> int:
        """Offset of the partition's start or end (`EARLIEST_OFFSET`, `LATEST_OFFSET`) as seen at an isolation level."""
        place = (self.topic, partition)
        kept = self._leaders.pop(partition, None)
        if kept is not None and not kept.closed:
            with suppress(OSError):  # it may have died while it lay idle: once more over a new one
                found = await offset(kept, place, at=at, isolation=isolation)
                self._keep(partition, kept)
                return found
        leader = await self.leader(partition)
        try:
            found = await offset(leader, place, at=at, isolation=isolation)
        except BaseException:
            leader.close()
            raise
        self._keep(partition, leader)
        return found

    def close(self) -> None:
        """Let go of what is kept open."""
        for leader in self._leaders.values():
            leader.close()
        self._leaders.clear()

    def _keep(self, partition: int, leader: BrokerConnection) -> None:
        """For the next question; of two that were asked at once one is enough."""
        other = self._leaders.get(partition)
        if other is not None:
            other.close()
        self._leaders[partition] = leader


async def offset(leader: BrokerConnection, place: tuple[str, int], *, at: int, isolation: int) -> int:
    """`Cluster.offset` over a connection that is there already; `place` is topic and partition."""
    topic = ListOffsetsRequest.ListOffsetsTopic
    asked = topic.ListOffsetsPartition(partition_index=place[1], timestamp=at)
    request = ListOffsetsRequest(
        replica_id=-1, isolation_level=isolation, topics=[topic(name=place[0], partitions=[asked])]
    )
    found = (await leader.ask(request, 7)).topics[0].partitions[0]
    if found.error_code:
        raise refusal(found.error_code, "to tell an offset")
    return int(found.offset)


class BrokerConnection(asyncio.Protocol):
    """One socket to one broker. `KafkaProtocol` turns bytes into messages and back and does no I/O of its own."""

    def __init__(self, answer_s: float) -> None:
        self._answer_s = answer_s
        self.features: dict[str, int] = {}
        self.closed = False
        self._protocol = KafkaProtocol(client_id=CLIENT_ID)
        self._waiting: deque[asyncio.Future[Message]] = deque()
        self._transport: asyncio.Transport | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        """Answers come in the order of their questions."""
        for _, answer in self._protocol.receive_bytes(data):
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(answer)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody will be answered any more."""
        self.closed = True
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(ConnectionError(f"the broker closed the connection ({exc or 'no reason given'})"))

    async def ask(self, request: Message, version: int) -> Message:
        """The broker's answer; OSError when there is none in time; the connection cannot be used after that."""
        if self.closed or self._transport is None:
            raise ConnectionError("the connection is closed")
        request.API_VERSION = version
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._protocol.send_request(request)
        self._waiting.append(future)
        self._transport.write(self._protocol.send_bytes())
        try:
            async with asyncio.timeout(self._answer_s):
                return await future
        except BaseException:
            self.close()
            raise

    async def introduce(self) -> None:
        """Learn the broker's features."""
        answer = await self.ask(ApiVersionsRequest(client_software_name=CLIENT_ID, client_software_version="1"), 4)
        self.features = {each.name: each.max_version_level for each in answer.finalized_features or ()}

    async def sign_in(self, security: KafkaSecurity, host: str) -> None:
        """SASL, with kafka-python's mechanisms."""
        shaken = await self.ask(SaslHandshakeRequest(mechanism=security.mechanism), 1)
        if shaken.error_code:
            raise LogUnfit(f"the broker offers SASL {', '.join(shaken.mechanisms)}, not {security.mechanism}")
        mechanism = get_sasl_mechanism(security.mechanism)(host=host, **security.options())
        while not mechanism.is_done():
            answer = await self.ask(SaslAuthenticateRequest(mechanism.auth_bytes()), 1)
            if answer.error_code:
                raise LogUnfit(f"the broker refuses to sign {security.username!r} in: {answer.error_message}")
            mechanism.receive(answer.auth_bytes)

    def close(self) -> None:
        """Let go at once; who still waits gets ConnectionError."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()


def _close_unless(answered: str, attempt: asyncio.Task[tuple[str, BrokerConnection]]) -> None:
    """Close the connection of an attempt that came second."""
    if not attempt.cancelled() and attempt.exception() is None:
        address, connection = attempt.result()
        if address != answered:
            connection.close()


def named(code: int) -> str:
    """The name and number of a Kafka error code."""
    return f"{errors.for_code(code).__name__} ({code})"


def refusal(code: int, what: str) -> Exception:
    """ConnectionError for what may pass by itself, `LogUnfit` for what a person has to put right."""
    message = f"Kafka refused {what}: {named(code)}"
    passing = code in PASSING or errors.for_code(code).retriable
    return ConnectionError(message) if passing else LogUnfit(message)
