"""The events topic: created when it is absent, verified before anything stands on it.

Decides: which settings would endanger history, how that is told, and what an acknowledgement is worth with the ones
that were found. Blocking, as kafka-python's admin client is: called in a thread, once, when the log opens.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from streams.kafka.topics import EVENTS_SETTINGS, SAFE_IN_SYNC
from streams.log import LogUnavailable, LogUnfit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streams.kafka.connection import Cluster

WAIT_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """What was read back from the brokers: copies of every record, how many acknowledge, whether they flush first."""

    copies: int
    in_sync: int
    flushed: bool

    def durability(self) -> str:
        """What an acknowledged command survives, in one sentence."""
        safe = min(self.in_sync, self.copies) >= SAFE_IN_SYNC
        how = ", flushed" if self.flushed else " from memory"
        survived = "power loss" if self.flushed else "the end of any process"
        disk = " and the loss of any one broker" if safe else ", but not the loss of a broker's disk"
        power = "" if self.flushed else (", but not power loss of all at once" if safe else " or power loss")
        found = f"{self.copies} of each record, {self.in_sync} acknowledge{how}"
        return f"Kafka ({found}): an acknowledged command survives {survived}{disk}{power}."


def ensure_topic(cluster: Cluster, partitions: int, replication: int) -> FoundTopic:
    """Create the topic when it is absent, then compare settings and partition count; what was found.

    `replication` -1 takes the broker's default. Raises `LogUnfit` naming the setting, what was found and what is
    wanted; nothing that exists is ever changed.
    """
    try:
        options = cluster.security.options() | {"bootstrap_timeout_ms": WAIT_MS, "request_timeout_ms": WAIT_MS}
        with closing(KafkaAdminClient(bootstrap_servers=cluster.servers, **options)) as admin:
            if cluster.topic not in admin.list_topics():
                create(admin, cluster.topic, partitions, replication)
            return found_topic(admin, cluster.topic, partitions)
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {cluster.bootstrap} cannot be reached: {error}") from error


def create(admin: KafkaAdminClient, topic: str, partitions: int, replication: int) -> None:
    """Create the topic with our settings; somebody else may be quicker."""
    settings = dict(EVENTS_SETTINGS)
    if replication > SAFE_IN_SYNC:
        settings["min.insync.replicas"] = str(SAFE_IN_SYNC)
    wanted = {"num_partitions": partitions, "replication_factor": replication, "configs": settings}
    try:
        admin.create_topics({topic: wanted}, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        admin.wait_for_topics([topic])


def found_topic(admin: KafkaAdminClient, topic: str, partitions: int) -> FoundTopic:
    """The topic as the brokers describe it; `LogUnfit` where it would lose history."""
    (described,) = admin.describe_topics([topic])
    verify_partitions(topic, described["partitions"], partitions)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    found = admin.describe_configs([resource], config_filter="all")["topic"][topic]
    settings = {name: str(setting["value"]) for name, setting in found.items()}
    verify_settings(topic, settings)
    return FoundTopic(
        copies=min(len(partition["replica_nodes"]) for partition in described["partitions"]),
        in_sync=int(settings["min.insync.replicas"]),
        flushed=settings["flush.messages"] == "1",
    )


def verify_partitions(topic: str, described: Sequence[Any], wanted: int) -> None:
    """A changed count would move orders to other partitions and split their histories."""
    if len(described) != wanted:
        raise LogUnfit(f"topic {topic} has {len(described)} partitions, wanted are {wanted}")


def verify_settings(topic: str, found: Mapping[str, str]) -> None:
    """Retention, compaction and unclean elections lose history; a small message limit refuses large batches."""
    for name, wanted in EVENTS_SETTINGS.items():
        enough = name == "max.message.bytes" and int(found[name]) >= int(wanted)
        if found[name] != wanted and not enough:
            raise LogUnfit(f"topic {topic} has {name} = {found[name]}, wanted is {wanted}")
