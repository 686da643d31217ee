"""What a command's request says: the command in its body, the wishes in headers and query, the target in its path.

Decides: which bodies, headers, queries and paths are well formed. Must not know: what becomes of the command.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import Headers, QueryParams

from domain.decider import Command
from domain.offering import Act
from domain.stream_names import stock_stream
from domain.values import Location, Sku, Text
from web.caller_dependency import media_type
from web.entity_tags import version_of
from web.problems import BAD_HEADER, BROKEN_JSON, NOT_JSON, Problem, fault, from_errors, from_validation, invalid

MOST_AHEAD: Final = timedelta(minutes=5)
"""How far clocks may differ: `occurred_at` may lie this far in our future."""
EARLIEST_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)

FORWARDED: Final = "ordertrail-forwarded"
"""Marks a request that another of our processes passed on: the id of the order to be placed, or `1`, and a proof."""

PREVIEW: Final = {"true": True, "false": False}

KEY_LENGTH: Final = 200
KEY: Final = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH}}}")
SEEN: Final = re.compile(r"[0-9]{1,18}")
TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
UUID_FORM: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

SKU: Final[TypeAdapter[str]] = TypeAdapter(Sku)
LOCATION: Final[TypeAdapter[str]] = TypeAdapter(Location)
NAME: Final[TypeAdapter[str]] = TypeAdapter(Text)

SMALL_BODY: Final = 64 * 1024
"""Bytes that may hold whatever they like: validating them takes milliseconds."""
MOST_VALUES: Final = 150_000
"""An order of 10,000 lines has about 110,000."""
MOST_FIELDS: Final = 100
"""Of one object."""
MOST_ITEMS: Final = 10_000
"""Of one list; no command takes more."""

C = TypeVar("C", bound=Command)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What headers and query ask for; None where a header is absent."""

    key: str | None = None
    """Idempotency-Key; None for a preview, which uses none."""
    expected_version: int | None = None
    """If-Match."""
    must_exist: bool = False
    """If-Match: * """
    seen_version: int | None = None
    """Seen-Version: of the offers that the sender saw; what is offered no longer is to be refused, a fact too."""
    seen_act: Act | None = None
    """Seen-Act: as what the offer was seen; the same command may serve another end by now."""
    traceparent: str | None = None
    on_behalf_of: str | None = None
    forwarded: str | None = None
    preview: bool = False
    """Decide, and do not carry out."""


def forwarded_mark(secret: bytes, mark: str) -> str:
    """`mark` as one of our processes writes it; nobody outside knows the secret."""
    return f"{mark}.{hmac.digest(secret, b'forwarded ' + mark.encode(), 'sha256').hex()}"


def _forwarded(given: str, secret: bytes) -> str | None:
    """The mark, if it is one of ours; what comes from outside says nothing."""
    mark = given.partition(".")[0]
    return mark if hmac.compare_digest(given.encode(), forwarded_mark(secret, mark).encode()) else None


def read_wishes(headers: Headers, query: QueryParams, secret: bytes) -> Wishes:
    """What concerns a command in headers (`Problem` 400 that names a malformed one) and query (422)."""
    key = _key(headers.get("idempotency-key"))
    match = headers.get("if-match")
    preview = read_preview(query)
    return Wishes(
        key=None if preview else key,
        expected_version=None if match is None or match == "*" else _version(match),
        must_exist=match == "*",
        seen_version=_seen(headers.get("seen-version")),
        seen_act=_act(headers.get("seen-act")),
        traceparent=read_trace(headers),
        on_behalf_of=_name(headers.get("x-on-behalf-of")),
        forwarded=_forwarded(headers.get(FORWARDED, ""), secret),
        preview=preview,
    )


def read_trace(headers: Headers) -> str | None:
    """The caller's trace. A malformed one is to be ignored, not refused (W3C Trace Context, 3.2)."""
    given = headers.get("traceparent")
    return given if given and TRACEPARENT.fullmatch(given) else None


def read_form_wishes(key: str, seen: str, act: str, query: QueryParams) -> Wishes:
    """What a form asks for: that it is carried out once, or shown what it would do, as long as it is still offered.

    `act` is how its page calls it: the act, and what it is done to.
    """
    given, preview = _key(key or None), read_preview(query)
    said = act.partition(".")[0]
    seen_act = Act(said) if said in set(Act) else None
    return Wishes(key=None if preview else given, seen_version=_seen(seen or None), seen_act=seen_act, preview=preview)


def read_preview(query: QueryParams) -> bool:
    """Anything unclear is refused: who wanted to look must not find that it was done."""
    given = query.getlist("preview") or ["false"]
    if len(given) > 1 or given[0] not in PREVIEW:
        raise invalid(fault(["query", "preview"], "true or false is expected, once"))
    return PREVIEW[given[0]]


def _key(given: str | None) -> str | None:
    if given is not None and KEY.fullmatch(given) is None:
        raise _bad_header("Idempotency-Key", "1 to 200 visible ASCII characters are expected")
    return given


def _version(given: str) -> int:
    version = version_of(given.strip())
    if version is None:
        raise _bad_header("If-Match", 'one version in quotation marks, such as "3", an ETag of ours, or * is expected')
    return version


def _seen(given: str | None) -> int | None:
    if given is not None and SEEN.fullmatch(given) is None:
        raise _bad_header("Seen-Version", "the version that an offer names is expected, such as 3")
    return None if given is None else int(given)


def _act(given: str | None) -> Act | None:
    if given is not None and given not in set(Act):
        raise _bad_header("Seen-Act", "the act that an offer names is expected, such as hand-over")
    return None if given is None else Act(given)


def _name(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        # Header fields reach us as Latin-1; names in other scripts are sent as UTF-8.
        return NAME.validate_python(given.encode("latin-1").decode())
    except ValueError:
        raise _bad_header(
            "X-On-Behalf-Of", "1 to 200 characters of UTF-8, no control characters, are expected"
        ) from None


def _bad_header(name: str, reason: str) -> Problem:
    return Problem(BAD_HEADER, f"{name}: {reason}", header=name)


def require_json(headers: Headers) -> None:
    """`Problem` 415 for a body whose content type is not JSON."""
    if media_type(headers) not in {"application/json", ""}:
        raise Problem(NOT_JSON, f"not {headers['content-type'][:60]!r}")


def read_command(command: type[C], body: bytes, now: datetime) -> C:
    """The command in a body; an empty body is an empty object. `Problem` 400 or 422 that names every field at fault."""
    _require_bounded(body)
    try:
        read = command.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise from_validation(error, body) from None
    if read.occurred_at is not None:
        _require_plausible(read.occurred_at, now)
    return read


def _require_bounded(body: bytes) -> None:
    """`Problem` 422 for a body so full of values that finding every fault would keep all other callers waiting."""
    if len(body) <= SMALL_BODY:
        return
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return  # validation says what is wrong with it
    unseen = _containers([("", document)])
    values = 0
    while unseen:
        name, one = unseen.pop()
        values += len(one)
        most, called = (MOST_FIELDS, "fields") if isinstance(one, dict) else (MOST_ITEMS, "items")
        if len(one) > most:
            raise invalid(fault([name] if name else [], f"{len(one)} {called}, at most {most} {called} are taken"))
        if values > MOST_VALUES:
            raise invalid(fault([], f"there are more than {MOST_VALUES} values"))
        unseen += _containers(one.items() if isinstance(one, dict) else ((name, item) for item in one))


def _containers(values: Iterable[tuple[str, Any]]) -> list[tuple[str, dict[str, Any] | list[Any]]]:
    """Those that hold others, each with the name of its field."""
    return [(name, value) for name, value in values if isinstance(value, dict | list)]


def _require_plausible(occurred_at: datetime, now: datetime) -> None:
    if occurred_at > now + MOST_AHEAD:
        raise invalid(fault(["occurred_at"], "lies more than 5 minutes in the future", "in_the_future"))
    if occurred_at < EARLIEST_TIME:
        raise invalid(fault(["occurred_at"], "lies before 1970", "before_1970"))


def read_document(body: bytes) -> object:
    """The body as the client sent it, for comparing it with an earlier one under the same key."""
    try:
        document: object = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise Problem(BROKEN_JSON, error.msg) from None
    return document


def read_order_id(text: str) -> str:
    """A UUID in canonical form; `Problem` 422 otherwise."""
    lowered = text.lower()
    if UUID_FORM.fullmatch(lowered) is None:
        raise invalid(fault(["path", "order_id"], "a UUID is expected, such as 0198c0de-7a34-7c1b-9d0a-3c1d5f0b8e21"))
    return lowered


def read_stock_target(sku: str, location: str) -> str:
    """The stream of a stock item; `Problem` 422 for a SKU or location that cannot be one."""
    return stock_stream(_part(SKU, sku, "sku"), _part(LOCATION, location, "location"))


def _part(form: TypeAdapter[str], text: str, field: str) -> str:
    try:
        return form.validate_python(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise from_errors([{**detail, "loc": ("path", field)} for detail in found]) from None
