"""Many commands in one request: one line each (NDJSON), and one line of answer each, in the same order.

Decides: that the lines for one order or stock item are carried out in their order and all others beside each other,
that no line's refusal stops another, and that a request which is refused as a whole has carried out none. Lines go in
portions, and few portions of the process at once: sixteen requests of 1,000 orders, all of them at once, took 250 MB
that the process never gave back, and everybody else's commands waited behind theirs. Must not know: how a line is
written, what a command means.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

import httpx
import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from commands.answers import CommandAnswer, answer_to
from commands.bulk_lines import LineSent, lines_of, read_line
from commands.execution import Submit, execute
from commands.form_posts import back_of, is_form, led_back, sender_of
from commands.forwarding import OF_THE_SENDER, asked_headers, pass_on, passing_client
from commands.parsing import Wishes, forwarded_mark, read_preview, read_trace
from commands.permission import require_theirs
from commands.problems import problem_of
from domain.decider import Rejected
from domain.recorded import Position
from streams.writing.errors import ElsewhereOwned, NotExecuted, WriteError
from streams.writing.submission import CommandResult
from web.caller_dependency import caller, identity_of, media_type
from web.kept_forms import MANY, KeptForm, KeptForms, sent_form
from web.positions import format_positions
from web.problems import BAD_HEADER, FAULT, NOT_LINES, TOO_MUCH_AT_ONCE, Problem, fault, invalid
from web.tokens import Caller

logger = logging.getLogger(__name__)

NDJSON: Final = "application/x-ndjson"
TAKEN_AS_LINES: Final = frozenset({NDJSON, "application/ndjson", "application/jsonl"})
SAID_BY_LINES: Final = ("Idempotency-Key", "If-Match", "Seen-Act", "Seen-Version", "X-On-Behalf-Of")
LINE_FIELD: Final = "line"
"""Of a form: each holds one line."""
PASSED_AT_ONCE: Final = 16
"""Requests that are under way to another process."""

LARGEST_PREVIEW: Final = 16 * 1024 * 1024
"""Bytes of answers: what a command would do may be as large as the order, of however few words it is."""
LOOKED_AT_ONCE: Final = 25
"""Lines of a preview, which may go beyond."""
CARRIED_AT_ONCE: Final = 250
"""Lines of one request."""
BYTES_AT_ONCE: Final = 150_000
"""Of them, or one line that is larger. An order of 20 lines keeps the workflow as busy as seven of three: of 250 such,
the last ones waited for longer than anybody is kept waiting."""
PORTIONS_AT_ONCE: Final = 2
"""Of all requests of the process, in the order in which they asked."""

LineOutcome: TypeAlias = CommandResult | CommandAnswer | BaseException
"""An answer comes from another process."""


@dataclass(frozen=True, slots=True)
class BulkDesk:
    """Takes many commands at once."""

    writers: Submit
    clock: Callable[[], datetime]
    forms: KeptForms
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PORTIONS_AT_ONCE))

    async def take(self, request: Request) -> Response:
        """Carry the lines out, or only look at them, and answer each; a form is led back to its page."""
        if is_form(request):
            return await self._by_form(request)
        who = await caller(request)
        for name in SAID_BY_LINES:
            if name in request.headers:
                raise Problem(BAD_HEADER, f"{name}: each line says its own", header=name)
        if media_type(request.headers) not in TAKEN_AS_LINES:
            raise Problem(NOT_LINES)
        wishes = Wishes(traceparent=read_trace(request.headers), preview=read_preview(request.query_params))
        answers = await self._answers(request, who, wishes, lines_of(await request.body()))
        told = b"".join(orjson.dumps(_line(*each), option=orjson.OPT_APPEND_NEWLINE) for each in enumerate(answers, 1))
        return Response(told, 200, {"Cache-Control": "no-store"}, NDJSON)

    async def _by_form(self, request: Request) -> Response:
        """The outcome is kept, as that of a refused form is; a page that is read again sends nothing again."""
        who = await sender_of(request)
        if who is None:
            return await led_back(request)
        if read_preview(request.query_params):
            raise invalid(fault(["query", "preview"], "a form of many has been looked at before it was shown"))
        sent = await sent_form(request, who.actor)
        lines = [text.encode() for name, text in sent.fields if name == LINE_FIELD]
        answers = await self._answers(request, who, Wishes(), lines_of(b"\n".join(lines)))
        others = tuple(pair for pair in sent.fields if pair[0] != LINE_FIELD)
        told = [{"status": answer.status, "answer": answer.document} for answer in answers]
        name = await self.forms.keep(KeptForm(who.actor, others, {"code": MANY, "answers": told}))
        after = format_positions(_last(answers))
        back = back_of(sent).include_query_params(form=name, **({"after": after} if after else {}))
        return RedirectResponse(str(back), 303)

    async def _answers(
        self, request: Request, who: Caller, every: Wishes, lines: Sequence[bytes]
    ) -> list[CommandAnswer]:
        """Of each line its answer, in their order."""
        answers: list[CommandAnswer] = []
        size = 0
        for asked in _portions(lines, LOOKED_AT_ONCE if every.preview else CARRIED_AT_ONCE):
            told = [NO_ROOM] * len(asked) if size > LARGEST_PREVIEW else await self._in_turn(request, who, every, asked)
            if every.preview:
                size += sum(len(orjson.dumps(answer.document)) for answer in told)
            answers += told
        return answers

    async def _in_turn(
        self, request: Request, who: Caller, every: Wishes, lines: Sequence[bytes]
    ) -> list[CommandAnswer]:
        try:
            await self.turns.acquire()
        except asyncio.CancelledError:
            return [NOT_BEGUN] * len(lines)
        try:
            read = [await self._read(request, line, who, every) for line in lines]
            return await self._answered(request, read)
        finally:
            self.turns.release()

    async def _answered(self, request: Request, read: Sequence[LineSent | Problem]) -> list[CommandAnswer]:
        sent = {number: line for number, line in enumerate(read) if isinstance(line, LineSent)}
        outcomes = await self._submitted(sent)
        elsewhere = {number: error for number, error in outcomes.items() if isinstance(error, ElsewhereOwned)}
        if elsewhere:
            outcomes |= await _passed_on(request, {number: sent[number] for number in elsewhere}, elsewhere)
        return [await self._answer(line, outcomes.get(number)) for number, line in enumerate(read)]

    async def _read(self, request: Request, line: bytes, who: Caller, every: Wishes) -> LineSent | Problem:
        await _let_others()
        now = self.clock()
        try:
            read = read_line(line, who, every, self.writers.runtime, now)
            require_theirs(request, who, read.asked.command, now)
        except Problem as problem:
            return problem
        return read

    async def _answer(self, line: LineSent | Problem, outcome: LineOutcome | None) -> CommandAnswer:
        await _let_others()  # an answer may be as large as the order that it is about
        return _answer(line, outcome)

    async def _submitted(self, sent: Mapping[int, LineSent]) -> dict[int, LineOutcome]:
        """Tasks begin in the order in which they are made, and each queues its command before it waits: so the lines
        for one stream stand in the writer's queue in their order, and share its batches.
        """
        if _is_ending():
            return dict.fromkeys(sent, NotExecuted())
        tasks = {number: asyncio.create_task(self._execute(line)) for number, line in sent.items()}
        await _all(tasks.values())
        return {number: _outcome(task) for number, task in tasks.items()}

    async def _execute(self, line: LineSent) -> CommandResult:
        return await execute(self.writers, line.asked, line.stream)


def _portions(lines: Sequence[bytes], most: int) -> Iterator[Sequence[bytes]]:
    """All lines in their order, few enough at a time."""
    portion: list[bytes] = []
    size = 0
    for line in lines:
        if portion and (len(portion) == most or size + len(line) > BYTES_AT_ONCE):
            yield portion
            portion, size = [], 0
        portion.append(line)
        size += len(line)
    if portion:
        yield portion


async def _let_others() -> None:
    """Others have their turn between any two lines. Where the server ends, we go on to tell what is known."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(0)


def _is_ending() -> bool:
    """Whether the server has asked this request to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Wait for all of them. Where the server ends, each says what it knows by then."""
    if not tasks:
        return
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _outcome(task: asyncio.Task[CommandResult]) -> LineOutcome:
    return NotExecuted() if task.cancelled() else task.exception() or task.result()  # cancelled before it began


async def _passed_on(
    request: Request, sent: Mapping[int, LineSent], elsewhere: Mapping[int, ElsewhereOwned]
) -> dict[int, LineOutcome]:
    """Answers of other processes: each line goes there as a request of its own, for one stream one after the other."""
    lanes: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in sent.items():
        lanes[line.stream].append(number)
    outcomes: dict[int, LineOutcome] = {}
    gate, headers = asyncio.Semaphore(PASSED_AT_ONCE), asked_headers(request, OF_THE_SENDER)

    async def go_on(client: httpx.AsyncClient, numbers: Sequence[int]) -> None:
        async with gate:
            for number in numbers:
                mark = forwarded_mark(identity_of(request).secret, sent[number].mark)
                passed = sent[number].alone(headers)
                outcomes[number] = await _of_the_owner(pass_on(client, passed, elsewhere[number], mark))

    async with passing_client() as client:
        await _all([asyncio.create_task(go_on(client, numbers)) for numbers in lanes.values()])
    return {number: NotExecuted() for number in sent} | outcomes


async def _of_the_owner(answering: Awaitable[httpx.Response]) -> LineOutcome:
    try:
        given = await answering
        kept = {name: given.headers[name] for name in ("retry-after",) if name in given.headers}
        return CommandAnswer(given.status_code, orjson.loads(given.content), kept)
    except (WriteError, ValueError) as error:
        return error


def _answer(line: LineSent | Problem, outcome: LineOutcome | None) -> CommandAnswer:
    """What a request of its own would have been answered."""
    if isinstance(line, Problem):
        return _refused(line)
    match outcome:
        case CommandAnswer():
            return outcome
        case CommandResult():
            return answer_to(line.asked, outcome)
        case Rejected() | WriteError():
            return _refused(problem_of(outcome))
        case _:
            fault_id = secrets.token_hex(8)
            logger.error("fault %s: a line for %s", fault_id, line.stream, exc_info=outcome)
            return _refused(Problem(FAULT, fault_id=fault_id))


def _refused(problem: Problem) -> CommandAnswer:
    return CommandAnswer(problem.kind.status, problem.document, problem.headers or {})


NOT_BEGUN: Final = _refused(problem_of(NotExecuted()))
NO_ROOM: Final = _refused(Problem(TOO_MUCH_AT_ONCE, "the lines before fill the answer; look at these by themselves"))


def _line(number: int, answer: CommandAnswer) -> Mapping[str, Any]:
    waits = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after")
    later = {} if waits is None else {"retry_after": int(waits)}
    return {"line": number, "status": answer.status, **later, "answer": answer.document}


def _last(answers: Iterable[CommandAnswer]) -> list[Position]:
    """The newest position of each partition."""
    newest: dict[int, Position] = {}
    for answer in answers:
        if said := answer.document.get("position"):
            position = Position.parse(said)
            newest[position.partition] = max(position, newest.get(position.partition, position))
    return list(newest.values())
