"""Whether this process lives, whether it can serve, and its figures.

Decides: how health is told, and that strangers hear which part is not well while only staff hear why.
What is checked is given by the composition root. Must not know: any of the parts checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.access import STAFF
from web.caller_dependency import CallerDep, visitor
from web.problems import NOT_PERMITTED, Problem

CHECK_DEADLINE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """What one check found; `detail` is a sentence for operators, without secrets."""

    ok: bool
    detail: str = ""


Check: TypeAlias = Callable[[], Awaitable[Health]]
"""Looks at one part. May raise OSError or TimeoutError; both mean: not ready."""


def health(checks: Mapping[str, Check]) -> APIRouter:
    """`/health/live`, `/health/ready` (503 until every check is well, with what each found) and `/metrics`."""
    router = APIRouter(tags=["health"])

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """Whether the process answers at all."""
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready(request: Request) -> Response:
        """Whether everything that it needs answers too; `detail` is for staff."""
        found = await asyncio.gather(*(_look(check) for check in checks.values()))
        well = all(one.ok for one in found)
        asking = await visitor(request)
        shown = asdict if asking is not None and asking.role in STAFF else _without_detail
        told = {name: shown(one) for name, one in zip(checks, found, strict=True)}
        content = {"status": "ready" if well else "not ready", "checks": told}
        return JSONResponse(content, 200 if well else 503, headers={"Cache-Control": "no-store"})

    @router.get("/metrics", include_in_schema=False)
    async def metrics(caller: CallerDep) -> Response:
        """Prometheus's text form of every figure of this process, for staff; the checks update theirs first."""
        if caller.role not in STAFF:
            raise Problem(NOT_PERMITTED)
        await asyncio.gather(*(_look(check) for check in checks.values()))
        return Response(generate_latest(), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)

    return router


def _without_detail(one: Health) -> dict[str, bool]:
    return {"ok": one.ok}


async def _look(check: Check) -> Health:
    looking = asyncio.ensure_future(check())
    # Not awaited once it is cancelled: a check that waits for a frozen peer may take its time to end.
    done, _ = await asyncio.wait({looking}, timeout=CHECK_DEADLINE_S)
    if not done:
        looking.cancel()
        return Health(ok=False, detail=f"no answer within {CHECK_DEADLINE_S:g} s")
    try:
        return looking.result()
    except OSError as error:
        return Health(ok=False, detail=type(error).__name__)
