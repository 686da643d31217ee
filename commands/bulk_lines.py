"""Lines of a request that brings many commands: which are well formed, and which command each is.

Decides: how a line is written, and that what is wrong with one is its own problem. Must not know: in which order lines
are carried out, what becomes of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from commands.execution import SentCommand, place_id
from commands.forwarding import ForwardedCall
from commands.parsing import KEY_LENGTH, Wishes, read_command, read_document, read_order_id, read_stock_target
from commands.permission import require_permission
from domain.decider import Command
from domain.offering import Act
from domain.order.commands import PlaceOrder
from domain.stream_names import PEOPLE, name_of, order_stream
from domain.values import Text
from streams.runtime import Runtime
from web.command_addresses import MOST_COMMANDS, ORDER_COMMANDS, PEOPLE_COMMANDS, STOCK_COMMANDS
from web.entity_tags import entity_tag
from web.problems import NO_SUCH_PAGE, Problem, fault, from_validation, invalid
from web.tokens import Caller

LONGEST_ADDRESS: Final = 1_000

_Version = Annotated[int, Field(ge=0, lt=10**18)]


class BulkLine(BaseModel):
    """A command with all that a request of its own would say: its address, its headers, its body."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    address: Annotated[str, StringConstraints(max_length=LONGEST_ADDRESS)] = Field(
        description="Where the command is sent by itself, such as /commands/stock/MUG/main/receive; offers name it."
    )
    key: Annotated[str, StringConstraints(pattern=rf"^[\x21-\x7e]{{1,{KEY_LENGTH}}}$")] | None = Field(
        None, description="As Idempotency-Key."
    )
    expected_version: _Version | None = Field(None, description="As If-Match; facts ignore it.")
    seen_version: _Version | None = Field(None, description="As Seen-Version.")
    seen_act: Act | None = Field(None, description="As Seen-Act.")
    on_behalf_of: Text | None = Field(None, description="As X-On-Behalf-Of.")
    body: Any = Field(default_factory=dict, description="As the command's schema says.")


@dataclass(frozen=True, slots=True)
class LineSent:
    """A line that can be carried out."""

    asked: SentCommand
    stream: str
    address: str
    body: bytes

    def alone(self, of_the_sender: list[tuple[bytes, bytes]]) -> ForwardedCall:
        """The request that the line stands for, with the headers that say who sends it."""
        wishes = self.asked.wishes
        version = wishes.expected_version
        said = {
            b"content-type": "application/json",
            b"idempotency-key": wishes.key,
            b"if-match": None if version is None else entity_tag(version),
            b"seen-version": None if wishes.seen_version is None else str(wishes.seen_version),
            b"seen-act": wishes.seen_act,
            b"x-on-behalf-of": wishes.on_behalf_of,
        }
        headers = [(name, text.encode()) for name, text in said.items() if text is not None]
        target = quote(unquote(self.address)) + ("?preview=true" if wishes.preview else "")
        return ForwardedCall(target, self.body, [*of_the_sender, *headers], wishes.preview)

    @property
    def mark(self) -> str:
        """What the owner has to know of it: the id of an order to be placed, or `1`."""
        return name_of(self.stream) if isinstance(self.asked.command, PlaceOrder) else "1"


def lines_of(body: bytes) -> list[bytes]:
    """Each line, empty ones too: answers are counted as lines are. `Problem` 422 for none, or for too many."""
    if not body:
        raise invalid(fault([], "at least one line is expected"))
    whole = body.removesuffix(b"\n")
    count = whole.count(b"\n") + 1
    if count > MOST_COMMANDS:
        raise invalid(fault([], f"{count} lines, at most {MOST_COMMANDS} are taken; nothing was carried out"))
    return whole.split(b"\n")


def read_line(text: bytes, who: Caller, every: Wishes, runtime: Runtime, now: datetime) -> LineSent:
    """What a line says; `every` is asked of all of them. `Problem` as for a request of its own."""
    line = _read(text)
    command, stream = _target(line.address)
    require_permission(who, command)
    body = json.dumps(line.body, ensure_ascii=False, separators=(",", ":")).encode()
    read = read_command(command, body, now)
    wishes = replace(
        every,
        key=None if every.preview else line.key,
        expected_version=line.expected_version,
        seen_version=line.seen_version,
        seen_act=line.seen_act,
        on_behalf_of=line.on_behalf_of,
    )
    asked = SentCommand(who, read, read_document(body), len(text), wishes)
    return LineSent(asked, stream or order_stream(place_id(who, wishes, runtime)), line.address, body)


def _read(text: bytes) -> BulkLine:
    try:
        return BulkLine.model_validate_json(text)
    except ValidationError as error:
        raise from_validation(error, text) from None


def _target(address: str) -> tuple[type[Command], str | None]:
    """The command that is sent there, and to which stream; None for an order that is to be placed."""
    match [unquote(step) for step in address.split("/")]:
        case ["", "commands", "orders"]:
            return PlaceOrder, None
        case ["", "commands", "orders", order_id, word] if word in ORDER_COMMANDS:
            return ORDER_COMMANDS[word], order_stream(read_order_id(order_id))
        case ["", "commands", "stock", sku, location, word] if word in STOCK_COMMANDS:
            return STOCK_COMMANDS[word], read_stock_target(sku, location)
        case ["", "commands", "people", word] if word in PEOPLE_COMMANDS:
            return PEOPLE_COMMANDS[word], PEOPLE
    raise Problem(NO_SUCH_PAGE, address[:200])
