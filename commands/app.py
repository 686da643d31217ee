"""The command API as an application.

Decides: nothing; it puts the parts together. Must not know: settings' names, which log runs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from commands.bulk import BulkDesk
from commands.bulk_lines import BulkLine
from commands.docs import docs_page
from commands.execution import Submit
from commands.form_posts import FormDesk
from commands.openapi import describe
from commands.problems import add_command_handlers, kinds
from commands.routes import ROUTED, Desk, add_routes, require_one_route_each
from web.caller_dependency import Identity, use_identity
from web.clock import now
from web.kept_forms import KeptForms
from web.middleware import Edge
from web.problems import add_problem_handlers, problem_pages

DESCRIPTION = "Departments act by sending commands. What a command's fields mean is said by the schema of its body."


def build(
    writers: Submit,
    identity: Identity,
    forms: KeptForms,
    *,
    https: bool = False,
    clock: Callable[[], datetime] = now,
) -> FastAPI:
    """The application that takes commands and hands them to `writers`. `https` says whether it is reached by TLS.

    `forms` keeps what people typed into a form that was refused.
    """
    require_one_route_each()
    app = FastAPI(
        title="Ordertrail commands",
        description=DESCRIPTION,
        openapi_url="/commands/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    use_identity(app, identity)
    add_problem_handlers(app)
    add_command_handlers(app)
    app.add_middleware(Edge, https=https)
    add_routes(app, Desk(writers, clock, FormDesk(writers, clock, forms), BulkDesk(writers, clock, forms)))
    app.include_router(problem_pages(kinds()))
    describe(app, (*ROUTED, BulkLine))
    app.include_router(docs_page(app.openapi))
    return app
