"""Browsers at which badges are scanned: a lead registers the own one, an administrator sees all.

Decides: who registers and withdraws devices. Must not know: what opens with a badge.
"""

from __future__ import annotations

import logging
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, StringConstraints
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.access import LEADS
from domain.roles import Role
from domain.texts import readable_line
from query_api.dependencies import Given
from query_api.reads import staff
from query_api.rendering import render
from query_api.routes.account import PostedForm, badge_door_of, sent, signed_in
from web.caller_dependency import CallerDep, csrf_token
from web.devices import DEVICE_COOKIE, LONGEST_DEVICE_NAME
from web.problems import NOT_PERMITTED, Problem
from web.signin import keep_device

logger = logging.getLogger(__name__)

DEVICES_PATH: Final = "/devices"


async def lead(request: Request, caller: CallerDep) -> None:
    """`Problem` 401 or 403 for whoever leads nobody."""
    await staff(request, caller)
    if caller.role not in LEADS:
        raise Problem(NOT_PERMITTED)


router = APIRouter(prefix=DEVICES_PATH, tags=["account"], dependencies=[Depends(lead)], include_in_schema=False)


class DeviceToRegister(PostedForm):
    """What the browser is called."""

    # `Text` with another bound would be measured as if it were a list, and called so.
    device_name: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST_DEVICE_NAME), AfterValidator(readable_line)
    ]


class DeviceToWithdraw(PostedForm):
    """Which one."""

    device: UUID


@router.get("")
async def show(request: Request, readers: Given) -> Response:
    """This browser, and for an administrator all devices."""
    caller, _ = signed_in(request, readers)
    door = badge_door_of(readers)
    return render(
        request,
        "devices.html",
        here="devices",
        csrf=csrf_token(request),
        this=await door.device(request.cookies.get(DEVICE_COOKIE, "")),
        devices=await door.devices.everyone() if caller.role is Role.ADMIN else None,
    )


@router.post("")
async def register(request: Request, readers: Given) -> Response:
    """Register this browser; under another name, if it was registered before."""
    caller, _ = signed_in(request, readers)
    door = badge_door_of(readers)
    name = (await sent(request, DeviceToRegister)).device_name
    before = await door.device(request.cookies.get(DEVICE_COOKIE, ""))
    answer = RedirectResponse(DEVICES_PATH, 303)
    keep_device(answer, await door.devices.register(name, caller.actor), https=readers.https)
    logger.info("a device was registered by %s", caller.actor)
    if before is not None:
        await door.withdraw(before.id)
    return answer


@router.post("/withdraw")
async def withdraw(request: Request, readers: Given) -> Response:
    """A device is one no longer; whoever is signed in there by badge is out."""
    caller, _ = signed_in(request, readers)
    if caller.role is not Role.ADMIN:
        raise Problem(NOT_PERMITTED)
    device = (await sent(request, DeviceToWithdraw)).device
    await badge_door_of(readers).withdraw(device)
    logger.info("device %s was withdrawn by %s", device, caller.actor)
    return RedirectResponse(DEVICES_PATH, 303)
