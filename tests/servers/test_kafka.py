"""The local broker starts, survives kills with its records, and says in one sentence why it cannot run."""

import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from ordertrail.local import child_server, kafka
from ordertrail.local.child_server import DirectoryInUse
from ordertrail.local.kafka import KafkaUnavailable, LocalKafka
from tests.timing import DEADLINE_S

LARGEST_BATCH = 8 * 1024 * 1024


@pytest.fixture
async def broker(tmp_path: Path, kafka_jars: Path) -> AsyncIterator[LocalKafka]:
    broker = LocalKafka(tmp_path / "data", kafka_jars)
    await broker.start()
    yield broker
    await broker.stop()


async def test_records_survive_a_stop_and_a_kill_at_the_same_address(broker: LocalKafka) -> None:
    address = broker.address
    create_topic(address)
    produce(address, b"before the stop")
    await broker.stop()
    assert not child_server.running_in(broker.data_dir / "broker", "java")

    assert await broker.start() == address
    produce(address, b"before the kill")
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)
    assert await child_server.until(lambda: broker.pid is None, 5)

    assert await broker.start() == address
    assert consume(address) == [b"before the stop", b"before the kill"]


async def test_the_largest_batch_fits(broker: LocalKafka) -> None:
    create_topic(broker.address)
    largest = bytes(LARGEST_BATCH - 1024)
    produce(broker.address, largest)
    assert consume(broker.address) == [largest]


async def test_a_second_owner_is_refused_while_the_first_one_runs(tmp_path: Path, kafka_jars: Path) -> None:
    with (
        child_server.lock_directory(tmp_path),
        pytest.raises(DirectoryInUse, match="already runs on the data directory"),
    ):
        await LocalKafka(tmp_path, kafka_jars).start()


async def test_the_shared_broker_answers_as_ready(kafka_bootstrap: str) -> None:
    host, port = kafka_bootstrap.split(":")
    assert await kafka.is_ready(host, int(port))


async def test_a_silent_address_is_not_ready() -> None:
    assert not await kafka.is_ready("127.0.0.1", 1)


def test_every_message_is_flushed_only_when_asked_for(tmp_path: Path) -> None:
    for wanted in (True, False):
        broker = LocalKafka(tmp_path / str(wanted), tmp_path, flush_every_message=wanted)
        broker._work.mkdir(parents=True)
        broker._configure(9092)
        assert ("log.flush.interval.messages=1" in (broker._work / "server.properties").read_text()) is wanted


async def test_kept_classes_that_do_not_fit_are_no_reason_not_to_start(tmp_path: Path, kafka_jars: Path) -> None:
    (tmp_path / "libs").symlink_to(kafka_jars)
    (tmp_path / kafka.CLASSES).write_bytes(b"of another Java")
    broker = LocalKafka(tmp_path / "data", tmp_path / "libs")
    assert broker._kept_classes()
    await broker.start()
    await broker.stop()


async def test_kept_classes_of_which_the_jvm_dies_are_dropped_and_it_starts_without_them(
    tmp_path: Path, kafka_jars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_front_of_java(tmp_path, monkeypatch, 'case "$*" in *SharedArchiveFile*) kill -BUS $$;; esac')
    (tmp_path / "libs").symlink_to(kafka_jars)
    kept = tmp_path / kafka.CLASSES
    for _ in range(2):  # the tool that makes its storage dies, and at the second start the broker
        kept.write_bytes(b"damaged")
        broker = LocalKafka(tmp_path / "data", tmp_path / "libs")
        await broker.start()
        assert not kept.exists()
        await broker.stop()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_classes_are_kept_only_of_a_broker_that_ended_by_itself(
    end: signal.Signals, tmp_path: Path, kafka_jars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = 'for word in "$@"; do case $word in -XX:ArchiveClassesAtExit=*) echo half > "${word#*=}";; esac; done'
    in_front_of_java(tmp_path, monkeypatch, begun)
    monkeypatch.setattr(LocalKafka, "kind", replace(LocalKafka.kind, shutdown=((end, DEADLINE_S),)))
    (tmp_path / "libs").symlink_to(kafka_jars)
    await kafka.keep_classes(tmp_path / "libs")
    kept = tmp_path / kafka.CLASSES
    assert kept.exists() is (end is signal.SIGTERM)
    assert not kept.exists() or kept.stat().st_size > LARGEST_BATCH


async def test_missing_jars_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "java_version", lambda: 17)
    with pytest.raises(KafkaUnavailable, match="jars are missing in"):
        await LocalKafka(tmp_path / "data", tmp_path / "no-libs").start()


@pytest.mark.parametrize(("found", "words"), [(0, "found: none"), (11, "found: Java 11")])
async def test_an_old_or_missing_java_is_one_sentence(
    found: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "java_version", lambda: found)
    with pytest.raises(KafkaUnavailable, match=f"needs Java 17 or newer; {words}"):
        await LocalKafka(tmp_path / "data", tmp_path).start()


async def test_a_missing_maven_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "java_version", lambda: 17)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KafkaUnavailable, match="Maven"):
        await kafka.ensure_jars(tmp_path / "cache")


def test_as_a_program_it_says_what_is_missing_and_does_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    kafka.main(tmp_path / "cache")
    assert "found: none. Tests that need the broker will be skipped." in capsys.readouterr().out


def in_front_of_java(place: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have this done in a shell before every JVM."""
    real, programs = shutil.which("java"), place / "bin"
    programs.mkdir()
    (programs / "java").write_text(f'#!/bin/sh\n{script}\nexec {real} "$@"\n')
    (programs / "java").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


def create_topic(address: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_topics([NewTopic("memory", 1, 1, topic_configs={"max.message.bytes": str(LARGEST_BATCH)})])
    admin.close()


def produce(address: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=address, acks="all", max_request_size=LARGEST_BATCH)
    producer.send("memory", value).get(timeout=30)
    producer.close()


def consume(address: str) -> list[bytes]:
    partition = TopicPartition("memory", 0)
    consumer = KafkaConsumer(bootstrap_servers=address, group_id=None)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    values: list[bytes] = []
    while consumer.position(partition) < end:
        values += [record.value for record in consumer.poll(1000).get(partition, [])]
    consumer.close()
    return values
