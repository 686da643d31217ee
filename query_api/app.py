"""The query API and all pages as an application.

Decides: which routes there are, and that people get pages where programs get documents, problems included. Must not
know: settings' names, which log runs, how views are filled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from projections.board import Board
from projections.registry import BOARDS, VIEWS
from query_api import reads, server_sent_events
from query_api.board_feed import BoardFeed
from query_api.dependencies import Readers, readers_of
from query_api.problem_words import told_problem
from query_api.rendering import STATIC, is_customers, render, wants_page, words_of
from query_api.routes import (
    account,
    badges,
    boards,
    counts,
    devices,
    home,
    logo,
    new_order,
    orders,
    papers,
    people,
    printing,
    saved_filters,
    search,
    second_factor,
    several,
    status,
    stock,
    style,
    tracking,
    walks,
)
from query_api.sentences import require_words
from web.bodies import LARGEST_BODY, BodyLimits
from web.caller_dependency import use_identity, visitor
from web.health import health
from web.middleware import Edge
from web.problems import MEDIA_TYPE, NOT_SIGNED_IN, add_problem_handlers, problem_pages
from web.provider_desk import provider_routes
from web.signin import LONGEST_NEXT, SIGN_IN_PROBLEMS, SignInPage, sign_in_routes

Handler: TypeAlias = Callable[[Request, Any], Awaitable[Response]]

OWN_PROBLEMS: Final = (
    *reads.READ_PROBLEMS,
    *server_sent_events.FOLLOWING_PROBLEMS,
    saved_filters.FILTERS_FULL,
    people.BY_PROVIDER,
    people.INACTIVE,
)
LARGEST_FORM: Final = 4 * 1024
LARGEST_PASSWORD_FORM: Final = 16 * 1024
"""Three passwords of 200 characters, of which each may take twelve bytes."""

ROUTERS: Final = (
    home.router,
    boards.router,
    several.router,
    new_order.router,
    orders.router,
    search.router,
    counts.router,
    stock.router,
    people.router,
    badges.router,
    account.router,
    second_factor.router,
    devices.router,
    tracking.router,
    walks.router,
    saved_filters.router,
    status.router,
    logo.router,
    papers.router,
    printing.router,
    style.router,
)
"""In the order in which the description of the interface tells of them."""

DESCRIPTION = "Where orders stand. Every address answers programs with JSON and people with a page."


def build(readers: Readers) -> FastAPI:
    """The application that shows what the views hold. `WordMissing` for a board or a view that nobody gave words."""
    require_words(words_of_boards(BOARDS))
    require_words(f"view_{view.name}" for view in VIEWS)
    app = FastAPI(title="Ordertrail", description=DESCRIPTION, docs_url=None, redoc_url=None, redirect_slashes=False)
    read_by(app, readers)
    use_identity(app, readers.identity)
    add_problem_handlers(app)
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _for_people(handler))
    larger = {
        **dict.fromkeys((new_order.PATH, new_order.CHECK_PATH), LARGEST_BODY),
        counts.COUNTS_PATH: counts.LARGEST_COUNTS,
        **dict.fromkeys(("/sign-in", *account.PASSWORD_PATHS), LARGEST_PASSWORD_FORM),
        **dict.fromkeys(several.SEVERAL_PATHS, several.LARGEST_SELECTION),
    }
    limits = BodyLimits(LARGEST_FORM, larger)
    app.add_middleware(Edge, https=readers.https, limits=limits)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(health(readers.checks))
    app.include_router(problem_pages([*OWN_PROBLEMS, *readers.problems]))
    if readers.sign_in is not None:
        app.include_router(problem_pages(SIGN_IN_PROBLEMS))
        app.include_router(sign_in_routes(readers.sign_in, _sign_in_page))
        if readers.sign_in.provider is not None:
            app.include_router(provider_routes(readers.sign_in.provider, readers.sign_in, _sign_in_page))
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def read_by(app: FastAPI, readers: Readers) -> None:
    """Have the application read with these."""
    app.state.readers = readers
    app.state.board_feed = BoardFeed(readers.pool, readers.waiter)


def words_of_boards(shown: Iterable[Board]) -> Iterator[str]:
    """Keys of the words that menu, start page and boards put on screen."""
    for board in shown:
        yield from (f"board_{board.name}", f"empty_{board.name}")
        yield from (f"queue_{queue}" for queue in board.queues)


def _sign_in_page(request: Request, page: SignInPage) -> Response:
    return render(request, "sign_in.html", page=page, has_passwords=readers_of(request).has_passwords)


def _for_people(handler: Any) -> Handler:
    """The same problem as a page, where a person asks."""

    async def shown(request: Request, error: Any) -> Response:
        document: Response = await handler(request, error)
        if not wants_page(request) or document.media_type != MEDIA_TYPE:
            return document
        return await _problem_page(request, document)

    return shown


async def _problem_page(request: Request, document: Response) -> Response:
    problem = orjson.loads(bytes(document.body))
    if not is_customers(request):
        request.state.caller = await visitor(request)
    values = {"code": problem["status"], "told": told_problem(problem, words_of(request)), "as_of": None}
    values["sign_in_link"] = _sign_in_link(request) if problem["code"] == NOT_SIGNED_IN.code else ""
    page = render(request, "problem.html", status=problem["status"], reading=None, **values)
    page.headers.update({name: value for name, value in document.headers.items() if name not in CONTENT})
    return page


def _sign_in_link(request: Request) -> str:
    """To the door, and from there to the page that was asked for; nowhere where another service signs people in."""
    if readers_of(request).sign_in is None:
        return ""
    if request.method != "GET":
        return "/sign-in"
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/sign-in" if len(asked) > LONGEST_NEXT else f"/sign-in?{urlencode({'next': asked})}"


CONTENT = frozenset({"content-type", "content-length"})
