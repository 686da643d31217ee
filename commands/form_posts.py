"""Commands that a person sends by a form: what is read of it, and where the browser is led afterwards.

Decides: that a form is carried out once, that it leads back to its page with the position or with a refusal, and how
long ago a person may say that something happened. The command is the one that a program would send. Must not know:
pages, what a command means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import orjson
from starlette.datastructures import URL, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from commands.execution import SentCommand, Submit, execute, place_id, require_own_name, require_permission
from commands.forwarding import forward
from commands.parsing import read_command, read_form_wishes
from commands.preview import preview as preview_document
from commands.problems import problem_of
from domain.access import LEADS
from domain.decider import Command, Rejected
from domain.offers import require_still_offered
from domain.order.commands import PlaceOrder
from domain.stream_names import name_of, order_stream
from streams.writing.errors import ElsewhereOwned, WriteError
from streams.writing.submission import CommandResult, Precondition
from web.caller_dependency import CSRF_FIELD, FORMS, MOST_FIELDS, caller, media_type
from web.forms import CONTROLS, document_of, shape_of
from web.kept_forms import PREVIEWED, KeptForm, KeptForms
from web.problems import NOT_SIGNED_IN, Problem, fault, invalid
from web.tokens import Caller

LATE: Final = timedelta(hours=72)
"""How long after it happened anybody may enter something; whoever leads may enter it later, and says why."""


def is_form(request: Request) -> bool:
    """Whether a page of ours sends it: programs send JSON and a token."""
    return media_type(request.headers) in FORMS and "authorization" not in request.headers


@dataclass(frozen=True, slots=True)
class FormDesk:
    """Takes what forms send."""

    writers: Submit
    clock: Callable[[], datetime]
    forms: KeptForms

    async def take(self, request: Request, command: type[Command], stream: str | None) -> Response:
        """Carry the form out and lead back to its page; `stream` is None for an order that is being placed."""
        try:
            who = await caller(request)
        except Problem as unknown:
            if unknown.kind is not NOT_SIGNED_IN:
                raise
            return RedirectResponse(str(_back(await _sent(request, ""))), 303)  # the page says that the session is over
        sent = await _sent(request, who.actor)
        preview = False
        try:
            asked = self._read(who, command, sent, request.query_params)
            preview = asked.wishes.preview
            target = stream or order_stream(place_id(who, asked.wishes, self.writers.runtime))
            answer = await execute(self.writers, asked, target, _precondition(sent, asked.command))
        except ElsewhereOwned as elsewhere:
            return await forward(request, elsewhere, "1", preview=preview)
        except (Problem, Rejected, WriteError) as refusal:
            problem = refusal if isinstance(refusal, Problem) else problem_of(refusal)
            return await self._shown_again(sent, problem.document)
        if answer.foreseen is not None:
            told = preview_document(who.role, answer, answer.foreseen)
            return await self._shown_again(sent, {"code": PREVIEWED, **told})
        return _done(sent, command, answer)

    def _read(self, who: Caller, command: type[Command], sent: KeptForm, query: QueryParams) -> SentCommand:
        require_permission(who, command)
        wishes = read_form_wishes(sent.text("key"), query)
        given = ((name, text) for name, text in sent.fields if name not in CONTROLS)
        document = document_of(shape_of(command), given, self.writers.runtime.zone)
        body = orjson.dumps(document)
        read = read_command(command, body, self.clock())
        require_own_name(who, read)
        self._require_recent(who, read)
        return SentCommand(who, read, document, len(body), wishes)

    def _require_recent(self, who: Caller, command: Command) -> None:
        at = command.occurred_at
        if at is None or self.clock() - at <= LATE:
            return
        if who.role not in LEADS:
            raise invalid(fault(["occurred_at"], "lies more than 72 hours back; somebody who leads may enter it"))
        if command.reason is None:
            raise invalid(fault(["reason"], "needed for what happened more than 72 hours ago"))

    async def _shown_again(self, sent: KeptForm, answer: Mapping[str, Any]) -> Response:
        """Lead back to the page, which shows what was typed and what the answer to it was."""
        name = await self.forms.keep(KeptForm(sent.actor, sent.fields, answer))
        return RedirectResponse(str(_back(sent).include_query_params(form=name)), 303)


async def _sent(request: Request, actor: str) -> KeptForm:
    """What the form says, without the proof that it is ours."""
    form = await request.form(max_fields=MOST_FIELDS)
    fields = ((name, text) for name, text in form.multi_items() if isinstance(text, str))
    return KeptForm(actor, tuple(pair for pair in fields if pair[0] != CSRF_FIELD), {})


def _precondition(sent: KeptForm, command: Command) -> Precondition | None:
    """What was offered has to stand, unless the person has seen what changed and is sure."""
    version = sent.text("version")
    if sent.text("sure") or not (version.isascii() and version.isdecimal()):
        return None
    return partial(require_still_offered, int(version), command)


def _done(sent: KeptForm, command: type[Command], answer: CommandResult) -> Response:
    placed = {} if command is not PlaceOrder else {"placed": "yes"}
    position = {} if answer.position is None else {"after": str(answer.position)}
    back = URL(f"/orders/{name_of(answer.stream)}") if placed else _back(sent)
    told = {"done": sent.text("act")} if sent.text("act") and not placed else {}
    return RedirectResponse(str(back.include_query_params(**placed, **told, **position)), 303)


def _back(sent: KeptForm) -> URL:
    """The page that the form stands on: an address of ours, whatever it says; without what an earlier form told."""
    back = sent.text("back")
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return URL(back if is_ours else "/").remove_query_params(["form", "done", "after"])
