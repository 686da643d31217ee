"""The `caller` dependency: who sends a request, by the token in its header or the session that its cookie names.

Decides: where identity may come from, and that a form needs proof that it is ours. Must not know: how tokens are made
or verified, commands, storage.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import Depends, FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request

from domain.roles import Role
from web.colleagues import Colleague, Colleagues, roles_by_badge
from web.problems import FORGED_FORM, Problem, fault, invalid
from web.sessions import Person, Sessions
from web.tokens import Caller, Tokens, UnknownKey, form_token, unauthorised

COOKIE: Final = "ordertrail"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
UNATTENDED: Final = "x-unattended"
"""A page says it when it reads itself again: nobody need be there."""
EVENT_STREAM: Final = "text/event-stream"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
MOST_FIELDS: Final = 5_000
"""Of a form, empty ones too: a million of them kept everybody else waiting for seconds."""


def by_token(request: Request) -> bool:
    """Whether a program sends it; people sign in, and come by their session's cookie."""
    return "authorization" in request.headers


@dataclass(frozen=True, slots=True)
class Identity:
    """What an application needs to know its callers; `secret` makes the tokens of forms (`identity.form_secret`)."""

    tokens: Tokens
    secret: bytes
    company: str = ""
    training: bool = False
    sessions: Sessions | None = None
    """Of people who signed in; None where nobody does."""
    colleagues: Colleagues | None = None
    """Who works here; None where no register is kept."""
    refresh_keys: Callable[[], Awaitable[None]] | None = None
    """Asks the identity provider for its keys again; None where there is none."""

    async def bearer(self, token: str) -> Caller:
        """Who a token names; its key may be newer than those that we know."""
        try:
            named = self.tokens.caller(token)
        except UnknownKey:
            if self.refresh_keys is None:
                raise
            await self.refresh_keys()
            named = self.tokens.caller(token)
        found = await self._colleague(named.actor)
        if found is None:
            return named
        if named.role not in found.roles:
            raise unauthorised("the token's role is not held today")
        return replace(named, actor=found.id, name=found.name, roles=found.roles)

    async def signed_in(self, session: str, *, attended: bool) -> Caller:
        """Whose session this is; `Problem` 401 if it is over. Who works as it no more goes on as something else."""
        person = await self.sessions.find(session, attended=attended) if self.sessions else None
        if person is None or self.sessions is None:
            raise unauthorised()
        known = Caller(person.actor, person.role, self.company, self.training)
        found = await self._colleague(person.actor)
        if found is None:
            if person.registered:  # the register cannot be read in full
                raise unauthorised()
            return known
        roles = _open_to(person, found.roles)
        if not roles:
            await self.sessions.end(session)
            raise unauthorised()
        role = person.role if person.role in roles else roles[0]
        if role is not person.role:
            await self.sessions.work_as(session, role)
        by_badge = person.device is not None
        return replace(known, actor=found.id, role=role, name=found.name, roles=roles, by_badge=by_badge)

    async def _colleague(self, actor: str) -> Colleague | None:
        return await self.colleagues.known(actor) if self.colleagues else None


def _open_to(person: Person, held: tuple[Role, ...]) -> tuple[Role, ...]:
    """Of the roles that somebody holds, those that this session may work as."""
    if person.device is not None:
        held = roles_by_badge(held)
    return tuple(role for role in held if role is person.role) if person.one_role else held


def use_identity(app: FastAPI, identity: Identity) -> None:
    """Let the `caller` dependency of this application work."""
    app.state.identity = identity


async def caller(request: Request) -> Caller:
    """Who is calling: by bearer token, else by cookie. `Problem` 401 or 403 otherwise."""
    found = await _named(request)
    if not by_token(request) and request.method not in READING:
        await _require_own_form(request, csrf_token(request))
    return found


async def _named(request: Request) -> Caller:
    """Whom token or cookie name, whatever the body says."""
    identity = identity_of(request)
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await identity.bearer(_bearer(authorization))
    session = request.cookies.get(COOKIE)
    if session is None:
        raise unauthorised()
    return await identity.signed_in(session, attended=_attended(request))


async def former(request: Request) -> str:
    """Whose form of ours this is, now that the session is over; empty where that is not known any more."""
    identity, session = identity_of(request), request.cookies.get(COOKIE)
    if session is None or identity.sessions is None:
        return ""
    await _require_own_form(request, form_token(identity.secret, session))
    return await identity.sessions.owner(session)


def _attended(request: Request) -> bool:
    """Whether a person asks, and not a page that follows what it shows."""
    return UNATTENDED not in request.headers and request.headers.get("accept") != EVENT_STREAM


async def visitor(request: Request) -> Caller | None:
    """Who is reading, or None: for pages that strangers may see as well. Reads no body: a refusal is shown by this, and
    whoever waits for a body that was read before waits until the sender leaves.
    """
    try:
        return await _named(request)
    except Problem:
        return None


def csrf_token(request: Request) -> str:
    """What a form on a page for this session must carry in its field `csrf`; empty without a session."""
    session = request.cookies.get(COOKIE)
    return form_token(identity_of(request).secret, session) if session else ""


def address_of_sender(request: Request) -> str:
    """From where a request comes; of all that come by a proxy, the proxy's."""
    return request.client.host if request.client else ""


def identity_of(request: Request) -> Identity:
    """The application's identity settings."""
    identity = request.app.state.identity
    if not isinstance(identity, Identity):
        raise TypeError("call use_identity when building the application")
    return identity


def media_type(headers: Headers) -> str:
    """The content type without its parameters, in lower case (RFC 9110, 8.3.1); empty where none is named."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorised("a bearer token is expected")
    return token.strip()


async def _require_own_form(request: Request, expected: str) -> None:
    given = request.headers.get(CSRF_HEADER)
    if given is None and media_type(request.headers) in FORMS:
        if (await request.body()).count(b"&") > MOST_FIELDS:
            raise invalid(fault([], f"a form has at most {MOST_FIELDS} fields"))
        given = str((await request.form(max_fields=MOST_FIELDS)).get(CSRF_FIELD, ""))
    if not hmac.compare_digest((given or "").encode(), expected.encode()):
        raise Problem(FORGED_FORM)


def same_site(request: Request) -> None:
    """Refuse what another site's page sends; for the two forms that are used without a session."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site in {"none", "same-origin"}
    else:  # an older browser, which sends Origin with every form, or a program, which sends neither
        own = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not own:
        raise Problem(FORGED_FORM)


CallerDep = Annotated[Caller, Depends(caller)]
