"""A Kafka broker that answers what a test has planned: error codes in turn, or a cut connection. Stores nothing."""

import asyncio
import struct
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from kafka.protocol.consumer import ListOffsetsRequest, ListOffsetsResponse
from kafka.protocol.metadata import (
    ApiVersionsRequest,
    ApiVersionsResponse,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
    MetadataRequest,
    MetadataResponse,
)
from kafka.protocol.producer import (
    EndTxnRequest,
    EndTxnResponse,
    InitProducerIdRequest,
    InitProducerIdResponse,
    ProduceRequest,
    ProduceResponse,
)
from kafka.protocol.sasl import (
    SaslAuthenticateRequest,
    SaslAuthenticateResponse,
    SaslHandshakeRequest,
    SaslHandshakeResponse,
)

from tests.timing import DEADLINE_S

Message = Any
CUT = -1000
"""In the place of an error code: the request is taken and the connection closed without an answer."""
HOLD = -1001
"""In the place of an error code: the request is taken and never answered."""

REQUESTS: dict[int, Message] = {
    request.API_KEY: request
    for request in (
        ListOffsetsRequest, ApiVersionsRequest, FindCoordinatorRequest, MetadataRequest, EndTxnRequest,
        InitProducerIdRequest, ProduceRequest, SaslAuthenticateRequest, SaslHandshakeRequest,
    )
}  # fmt: skip


class ScriptedBroker:
    """`plan[EndTxnRequest] = [51, 0]` answers the first with 51; what is not planned succeeds. `asked` keeps requests."""

    def __init__(self) -> None:
        self.plan: defaultdict[Message, list[int]] = defaultdict(list)
        self.asked: list[Message] = []
        self.features = {"transaction.version": 2}
        self.bootstrap = ""
        self._arrived = asyncio.Event()
        self._port = 0
        self._epoch = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedBroker"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self.bootstrap = f"127.0.0.1:{self._port}"
        try:
            yield self
        finally:
            server.close()

    def requests(self, kind: Message) -> list[Message]:
        return [each for each in self.asked if isinstance(each, kind)]

    async def until_asked(self, kind: Message) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not self.requests(kind):
                self._arrived.clear()
                await self._arrived.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                frame = await reader.readexactly(size)
                key, version, correlation = struct.unpack(">hhi", frame[:8])
                request = REQUESTS[key].decode(frame, version=version, header=True)
                self.asked.append(request)
                code = self.plan[REQUESTS[key]].pop(0) if self.plan[REQUESTS[key]] else 0
                self._arrived.set()
                if code == CUT:
                    break
                if code == HOLD:
                    continue
                answer = self._answer(request, code)
                answer.API_VERSION = version
                answer.with_header(correlation_id=correlation)
                writer.write(answer.encode(header=True, framed=True))
        writer.transport.abort()

    def _answer(self, request: Message, code: int) -> Message:
        kind = type(request).__name__
        return getattr(self, f"_{kind}")(request, code)

    def _ApiVersionsRequest(self, _: Message, code: int) -> Message:  # noqa: N802 - dispatched by the request's name
        feature = ApiVersionsResponse.FinalizedFeatureKey
        features = [
            feature(name=name, max_version_level=level, min_version_level=level)
            for name, level in self.features.items()
        ]
        return ApiVersionsResponse(error_code=code, api_keys=[], supported_features=[], finalized_features=features)

    def _MetadataRequest(self, request: Message, code: int) -> Message:  # noqa: N802
        topic = MetadataResponse.MetadataResponseTopic
        partition = topic.MetadataResponsePartition(
            error_code=0,
            partition_index=0,
            leader_id=-1 if code else 1,
            leader_epoch=0,
            replica_nodes=[1],
            isr_nodes=[1],
            offline_replicas=[],
        )
        broker = MetadataResponse.MetadataResponseBroker(node_id=1, host="127.0.0.1", port=self._port)
        described = topic(error_code=0, name=request.topics[0].name, partitions=[partition])
        return MetadataResponse(brokers=[broker], cluster_id="scripted", controller_id=1, topics=[described])

    def _FindCoordinatorRequest(self, request: Message, code: int) -> Message:  # noqa: N802
        coordinator = FindCoordinatorResponse.Coordinator(
            key=request.coordinator_keys[0],
            node_id=1,
            host="127.0.0.1",
            port=self._port,
            error_code=code,
            error_message=None,
        )
        return FindCoordinatorResponse(coordinators=[coordinator])

    def _ListOffsetsRequest(self, request: Message, code: int) -> Message:  # noqa: N802
        topic = ListOffsetsResponse.ListOffsetsTopicResponse
        partition = topic.ListOffsetsPartitionResponse(partition_index=0, error_code=code, offset=0)
        return ListOffsetsResponse(topics=[topic(name=request.topics[0].name, partitions=[partition])])

    def _InitProducerIdRequest(self, _: Message, code: int) -> Message:  # noqa: N802
        return InitProducerIdResponse(error_code=code, producer_id=7, producer_epoch=self._next_epoch())

    def _ProduceRequest(self, request: Message, code: int) -> Message:  # noqa: N802
        topic = ProduceResponse.TopicProduceResponse
        partition = topic.PartitionProduceResponse(index=0, error_code=code, base_offset=100)
        return ProduceResponse(responses=[topic(name=request.topic_data[0].name, partition_responses=[partition])])

    def _EndTxnRequest(self, _: Message, code: int) -> Message:  # noqa: N802
        return EndTxnResponse(error_code=code, producer_id=7, producer_epoch=self._next_epoch())

    def _SaslHandshakeRequest(self, _: Message, code: int) -> Message:  # noqa: N802
        return SaslHandshakeResponse(error_code=code, mechanisms=["PLAIN"])

    def _SaslAuthenticateRequest(self, _: Message, code: int) -> Message:  # noqa: N802
        return SaslAuthenticateResponse(error_code=code, error_message="bad password" if code else None, auth_bytes=b"")

    def _next_epoch(self) -> int:
        self._epoch += 1
        return self._epoch
