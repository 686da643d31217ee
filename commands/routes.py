"""One line per command that comes from outside, and how its answer looks.

Decides: addresses, and what a caller is told. Must not know: what a command does.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from commands.execution import SentCommand, Submit, execute, place_id, require_own_name, require_permission
from commands.form_posts import FormDesk, is_form
from commands.forwarding import forward
from commands.openapi import operation
from commands.parsing import read_command, read_document, read_order_id, read_stock_target, read_wishes, require_json
from commands.preview import preview
from commands.problems import problem_kind
from domain.access import PERMISSIONS, STAFF
from domain.decider import Command
from domain.order.commands import PlaceOrder
from domain.order.state import Order
from domain.roles import Role
from domain.stream_names import name_of, order_stream
from streams.writing.errors import ElsewhereOwned, VersionConflict
from streams.writing.submission import CommandResult
from web.caller_dependency import caller, identity_of
from web.command_addresses import ORDER_COMMANDS, PLACE_ORDER, STOCK_COMMANDS
from web.entity_tags import entity_tag
from web.positions import HEADER as POSITION_HEADER
from web.problems import Problem

ROUTED: Final[tuple[type[Command], ...]] = (PlaceOrder, *ORDER_COMMANDS.values(), *STOCK_COMMANDS.values())

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def require_one_route_each() -> None:
    """RuntimeError unless every command that somebody outside may send has exactly one route, and no other has one."""
    outside = {command for command, roles in PERMISSIONS.items() if roles - {Role.WORKFLOW}}
    missing = {command.__name__ for command in outside - set(ROUTED)}
    surplus = {command.__name__ for command in set(ROUTED) - outside}
    twice = {command.__name__ for command in ROUTED if ROUTED.count(command) > 1}
    if missing or surplus or twice:
        raise RuntimeError(
            f"commands without a route: {missing}; routes without a permission: {surplus}; routed twice: {twice}"
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """What every route needs: the write side and a clock."""

    writers: Submit
    clock: Callable[[], datetime]
    by_form: FormDesk

    async def read(self, request: Request, command: type[Command]) -> SentCommand:
        """Who sends what. `Problem` where caller, permission, headers or body are not in order, in this order."""
        who = await caller(request)
        require_permission(who, command)
        wishes = read_wishes(request.headers, request.query_params, identity_of(request).secret)
        require_json(request.headers)
        body = await request.body()
        read = read_command(command, body, self.clock())
        require_own_name(who, read)
        return SentCommand(who, read, read_document(body), len(body), wishes)

    async def place(self, request: Request) -> Response:
        """Place an order."""
        if is_form(request):
            return await self.by_form.take(request, PlaceOrder, None)
        asked = await self.read(request, PlaceOrder)
        if asked.wishes.must_exist:
            raise Problem(problem_kind(VersionConflict), "If-Match: * never holds for an order that is being placed")
        order_id = place_id(asked.caller, asked.wishes, self.writers.runtime)
        try:
            answer = await execute(self.writers, asked, order_stream(order_id))
        except ElsewhereOwned as elsewhere:
            return await forward(request, elsewhere, order_id, preview=asked.wishes.preview)
        return _previewed(asked, answer) or _placed(order_id, answer)

    async def send(self, request: Request, command: type[Command], stream: str) -> Response:
        """Send any other command to a stream. How much the log holds is not for outsiders."""
        if is_form(request):
            return await self.by_form.take(request, command, stream)
        asked = await self.read(request, command)
        try:
            answer = await execute(self.writers, asked, stream)
        except ElsewhereOwned as elsewhere:
            return await forward(request, elsewhere, "1", preview=asked.wishes.preview)
        told = answer if asked.caller.role in STAFF else replace(answer, position=None)
        return _previewed(asked, answer) or _told(told)


class DirectRoute(APIRoute):
    """A route that hands the request to its endpoint as it is: FastAPI has nothing to read or to inject for it."""

    @override
    def get_route_handler(self) -> Endpoint:
        """The endpoint itself."""
        return cast("Endpoint", self.endpoint)


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Every command's route. They are the application's own: in an included router each would be looked up twice."""
    _add(app, PLACE_ORDER, PlaceOrder, desk.place)
    for word, command in ORDER_COMMANDS.items():
        _add(app, f"{PLACE_ORDER}/{{order_id}}/{word}", command, _order_endpoint(desk, command))
    for word, command in STOCK_COMMANDS.items():
        _add(app, f"/commands/stock/{{sku}}/{{location}}/{word}", command, _stock_endpoint(desk, command))


def _order_endpoint(desk: Desk, command: type[Command]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        stream = order_stream(read_order_id(request.path_params["order_id"]))
        return await desk.send(request, command, stream)

    return endpoint


def _stock_endpoint(desk: Desk, command: type[Command]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        stream = read_stock_target(request.path_params["sku"], request.path_params["location"])
        return await desk.send(request, command, stream)

    return endpoint


def _add(app: FastAPI, path: str, command: type[Command], endpoint: Endpoint) -> None:
    fields = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    status = 201 if command is PlaceOrder else 200
    app.router.add_api_route(
        path,
        endpoint,
        route_class_override=DirectRoute,
        methods=["POST"],
        name=command.__name__,
        summary=(command.__doc__ or "").strip().splitlines()[0],
        description=command.__doc__,
        tags=[path.split("/")[2]],
        status_code=status,
        response_model=None,
        openapi_extra=dict(operation(command, fields, status)),
    )


def _previewed(asked: SentCommand, answer: CommandResult) -> Response | None:
    """What the command would do, in the words of its sender's role; None where it was carried out."""
    if answer.foreseen is None:
        return None
    told = orjson.dumps(preview(asked.caller.role, answer, answer.foreseen))
    return Response(told, 200, {"Cache-Control": "no-store"}, "application/json")


def _placed(order_id: str, answer: CommandResult) -> Response:
    told = {"order_id": order_id, **_outcome(answer)}
    if isinstance(answer.state, Order):
        told |= {"number": answer.state.number, "tracking_url": f"/track/{answer.state.tracking_token}"}
    return _response(told, answer, 201, {"Location": f"/orders/{order_id}"})


def _told(answer: CommandResult) -> Response:
    kind = "stock" if answer.stream.startswith("stock-") else "order_id"
    return _response({kind: name_of(answer.stream), **_outcome(answer)}, answer, 200, {})


def _outcome(answer: CommandResult) -> dict[str, Any]:
    position = None if answer.position is None else str(answer.position)
    return {"version": answer.version, "position": position, "repeated": answer.repeated}


def _response(told: Mapping[str, Any], answer: CommandResult, status: int, headers: dict[str, str]) -> Response:
    headers["ETag"] = entity_tag(answer.version)
    if answer.position is not None:
        headers[POSITION_HEADER] = str(answer.position)
    return Response(orjson.dumps(told), status, headers, "application/json")
