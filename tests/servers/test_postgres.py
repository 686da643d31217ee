"""The embedded PostgreSQL starts, survives kills, keeps its data to itself, and says in one sentence why it cannot run."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from ordertrail import wiring
from ordertrail.local import child_server, postgres
from ordertrail.local.child_server import DirectoryInUse, LocalServerError
from ordertrail.local.postgres import LocalPostgres, PostgresUnavailable
from ordertrail.local.servers import LocalServers
from ordertrail.settings import Settings
from tests.timing import ended_processes_s

pytestmark = pytest.mark.server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[LocalPostgres]:
    server = LocalPostgres(tmp_path / "data")
    await server.start()
    yield server
    await server.stop()


async def test_a_first_start_gives_a_database_with_checksums_and_utf8(server: LocalPostgres) -> None:
    assert await ask(server.address, "SHOW data_checksums") == "on"
    assert await ask(server.address, "SHOW fsync") == "on"
    assert await ask(server.address, "SHOW server_encoding") == "UTF8"
    assert (
        await ask(server.address, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    )


async def test_nobody_connects_without_the_password(server: LocalPostgres) -> None:
    password = (server.data_dir / "password").read_text().strip()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await ask(server.address.replace(password, "guess"), "SELECT 1")


async def test_an_instance_runs_under_a_role_that_rules_over_nothing_and_changes_no_record(tmp_path: Path) -> None:
    servers = LocalServers(Settings(data=tmp_path), lambda _: None)
    powers = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles"
    try:
        found = await servers.start()
        await wiring.migrated(found)
        assert await ask(found.database_url, f"{powers} WHERE rolname = current_user") is False
        assert await ask(found.database_url, "SELECT count(*) FROM log.record") == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await ask(found.database_url, "UPDATE log.record SET value = value")
    finally:
        await servers.stop()


async def test_data_and_password_are_their_owners_alone_and_parents_stay_as_they_are(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    server = LocalPostgres(tmp_path / "data")
    await server.start()
    await server.stop()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, server.data_dir, server.data_dir / "password")]
    assert modes == [0o750, 0o700, 0o600]


async def test_a_start_goes_on_where_an_interrupted_one_left_an_empty_password(tmp_path: Path) -> None:
    server = LocalPostgres(tmp_path / "data")
    server.data_dir.mkdir(mode=0o700)
    (server.data_dir / "password").touch(0o600)
    assert await ask(await server.start(), "SELECT 1") == 1
    await server.stop()


async def test_a_warm_start_finds_its_data_at_the_same_address(server: LocalPostgres) -> None:
    await remember(server.address)
    before = server.address
    await server.stop()
    assert await server.start() == before
    assert await ask(server.address, "SELECT word FROM memory") == "kept"


async def test_a_stop_leaves_no_process_and_no_lock(server: LocalPostgres) -> None:
    await server.stop()
    assert server.pid is None
    assert not child_server.running_in(server.data_dir / "cluster", "postgres")
    assert "shut down" in control_data(server)
    again = LocalPostgres(server.data_dir)
    await again.start()
    await again.stop()


async def test_a_killed_server_starts_again_with_every_committed_row(server: LocalPostgres) -> None:
    await remember(server.address)
    orphaned = await psycopg.AsyncConnection.connect(server.address, autocommit=True)
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    assert await child_server.until(lambda: server.pid is None, 5)
    await server.start()
    await orphaned.close()
    assert await ask(server.address, "SELECT word FROM memory") == "kept"


async def test_a_stale_pid_file_with_another_process_number_does_not_matter(server: LocalPostgres) -> None:
    await server.stop()
    (server.data_dir / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data_dir}\n")
    await server.start()
    assert await ask(server.address, "SELECT 1") == 1


async def test_after_its_owner_was_killed_the_next_one_takes_over(tmp_path: Path) -> None:
    program = """
import asyncio, sys, time
from pathlib import Path
from ordertrail.local.postgres import LocalPostgres
server = LocalPostgres(Path(sys.argv[1]))
print(asyncio.run(server.start()), flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        await remember(owner.stdout.readline().strip())
        owner.kill()
    heir = LocalPostgres(tmp_path)
    await heir.start()
    assert await ask(heir.address, "SELECT word FROM memory") == "kept"
    await heir.stop()


async def test_an_interrupted_creation_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "data" / "cluster.unfinished").mkdir(parents=True)
    (tmp_path / "data" / "cluster.unfinished" / "half").touch()
    server = LocalPostgres(tmp_path / "data")
    await server.start()
    await server.stop()


async def test_a_second_owner_is_refused_while_the_first_one_runs(server: LocalPostgres) -> None:
    with pytest.raises(DirectoryInUse, match="already runs on the data directory"):
        await LocalPostgres(server.data_dir).start()
    assert await ask(server.address, "SELECT 1") == 1


async def test_a_taken_port_is_replaced_by_another(server: LocalPostgres) -> None:
    await server.stop()
    with socket.create_server(("127.0.0.1", int((server.data_dir / "port").read_text()))):
        await server.start()
        assert await ask(server.address, "SELECT 1") == 1


async def test_data_of_another_major_version_is_refused_untouched(server: LocalPostgres) -> None:
    await server.stop()
    version = server.data_dir / "cluster" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("12\n")
    with pytest.raises(PostgresUnavailable, match=r"was written by PostgreSQL 12; this is PostgreSQL \d+"):
        await server.start()
    version.write_text(ours)


async def test_a_directory_that_is_no_cluster_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "letter").write_text("dear")
    with pytest.raises(PostgresUnavailable, match="left untouched"):
        await LocalPostgres(tmp_path).start()
    assert (tmp_path / "cluster" / "letter").read_text() == "dear"


async def test_missing_binaries_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "WHEEL", "no_such_wheel")
    with pytest.raises(PostgresUnavailable, match="binaries are missing"):
        await LocalPostgres(tmp_path).start()


async def test_a_place_that_cannot_hold_data_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalServerError, match="cannot be used"):
        await LocalPostgres(tmp_path / "file" / "data").start()


async def test_without_namespaces_root_needs_a_place_that_the_other_user_reaches(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has to become somebody else")
    tmp_path.chmod(0o700)
    with pytest.raises(PostgresUnavailable, match="cannot reach"):
        postgres.give_to_system_user(tmp_path / "data", postgres.wheel_binaries())


async def test_a_warm_start_takes_less_than_half_the_processor_time_of_the_first(tmp_path: Path) -> None:
    server, took = LocalPostgres(tmp_path / "data"), list[float]()
    for _ in range(2):
        began = ended_processes_s()
        await server.start()
        await server.stop()
        took.append(ended_processes_s() - began)
    assert took[1] < took[0] / 2


async def ask(url: str, question: str) -> object:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute(question)).fetchone()
        return row[0] if row else None


async def remember(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("CREATE TABLE memory AS SELECT 'kept' AS word")


def control_data(server: LocalPostgres) -> str:
    program = postgres.wheel_binaries() / "pg_controldata"
    cluster = server.data_dir / "cluster"
    return subprocess.run([program, cluster], capture_output=True, text=True, check=True).stdout
