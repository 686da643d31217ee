"""What a claim and a commit ask of a broker, and what every answer, and none, says about the outcome."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
from kafka.protocol.consumer import ListOffsetsRequest
from kafka.protocol.metadata import ApiVersionsRequest, FindCoordinatorRequest, MetadataRequest
from kafka.protocol.producer import EndTxnRequest, InitProducerIdRequest, ProduceRequest
from kafka.protocol.sasl import SaslAuthenticateRequest, SaslHandshakeRequest

from streams.kafka.connection import Cluster
from streams.kafka.log import KafkaLog
from streams.kafka.requirements import require_crc32c, require_transactions
from streams.kafka.security import KafkaSecurity
from streams.kafka.transaction import Transaction
from streams.log import Fenced, LogError, LogUnavailable, LogUnfit, NotCommitted, OutcomeUnknown, TooLarge
from streams.runtime import Limits, Runtime
from tests.streams.contract_log import OWNER, some
from tests.streams.scripted_broker import CUT, HOLD, Message, ScriptedBroker
from tests.timing import DEADLINE_S

ENTRIES = [(b"order-1", b"{}", [("sequence", b"1")])]
TOO_LARGE, LOADING, NOT_AVAILABLE, NOT_COORDINATOR, NOT_ENOUGH_REPLICAS = 10, 14, 15, 16, 19
INVALID_EPOCH, INVALID_STATE, CONCURRENT, UNAUTHORIZED, FENCED = 47, 48, 51, 53, 90


@pytest.fixture
async def broker() -> AsyncIterator[ScriptedBroker]:
    async with ScriptedBroker().running() as broker:
        yield broker


@pytest.fixture
async def transaction(broker: ScriptedBroker) -> AsyncIterator[Transaction]:
    transaction = Transaction(Cluster(broker.bootstrap, "events"), 0)
    await transaction.fence()
    yield transaction
    transaction.close()


async def test_a_commit_asks_again_while_the_transaction_before_is_still_being_ended(
    broker: ScriptedBroker, transaction: Transaction
) -> None:
    broker.plan[ProduceRequest] = [CONCURRENT, CONCURRENT]
    broker.plan[EndTxnRequest] = [CONCURRENT]
    assert await transaction.commit(ENTRIES) == 100
    assert len(broker.requests(ProduceRequest)) == 3
    assert len(broker.requests(EndTxnRequest)) == 2


async def test_every_transaction_has_the_epoch_that_the_answer_before_gave(
    broker: ScriptedBroker, transaction: Transaction
) -> None:
    await transaction.commit(ENTRIES)
    await transaction.prove()
    await transaction.commit(ENTRIES)
    assert [(each.producer_id, each.producer_epoch) for each in broker.requests(EndTxnRequest)] == [(7, 1), (7, 3)]
    assert [(each.producer_id, each.producer_epoch) for each in broker.requests(InitProducerIdRequest)] == [
        (-1, -1),
        (7, 2),
    ]


@pytest.mark.parametrize(
    ("request_kind", "codes", "outcome"),
    [
        (ProduceRequest, [INVALID_EPOCH], Fenced),
        (ProduceRequest, [NOT_ENOUGH_REPLICAS], NotCommitted),
        (ProduceRequest, [NOT_COORDINATOR], NotCommitted),
        (ProduceRequest, [CUT], NotCommitted),
        (ProduceRequest, [TOO_LARGE], TooLarge),
        (EndTxnRequest, [FENCED], Fenced),
        (EndTxnRequest, [CONCURRENT, FENCED], OutcomeUnknown),
        (EndTxnRequest, [NOT_COORDINATOR], OutcomeUnknown),
        (EndTxnRequest, [CUT], OutcomeUnknown),
    ],
)
async def test_a_failed_commit_says_what_is_known_of_its_outcome(
    broker: ScriptedBroker, transaction: Transaction, request_kind: Message, codes: list[int], outcome: type[LogError]
) -> None:
    broker.plan[request_kind] = codes
    with pytest.raises(outcome):
        await transaction.commit(ENTRIES)


@pytest.mark.parametrize(("request_kind", "outcome"), [(ProduceRequest, NotCommitted), (EndTxnRequest, OutcomeUnknown)])
async def test_a_commit_gives_up_when_its_time_is_over(
    broker: ScriptedBroker,
    transaction: Transaction,
    request_kind: Message,
    outcome: type[LogError],
) -> None:
    transaction._runtime = Runtime(limits=Limits(kafka_commit_s=0.02))
    broker.plan[request_kind] = [CONCURRENT] * 1000
    with pytest.raises(outcome):
        await transaction.commit(ENTRIES)


async def test_a_refused_batch_ends_the_transaction_that_it_had_begun(
    broker: ScriptedBroker, transaction: Transaction
) -> None:
    broker.plan[ProduceRequest] = [TOO_LARGE]
    with pytest.raises(TooLarge):
        await transaction.commit(ENTRIES)
    assert [each.committed for each in broker.requests(EndTxnRequest)] == [False]
    await transaction.commit(ENTRIES)
    assert [each.producer_epoch for each in broker.requests(EndTxnRequest)] == [1, 2]


@pytest.mark.parametrize(("code", "outcome"), [(INVALID_STATE, TooLarge), (FENCED, NotCommitted), (CUT, NotCommitted)])
async def test_a_refused_batch_keeps_the_claim_only_if_its_transaction_is_surely_over(
    broker: ScriptedBroker, transaction: Transaction, code: int, outcome: type[LogError]
) -> None:
    broker.plan[ProduceRequest] = [TOO_LARGE]
    broker.plan[EndTxnRequest] = [code]
    with pytest.raises(outcome):
        await transaction.commit(ENTRIES)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(FENCED, Fenced), (NOT_COORDINATOR, NotCommitted), (UNAUTHORIZED, NotCommitted), (CUT, NotCommitted)],
)
async def test_a_proof_that_is_not_given_says_why(
    broker: ScriptedBroker, transaction: Transaction, code: int, outcome: type[LogError]
) -> None:
    broker.plan[InitProducerIdRequest] = [code]
    with pytest.raises(outcome):
        await transaction.prove()


@pytest.mark.slow
async def test_a_claim_is_tried_again_through_everything_that_passes(broker: ScriptedBroker) -> None:
    broker.plan[MetadataRequest] = [CUT, 5]
    broker.plan[FindCoordinatorRequest] = [NOT_AVAILABLE, LOADING]
    broker.plan[InitProducerIdRequest] = [CONCURRENT, LOADING, NOT_COORDINATOR, CONCURRENT]
    broker.plan[ProduceRequest] = [CUT]
    broker.plan[EndTxnRequest] = [CUT]
    log = KafkaLog(broker.bootstrap, 1)
    claim = await log.claim(0, OWNER)
    assert claim.end.place == 101
    await log.append(claim, some(1, 1))
    await log.close()


async def test_a_claim_gives_up_with_a_sentence_when_its_time_is_over(
    broker: ScriptedBroker,
) -> None:
    broker.plan[FindCoordinatorRequest] = [NOT_AVAILABLE] * 100
    with pytest.raises(LogUnavailable, match="could not be claimed"):
        await KafkaLog(broker.bootstrap, 1, runtime=Runtime(limits=Limits(kafka_claim_s=0.1))).claim(0, OWNER)


async def test_a_claim_without_permission_is_refused_at_once(broker: ScriptedBroker) -> None:
    broker.plan[InitProducerIdRequest] = [UNAUTHORIZED]
    with pytest.raises(LogUnfit, match="TransactionalIdAuthorizationFailed"):
        await KafkaLog(broker.bootstrap, 1).claim(0, OWNER)
    assert len(broker.requests(InitProducerIdRequest)) == 1


async def test_a_claim_that_is_overtaken_is_fenced(broker: ScriptedBroker) -> None:
    broker.plan[ProduceRequest] = [INVALID_EPOCH]
    with pytest.raises(Fenced):
        await KafkaLog(broker.bootstrap, 1).claim(0, OWNER)


async def test_nothing_of_a_doubtful_claim_is_used_again(broker: ScriptedBroker) -> None:
    log = KafkaLog(broker.bootstrap, 1)
    claim = await log.claim(0, OWNER)
    broker.plan[EndTxnRequest] = [NOT_COORDINATOR]
    with pytest.raises(OutcomeUnknown):
        await log.append(claim, some(1, 1))
    asked = len(broker.asked)
    with pytest.raises(NotCommitted):
        await log.append(claim, some(1, 1))
    assert len(broker.asked) == asked


async def test_a_cancelled_commit_closes_its_connection(broker: ScriptedBroker, transaction: Transaction) -> None:
    broker.plan[EndTxnRequest] = [HOLD]
    committing = asyncio.create_task(transaction.commit(ENTRIES))
    await broker.until_asked(EndTxnRequest)
    committing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await committing
    assert transaction.coordinator.closed


async def test_a_connection_signs_in_before_anything_else(broker: ScriptedBroker) -> None:
    security = KafkaSecurity(mechanism="PLAIN", username="clerk", password="s3cret")
    async with await Cluster(broker.bootstrap, "events", security).reach():
        pass
    assert [each.mechanism for each in broker.requests(SaslHandshakeRequest)] == ["PLAIN"]
    assert [bytes(each.auth_bytes) for each in broker.requests(SaslAuthenticateRequest)] == [b"clerk\0clerk\0s3cret"]
    assert "s3cret" not in repr(security)


@pytest.mark.parametrize(
    ("kind", "said"), [(SaslHandshakeRequest, "offers SASL PLAIN"), (SaslAuthenticateRequest, "bad password")]
)
async def test_a_refused_sign_in_is_told_as_such(broker: ScriptedBroker, kind: Message, said: str) -> None:
    broker.plan[kind] = [33]
    security = KafkaSecurity(mechanism="PLAIN", username="clerk", password="s3cret")
    with pytest.raises(LogUnfit, match=said):
        await Cluster(broker.bootstrap, "events", security).reach()


async def test_a_broker_without_transactions_version_two_is_refused(broker: ScriptedBroker) -> None:
    await require_transactions(Cluster(broker.bootstrap, "events"))
    broker.features = {"transaction.version": 1}
    with pytest.raises(LogUnfit, match=r"transaction\.version 1, wanted is 2"):
        await require_transactions(Cluster(broker.bootstrap, "events"))


@pytest.mark.slow
async def test_the_next_bootstrap_server_is_tried_when_one_is_away(broker: ScriptedBroker) -> None:
    await require_transactions(Cluster(f"127.0.0.1:1, {broker.bootstrap}", "events"))


@pytest.mark.slow
async def test_a_bootstrap_server_that_keeps_silent_costs_a_moment_once(broker: ScriptedBroker) -> None:
    async with ScriptedBroker().running() as silent:
        silent.plan[ApiVersionsRequest] = [HOLD] * 10
        cluster = Cluster(
            f"{silent.bootstrap},{broker.bootstrap}", "events", runtime=Runtime(limits=Limits(kafka_reach_s=0.5))
        )
        for _ in range(3):
            async with asyncio.timeout(DEADLINE_S), await cluster.reach():
                pass
        assert len(silent.requests(ApiVersionsRequest)) == 1
        assert cluster.servers[0] == broker.bootstrap


async def test_looking_for_the_end_again_and_again_takes_one_connection(broker: ScriptedBroker) -> None:
    log = KafkaLog(broker.bootstrap, 1)
    for _ in range(5):
        await log.end(0)
    assert len(broker.requests(ApiVersionsRequest)) == 2
    log._cluster._leaders[0].close()
    await log.end(0)
    broker.plan[ListOffsetsRequest] = [CUT]
    await log.end(0)
    await log.close()


@pytest.mark.slow
async def test_a_broker_that_is_frozen_is_given_up_in_time(broker: ScriptedBroker) -> None:
    log = KafkaLog(broker.bootstrap, 1, runtime=Runtime(limits=Limits(kafka_answer_s=0.15, kafka_claim_s=0.8)))
    claim = await log.claim(0, OWNER)
    for kind, outcome in ((ProduceRequest, NotCommitted), (EndTxnRequest, OutcomeUnknown)):
        broker.plan[kind] = [HOLD]
        with pytest.raises(outcome):
            await log.append(claim, some(1, 1))
        claim = await log.claim(0, OWNER)
    broker.plan[InitProducerIdRequest] = [HOLD] * 100
    with pytest.raises(NotCommitted):
        await log.prove(claim)
    with pytest.raises(LogUnavailable, match="could not be claimed"):
        await log.claim(0, OWNER)
    broker.plan[ListOffsetsRequest] = [HOLD] * 100
    with pytest.raises(LogUnavailable, match="cannot be reached"):
        await log.end(0)
    await log.close()


def test_a_missing_checksum_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    require_crc32c()
    monkeypatch.setitem(sys.modules, "crc32c", None)
    with pytest.raises(LogUnfit, match="crc32c"):
        require_crc32c()
