"""One line per command that comes from outside, and the address of many at once.

Decides: addresses. Must not know: what a command does, what its sender is told.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from commands.answers import answer_to
from commands.bulk import BulkDesk
from commands.execution import SentCommand, Submit, execute, place_id
from commands.form_posts import FormDesk, is_form
from commands.forwarding import forward
from commands.openapi import bulk_operation, operation
from commands.parsing import read_command, read_document, read_order_id, read_stock_target, read_wishes, require_json
from commands.permission import require_permission, require_theirs
from commands.problems import problem_kind
from domain.access import PERMISSIONS
from domain.decider import Command
from domain.order.commands import PlaceOrder
from domain.roles import Role
from domain.stream_names import PEOPLE, order_stream
from streams.writing.errors import ElsewhereOwned, VersionConflict
from web.caller_dependency import caller, identity_of
from web.command_addresses import BULK_PATH, ORDER_COMMANDS, PEOPLE_COMMANDS, PLACE_ORDER, STOCK_COMMANDS
from web.problems import Problem

ROUTED: Final[tuple[type[Command], ...]] = (
    PlaceOrder,
    *ORDER_COMMANDS.values(),
    *STOCK_COMMANDS.values(),
    *PEOPLE_COMMANDS.values(),
)

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
    many: BulkDesk

    async def read(self, request: Request, command: type[Command]) -> SentCommand:
        """Who sends what. `Problem` where caller, permission, headers or body are not in order, in this order."""
        who = await caller(request)
        require_permission(who, command)
        wishes = read_wishes(request.headers, request.query_params, identity_of(request).secret)
        require_json(request.headers)
        body = await request.body()
        read = read_command(command, body, self.clock())
        require_theirs(request, who, read, self.clock())
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
        return answer_to(asked, answer).response()

    async def send(self, request: Request, command: type[Command], stream: str) -> Response:
        """Send any other command to a stream."""
        if is_form(request):
            return await self.by_form.take(request, command, stream)
        asked = await self.read(request, command)
        try:
            answer = await execute(self.writers, asked, stream)
        except ElsewhereOwned as elsewhere:
            return await forward(request, elsewhere, "1", preview=asked.wishes.preview)
        return answer_to(asked, answer).response()


class DirectRoute(APIRoute):
    """A route that hands the request to its endpoint as it is: FastAPI has nothing to read or to inject for it."""

    @override
    def get_route_handler(self) -> Endpoint:
        """The endpoint itself."""
        return cast("Endpoint", self.endpoint)


def add_routes(app: FastAPI, desk: Desk) -> None:
    """Every command's route. They are the application's own: in an included router each would be looked up twice."""
    _add(app, PLACE_ORDER, PlaceOrder, desk.place)
    app.router.add_api_route(
        BULK_PATH,
        desk.many.take,
        route_class_override=DirectRoute,
        methods=["POST"],
        summary="Many commands at once, one a line",
        tags=["bulk"],
        response_model=None,
        openapi_extra=dict(bulk_operation()),
    )
    for word, command in ORDER_COMMANDS.items():
        _add(app, f"{PLACE_ORDER}/{{order_id}}/{word}", command, _order_endpoint(desk, command))
    for word, command in STOCK_COMMANDS.items():
        _add(app, f"/commands/stock/{{sku}}/{{location}}/{word}", command, _stock_endpoint(desk, command))
    for word, command in PEOPLE_COMMANDS.items():
        _add(app, f"/commands/people/{word}", command, _people_endpoint(desk, command))


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


def _people_endpoint(desk: Desk, command: type[Command]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await desk.send(request, command, PEOPLE)

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
