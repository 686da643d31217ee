"""The events topic: created when it is absent, verified before anything stands on it.

Decides: which settings would endanger history and how that is told. Blocking, as kafka-python's admin client is: called
in a thread, once, when the log opens.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from streams.kafka.topics import EVENTS_SETTINGS
from streams.log import LogUnavailable, LogUnfit

if TYPE_CHECKING:
    from streams.kafka.connection import Cluster

BOOTSTRAP_MS: Final = 10_000


def ensure_topic(cluster: Cluster, partitions: int, replication: int) -> None:
    """Create the topic when it is absent, then compare settings and partition count.

    `replication` -1 takes the broker's default. Raises `LogUnfit` naming the setting, what was found and what is
    wanted; nothing that exists is ever changed.
    """
    try:
        options = cluster.security.options()
        servers = cluster.bootstrap.split(",")
        with closing(
            KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=BOOTSTRAP_MS, **options)
        ) as admin:
            if cluster.topic not in admin.list_topics():
                create(admin, cluster.topic, partitions, replication)
            verify_partitions(admin, cluster.topic, partitions)
            verify_settings(admin, cluster.topic)
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {cluster.bootstrap} cannot be reached: {error}") from error


def create(admin: KafkaAdminClient, topic: str, partitions: int, replication: int) -> None:
    """Create the topic with our settings; somebody else may be quicker."""
    wanted = {"num_partitions": partitions, "replication_factor": replication, "configs": dict(EVENTS_SETTINGS)}
    try:
        admin.create_topics({topic: wanted}, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        admin.wait_for_topics([topic])


def verify_partitions(admin: KafkaAdminClient, topic: str, wanted: int) -> None:
    """A changed count would move orders to other partitions and split their histories."""
    (described,) = admin.describe_topics([topic])
    found = len(described["partitions"])
    if found != wanted:
        raise LogUnfit(f"topic {topic} has {found} partitions, wanted are {wanted}")


def verify_settings(admin: KafkaAdminClient, topic: str) -> None:
    """Retention and compaction delete history; a small message limit refuses large batches."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    described = admin.describe_configs([resource], config_filter="all")
    found = described["topic"][topic]
    for name, wanted in EVENTS_SETTINGS.items():
        value = str(found[name]["value"])
        enough = name == "max.message.bytes" and int(value) >= int(wanted)
        if value != wanted and not enough:
            raise LogUnfit(f"topic {topic} has {name} = {value}, wanted is {wanted}")
