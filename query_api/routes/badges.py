"""A person's badge, on the page about the person: an administrator gives it and takes it away.

Decides: nothing. Must not know: how badges are kept, what they open.
"""

from __future__ import annotations

import logging
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from query_api.dependencies import Given
from query_api.reads import ReadingDep
from query_api.routes.account import PostedForm, badge_door_of, sent
from query_api.routes.people import (
    BY_PROVIDER,
    INACTIVE,
    PEOPLE_PATH,
    door_of_admin,
    member_of,
    person_page,
    reader_of_people,
    register_of,
)
from web.badges import LONGEST_BADGE
from web.problems import Problem

logger = logging.getLogger(__name__)

BADGE_PATH: Final = "/{person}/badge"

router = APIRouter(prefix=PEOPLE_PATH, tags=["people"], dependencies=[Depends(reader_of_people)])


class BadgeToGive(PostedForm):
    """What a card of the person carries; empty for a code that we make."""

    badge: Annotated[str, StringConstraints(max_length=LONGEST_BADGE)] = ""


@router.post(BADGE_PATH, summary="Give a person a badge")
async def give(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """In place of any earlier one. `badge`: the code, where we made it; it is not shown again."""
    door_of_admin(request, readers)
    known = await register_of(snapshot)
    member = member_of(known[1], person)
    if member.identity is not None:
        raise Problem(BY_PROVIDER)
    if not member.active:
        raise Problem(INACTIVE)
    asked = (await sent(request, BadgeToGive)).badge.strip()
    try:
        given = await badge_door_of(readers).give(member.id, asked)
    except Problem as refused:
        return await person_page(request, readers, known, member, refused=refused)
    logger.info("a badge was given to %s by %s", member.id, request.state.caller.actor)
    return await person_page(request, readers, known, member, badge="" if asked else given)


@router.post(f"{BADGE_PATH}/take-back", summary="Take a person's badge away")
async def take_back(request: Request, readers: Given, person: str, snapshot: ReadingDep) -> Response:
    """Nobody signs in with it any more."""
    door_of_admin(request, readers)
    known = await register_of(snapshot)
    member = member_of(known[1], person)
    await badge_door_of(readers).take_back(member.id)
    logger.info("the badge of %s was taken back by %s", member.id, request.state.caller.actor)
    return await person_page(request, readers, known, member)
