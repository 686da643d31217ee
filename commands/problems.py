"""The status of a command that was not carried out, and the problem document that says why.

Decides: the table from refusals and write errors to HTTP. Must not know: routes, how commands are read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from domain import catalogue
from domain.decider import Coded, Rejected, UnknownOrder
from domain.person.decisions import UnknownPerson
from streams.writing.errors import (
    CommandTooLarge,
    ElsewhereOwned,
    KeyReused,
    NotExecuted,
    Overloaded,
    StillUnknown,
    StreamParked,
    VersionConflict,
    WriteError,
)
from web.entity_tags import entity_tag
from web.problems import Json, Problem, ProblemKind

REFUSED_STATUS: Final = 409
STATUSES: Final[dict[type[Coded], int]] = {
    UnknownOrder: 404,
    UnknownPerson: 404,
    VersionConflict: 412,
    CommandTooLarge: 413,
    KeyReused: 422,
    NotExecuted: 503,
    StillUnknown: 503,
    Overloaded: 503,
    ElsewhereOwned: 503,
    StreamParked: 500,
}
"""Every other `Rejected` is 409: the command is well formed, and a rule refuses it."""

RETRY_AFTER_S: Final = 1.0


def kinds() -> tuple[ProblemKind, ...]:
    """Every way in which a command can be refused or fail."""
    # The catalogue imports every decision, and with them every rule that can refuse.
    rules = [rule for rule in _rules(Rejected) if rule.__module__.startswith(f"{catalogue.__package__}.")]
    failures = [error for error in STATUSES if issubclass(error, WriteError)]
    return tuple(problem_kind(error) for error in (*rules, *failures))


def problem_kind(error: type[Coded]) -> ProblemKind:
    """Code, status and title of a refusal or a failure."""
    return ProblemKind(error.code(), STATUSES.get(error, REFUSED_STATUS), error.title())


def problem_of(error: Rejected | WriteError) -> Problem:
    """The document for one refusal or failure."""
    kind = problem_kind(type(error))
    members: dict[str, Json] = {}
    if isinstance(error, Rejected) and error.facts:
        members["facts"] = error.facts
    if isinstance(error, VersionConflict):
        members |= {"expected": error.expected, "actual": error.actual}
    return Problem(kind, error.detail, headers=_headers(error, kind), **members)


def _headers(error: Exception, kind: ProblemKind) -> dict[str, str] | None:
    if isinstance(error, VersionConflict):
        return {"ETag": entity_tag(error.actual)}
    if kind.status != 503:  # noqa: PLR2004 - the status is the table's own
        return None
    seconds = error.retry_after_s if isinstance(error, Overloaded) else RETRY_AFTER_S
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def add_command_handlers(app: FastAPI) -> None:
    """Answer refusals and write errors of every route with their problem document."""
    app.add_exception_handler(Rejected, _answer)
    app.add_exception_handler(WriteError, _answer)


async def _answer(_: Request, error: Exception) -> Response:
    if not isinstance(error, Rejected | WriteError):
        raise error
    return problem_of(error).response()


def _rules(base: type[Rejected]) -> Iterator[type[Rejected]]:
    for rule in base.__subclasses__():
        yield rule
        yield from _rules(rule)
