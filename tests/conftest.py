"""Servers for the tests, started when the first test asks for one and shared by all.

A test says what it needs by its fixtures: `database_url` is a PostgreSQL database of its own, `postgres_url` the server,
`kafka_bootstrap` the broker; the markers `server` and `kafka` follow from that. A test that picks its server at
run time (`request.getfixturevalue`) carries the marker itself. TEST_DATABASE_URL and TEST_KAFKA_BOOTSTRAP_SERVERS name
running servers instead. What is missing is skipped with its reason, unless REQUIRE_SERVERS=1 makes that a failure.
"""

import asyncio
import gc
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from psycopg import sql
from typing_extensions import override
from xdist.scheduler import LoadScopeScheduling

from ordertrail.local.child_server import LocalServerError
from ordertrail.local.kafka import LocalKafka, ensure_jars
from ordertrail.local.postgres import LocalPostgres
from ordertrail.settings import from_environment
from streams.postgres.migrate import migrate

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of our own there
"""Where Linux keeps files in memory. Tests put the data of their servers there: a kill of a process loses nothing there
either, and a busy disk of a build machine costs a run minutes."""
ROOM_BYTES = 6_000_000_000

if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free >= ROOM_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

# Brokers that live for minutes: the thorough compiler would take twice the processor time of a start, and never earn it.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

# How long an example takes says how busy the machine is, nothing about the law. Sixty a law keep a run within its time;
# `make soak` tries 20,000.
settings.register_profile("ordertrail", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
for name, examples in {"fast": 5, "mutation": 10}.items():
    settings.register_profile(
        name,
        settings.get_profile("ordertrail"),
        max_examples=examples,
        phases=(Phase.explicit, Phase.generate),  # shrinking a failure is the full run's work
        database=None,
    )
settings.load_profile("ordertrail")

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]
WHOLE = (
    "tests/acceptance/",
    "tests/browser/",
    "tests/failure/",
    "tests/ordertrail/test_up.py",
    "tests/provider/",
    "tests/servers/test_kafka_security.py",
)
"""Tests that share what takes long to start: one worker runs all of a place."""
MARKER_OF_FIXTURE = {"postgres_url": "server", "kafka_bootstrap": "kafka", "kafka_jars": "kafka"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
    if "soak" not in str(config.getoption("markexpr")):
        endless = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=endless)
        items[:] = [item for item in items if item not in endless]


class ByPlace(LoadScopeScheduling):  # type: ignore[misc]  # xdist is published without types
    """One worker runs all tests of a place, and whoever is free runs any other test."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in WHOLE if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """For `--dist loadscope`."""
    return ByPlace(config, log) if config.getoption("dist") == "loadscope" else None


gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays: the collector of garbage need not visit it, neither meanwhile nor in every test."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def run_beside() -> Iterator[Run[Any]]:
    """Run a coroutine in a loop that outlives every test, also from within a running test.

    Its thread stays, because a local server ends with the thread that started it.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory, run_beside: Run[Any]) -> Iterator[str]:
    """A PostgreSQL server's URL; what it holds is shared, so prefer `database_url`."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = LocalPostgres(tmp_path_factory.mktemp("postgres"))
    yield _start(run_beside, server)
    run_beside(server.stop())


FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def fresh_database(postgres_url: str, run_beside: Run[Any]) -> FreshDatabase:
    """Makes databases with every table and no row; to copy one takes a tenth of the time of the migrations."""
    template = f"template_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template)))
    run_beside(migrate(_in(postgres_url, template)))
    return lambda: _database(postgres_url, template)


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> Iterator[str]:
    """A database with every table and no row, for one test."""
    with fresh_database() as url:
        yield url


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database without a table, for one test."""
    with _database(postgres_url, "template1") as url:
        yield url


@contextmanager
def _database(postgres_url: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(make)
        yield _in(postgres_url, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _in(postgres_url: str, database: str) -> str:
    return postgres_url.rpartition("/")[0] + "/" + database


@pytest.fixture(scope="session")
def kafka_jars(run_beside: Run[Any]) -> Path:
    """The folder with the broker's jars, fetched when they are not there yet."""
    try:
        return Path(run_beside(ensure_jars(from_environment().ordertrail_cache)))
    except LocalServerError as error:
        missing(error)


@pytest.fixture(scope="session")
def kafka_bootstrap(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, run_beside: Run[Any]
) -> Iterator[str]:
    """The bootstrap servers of a Kafka broker; topics are shared, so use names of your own."""
    given = os.environ.get("TEST_KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    broker = LocalKafka(tmp_path_factory.mktemp("kafka"), request.getfixturevalue("kafka_jars"))
    yield _start(run_beside, broker)
    run_beside(broker.stop())


def _start(run_beside: Run[Any], server: LocalPostgres | LocalKafka) -> str:
    try:
        return str(run_beside(server.start()))
    except LocalServerError as error:
        missing(error)


def missing(error: Exception) -> NoReturn:
    """What a test needs is not there: a failure where nothing may be missing, otherwise a reason to skip."""
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(str(error))
    pytest.skip(f"not exercised: {error}")
