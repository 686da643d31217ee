"""People: who works with us and as what, and what may be done about it.

Decides: who reads the register, and that only an administrator lets somebody in or out. Must not know: rules about
people; how anybody signs in.
"""

from __future__ import annotations

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
from projections.projector.folds import Folds
from query_api.acting import acting, document, offers_of_people
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
    version, register = await _register(snapshot)
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
    version, register = await _register(snapshot)
    told = {"version": version, "offers": document(offers_of_people(request, version, register))}
    return with_freshness(request, json(told))


@router.get("/{person}", summary="One person")
async def one(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """Name, roles, and whether the person is active; 404 for whoever was never invited."""
    known = await _register(snapshot)
    return await _of_one(request, readers, known, _member(known[1], person))


@router.post("/{person}/sign-in-link", summary="A link with which a person chooses a password, once")
async def let_in(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """`link`: to be given to the person, and to nobody else. It is worth a day, and is not shown again."""
    door = _door_of_admin(request, readers)
    known = await _register(snapshot)
    member = _member(known[1], person)
    if not member.active:
        raise Problem(INACTIVE)
    if member.identity is not None:
        raise Problem(BY_PROVIDER)
    code = await door.codes.new_code(str(member.id), None)
    return await _of_one(request, readers, known, member, f"{readers.links}/sign-in?code={code}")


@router.post("/{person}/sign-out", summary="End a person's sessions")
async def let_out(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """All of them; the person may sign in again."""
    door = _door_of_admin(request, readers)
    known = await _register(snapshot)
    member = _member(known[1], person)
    await door.sessions.end_of(str(member.id))
    return await _of_one(request, readers, known, member)


async def _of_one(
    request: Request, readers: Readers, known: tuple[int, Register], member: Member, link: str = ""
) -> Response:
    version, register = known
    today = day_in(readers.company.zone, readers.clock())
    told = {"version": version, **_told(member, today), **({"link": link} if link else {})}
    values: dict[str, Any] = {"member": member, "today": today, "link": link}
    if wants_page(request):
        offers = offers_of_people(request, version, register, member)
        values["acting"] = await acting(request, offers, f"{PEOPLE_PATH}/{member.id}")
        door = readers.sign_in if request.state.caller.role is Role.ADMIN else None
        values["sessions"] = None if door is None else await door.sessions.of(str(member.id))
        values["csrf"] = csrf_token(request)
    return answer(request, told, "person.html", here="people", **values)


@router.get("/{person}/offers", summary="What the caller may do about a person now, the likeliest first")
async def offered_about(request: Request, person: str, snapshot: ReadingDep) -> Response:
    """Commands that would be accepted, with their limits; as the page of the person shows them."""
    version, register = await _register(snapshot)
    offers = offers_of_people(request, version, register, _member(register, person))
    return with_freshness(request, json({"version": version, "offers": document(offers)}))


@router.get("/{person}/timeline", summary="Everything that happened to a person's roles, oldest first")
async def timeline(
    request: Request, person: str, snapshot: ReadingDep, asked: Annotated[TimelinePart, Query()]
) -> Response:
    """One entry per event, with its sentence in the language of the request."""
    _, register = await _register(snapshot)
    member = _member(register, person)
    subject = Subject(PEOPLE, member.name, f"{PEOPLE_PATH}/{member.id}", "people", str, about=member.id)
    return await show(request, snapshot, subject, asked.stretch())


def _door_of_admin(request: Request, readers: Readers) -> SignIn:
    """Where people come in; `Problem` 403 for whoever may not let them."""
    caller: Caller = request.state.caller
    if caller.role is not Role.ADMIN:
        raise Problem(NOT_PERMITTED)
    return door_of(readers)


async def _register(snapshot: Reading) -> tuple[int, Register]:
    """Its version, and everybody in it."""
    known = (await Folds().known(snapshot.connection, [PEOPLE])).get(PEOPLE)
    return (known[0], known[1]) if known and isinstance(known[1], Register) else (0, Register())


def _after(register: Register, cursor: str | None) -> Sequence[Member]:
    """By name, behind the last one of the page before."""
    everyone = sorted((as_compared(member.name), str(member.id), member) for member in register.members.values())
    seen = text_and_id(cursor) if cursor else None
    return [member for name, name_id, member in everyone if seen is None or (name, name_id) > seen]


def _member(register: Register, person: str) -> Member:
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
