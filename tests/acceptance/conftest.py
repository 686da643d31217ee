"""One running instance per log, shared by all stories; each story has SKUs and customers of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ordertrail.settings import LogKind
from tests.instance import Instance
from tests.people import People

LOGS = (
    pytest.param("embedded_instance", id="embedded", marks=pytest.mark.server),
    pytest.param("kafka_instance", id="kafka", marks=[pytest.mark.server, pytest.mark.kafka]),
)


@pytest.fixture(scope="package")
def embedded_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with Instance(tmp_path_factory.mktemp("stories"), LogKind.EMBEDDED) as instance:
        yield instance
        instance.verify()


@pytest.fixture(scope="package")
def kafka_instance(tmp_path_factory: pytest.TempPathFactory, kafka_jars: Path) -> Iterator[Instance]:
    with Instance(tmp_path_factory.mktemp("kafka-stories"), LogKind.KAFKA) as instance:
        yield instance
        instance.verify()


@pytest.fixture(params=LOGS)
def instance(request: pytest.FixtureRequest) -> Instance:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Instance)
    return found


@pytest.fixture
async def people(instance: Instance) -> AsyncIterator[People]:
    async with instance.people() as people:
        yield people
