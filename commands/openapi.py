"""What the API's description says of commands: bodies, headers and answers, from the models that validate them.

Bodies are validated by hand from the raw bytes (once, in `parsing.py`), so FastAPI has to be told what they look like.
Must not know: how a command is handled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.decider import Command

REFERENCE: Final = "#/components/schemas/{model}"

COMMAND_HEADERS: Final = (
    ("Idempotency-Key", "1 to 200 visible characters. The same key with the same body is executed once.", "string"),
    (
        "If-Match",
        'The version that you expect, such as "3", or an ETag; 412 when it no longer holds. Facts ignore it.',
        "string",
    ),
    (
        "Seen-Version",
        "The version that you saw, such as 3: refused where the command is offered no longer since.",
        "integer",
    ),
    ("Seen-Act", "With Seen-Version: the act of that offer, such as hand-over, which it still has to be.", "string"),
    ("X-On-Behalf-Of", "In whose name the caller acts.", "string"),
)

PREVIEW_PARAMETER: Final[dict[str, Any]] = {
    "name": "preview",
    "in": "query",
    "required": False,
    "description": "true: the command is decided on the state of now and not carried out. Nothing is used up by that, "
    "the Idempotency-Key neither.",
    "schema": {"type": "boolean", "default": False},
}

ANSWER: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["version", "position", "repeated"],
    "properties": {
        "order_id": {"type": "string", "format": "uuid"},
        "stock": {"type": "string", "description": "<sku>@<location>"},
        "person": {"type": "string", "format": "uuid", "description": "The id under which the person acts."},
        "version": {"type": "integer", "description": "Version of the order, stock item or register; also in ETag."},
        "position": {"type": ["string", "null"], "description": "Give it to a read as `after=`."},
        "repeated": {"type": "boolean", "description": "Executed before under the same key; nothing happened now."},
        "number": {"type": "string", "description": "The order number as people read it; placing only."},
        "tracking_url": {"type": "string", "description": "The customer's page; placing only."},
    },
}


_SUMMARY: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "Of an order (null before it is placed), a stock item or people; null for who reads no board.",
    "properties": {
        "headline": {"type": "string"},
        "badges": {"type": "array", "items": {"type": "object"}},
        "waiting_on": {"type": "string"},
        "next_action": {"type": "string"},
        **{
            name: {"type": "integer"}
            for name in ("on_hand", "staged", "reserved", "available", "waiting", "people", "lasting_admins")
        },
    },
}

FORESEEN_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["preview", "version", "events", "state_before", "state_after", "told"],
    "properties": {
        "preview": {"const": True},
        "version": {"type": "integer", "description": "Of the state that it was decided on; 0 for a new one."},
        "events": {
            "type": ["array", "null"],
            "description": "What would be recorded; what is issued only then, and what your role does not read, is "
            "hidden (a person's id is all zeros). Null for who reads no board.",
            "items": {
                "type": "object",
                "required": ["type", "data"],
                "properties": {"type": {"type": "string"}, "data": {"type": "object"}},
            },
        },
        "state_before": _SUMMARY,
        "state_after": _SUMMARY,
        "told": {
            "type": ["array", "null"],
            "description": "Other orders and stock items that would hear of it directly; null for who reads no board.",
            "items": {"type": "string"},
        },
    },
}


def operation(command: type[Command], path_fields: Iterable[str], status: int) -> Mapping[str, Any]:
    """The parts of a route's description that FastAPI cannot see."""
    in_path = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path_fields]
    in_headers = [
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": kind}}
        for name, text, kind in COMMAND_HEADERS
    ]
    body = {"$ref": REFERENCE.format(model=command.__name__)}
    return {
        "parameters": [*in_path, PREVIEW_PARAMETER, *in_headers],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            **_successes(status),
            "default": _problem("A problem (RFC 9457)"),
        },
        "security": [{"token": []}],
    }


def _problem(description: str) -> Mapping[str, Any]:
    schema = {"$ref": REFERENCE.format(model="Problem")}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _successes(status: int) -> Mapping[str, Any]:
    """The answer of a command that was carried out and that of a preview, which is 200 for every command."""
    if status != HTTPStatus.OK:
        return {str(status): _success("Executed", ANSWER), "200": _success("Previewed", FORESEEN_SCHEMA)}
    return {"200": _success("Executed or previewed", {"oneOf": [ANSWER, FORESEEN_SCHEMA]})}


def _success(description: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "facts": {"type": "object", "description": "What the refusing rule looked at."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "field", "reason")},
            },
        },
    },
}


def bulk_operation() -> Mapping[str, Any]:
    """What the address says that takes many commands at once."""
    line = {
        "type": "object",
        "required": ["line", "status", "answer"],
        "properties": {
            "line": {"type": "integer", "description": "Which line of the request; the first is 1."},
            "status": {"type": "integer", "description": "As the command would have been answered by itself."},
            "retry_after": {"type": "integer", "description": "Seconds; of a line that was not carried out for now."},
            "answer": {"oneOf": [ANSWER, FORESEEN_SCHEMA, {"$ref": REFERENCE.format(model="Problem")}]},
        },
    }
    sent = {"$ref": REFERENCE.format(model="BulkLine")}
    return {
        "description": BULK_DESCRIPTION,
        "parameters": [PREVIEW_PARAMETER],
        "requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": sent}}},
        "responses": {
            "200": {"description": "A line for each line", "content": {"application/x-ndjson": {"schema": line}}},
            "default": _problem("Refused as a whole: no line was carried out"),
        },
        "security": [{"token": []}],
    }


BULK_DESCRIPTION: Final = """At most 1,000 lines and 4 MiB. Each line is a command with what a request of its own would
say, and is answered by one line, in the same order, whatever becomes of the others. Lines for one order or stock item
are carried out in their order, others beside each other. A line without a key may be carried out twice where the whole
is sent again. In a preview each line is decided as if it were the only one. Empty lines count, and are no JSON."""


def describe(app: FastAPI, commands: Iterable[type[BaseModel]]) -> None:
    """Let `app.openapi()` describe the commands' bodies as well."""
    models: Final = [(command, "validation") for command in commands]

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            # Only when somebody asks: it takes longer than building all the rest of the application.
            _, definitions = models_json_schema(models, ref_template=REFERENCE)
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            components = schema.setdefault("components", {})
            components.setdefault("schemas", {}).update({**definitions["$defs"], "Problem": PROBLEM_SCHEMA})
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its description
