"""Every error as an RFC 9457 problem document, with a stable code that programs may rely on.

Decides: how a problem looks on the wire, and how the errors of request, router and framework become one. Which status a
refused command gets is decided in commands/problems.py. Must not know: commands, storage, the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException as RouterError
from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MEDIA_TYPE: Final = "application/problem+json"
MOST_ERRORS: Final = 50
"""Faults of one body that are listed; the rest is counted."""
MOST_READ: Final = 10_000
"""Faults of one body that are looked at; wording each of more would take seconds."""

LONGEST_LIMIT: Final = 60
"""Characters of what is said of a limit: a currency's code, a character's number."""

Json: TypeAlias = str | int | bool | Sequence["Json"] | Mapping[str, "Json"] | None


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem: its code (the last part of its `type`), its status and what it means to a person."""

    code: str
    status: int
    title: str


BROKEN_JSON: Final = ProblemKind("broken-json", 400, "The body is not JSON.")
BAD_UTF_8: Final = ProblemKind("bad-utf-8", 400, "The body is not UTF-8.")
BAD_HEADER: Final = ProblemKind("bad-header", 400, "A header is malformed.")
BAD_REQUEST: Final = ProblemKind("bad-request", 400, "The request cannot be understood.")
INVALID: Final = ProblemKind("invalid", 422, "Some values of the request are not valid.")
NOT_SIGNED_IN: Final = ProblemKind("not-signed-in", 401, "Sign in, or send a valid token.")
SESSION_OVER: Final = ProblemKind(
    "session-over", 401, "Your session was over, so nothing was recorded. Look at it once more and send it again."
)
NOT_PERMITTED: Final = ProblemKind("not-permitted", 403, "Your role may not do this.")
UNKNOWN_ROLE: Final = ProblemKind("unknown-role", 403, "The token names a role that does not exist here.")
FORGED_FORM: Final = ProblemKind("forged-form", 403, "This form was not opened here, or it is too old. Open it again.")
NO_SUCH_PAGE: Final = ProblemKind("no-such-page", 404, "There is nothing at this address.")
NO_SUCH_METHOD: Final = ProblemKind("no-such-method", 405, "This address does not support this method.")
TOO_LARGE: Final = ProblemKind("too-large", 413, "The body is too large.")
NOT_JSON: Final = ProblemKind("not-json", 415, "The body must be application/json.")
NOT_LINES: Final = ProblemKind("not-lines", 415, "The body must be application/x-ndjson: one JSON object a line.")
TOO_MUCH_AT_ONCE: Final = ProblemKind("too-much-at-once", 503, "Too much is being sent at once; ask again in a moment.")
ENDING: Final = ProblemKind("ending", 503, "The server ends and had no time left for this. Ask again in a moment.")
FAULT: Final = ProblemKind("fault", 500, "Something went wrong on our side. It has been logged.")

EDGE_PROBLEMS: Final = (
    BROKEN_JSON,
    BAD_UTF_8,
    BAD_HEADER,
    BAD_REQUEST,
    INVALID,
    NOT_SIGNED_IN,
    SESSION_OVER,
    NOT_PERMITTED,
    UNKNOWN_ROLE,
    FORGED_FORM,
    NO_SUCH_PAGE,
    NO_SUCH_METHOD,
    TOO_LARGE,
    NOT_JSON,
    NOT_LINES,
    TOO_MUCH_AT_ONCE,
    ENDING,
    FAULT,
)


class Problem(Exception):
    """An answer that is a problem document. `members` are RFC 9457 extension members; `headers` go with the answer."""

    def __init__(
        self, kind: ProblemKind, detail: str = "", *, headers: Mapping[str, str] | None = None, **members: Json
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.headers = headers
        self.members = members
        super().__init__(f"{kind.code}: {detail or kind.title}")

    @property
    def document(self) -> dict[str, Json]:
        """What is said of it: the body of the answer."""
        document: dict[str, Json] = {
            "type": f"/problems/{self.kind.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "code": self.kind.code,
        }
        if self.detail:
            document["detail"] = self.detail
        return document | self.members

    def response(self) -> Response:
        """The document, ready to be sent."""
        return Response(
            orjson.dumps(self.document),
            self.kind.status,
            {"Cache-Control": "no-store", **(self.headers or {})},
            MEDIA_TYPE,
        )


def pointer(path: Sequence[str | int]) -> str:
    """JSON Pointer (RFC 6901) to a field of the body."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def fault(path: Sequence[str | int], reason: str, rule: str | None = None) -> dict[str, Json]:
    """One entry of a problem's `errors`: where, which field, why, and by which rule a page says it in its own words.

    Names that came from outside are cut short.
    """
    field = ".".join(str(step)[:100] for step in path) or "body"
    entry: dict[str, Json] = {
        "pointer": pointer([str(step)[:100] for step in path]),
        "field": field,
        "reason": reason[:300],
    }
    return entry if rule is None else {**entry, "rule": rule}


def invalid(*faults: Mapping[str, Json], more: int = 0) -> Problem:
    """422 that lists every fault; `more` were left out. The first one is the detail."""
    detail = f"{faults[0]['field']}: {faults[0]['reason']}"
    return Problem(INVALID, detail, errors=faults, more_errors=more)


def from_validation(error: ValidationError, body: bytes) -> Problem:
    """What pydantic says of a body: 400 (no JSON, no UTF-8) or 422. Of the body only field names are repeated."""
    if error.error_count() > MOST_READ:
        return invalid(fault([], f"{error.error_count()} faults were found, too many to name"))
    found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return _unreadable(body, found[0]["msg"])
    return from_errors(found)


def from_errors(found: Sequence[ErrorDetails], skip: int = 0) -> Problem:
    """Pydantic's errors as 422; the first `skip` steps of each place are not the client's words."""
    broken_lists = {detail["loc"][:place] for detail in found for place in range(len(detail["loc"]))}
    # A list that failed item by item is also called too short, as if it had come empty.
    kept = [detail for detail in found if detail["type"] != "too_short" or detail["loc"] not in broken_lists]
    faults = [fault(detail["loc"][skip:], _reason(detail)) | _rule(detail) for detail in kept]
    return invalid(*faults[:MOST_ERRORS], more=max(0, len(faults) - MOST_ERRORS))


def _rule(detail: ErrorDetails) -> dict[str, Json]:
    """The rule that is broken and its limits: a page says them in its reader's language."""
    limits: dict[str, Json] = {name: value for name, value in detail.get("ctx", {}).items() if _is_plain(value)}
    return {"rule": detail["type"], **({"limits": limits} if limits else {})}


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= LONGEST_LIMIT)


def _reason(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return "unknown field"
    if detail["type"] == "timezone_aware":
        return "an offset from UTC is expected; clocks that are put forward then never show this hour"
    return detail["msg"].removeprefix("Value error, ").replace(" after validation", "")


def _unreadable(body: bytes, message: str) -> Problem:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return Problem(BAD_UTF_8, f"byte {error.start + 1} is not UTF-8")
    return Problem(BROKEN_JSON, message.removeprefix("Invalid JSON: "))


async def answer_problem(_: Request, error: Exception) -> Response:
    """Handler of `Problem`."""
    if not isinstance(error, Problem):
        raise error
    return error.response()


async def _answer_router(request: Request, error: Exception) -> Response:
    if not isinstance(error, RouterError):
        raise error
    if isinstance(error.__cause__, UnicodeDecodeError):
        return Problem(BAD_UTF_8, f"byte {error.__cause__.start + 1} is not UTF-8").response()
    kinds = {401: NOT_SIGNED_IN, 403: NOT_PERMITTED, 404: NO_SUCH_PAGE, 405: NO_SUCH_METHOD, 413: TOO_LARGE}
    kind = kinds.get(error.status_code, BAD_REQUEST)
    detail = request.url.path[:200] if kind is NO_SUCH_PAGE else ""
    headers = dict(error.headers or {})
    if headers.get("Allow") == "GET":
        headers["Allow"] = "GET, HEAD"  # the router does not know that web/middleware.py answers HEAD
    return Problem(kind, detail, headers=headers).response()


async def _answer_invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found: Any = error.errors()
    if found[0]["type"] == "json_invalid":
        return Problem(BROKEN_JSON, str(found[0].get("ctx", {}).get("error", ""))[:200]).response()
    # FastAPI puts the part of the request before the place: ("query", "after").
    return from_errors(found, skip=1).response()


def add_problem_handlers(app: FastAPI) -> None:
    """Make every error of routes, router and framework a problem document; the 500 is made by web/middleware.py."""
    app.add_exception_handler(Problem, answer_problem)
    app.add_exception_handler(RouterError, _answer_router)
    app.add_exception_handler(HTTPException, _answer_router)
    app.add_exception_handler(RequestValidationError, _answer_invalid)


def problem_pages(kinds: Sequence[ProblemKind]) -> APIRouter:
    """`GET /problems` and `GET /problems/{code}`: what each code means."""
    router = APIRouter(prefix="/problems", tags=["problems"])
    known = {kind.code: kind for kind in (*EDGE_PROBLEMS, *kinds)}

    @router.get("")
    async def every_problem() -> list[ProblemKind]:
        """Every kind of problem this service answers with."""
        return sorted(known.values(), key=lambda kind: kind.code)

    @router.get("/{code}")
    async def one_problem(code: str) -> ProblemKind:
        """What one code means."""
        if code not in known:
            raise Problem(NO_SUCH_PAGE, f"no problem has the code {code[:100]!r}")
        return known[code]

    return router
