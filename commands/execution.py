"""From a caller's command to the writer's answer.

Decides: which ids it gets, and what has to hold when it is carried out. Must not know: how a stream is written.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote

import orjson

from commands.parsing import Wishes, read_order_id
from commands.preview import ToldEvents, require_as_shown
from domain.catalogue import AnyState
from domain.decider import Command, Context, Rejected
from domain.offers import SeenOffer, require_still_offered
from streams.ids import command_id, order_id_for
from streams.metrics import COMMAND_SECONDS, COMMANDS_ANSWERED
from streams.runtime import Runtime
from streams.writing.submission import CommandResult, Precondition, Submission
from web.tokens import Caller

logger = logging.getLogger(__name__)

ACCEPTED: Final = COMMANDS_ANSWERED.labels("accepted")
REPEATED: Final = COMMANDS_ANSWERED.labels("repeated")
REFUSED_OUTCOME: Final = COMMANDS_ANSWERED.labels("refused")
FAILED: Final = COMMANDS_ANSWERED.labels("failed")
ONLY_PREVIEWED: Final = COMMANDS_ANSWERED.labels("previewed")
"""However they ended: nothing was to be carried out."""


class Submit(Protocol):
    """The write side as the edge sees it; `streams.writing.writers.Writers` is one."""

    @property
    def runtime(self) -> Runtime:
        """Where time and ids come from."""
        ...

    async def submit(self, submission: Submission) -> CommandResult:
        """Execute a command. Raises a `Rejected` of the domain or a `WriteError`."""
        ...


@dataclass(frozen=True, slots=True)
class SentCommand:
    """A command as somebody sent it: `document` is the parsed body, `size` its bytes."""

    caller: Caller
    command: Command
    document: object
    size: int
    wishes: Wishes
    shown: ToldEvents | None = None
    """What its sender was shown that it would do; it is carried out only if it still does."""


def place_id(caller: Caller, wishes: Wishes, runtime: Runtime) -> str:
    """Id of the order to be placed: the same for every retry under a key, otherwise new."""
    if wishes.key is not None:
        return str(order_id_for(principal(caller), wishes.key))
    if wishes.forwarded is not None:
        return read_order_id(wishes.forwarded)
    return str(runtime.new_id())


def principal(caller: Caller) -> str:
    """The caller as part of an id: escaped, so that no name can be read as another name and a key."""
    return quote(caller.actor, safe=" ")


def submission(asked: SentCommand, stream: str, runtime: Runtime) -> Submission:
    """What the writer is asked for."""
    wishes, caller = asked.wishes, asked.caller
    ident = runtime.new_id() if wishes.key is None else command_id(stream, principal(caller), wishes.key)
    return Submission(
        stream=stream,
        command=asked.command,
        command_id=ident,
        command_hash=command_hash(stream, asked.command, asked.document),
        actor=caller.actor,
        role=caller.role,
        correlation_id=ident,
        traceparent=wishes.traceparent,
        on_behalf_of=wishes.on_behalf_of,
        expected_version=wishes.expected_version,
        precondition=_precondition(asked),
        lookup=wishes.key is not None or wishes.forwarded is not None,
        size=asked.size,
        preview=wishes.preview,
    )


def _precondition(asked: SentCommand) -> Precondition | None:
    """What was offered has to stand, where the sender says which offer it saw; and so has what it was shown."""
    seen, shown = asked.wishes.seen_version, asked.shown
    if seen is None and shown is None:
        return None

    def require(state: AnyState | None, version: int, context: Context) -> None:
        if seen is not None:
            require_still_offered(SeenOffer(seen, asked.wishes.seen_act), asked.command, state, version, context)
        if shown is not None:
            require_as_shown(shown, asked.command, state, context)

    return require


def command_hash(stream: str, command: Command, document: object) -> str:
    """SHA-256 (hex) of what the client asked, in canonical JSON: tells the same key with another body."""
    canonical = {"target": stream, "command": type(command).__name__, "body": document}
    return hashlib.sha256(orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def execute(writers: Submit, asked: SentCommand, stream: str) -> CommandResult:
    """Have the command carried out, or only decided where that is wished. Raises a `Rejected` or a `WriteError`."""
    submitted = submission(asked, stream, writers.runtime)
    return await (_previewed if asked.wishes.preview else _carried_out)(writers, asked, submitted)


async def _previewed(writers: Submit, asked: SentCommand, submitted: Submission) -> CommandResult:
    """A refusal here is an answer like any other: somebody looked, nobody was stopped."""
    ONLY_PREVIEWED.inc()
    try:
        return await writers.submit(submitted)
    except Rejected as refused:
        logger.debug(
            "a preview of %s for %s would be refused: %s",
            type(asked.command).__name__,
            submitted.stream,
            refused.code(),
        )
        raise


async def _carried_out(writers: Submit, asked: SentCommand, submitted: Submission) -> CommandResult:
    monotonic = writers.runtime.monotonic
    began = monotonic()
    outcome = FAILED
    try:
        answer = await writers.submit(submitted)
        outcome = REPEATED if answer.repeated else ACCEPTED
        logger.debug("did %s for %s: %s", type(asked.command).__name__, submitted.stream, answer.position)
    except Rejected as refused:
        outcome = REFUSED_OUTCOME
        name, facts = type(asked.command).__name__, refused.facts
        logger.info(
            "refused %s for %s at version %s: %s %s", name, submitted.stream, refused.version, refused.code(), facts
        )
        raise
    finally:
        outcome.inc()
        COMMAND_SECONDS.observe(monotonic() - began)
    return answer
