"""The route that everything is measured against: who is calling, is the order well formed, answer. No log.

It uses the product's own verification and the same model, and leaves out everything that a real route needs besides
(limits, security headers, metrics), so that it is the ceiling for one process of this stack and not a straw man.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.order import Credentials
from benchmarks.serving import Setting, run, serve
from domain.order.commands import PlaceOrder
from streams.ids import uuid7
from web.caller_dependency import caller, use_identity
from web.problems import add_problem_handlers


async def validated(request: Request) -> Response:
    """As much as a route has to do before it may place an order."""
    await caller(request)
    PlaceOrder.model_validate_json(await request.body())
    return _answer(uuid7())


def _answer(order_id: UUID) -> Response:
    told: dict[str, Any] = {"order_id": str(order_id), "version": 1, "position": None, "repeated": False}
    return Response(orjson.dumps(told), 201, media_type="application/json")


async def work(setting: Setting) -> None:
    """Serve the route until told to stop."""
    app = FastAPI(openapi_url=None)
    use_identity(app, Credentials(setting.key_file).identity())
    add_problem_handlers(app)
    app.add_api_route("/commands/orders", validated, methods=["POST"], response_model=None)
    plain = uvicorn.Config(app, http="httptools", ws="none", lifespan="off", access_log=False, log_level="warning")
    await serve(uvicorn.Server(plain))


if __name__ == "__main__":
    run("reference", work)
