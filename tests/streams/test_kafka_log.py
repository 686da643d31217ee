"""The log on a real Kafka broker: the contract of every log, takeovers, restarts, and what is refused at the start."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from ordertrail.local.child_server import until
from ordertrail.local.kafka import LocalKafka
from streams.kafka.log import LOOK_BACK, KafkaLog, is_claim
from streams.kafka.topic import FoundTopic
from streams.kafka.transaction import Transaction
from streams.log import Claim, Fenced, Log, LogError, LogUnavailable, LogUnfit, NotCommitted, OutcomeUnknown, TooLarge
from streams.runtime import Limits, Runtime
from tests.streams.contract_log import (
    NEXT_OWNER,
    OWNER,
    Another,
    LogContract,
    LoseAnswer,
    read_all,
    some,
)
from tests.timing import DEADLINE_S


@pytest.fixture
def topic() -> str:
    return f"events-{uuid4()}"


@pytest.fixture
async def another(kafka_bootstrap: str, topic: str) -> AsyncIterator[Another]:
    opened: list[KafkaLog] = []

    async def open_log() -> Log:
        log = KafkaLog(kafka_bootstrap, 2, topic=topic)
        opened.append(log)
        await log.open()
        return log

    yield open_log
    for log in opened:
        await log.close()


@pytest.fixture
def lose_answer(monkeypatch: pytest.MonkeyPatch) -> LoseAnswer:
    async def lose(log: Log, claim: Claim) -> None:
        coordinator = transaction_of(log, claim).coordinator
        monkeypatch.setattr(coordinator, "data_received", lambda _: coordinator.close())

    return lose


def transaction_of(log: Log, claim: Claim) -> Transaction:
    assert isinstance(log, KafkaLog)
    return log._holdings.of(claim)


@pytest.mark.kafka
class TestKafkaLog(LogContract):
    pass


async def test_a_zombies_open_transaction_is_ended_by_the_next_claim_and_never_seen(another: Another) -> None:
    old, new = await another(), await another()
    first = await old.claim(0, OWNER)
    await old.append(first, some(1, 2))
    zombie = transaction_of(old, first)
    await zombie._produce(zombie._batch([(b"order-1", b"never committed", [("sequence", b"3"), ("claim", b"1")])]))
    second = await new.claim(0, NEXT_OWNER)
    with pytest.raises((Fenced, OutcomeUnknown)):
        await zombie._end()
    with pytest.raises(Fenced):
        await old.append(first, some(3, 3))
    after = await new.append(second, some(3, 4))
    assert [(each.sequence, each.term) for each in await read_all(new, 0, upto=after)] == [
        (1, first.term), (2, first.term), (3, second.term), (4, second.term),
    ]  # fmt: skip


async def test_what_a_hanging_transaction_hides_counts_as_written(another: Another) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    await log.append(claim, some(1, 2))
    zombie = transaction_of(log, claim)
    await zombie._produce(zombie._batch([(b"order-1", b"never committed", [("sequence", b"3"), ("claim", b"1")])]))
    assert await log.written(0) > await log.end(0)


async def test_a_commit_that_is_lost_before_it_was_asked_for_is_certainly_not_committed(another: Another) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    transaction_of(log, claim).coordinator.close()
    with pytest.raises(NotCommitted):
        await log.append(claim, some(1, 3))
    again = await log.claim(0, OWNER)
    assert await read_all(log, 0, upto=again.end) == []


async def test_a_cancelled_append_ends_the_claim(another: Another) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    append = asyncio.create_task(log.append(claim, some(1, 3)))
    await asyncio.sleep(0)
    append.cancel()
    with pytest.raises(asyncio.CancelledError):
        await append
    with pytest.raises(NotCommitted):
        await log.prove(claim)
    await log.claim(0, OWNER)


async def test_a_batch_that_only_the_broker_finds_too_large_leaves_no_transaction_open(another: Another) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    transaction = transaction_of(log, claim)
    with pytest.raises(TooLarge):
        await transaction.commit([(b"order-1", bytes(10 * 1024 * 1024), [])])
    after = await log.append(claim, some(1, 2))
    assert len(await read_all(log, 0, upto=after)) == 2


async def test_a_claim_lies_where_its_term_says(another: Another) -> None:
    log = await another()
    assert isinstance(log, KafkaLog)
    claim = await log.claim(0, OWNER)
    await log.append(claim, some(1, 40))
    claim = await log.claim(0, OWNER)
    (found,) = await log._records(0, claim.term - 1, claim.term)
    assert is_claim(found)
    assert dict(found.headers)["claim"] == str(claim.term).encode()


async def test_what_others_wrote_to_the_topic_is_passed_over(
    another: Another, kafka_bootstrap: str, topic: str
) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    after = await log.append(claim, some(1, 2))
    with closing(KafkaProducer(bootstrap_servers=kafka_bootstrap)) as stranger:
        for _ in range(LOOK_BACK + 1):
            await asyncio.to_thread(stranger.send(topic, b"hello", partition=0).get, DEADLINE_S)
    end = await log.end(0)
    assert end.place > after.place + LOOK_BACK
    assert await log.last_claim(0) == (claim.term, OWNER)
    last = await log.last_before(0, end)
    assert last is not None
    assert last.sequence == 2
    assert [each.sequence for each in await read_all(log, 0, upto=end)] == [1, 2]


async def test_a_record_carries_its_stream_as_key_and_three_headers(another: Another) -> None:
    log = await another()
    assert isinstance(log, KafkaLog)
    claim = await log.claim(0, OWNER)
    after = await log.append(claim, some(1, 1))
    (found,) = await log._records(0, after.place - 1, after.place)
    assert found.key == b"order-1"
    assert found.headers == [
        ("content-type", b"application/cloudevents+json"), ("sequence", b"1"), ("claim", str(claim.term).encode()),
    ]  # fmt: skip


async def test_a_topic_with_another_partition_count_is_refused(
    another: Another, kafka_bootstrap: str, topic: str
) -> None:
    await another()
    with pytest.raises(LogUnfit, match="has 2 partitions, wanted are 3"):
        await KafkaLog(kafka_bootstrap, 3, topic=topic).open()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("retention.ms", "604800000"),
        ("cleanup.policy", "compact"),
        ("max.message.bytes", "1048588"),
        ("retention.bytes", "1000000000"),
        ("unclean.leader.election.enable", "true"),
        ("message.timestamp.type", "CreateTime"),
    ],
)
async def test_a_topic_that_would_lose_history_is_refused_naming_the_setting(
    kafka_bootstrap: str, topic: str, setting: str, value: str
) -> None:
    def create() -> None:
        admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        configs = {
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "cleanup.policy": "delete",
            "max.message.bytes": "9437184",
            "unclean.leader.election.enable": "false",
            "message.timestamp.type": "LogAppendTime",
        }
        admin.create_topics(
            {topic: {"num_partitions": 2, "configs": configs | {setting: value}}}, wait_for_metadata=True
        )
        admin.close()

    await asyncio.to_thread(create)
    with pytest.raises(LogUnfit, match=rf"has {setting} = {value}, wanted is"):
        await KafkaLog(kafka_bootstrap, 2, topic=topic).open()


async def test_what_was_found_about_durability_is_told(another: Another) -> None:
    log = await another()
    assert "1 of each record, 1 acknowledge from memory" in log.durability
    assert "but not the loss of a broker's disk" in log.durability


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (FoundTopic(3, 2, flushed=False), "and the loss of any one broker, but not power loss of all at once"),
        (FoundTopic(3, 1, flushed=False), "but not the loss of a broker's disk or power loss"),
        (FoundTopic(1, 1, flushed=True), "survives power loss, but not the loss of a broker's disk"),
        (FoundTopic(3, 2, flushed=True), "survives power loss and the loss of any one broker."),
    ],
)
def test_durability_is_what_the_brokers_settings_are_worth(found: FoundTopic, told: str) -> None:
    assert told in found.durability()


async def test_a_clock_two_hours_ahead_of_the_brokers_is_taken(kafka_bootstrap: str, topic: str) -> None:
    ahead = Runtime(clock=lambda: datetime.now(UTC) + timedelta(hours=2))
    log = KafkaLog(kafka_bootstrap, 2, topic=topic, runtime=ahead)
    await log.open()
    claim = await log.claim(0, OWNER)
    await log.append(claim, some(1, 3))
    assert len(await read_all(log, 0)) == 3
    await log.close()


async def test_a_log_whose_start_was_deleted_is_refused(another: Another, kafka_bootstrap: str, topic: str) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    await log.append(claim, some(1, 10))

    def delete() -> None:
        admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        from kafka import TopicPartition

        admin.delete_records({TopicPartition(topic, 0): 3})
        admin.close()

    await asyncio.to_thread(delete)
    with pytest.raises(LogUnfit, match="history shortened"):
        await read_all(log, 0)


async def test_a_broker_that_is_not_there_is_told_as_such() -> None:
    log = KafkaLog("127.0.0.1:1", 2)
    with pytest.raises(LogUnavailable, match="cannot be reached"):
        await log.end(0)


async def append_until_it_fails(log: Log, claim: Claim) -> None:
    sequence = 6
    with suppress(LogError):
        while True:
            await log.append(claim, some(sequence, sequence))
            sequence += 1


# kafka-python leaves the sockets of refused connections to the garbage collector, and its log keeps them alive.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.slow
async def test_after_a_killed_broker_restarts_the_claim_succeeds_and_readers_go_on(
    tmp_path: Path, kafka_jars: Path, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="kafka")
    broker = LocalKafka(tmp_path, kafka_jars)
    log = KafkaLog(await broker.start(), 2, topic=topic)
    try:
        await log.open()
        claim = await log.claim(0, OWNER)
        await log.append(claim, some(1, 5))
        async with aclosing(log.read(0)) as batches:
            found = list((await anext(batches)).records)
            os.kill(broker.pid or 0, signal.SIGKILL)
            async with asyncio.timeout(DEADLINE_S):
                await append_until_it_fails(log, claim)
            assert await until(lambda: broker.pid is None, DEADLINE_S)
            await broker.start()
            async with asyncio.timeout(Limits().kafka_claim_s):
                again = await log.claim(0, OWNER)
            assert again.term > claim.term
            before = await read_all(log, 0, upto=again.end)
            assert [each.sequence for each in before] == list(range(1, len(before) + 1))
            await log.append(again, some(len(before) + 1, len(before) + 2))
            async with asyncio.timeout(DEADLINE_S):
                while len(found) < len(before) + 2:
                    found += (await anext(batches)).records
            assert [each.sequence for each in found] == list(range(1, len(before) + 3))
    finally:
        await log.close()
        await broker.stop()
        gc.collect()
