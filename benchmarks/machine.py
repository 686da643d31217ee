"""What goes with every figure: versions, machine, how much was stored, and what an acknowledgement was worth.

Decides: nothing; it looks. Must not know: the figures.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final, LiteralString

from psycopg import AsyncConnection

from ordertrail.local.kafka import java_version, kafka_version

STORED: Final[LiteralString] = """
SELECT version(),
       coalesce((SELECT sum(sequence) FROM "index".mark), 0)::bigint + (SELECT count(sequence) FROM log.record),
       pg_table_size('log.record')
"""
"""Whichever log runs, the other has nothing."""


async def facts(database_url: str, broker: Path | None) -> dict[str, object]:
    """As of now; `broker` is the directory with the broker's log, None where the log lies in the database."""
    async with await AsyncConnection.connect(database_url) as connection:
        row = await (await connection.execute(STORED)).fetchone()
    database, records, size = row or ("unknown", 0, 0)
    return {
        "versions": {
            "ordertrail": f"{version('ordertrail')} {commit()}".strip(),
            "python": platform.python_version(),
            "kafka": kafka_version(),
            "java": java_version(),
            "postgresql": str(database).split()[1],
        },
        "machine": {"cpu": cpu(), "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()},
        "store": {"records": records, "bytes": stored_bytes(broker) if broker else size},
    }


def stored_bytes(broker: Path) -> int:
    """What the topics' logs take on disk; indexes are preallocated and would say nothing."""
    return sum(file.stat().st_size for file in broker.rglob("*.log"))


def busy_s(pid: int) -> float:
    """Processor time that a process and its children have used; 0 where the system does not tell."""
    return sum(ticks for each, (parent, ticks) in _processes().items() if pid in {each, parent}) / _per_s()


def busy_below_s(pid: int) -> float:
    """Processor time that a process and all that live and were started by it or below it have used."""
    processes, found, new = _processes(), {pid}, {pid}
    while new:
        new = {each for each, (parent, _) in processes.items() if parent in new}
        found |= new
    return sum(ticks for each, (_, ticks) in processes.items() if each in found) / _per_s()


def _processes() -> dict[int, tuple[int, int]]:
    """Parent and ticks of every process."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (entry / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        # proc_pid_stat(5): parent is field 4, user and system time are 14 and 15; the name ends field 2.
        found[int(entry.name)] = int(after_name[1]), int(after_name[11]) + int(after_name[12])
    return found


def _per_s() -> int:
    return os.sysconf("SC_CLK_TCK")


def commit() -> str:
    """The source's commit; empty where there is no repository."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
