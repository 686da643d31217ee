"""People: who works with us and as what, and what may be done about it.

Decides: who reads the register, and that only an administrator lets somebody in or out. Must not know: rules about
people; how anybody signs in.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from domain.access import READS_PEOPLE
from domain.company_time import day_in
from domain.person.decisions import NotActive, RuledByProvider
from domain.person.state import Member, Register
from domain.roles import Role, as_compared
from domain.stream_names import PEOPLE
from projections.projector.folds import FoldTables
from query_api.acting import acting, document, offers_of_people
from query_api.codes import qr
from query_api.dependencies import Given, Readers
from query_api.reads import UNKNOWN_PERSON, Emptied, Reading, ReadingDep, answer, json, with_freshness
from query_api.rendering import wants_page
from query_api.routes.account import door_of
from query_api.routes.cursors import text_and_id
from query_api.routes.timelines import Subject, TimelinePart, link_target, show
from web.caller_dependency import CallerDep, csrf_token
from web.paging import DEFAULT_PAGE, LARGEST_PAGE, encode_cursor, next_link
from web.problems import NOT_PERMITTED, Problem, ProblemKind
from web.signin import SignIn
from web.tokens import Caller

logger = logging.getLogger(__name__)

PEOPLE_PATH = "/people"
BY_PROVIDER: Final = ProblemKind(RuledByProvider.code(), 409, RuledByProvider.title())
INACTIVE: Final = ProblemKind(NotActive.code(), 409, NotActive.title())


async def reader_of_people(request: Request, caller: CallerDep) -> Caller:
    """The caller, if its role may read who works here; `Problem` 401 or 403."""
    request.state.caller = caller
    if caller.role not in READS_PEOPLE:
        raise Problem(NOT_PERMITTED)
    return caller


router = APIRouter(prefix=PEOPLE_PATH, tags=["people"], dependencies=[Depends(reader_of_people)])


class PeoplePart(BaseModel):
    """Which part of the list."""

    model_config = ConfigDict(extra="ignore")

    cursor: Annotated[str | None, Emptied] = None
    limit: int = Field(DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)


@router.get("", summary="Who works with us, by name")
async def everybody(
    request: Request, readers: Given, asked: Annotated[PeoplePart, Query()], snapshot: ReadingDep
) -> Response:
    """Each with the roles that were granted; `now` says which of them hold today."""
    version, register = await register_of(snapshot)
    today = day_in(readers.company.zone, readers.clock())
    rows = _after(register, asked.cursor)
    shown = rows[: asked.limit]
    last = shown[-1] if len(rows) > len(shown) else None
    link = next_link(request, encode_cursor(as_compared(last.name), str(last.id)) if last else None)
    offers = offers_of_people(request, version, register)
    made = answer(
        request,
        {"version": version, "people": [_told(member, today) for member in shown]},
        "people.html",
        here="people",
        people=shown,
        today=today,
        acting=await acting(request, offers, PEOPLE_PATH) if wants_page(request) else None,
        next_link=link_target(link),
    )
    made.headers.update(link)
    return made


@router.get("/offers", summary="What the caller may do about people altogether")
async def offered(request: Request, snapshot: ReadingDep) -> Response:
    """Commands that would be accepted, as the page of the list shows them."""
    version, register = await register_of(snapshot)
    told = {"version": version, "offers": document(offers_of_people(request, version, register))}
    return with_freshness(request, json(told))


@router.get("/{person}", summary="One person")
async def one(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """Name, roles, and whether the person is active; 404 for whoever was never invited."""
    known = await register_of(snapshot)
    return await person_page(request, readers, known, member_of(known[1], person))


@router.post("/{person}/sign-in-link", summary="A link with which a person chooses a password, once")
async def let_in(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """`link`: to be given to the person, and to nobody else. It is worth a day, and is not shown again."""
    door = door_of_admin(request, readers)
    known = await register_of(snapshot)
    member = member_of(known[1], person)
    if not member.active:
        raise Problem(INACTIVE)
    if member.identity is not None:
        raise Problem(BY_PROVIDER)
    code = await door.codes.new_code(str(member.id), None)
    logger.info("a sign-in link of %s was made by %s", member.id, request.state.caller.actor)
    return await person_page(request, readers, known, member, link=f"{readers.links}/sign-in?code={code}")


@router.post("/{person}/sign-out", summary="End a person's sessions")
async def let_out(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """All of them; the person may sign in again."""
    door = door_of_admin(request, readers)
    known = await register_of(snapshot)
    member = member_of(known[1], person)
    await door.sessions.end_of(str(member.id))
    logger.info("%s was signed out by %s", member.id, request.state.caller.actor)
    return await person_page(request, readers, known, member)


@router.post("/{person}/second-factor", summary="Take away the code that a person is asked for")
async def let_in_without(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """For whoever has lost telephone and recovery codes; one's own is taken away at the account, with a code."""
    door = door_of_admin(request, readers)
    known = await register_of(snapshot)
    member = member_of(known[1], person)
    account = await door.account(str(member.id))
    if account is None or request.state.caller.actor == str(member.id):
        raise Problem(NOT_PERMITTED, "another administrator takes this away")
    await account[0].second.factors.remove(member.id)
    logger.info("the second step of %s was taken away by %s", member.id, request.state.caller.actor)
    return await person_page(request, readers, known, member)


async def person_page(
    request: Request,
    readers: Readers,
    known: tuple[int, Register],
    member: Member,
    *,
    refused: Problem | None = None,
    **given: str,
) -> Response:
    """The person; `given` is what is shown this once: a `link` with which to sign in, or a `badge`."""
    version, register = known
    today = day_in(readers.company.zone, readers.clock())
    told = {"version": version, **_told(member, today), **{name: text for name, text in given.items() if text}}
    values: dict[str, Any] = {"member": member, "today": today, "link": "", "badge": "", "qr": qr, **given}
    if refused is not None and not wants_page(request):
        raise refused
    if wants_page(request):
        offers = offers_of_people(request, version, register, member)
        values["acting"] = await acting(request, offers, f"{PEOPLE_PATH}/{member.id}")
        values |= await _at_the_door(request, readers, member)
        values["csrf"] = csrf_token(request)
    made = answer(request, told, "person.html", here="people", refusal=refused, **values)
    made.status_code = 200 if refused is None else refused.kind.status
    return made


@router.get("/{person}/offers", summary="What the caller may do about a person now, the likeliest first")
async def offered_about(request: Request, person: str, snapshot: ReadingDep) -> Response:
    """Commands that would be accepted, with their limits; as the page of the person shows them."""
    version, register = await register_of(snapshot)
    offers = offers_of_people(request, version, register, member_of(register, person))
    return with_freshness(request, json({"version": version, "offers": document(offers)}))


@router.get("/{person}/timeline", summary="Everything that happened to a person's roles, oldest first")
async def timeline(
    request: Request, person: str, snapshot: ReadingDep, asked: Annotated[TimelinePart, Query()]
) -> Response:
    """One entry per event, with its sentence in the language of the request."""
    _, register = await register_of(snapshot)
    member = member_of(register, person)
    subject = Subject(PEOPLE, member.name, f"{PEOPLE_PATH}/{member.id}", "people", str, about=member.id)
    return await show(request, snapshot, subject, asked.stretch())


async def _at_the_door(request: Request, readers: Readers, member: Member) -> dict[str, Any]:
    """What administrators are shown of how the person signs in."""
    caller: Caller = request.state.caller
    door = readers.sign_in if caller.role is Role.ADMIN else None
    if door is None:
        return {"sessions": None, "badge_state": None, "has_second_step": False}
    account = await door.account(str(member.id))
    second = account is not None and await account[0].second.factors.left(member.id) is not None
    return {
        "sessions": await door.sessions.of(str(member.id)),
        "badge_state": await door.badges.badges.state(member.id)
        if door.badges and member.active and member.identity is None
        else None,
        "has_second_step": second and caller.actor != str(member.id),
    }


def door_of_admin(request: Request, readers: Readers) -> SignIn:
    """Where people come in; `Problem` 403 for whoever may not let them."""
    caller: Caller = request.state.caller
    if caller.role is not Role.ADMIN:
        raise Problem(NOT_PERMITTED)
    return door_of(readers)


async def register_of(snapshot: Reading) -> tuple[int, Register]:
    """Its version, and everybody in it."""
    known = (await FoldTables().load(snapshot.connection, [PEOPLE])).get(PEOPLE)
    return (known[0], known[1]) if known and isinstance(known[1], Register) else (0, Register())


def _after(register: Register, cursor: str | None) -> Sequence[Member]:
    """By name, behind the last one of the page before."""
    everyone = sorted((as_compared(member.name), str(member.id), member) for member in register.members.values())
    seen = text_and_id(cursor) if cursor else None
    return [member for name, name_id, member in everyone if seen is None or (name, name_id) > seen]


def member_of(register: Register, person: str) -> Member:
    """The person whom an address names; `Problem` 404 for nobody."""
    try:
        found = register.members.get(UUID(person))
    except ValueError:
        found = None
    if found is None:
        raise Problem(UNKNOWN_PERSON)
    return found


def _told(member: Member, today: date) -> dict[str, Any]:
    now = member.roles_on(today)
    return {
        "id": str(member.id),
        "name": member.name,
        "email": member.email,
        "active": member.active,
        "by_provider": member.identity is not None,
        "roles": [{"role": role, "until": until, "now": role in now} for role, until in member.roles],
    }
