"""How a page is made: its language, its frame, and how figures, dates and links look on it.

Decides: language, headers of pages, formats. Must not know: what is on a page; its route and template do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from domain.access import LEADS, READS_PEOPLE
from domain.order.status import BadgeKind, Headline
from domain.roles import same_person
from projections.registry import boards_for
from query_api.dependencies import readers_of
from query_api.sentences import Language, Words, spoken
from query_api.taking import stands_of
from web.caller_dependency import COOKIE as SESSION
from web.caller_dependency import identity_of
from web.tokens import Caller

STATIC: Final = Path(__file__).parent / "static"
LANGUAGE_COOKIE: Final = "lang"
LONGEST_CHOICE: Final = 1_000
"""Characters of an Accept header that are read; browsers send a tenth of it."""
YEAR_S: Final = 365 * 24 * 3600

GLYPHS: Final[dict[Headline | BadgeKind, str]] = {
    Headline.PENDING: "○",
    Headline.PROCESSING: "◐",
    Headline.SHIPPED: "→",
    Headline.DELIVERED: "●",
    Headline.COMPLETED: "✓",
    Headline.CANCELLED: "×",
    BadgeKind.PART_SHIPPED: "◑",
    BadgeKind.BACKORDERED: "◇",
    BadgeKind.ON_HOLD: "‖",
    BadgeKind.PROBLEM: "!",
    BadgeKind.LOST: "?",
    BadgeKind.SENT_BACK: "←",
}
"""A shape for every word, so that no meaning depends on colour alone."""


def _hashed(path: Path) -> str:
    return f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


ASSETS: Final = {path.name: _hashed(path) for path in sorted(STATIC.iterdir()) if path.is_file()}

ENVIRONMENT: Final = Environment(
    loader=PackageLoader("query_api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.globals.update(static=ASSETS.__getitem__, glyphs=GLYPHS, number="{:,}".format)


def wants_page(request: Request) -> bool:
    """Whether a person asks: text/html is accepted, and not less than JSON."""
    shares = _shares(request.headers.get("accept", ""))
    page = shares.get("text/html", 0.0)
    return page > 0 and page >= shares.get("application/json", 0.0)


def language_of(request: Request) -> Language:
    """By `?lang=`, else by cookie, else by Accept-Language; English where none of them names a language of ours."""
    for word in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if word in set(Language):
            return Language(word)
    shares = _shares(request.headers.get("accept-language", ""))
    spoken = sorted(((share, tag.split("-")[0]) for tag, share in shares.items()), key=lambda pair: -pair[0])
    return next((Language(tag) for share, tag in spoken if share and tag in set(Language)), Language.EN)


def words_of(request: Request) -> Words:
    """All words of the page's language."""
    colleagues = identity_of(request).colleagues
    named = str if colleagues is None else colleagues.name_of
    return spoken(language_of(request), readers_of(request).company.zone, named)


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """The page. `values` are the template's; a missing one is an error, not a gap."""
    words = words_of(request)
    page = ENVIRONMENT.get_template(template).render(frame(request, words) | values)
    answer = HTMLResponse(page, status, {"Cache-Control": "no-store", "Content-Language": words.language})
    answer.headers["Vary"] = "Accept, Accept-Language, Cookie"
    if request.query_params.get("lang") in set(Language):
        secure = readers_of(request).https
        answer.set_cookie(LANGUAGE_COOKIE, words.language, max_age=YEAR_S, samesite="lax", secure=secure, httponly=True)
    return answer


def drawn(request: Request, template: str, **values: Any) -> Markup:
    """A part of a page, where a page is so long that it is made part by part."""
    page = ENVIRONMENT.get_template(template).render(frame(request, words_of(request)) | values)
    return Markup(page)  # noqa: S704 - a template has escaped what it was given


def frame(request: Request, words: Words) -> dict[str, Any]:
    """What the frame of every page needs."""
    readers = readers_of(request)
    caller: Caller | None = getattr(request.state, "caller", None)
    return {
        "w": words,
        "t": words.text,
        "company": readers.company.name,
        "card": readers.company,
        "training": readers.training,
        "now": readers.clock(),
        "caller": caller,
        "stands": stands_of(request),
        "is_me": lambda name: caller is not None and same_person(caller.actor, name),
        "signed_in": caller is not None and SESSION in request.cookies,
        "hidden": is_customers(request),
        "menu": [] if caller is None else [board.name for board in boards_for(caller.role)],
        "reads_people": caller is not None and caller.role in READS_PEOPLE,
        "leads": caller is not None and caller.role in LEADS,
        "here": "",
        "follow": "",
        "reading": getattr(request.state, "reading", None),
        "as_of": getattr(request.state, "as_of", None),
        "other_language": _other_language(request, words.language),
        "moment": _timed(words.moment),
        "day_of": _timed(words.day_of),
        "day_or_none": lambda on: None if on is None else words.day(on),
    }


def is_customers(request: Request) -> bool:
    """Whether the page belongs to a customer, who must not be led to the pages of staff."""
    return request.url.path.startswith("/track/")


def money(minor: int, currency: str, digits: int) -> str:
    """`1,234.50 GBP`: minor units with the currency's number of digits."""
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def _timed(shown: Callable[[datetime], str]) -> Callable[[datetime | None], Markup]:
    def tag(at: datetime | None) -> Markup:
        if at is None:
            return Markup("–")
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), escape(shown(at)))

    return tag


def _other_language(request: Request, language: Language) -> str:
    other = Language.EN if language is Language.ZH else Language.ZH
    url = request.url.include_query_params(lang=other.value)
    return f"?{url.query}"  # never the path: one that begins with // leads to another site


def _shares(header: str) -> dict[str, float]:
    """`text/html;q=0.8, */*` as shares by lower-case name; a share that is not a number counts as 0."""
    shares = {}
    for part in header[:LONGEST_CHOICE].lower().split(","):
        name, _, parameter = part.partition(";")
        shares[name.strip()] = _share(parameter)
    return shares


def _share(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
