"""`ordertrail rehearse`: plays an export's orders against a running instance and tells how it went.

Decides: what counts as failed, delivered, cancelled and backordered. Must not know: how an order is played.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ordertrail import exits, wiring
from ordertrail.rehearsal import retail
from ordertrail.rehearsal.plan import plan
from ordertrail.rehearsal.playing import Playing
from ordertrail.rehearsal.staff import staff_of
from streams.ids import uuid7

if TYPE_CHECKING:
    from ordertrail.rehearsal.plan import Plan
    from ordertrail.rehearsal.playing import Played
    from ordertrail.rehearsal.staff import Measured
    from ordertrail.settings import Settings


class NotRehearsable(Exception):
    """This instance must not be rehearsed on; the message is one sentence."""


async def rehearse_retail(settings: Settings, folder: Path, orders: int, *, url: str, rate: float) -> int:
    """Play this many orders; prints the result and returns 1 when one failed."""
    manifest = wiring.manifest_of(settings)
    if not manifest.training:
        raise NotRehearsable(f"Company {manifest.company!r} is not for training; nothing is rehearsed on it.")
    planned = plan(list(retail.read(folder)), orders)
    begun = time.monotonic()
    async with staff_of(settings, manifest, str(uuid7()), url) as staff:
        playing = Playing(staff, rate=rate)
        await playing.play(planned)
    result = summary(planned, playing.played, staff.measured) | {"seconds": round(time.monotonic() - begun, 2)}
    for one in playing.played:
        if trouble := _trouble(one):
            sys.stderr.write(f"{trouble}\n")
    sys.stdout.write(json.dumps(result) + "\n")
    return exits.PROBLEM if result["failed"] else exits.STOPPED


def summary(planned: Plan, played: Iterable[Played], measured: Measured) -> dict[str, Any]:
    """What the last line of the output says; latencies in milliseconds."""
    all_played = list(played)
    return {
        "orders": len(all_played),
        "left_out": planned.left_out.total(),
        "left_out_reasons": dict(sorted(planned.left_out.items())),
        "lines": sum(len(one.planned.invoice.lines) for one in all_played),
        "longest": max((len(one.planned.invoice.lines) for one in all_played), default=0),
        "commands": measured.commands,
        "delivered": sum(_is_delivered(one) for one in all_played),
        "cancelled": sum(bool(_units(one).get("cancelled")) for one in all_played),
        "backordered": sum(one.waited for one in all_played),
        "failed": sum(bool(_trouble(one)) for one in all_played),
        "p50": measured.percentile(0.50),
        "p99": measured.percentile(0.99),
    }


def _units(one: Played) -> dict[str, int]:
    return one.units if one.seen else {}


def _is_delivered(one: Played) -> bool:
    """The customer has everything that was not cancelled."""
    units = _units(one)
    return bool(units.get("received")) and not units.keys() - {"received", "cancelled"}


def _trouble(one: Played) -> str:
    """Why the order counts as failed; empty if it does not."""
    if one.failure:
        return one.failure
    left = _units(one).keys() - {"received", "cancelled"}
    return f"{one.planned.invoice.number}: left with units {', '.join(sorted(left))}" if left else ""
