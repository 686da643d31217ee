"""How long tests wait, and how much processor time they allow, also on a slow or busy machine."""

from resource import RUSAGE_CHILDREN, getrusage
from time import process_time
from typing import Final

DEADLINE_S: Final = 60.0
"""Who waits longer for what has to come waits in vain. Reaching it is always a failure, so it may be long."""
PIECE: Final = 200_000
PIECE_S: Final = 0.012
"""What the piece took where the limits were written."""


def allowed(seconds: float) -> float:
    """These seconds of processor time, or as many more as this machine is slower at this moment."""
    return seconds * max(1.0, min(_piece_s() for _ in range(3)) / PIECE_S)


def ended_processes_s() -> float:
    """Processor time of all processes that we have started and that have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _piece_s() -> float:
    began, total = process_time(), 0
    for number in range(PIECE):
        total += number
    return process_time() - began
