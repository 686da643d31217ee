"""Commands that a person sends by a form: what is read of it, and where the browser is led afterwards.

Decides: that a form is carried out once, and that it leads back to its page with the position or with a refusal. The
command is the one that a program would send. Must not know: pages, what a command means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from commands.execution import SentCommand, Submit, execute, place_id
from commands.forwarding import forward
from commands.named_colleague import with_id
from commands.parsing import read_command, read_form_wishes
from commands.permission import require_permission, require_theirs
from commands.preview import preview as preview_document
from commands.problems import problem_of
from domain.decider import Command, Rejected
from domain.offers import NotAsShown
from domain.order.commands import PlaceOrder
from domain.stream_names import name_of, order_stream
from streams.writing.errors import ElsewhereOwned, WriteError
from streams.writing.submission import CommandResult
from web.caller_dependency import FORMS, by_token, caller, former, identity_of, media_type, same_site, visitor
from web.forms import CONTROLS, document_of, shape_of
from web.kept_forms import ADDRESS, PREVIEWED, KeptForm, KeptForms, sent_form
from web.own_addresses import is_own_address
from web.pasted_lines import UnreadableLines, written_out
from web.problems import FORGED_FORM, NOT_SIGNED_IN, SESSION_OVER, Problem, invalid
from web.tokens import Caller


def is_form(request: Request) -> bool:
    """Whether a page of ours sends it: programs send JSON and a token."""
    return media_type(request.headers) in FORMS and not by_token(request)


@dataclass(frozen=True, slots=True)
class FormDesk:
    """Takes what forms send."""

    writers: Submit
    clock: Callable[[], datetime]
    forms: KeptForms

    async def take(self, request: Request, command: type[Command], stream: str | None) -> Response:
        """Carry the form out and lead back to its page; `stream` is None for an order that is being placed."""
        try:
            who = await sender_of(request)
        except Problem as refused:
            return await self._opened_anew(request, refused)
        if who is None:
            return await self._kept_for(await former(request), request)
        sent = await sent_form(request, who.actor)
        preview = False
        try:
            require_permission(who, command)
            named = await with_id(identity_of(request).colleagues, command, sent)
            asked = self._read(request, who, command, named)
            if command.final and not asked.wishes.preview:
                asked = await self._as_shown(sent, asked)
            preview = asked.wishes.preview
            target = stream or order_stream(place_id(who, asked.wishes, self.writers.runtime))
            answer = await self._executed(asked, target)
        except ElsewhereOwned as elsewhere:
            return await forward(request, elsewhere, "1", preview=preview)
        except (Problem, Rejected, WriteError) as refusal:
            problem = refusal if isinstance(refusal, Problem) else problem_of(refusal)
            return await self._shown_again(sent, {**problem.document, ADDRESS: request.url.path})
        if answer.foreseen is not None:
            told = preview_document(who.role, answer, answer.foreseen)
            return await self._shown_again(sent, {"code": PREVIEWED, **told})
        if command is PlaceOrder:
            await self._no_draft_any_more(sent)
        return _done(sent, command, answer)

    async def _as_shown(self, sent: KeptForm, asked: SentCommand) -> SentCommand:
        """The same, to do what its sender was shown; only to be shown, where that was nothing."""
        shown = await self.forms.find(sent.text("shown"), sent.actor)
        if shown is None or not shown.is_preview:
            return _to_be_shown(asked)
        return replace(asked, shown=shown.answer["events"])

    async def _executed(self, asked: SentCommand, target: str) -> CommandResult:
        """What would do something else by now than its sender was shown is shown again."""
        try:
            return await execute(self.writers, asked, target)
        except NotAsShown:
            return await execute(self.writers, _to_be_shown(asked), target)

    async def _no_draft_any_more(self, sent: KeptForm) -> None:
        """The order is placed, whatever becomes of its draft: under the draft's key it would not be placed again."""
        with suppress(Problem):
            await self.forms.drafts.drop(sent.text("draft"), sent.actor)

    def _read(self, request: Request, who: Caller, command: type[Command], sent: KeptForm) -> SentCommand:
        wishes = read_form_wishes(sent.text("key"), sent.text("version"), sent.text("act"), request.query_params)
        document = document_of(shape_of(command), _said(command, sent), self.writers.runtime.zone)
        body = orjson.dumps(document)
        read = read_command(command, body, self.clock())
        require_theirs(request, who, read, self.clock())
        return SentCommand(who, read, document, len(body), wishes)

    async def _opened_anew(self, request: Request, refused: Problem) -> Response:
        """To the page of a form that lacks its proof, as one does that was open while somebody signed in anew: open,
        with nothing of what was typed, which may be another person's.
        """
        who = None
        if refused.kind is FORGED_FORM:
            same_site(request)
            who = await visitor(request)
        if who is None:
            raise refused
        sent = await sent_form(request, who.actor)
        page = tuple(pair for pair in sent.fields if pair[0] in {"act", "back"})
        return await self._shown_again(replace(sent, fields=page), {**refused.document, ADDRESS: request.url.path})

    async def _kept_for(self, actor: str, request: Request) -> Response:
        """To the page of the form, which says that the session is over; who signs in there as the same person finds
        what was typed. It is never sent by itself.
        """
        if not actor:
            return await led_back(request)
        over = Problem(SESSION_OVER).document
        return await self._shown_again(await sent_form(request, actor), {**over, ADDRESS: request.url.path})

    async def _shown_again(self, sent: KeptForm, answer: Mapping[str, Any]) -> Response:
        """Lead back to the page, which shows what was typed and what the answer to it was."""
        name = await self.forms.keep(KeptForm(sent.actor, sent.fields, answer))
        return RedirectResponse(str(back_of(sent).include_query_params(form=name)), 303)


def _to_be_shown(asked: SentCommand) -> SentCommand:
    return replace(asked, wishes=replace(asked.wishes, preview=True), shown=None)


async def sender_of(request: Request) -> Caller | None:
    """Whose form it is; None where the session is over. `Problem` 403 for a form that is not ours."""
    try:
        return await caller(request)
    except Problem as unknown:
        if unknown.kind is not NOT_SIGNED_IN:
            raise
        return None


async def led_back(request: Request) -> Response:
    """To the page of the form, which says that the session is over."""
    return RedirectResponse(str(back_of(await sent_form(request, ""))), 303)


def _said(command: type[Command], sent: KeptForm) -> list[tuple[str, str]]:
    """What the form says of the command; `Problem` 422 for lines that were pasted and cannot be read."""
    given = [pair for pair in sent.fields if pair[0] not in CONTROLS]
    if command is not PlaceOrder:
        return given
    try:
        return list(written_out(given))
    except UnreadableLines as refused:
        raise invalid(refused.fault) from None


def _done(sent: KeptForm, command: type[Command], answer: CommandResult) -> Response:
    placed = {} if command is not PlaceOrder else {"placed": "yes"}
    position = {} if answer.position is None else {"after": str(answer.position)}
    back = URL(f"/orders/{name_of(answer.stream)}") if placed else back_of(sent)
    told = {"done": sent.text("act")} if sent.text("act") and not placed else {}
    return RedirectResponse(str(back.include_query_params(**placed, **told, **position)), 303)


def back_of(sent: KeptForm) -> URL:
    """The page that the form stands on: an address of ours, whatever it says; without what an earlier form told."""
    back = sent.text("back")
    return URL(back if is_own_address(back) else "/").remove_query_params(["form", "done", "after"])
