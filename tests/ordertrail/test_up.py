"""`ordertrail up` as a process: what it refuses, how it ends, and that the other commands find it."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest

from domain.roles import Role
from ordertrail import exits
from ordertrail.local import child_server
from ordertrail.local.postgres import LocalPostgres
from ordertrail.settings import LogKind
from tests.instance import Instance, instance_environment, until
from tests.timing import DEADLINE_S

pytestmark = pytest.mark.server

ROWS = [
    f"{number},{code},ARTICLE {code},{quantity},2010-12-01 08:26:00,2.55,17850.0,United Kingdom"
    for number, code, quantity in [
        (1, "22423", 3),
        (1, "POST", 1),
        (2, "22423", 2),
        (3, "21754", 4),
        ("C4", "21754", -4),
    ]
]
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> object:
    with Instance(tmp_path_factory.mktemp("up"), LogKind.EMBEDDED) as running:
        yield running


def test_a_second_instance_on_the_same_data_says_so_in_one_sentence(instance: Instance) -> None:
    done = instance.run("up", PORT="1")
    assert done.returncode == exits.REFUSED
    assert done.stdout == f"Another Ordertrail already runs on the data directory {instance.data}.\n"


def test_a_port_in_use_is_one_sentence(instance: Instance, tmp_path: Path) -> None:
    done = instance.run("up", DATA=str(tmp_path))
    assert done.returncode == exits.REFUSED
    assert done.stdout == f"Port {instance.settings.port} on 127.0.0.1 cannot be used: address already in use.\n"


def test_data_of_the_other_log_is_one_sentence(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((instance.data / "manifest.json").read_bytes())
    done = instance.run("up", DATA=str(tmp_path), LOG="kafka", PORT="1")
    assert (done.returncode, done.stdout.count("\n")) == (exits.REFUSED, 1)
    assert "is of LOG=embedded" in done.stdout


def test_secrets_in_the_data_directory_are_the_owners_alone(instance: Instance) -> None:
    modes = {name: (instance.data / name).stat().st_mode & 0o777 for name in ("token.key", "running.json")}
    assert modes == {"token.key": 0o600, "running.json": 0o600}


def test_a_printed_token_and_a_printed_link_let_their_bearer_in(instance: Instance) -> None:
    token = instance.run("token", "--role", "auditor", "--actor", "audrey").stdout.strip()
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    assert httpx.get(f"{instance.url}/status", headers=headers).status_code == httpx.codes.OK
    link = instance.run("sign-in", "--role", "sales", "--actor", "sam").stdout.strip()
    code = httpx.URL(link).params["code"]
    entered = httpx.post(f"{instance.url}/sign-in", data={"code": code})
    assert (entered.status_code, entered.headers["location"]) == (httpx.codes.SEE_OTHER, "/boards/sales")


def test_after_the_tables_for_sign_in_were_dropped_people_sign_in_again(instance: Instance) -> None:
    def opened() -> httpx.Response | None:
        """The board, with the cookie from before."""
        with contextlib.suppress(httpx.TransportError):
            return client.get("/boards/sales", headers={"Accept": "application/json"})
        return None

    def asked_to_sign_in() -> bool:
        found = opened()
        return found is not None and found.status_code == httpx.codes.UNAUTHORIZED

    with httpx.Client(base_url=instance.url, timeout=10) as client:
        signed_in(instance, client)
        assert (found := opened())
        assert found.is_success
        with psycopg.connect(instance.database_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA web CASCADE")
        until(asked_to_sign_in, DEADLINE_S, "the new door")
        signed_in(instance, client)
        assert (found := opened())
        assert found.is_success


def signed_in(instance: Instance, client: httpx.Client) -> None:
    link = instance.run("sign-in", "--role", "sales", "--actor", "sam").stdout.strip()
    entered = client.post("/sign-in", data={"code": httpx.URL(link).params["code"]})
    assert entered.status_code == httpx.codes.SEE_OTHER


def test_real_orders_are_rehearsed_to_their_end_and_the_log_is_sound(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("\n".join([HEADER, *ROWS]) + "\n")
    for _ in range(2):
        done = instance.run("rehearse", "retail", str(tmp_path), "--orders", "3")
        told = json.loads(done.stdout.splitlines()[-1])
        assert (done.returncode, told["failed"]) == (exits.STOPPED, 0), done.stderr
        assert (told["orders"], told["delivered"], told["cancelled"]) == (3, 2, 1)
    found = instance.verify()
    assert found["counts"]["order streams"] == 6
    assert instance.run("status").returncode == exits.STOPPED


def test_a_rebuilt_view_is_the_same(instance: Instance) -> None:
    done = instance.run("rebuild", "stock")
    assert (done.returncode, "0 differ" in done.stdout) == (exits.STOPPED, True)
    assert instance.run("rebuild", "nonsense").returncode == exits.REFUSED


def test_an_instance_that_was_taken_over_says_so_and_is_started_again_by_a_person_alone(tmp_path: Path) -> None:
    with Instance(tmp_path, LogKind.EMBEDDED) as instance:
        assert instance._process
        port = str(child_server.kept_port(tmp_path / "other.port"))
        environment = instance_environment(DATA=str(tmp_path), PORT=port, DATABASE_URL=instance.database_url)
        token = instance.token(Role.WAREHOUSE, "will")

        def ended() -> bool:
            """Whoever is fenced learns it from its next command."""
            with contextlib.suppress(httpx.TransportError):
                path, headers = "/commands/stock/MUG/main/receive", {"Authorization": f"Bearer {token}"}
                httpx.post(f"{instance.url}{path}", json={"quantity": 1}, headers=headers, timeout=2)
            assert instance._process
            return instance._process.poll() is not None

        with subprocess.Popen([sys.executable, "-m", "ordertrail.server"], env=environment, cwd=tmp_path) as other:
            until(ended, DEADLINE_S, "the end of the fenced instance")
            other.kill()
        assert instance._process.returncode == exits.FENCED
        assert "Another process has taken over" in instance.said().splitlines()[-1]
        instance.stop()
        again = instance.run("up")
        assert again.returncode == exits.REFUSED, "whatever starts it again must not fight with its successor"
        assert "`ordertrail up --take-over` takes it back" in again.stdout
        instance.start("--take-over")
        instance.restart()


async def test_views_of_another_log_are_said_and_can_be_rebuilt_while_up_waits_for_them(tmp_path: Path) -> None:
    instance = Instance(tmp_path, LogKind.EMBEDDED)
    with instance:
        async with instance.people() as people:
            await people.receive("MUG", 1)
            await people.settled()
    database = LocalPostgres(tmp_path / "postgres")
    async with await psycopg.AsyncConnection.connect(await database.start()) as connection:
        # Of yesterday: views that had everything a moment ago count as fresh until a projector has looked at them.
        await connection.execute(
            "UPDATE views.checkpoint SET event_id = gen_random_uuid(), caught_up_at = now() - interval '1 day' "
            "WHERE sequence > 0"
        )
    await database.stop()

    starting = asyncio.create_task(asyncio.to_thread(instance.start))
    try:
        await asyncio.to_thread(
            until, lambda: "Not ready yet: another log" in instance.said(), DEADLINE_S, "the reason"
        )
        assert "`ordertrail rebuild` makes all views anew" in instance.said()
        assert (await asyncio.to_thread(instance.run, "rebuild")).returncode == exits.STOPPED
        await starting
    finally:
        await asyncio.gather(starting, return_exceptions=True)
        instance.stop()


def test_everything_dies_with_a_killed_supervisor_and_starts_again(tmp_path: Path) -> None:
    instance = Instance(tmp_path, LogKind.EMBEDDED)
    with instance:
        assert instance._process
        os.kill(instance._process.pid, signal.SIGKILL)
        instance._process.wait()
        until(lambda: not instance.pids(), DEADLINE_S, "the end of all that it had started")
        instance.start()
        assert instance.token(Role.SALES, "sam")
        assert instance.stop() == exits.STOPPED
    assert not (tmp_path / "running.json").exists()
