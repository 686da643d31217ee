"""Which parts the settings choose, and how other commands find the servers."""

import uuid
from pathlib import Path

import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ordertrail import wiring
from ordertrail.local.servers import Endpoints, read_endpoints, write_endpoints
from ordertrail.manifest import DataRefused
from ordertrail.settings import Settings
from streams.index import PostgresIndex
from streams.kafka.log import KafkaLog
from streams.own_index import OwnIndex
from streams.postgres.log import PostgresLog
from streams.postgres.migrate import connect

HERE = Endpoints(url="http://127.0.0.1:8000", database_url="postgresql://nobody@127.0.0.1:1/none", bootstrap="h:9092")


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_the_settings_choose_the_log_and_the_log_its_index() -> None:
    embedded = wiring.build_log(settings(), HERE, 2)
    on_kafka = wiring.build_log(settings(log="kafka"), HERE, 2)
    assert isinstance(embedded, PostgresLog)
    assert isinstance(on_kafka, KafkaLog)
    pool = wiring.open_index_pool(HERE.database_url)
    assert isinstance(wiring.build_index(embedded, pool), OwnIndex)
    assert isinstance(wiring.build_index(on_kafka, pool), PostgresIndex)


def test_the_log_on_kafka_is_reached_as_the_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"TLS": "yes", "SASL_MECHANISM": "SCRAM-SHA-512", "USERNAME": "ordertrail", "PASSWORD": "secret"}
    for name, value in given.items():
        monkeypatch.setenv(f"KAFKA_{name}", value)
    log = wiring.build_log(settings(log="kafka"), HERE, 2)
    assert isinstance(log, KafkaLog)
    protected = log._cluster.security
    assert protected.ssl_context is not None
    assert (protected.mechanism, protected.username, protected.password) == ("SCRAM-SHA-512", "ordertrail", "secret")


def test_a_process_that_starts_no_server_needs_the_name_of_one() -> None:
    with pytest.raises(DataRefused, match="DATABASE_URL is needed"):
        wiring.endpoints_of(settings())
    named = settings(database_url="postgresql://db/orders", kafka_bootstrap_servers="b:9092")
    assert wiring.endpoints_of(named).bootstrap == "b:9092"


async def test_a_role_that_may_make_no_tables_is_refused_with_a_sentence(database_url: str) -> None:
    role = f"reader_{uuid.uuid4().hex[:8]}"
    async with await connect(database_url) as owner:
        await owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'secret'").format(sql.Identifier(role)))
        url = make_conninfo(database_url, user=role, password="secret")
        with pytest.raises(DataRefused, match="name its owner by DATABASE_OWNER_URL"):
            await wiring.migrated(Endpoints(url="http://127.0.0.1:8000", database_url=url))
        await owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_without_data_a_command_says_how_to_make_some(tmp_path: Path) -> None:
    with pytest.raises(DataRefused, match=r"There is no data in .*; `ordertrail up` makes some\."):
        wiring.manifest_of(settings(data=tmp_path))


def test_other_commands_learn_where_the_servers_are_and_nobody_else_does(tmp_path: Path) -> None:
    assert read_endpoints(tmp_path) is None
    write_endpoints(tmp_path, HERE)
    write_endpoints(tmp_path, HERE)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert read_endpoints(tmp_path) == HERE
    file.write_text("{}")
    assert read_endpoints(tmp_path) is None
