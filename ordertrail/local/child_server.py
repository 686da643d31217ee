"""A server that lives on one data directory as a child of this process.

Decides: how such a child is started, found again, stopped, and how its directory is kept from a second owner.
Must not know: which server it is; PostgreSQL and Kafka say what to run and when it is ready.
"""

import asyncio
import contextlib
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, TypeAlias

POLL_S: Final = 0.02
LARGEST_LOG: Final = 10_000_000
"""Bytes of a log that a running process writes."""
# Below every system's range for outgoing connections: a client that retries can then neither take a stopped
# server's port nor connect to itself.
PORTS: Final = range(20_000, 32_000)

Ladder: TypeAlias = tuple[tuple[signal.Signals, float], ...]
"""Signals in the order in which they are sent, each with the seconds that it has to work."""


class LocalServerError(Exception):
    """A local server cannot run; the message is one sentence for the person who started it."""


class DirectoryInUse(LocalServerError):
    """Another process already runs the server of this data directory."""


def own_directory(path: Path) -> None:
    """Create the directory for this user alone. Directories above it are never changed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise LocalServerError(f"The data directory {path} cannot be used: {error.strerror}.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise LocalServerError(f"The data directory {path} is not writable for this user.")


def lock_directory(path: Path) -> IO[str]:
    """Hold the directory until the file is closed; the system lets go of it when this process dies."""
    lock = (path / "owner.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise DirectoryInUse(f"Another Ordertrail already runs on the data directory {path}.") from error
    return lock


def kept_port(file: Path) -> int:
    """The port of last time when it is still free, otherwise a free one, remembered for the next time."""
    remembered = file.read_text().strip() if file.exists() else ""
    if remembered.isdecimal() and _is_free(int(remembered)):
        return int(remembered)
    # Of the system: two processes that a test run gave one seed would choose one port at the same time.
    chosen = next(port for port in random.SystemRandom().sample(PORTS, len(PORTS)) if _is_free(port))
    file.write_text(f"{chosen}\n")
    return chosen


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections of the last run that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def launch(
    command: Sequence[str | Path],
    directory: Path,
    *,
    log: Path,
    end: signal.Signals,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start the server in `directory`, out of reach of the terminal's Ctrl-C, its output appended to `log`.

    Where the system can do it, the server gets the signal `end` when the thread that called this ends.
    """
    setpriv = shutil.which("setpriv")
    leash = [setpriv, "--pdeathsig", end.name.removeprefix("SIG"), "--"] if setpriv else []
    with log.open("ab") as output:
        return subprocess.Popen(
            _leashed(command, leash),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )


def _leashed(command: Sequence[str | Path], leash: list[str]) -> list[str | Path]:
    # The kernel forgets the death signal when a process changes its user, so it is set after `--`, the last change.
    words = list(command)
    changed = words.index("--") + 1 if "--" in words else 0
    return [*words[:changed], *leash, *words[changed:]]


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while True:
        held = condition()
        if held if isinstance(held, bool) else await held:
            return True
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(POLL_S)


async def terminate(process: subprocess.Popen[bytes], *ladder: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn until the process has ended; each with the seconds that it is given to work."""
    for number, seconds in ladder:
        if process.poll() is None:
            process.send_signal(number)
        if await until(lambda: process.poll() is not None, seconds):
            return
    raise LocalServerError(f"Process {process.pid} does not end.")


async def clear(find: Callable[[], list[int]], *ladder: tuple[signal.Signals, float]) -> None:
    """End what a killed owner left behind; each signal has this number of seconds to work."""
    for number, seconds in ladder:
        for pid in find():
            _send(pid, number)
        if await until(lambda: not find(), seconds):
            return
    raise LocalServerError(f"Processes {find()} of an earlier run do not end.")


def running_in(directory: Path, program: str) -> list[int]:
    """Processes of the program whose working directory this is; a server works in its own.

    Empty where the system has no /proc: there the server's own lock has the last word.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            here = (entry / "cwd").readlink() == directory.resolve()
            if here and (entry / "comm").read_text().strip() == program and _is_alive(entry):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _is_alive(entry: Path) -> bool:
    return (entry / "stat").read_text().rpartition(") ")[2][:1] not in {"Z", "X"}


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise LocalServerError(f"Process {pid} of another user still uses this data directory.") from error


def last_words(log: Path, lines: int = 3) -> str:
    """The end of a server's log, for the sentence that says why it did not start."""
    text = log.read_text(errors="replace") if log.exists() else ""
    telling = [line for line in text.splitlines() if line.strip(" ^~")]  # marks below a line say nothing without it
    return " / ".join(telling[-lines:]) or "it left no message"


def keep_small(log: Path, largest: int = LARGEST_LOG) -> None:
    """Move what a running process has logged to the previous log when it is much; its file is opened for appending."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > largest:
            shutil.copyfile(log, log.with_suffix(".previous.log"))
            os.truncate(log, 0)


def turn_over(log: Path) -> None:
    """Keep the last run's log next to the new one, and nothing older."""
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
