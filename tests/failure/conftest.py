"""One instance per log that is killed, robbed and set back again and again; what one test leaves, the next lives with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ordertrail.settings import LogKind
from tests.instance import Instance


@pytest.fixture(scope="package")
def embedded_victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with Instance(tmp_path_factory.mktemp("victim"), LogKind.EMBEDDED) as instance:
        yield instance


@pytest.fixture(scope="package")
def kafka_victim(tmp_path_factory: pytest.TempPathFactory, kafka_jars: Path) -> Iterator[Instance]:
    with Instance(tmp_path_factory.mktemp("kafka-victim"), LogKind.KAFKA) as instance:
        yield instance
