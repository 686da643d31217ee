"""What the events topic is created with."""

from typing import Any

import pytest

from streams.kafka.topic import create
from streams.kafka.topics import EVENTS_SETTINGS


class Admin:
    """Kafka's admin client as far as a topic is created, of as many brokers as one likes."""

    def __init__(self) -> None:
        self.created: dict[str, Any] = {}

    def create_topics(self, topics: dict[str, Any], *, wait_for_metadata: bool) -> None:
        assert wait_for_metadata
        self.created = topics


@pytest.mark.parametrize(("copies", "acknowledging"), [(3, "2"), (5, "2"), (1, None), (2, None)])
def test_of_three_copies_two_have_to_be_written_before_a_record_is_acknowledged(
    copies: int, acknowledging: str | None
) -> None:
    admin = Admin()
    create(admin, "events", 4, copies)
    created = admin.created["events"]
    assert (created["num_partitions"], created["replication_factor"]) == (4, copies)
    assert created["configs"].get("min.insync.replicas") == acknowledging
    assert EVENTS_SETTINGS.items() <= created["configs"].items()
