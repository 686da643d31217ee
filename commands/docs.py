"""A page that lists every command, for a person with a browser; needs nothing from elsewhere.

Decides: how the API's description is shown. Must not know: what a command does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

DOCS_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ordertrail commands</title></head><body><main><h1>Ordertrail commands</h1>
<p>Send <code>Authorization: Bearer TOKEN</code> and JSON. An <code>Idempotency-Key</code> makes a retry safe,
<code>If-Match</code> guards against what you have not seen, <code>?preview=true</code> shows what would happen.
<code>/commands/bulk</code> takes up to 1,000 of them, one a line (NDJSON), each with its own address and key.
The whole description: <a href="/commands/openapi.json">openapi.json</a>.
What can go wrong: <a href="/problems">problems</a>.</p>
{commands}</main></body></html>"""


def docs_page(description: Callable[[], Mapping[str, Any]]) -> APIRouter:
    """`GET /commands/docs`: the page made of the API's own description."""
    router = APIRouter(include_in_schema=False)

    @router.get("/commands/docs")
    async def docs() -> HTMLResponse:
        """Every command with its fields."""
        told = description()
        models = told["components"]["schemas"]
        posts = ((path, item["post"]) for path, item in told["paths"].items() if "post" in item)
        shown = [_described(path, post, models) for path, post in posts]
        return HTMLResponse(DOCS_PAGE.format(commands="\n".join(shown)))

    return router


def _described(path: str, post: Mapping[str, Any], models: Mapping[str, Any]) -> str:
    (content,) = post["requestBody"]["content"].values()
    model = models[content["schema"]["$ref"].rpartition("/")[2]]
    rows = "".join(
        f"<li><code>{escape(name)}</code>{' (needed)' if name in model.get('required', ()) else ''}</li>"
        for name in model["properties"]
    )
    return f"<h2>{escape(post['summary'])}</h2><p><code>POST {escape(path)}</code></p><ul>{rows}</ul>"
