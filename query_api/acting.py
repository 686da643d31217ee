"""What the person who reads may do now: offers of the order, stock item or person on the page, and the form
that is open on it.

Decides: which state offers are made from (the folds of the same snapshot as the page) and which form is open. Must not
know: rules; how a form looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from starlette.requests import Request

from domain.catalogue import EVENTS
from domain.decider import Context
from domain.offering import Act, Limit, Offer, Rank, UnitsWithin
from domain.offers import (
    ChangedMeanwhile,
    ReceivedMeanwhile,
    awaited_articles,
    order_offers,
    people_offers,
    stock_offers,
)
from domain.order.state import Order, OrderTake
from domain.order.status import Badge, Headline, NextAction
from domain.person.state import Member, Register
from domain.roles import Party, departments_of
from domain.stream_names import PEOPLE
from projections import stock
from projections.order import OrderRow
from projections.projector.folds import FoldTables
from projections.stock import StockRow
from projections.view import Connection
from query_api.dependencies import readers_of
from query_api.offer_forms import OfferForm, address_of, form_of, key_for, key_of, outline_of
from query_api.problem_words import refusal_of
from query_api.reads import Reading
from query_api.rendering import words_of
from query_api.sentences import Words
from query_api.sentences.words import Naming
from query_api.taking import as_taken_now
from query_api.would_be_told import would_be_told
from web.caller_dependency import csrf_token
from web.command_addresses import ORDER_COMMANDS
from web.kept_forms import ADDRESS, KeptForm
from web.tokens import Caller


@dataclass(frozen=True, slots=True)
class Acting:
    """What the page shows of it."""

    usual: Sequence[OfferForm]
    rare: Sequence[OfferForm]
    open: OfferForm | None
    back: str
    csrf: str
    key: str
    """The open form's key: sending it twice is one command, also after an answer that left open whether it was done."""
    gone: str = ""
    """Why a form was refused that is not offered any more."""
    again_address: str = ""
    """Where the form was sent that was refused."""
    again: tuple[tuple[str, str], ...] = ()
    """All of that form's fields, to record it all the same; empty where that cannot be."""
    done: str = ""
    """The word of what was just done."""
    not_yours: bool = False
    """Whether the step that the order waits for is taken by somebody else."""
    preview: Preview | None = None
    """What the open form would do."""
    shown: str = ""
    """Names that preview."""
    colleague: OrderTake | None = None
    """Somebody else who is on the order for the reader's department: whoever goes on all the same is warned."""
    at_many_desks: bool = False
    """Whether the reader helps out everywhere, so that it has to be said for which department something is done."""
    contact: OfferForm | None = None
    """By which one click writes down what a customer asked and was told."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a form would do if it were carried out now."""

    sentences: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    """Word, before, after; of what changes."""
    told: tuple[str, ...] = ()
    """Stock items and orders that would hear of it."""


async def offers_of_order(request: Request, snapshot: Reading, order: OrderRow) -> tuple[Offer, ...]:
    """What the reader may do about the order as the page shows it."""
    known = (await FoldTables().load(snapshot.connection, [order.stream])).get(order.stream)
    if known is None or not isinstance(known[1], Order):
        return ()
    state = as_taken_now(request, known[1])
    rows = await stock.of_articles_at(snapshot.connection, awaited_articles(state), state.location)
    items = {row.sku: (row, row.version) for row in rows}
    return order_offers(state, items, context_of(request, order.stream))


def offers_of_item(request: Request, item: StockRow) -> tuple[Offer, ...]:
    """What the reader may do with the stock item as the page shows it."""
    return stock_offers(item, item.version, context_of(request, item.stream))


def offers_of_people(
    request: Request, version: int, register: Register, member: Member | None = None
) -> tuple[Offer, ...]:
    """What the reader may do about a person, or about people altogether."""
    return people_offers(register, member, version, context_of(request, PEOPLE))


def context_of(request: Request, stream: str) -> Context:
    """Who reads, and when."""
    caller: Caller = request.state.caller
    readers = readers_of(request)
    return Context(caller.actor, caller.role, readers.clock(), stream, zone=readers.company.zone)


@dataclass(frozen=True, slots=True)
class Foretelling:
    """What a form and its preview are put into words with."""

    connection: Connection | None = None
    """The snapshot that the page is of; None where nobody would be told."""
    naming: Naming = str
    """Calls the order's lines."""
    articles: Mapping[int, str] = field(default_factory=dict)
    """What is on the order's lines, in words."""


NOBODY_TOLD: Final = Foretelling()


async def acting(
    request: Request, offers: Sequence[Offer], back: str, foretelling: Foretelling = NOBODY_TOLD
) -> Acting:
    """Everything that the page's forms need; `back` is the page's own address."""
    words, by_key = words_of(request), {key_of(offer): offer for offer in offers}
    kept = await _kept(request)
    previewed = kept is not None and kept.is_preview
    asked = request.query_params.get("act", "") if kept is None else kept.text("act")
    offer = _next(offers) if asked == NEXT_STEP else by_key.get(asked)
    gone = offer is None or (kept is not None and kept.answer.get("code") in CHANGED)
    done = request.query_params.get("done", "").partition(".")[0]
    forms = [outline_of(offer, words) for offer in offers]
    usual = [form for form in forms if form.rank < Rank.POSSIBLE][:MOST_IN_FRONT]
    return Acting(
        usual=usual,
        rare=[form for form in forms if form not in usual],
        open=None if offer is None else form_of(offer, words, kept, foretelling.articles),
        back=back,
        csrf=csrf_token(request),
        key=key_for(kept),
        gone=refusal_of(kept.answer, words) if kept is not None and gone and not previewed else "",
        again_address="" if kept is None else str(kept.answer.get(ADDRESS, "")),
        again=_again(kept),
        not_yours=asked == NEXT_STEP and offer is None,
        done=words.acts[Act(done)] if done in set(Act) else "",
        preview=await _preview(kept.answer, words, foretelling) if kept is not None and previewed else None,
        shown=request.query_params.get("form", "") if previewed else "",
        at_many_desks=len(departments_of(cast("Caller", request.state.caller).role)) > 1,
        contact=next((form for form in forms if form.key == Act.LOG_CONTACT), None),
    )


MOST_IN_FRONT: Final = 12
"""Of what can be done, the rest stands behind: an order may wait for hundreds of articles."""

NEXT_STEP: Final = "next"
"""In an address: whatever the order waits for when it is read; boards lead there without knowing what is offered."""


def _next(offers: Sequence[Offer]) -> Offer | None:
    return next((offer for offer in offers if offer.rank is Rank.NEXT), None)


async def _preview(told: Mapping[str, Any], words: Words, foretelling: Foretelling) -> Preview:
    found = preview_in_words(told, words, foretelling.naming)
    if foretelling.connection is None:
        return found
    return replace(found, told=await would_be_told(foretelling.connection, told, words))


def preview_in_words(told: Mapping[str, Any], words: Words, naming: Naming) -> Preview:
    """What a command would do, by the command API's own answer."""
    events = told.get("events") or ()
    sentences = (words.sentence(EVENTS[each["type"]].model_validate(each["data"]), naming) for each in events)
    before, after = (_in_words(told.get(f"state_{when}") or {}, words) for when in ("before", "after"))
    changes = ((word, before.get(word, ""), now) for word, now in after.items() if before.get(word, "") != now)
    return Preview(tuple(sentences), tuple(changes))


def _in_words(state: Mapping[str, Any], words: Words) -> dict[str, str]:
    """A state's summary as the page says it."""
    if "headline" not in state:
        return {words.text(name): f"{value:,}" for name, value in state.items()}
    badges = (words.badge(Badge(**badge)) for badge in state["badges"])
    return {
        words.text("state"): " · ".join((words.headlines[Headline(state["headline"])], *badges)),
        words.text("waiting_on"): words.parties[Party(state["waiting_on"])],
        words.text("next_step"): words.next_steps[NextAction(state["next_action"])],
    }


CHANGED: Final = frozenset({ChangedMeanwhile.code(), ReceivedMeanwhile.code()})


def _again(kept: KeptForm | None) -> tuple[tuple[str, str], ...]:
    """A fact that no longer fits may be recorded all the same: it happened. What nothing undoes begins anew.

    It is sent from the version that it was refused at: whoever agrees has seen no more.
    """
    if kept is None or kept.answer.get("code") not in CHANGED or _is_final(kept):
        return ()
    fields = tuple(pair for pair in kept.fields if pair[0] not in {"key", "back", "version"})
    return (*fields, ("version", str(kept.answer.get("facts", {}).get("version", ""))))


def _is_final(kept: KeptForm) -> bool:
    command = ORDER_COMMANDS.get(str(kept.answer.get(ADDRESS, "")).rpartition("/")[2])
    return command is not None and command.final


async def _kept(request: Request) -> KeptForm | None:
    name, caller = request.query_params.get("form"), cast("Caller", request.state.caller)
    return await readers_of(request).forms.find(name, caller.actor) if name else None


def document(offers: Sequence[Offer]) -> list[dict[str, Any]]:
    """Offers for programs: the same that pages show."""
    return [
        {
            "act": offer.act,
            "command": offer.command.__name__,
            "address": address_of(offer),
            "version": offer.version,
            "rank": offer.rank.name.lower(),
            "given": dict(offer.given),
            "proposed": dict(offer.proposed),
            "limits": {name: _limit(limit) for name, limit in offer.limits.items()},
        }
        for offer in offers
    ]


def _limit(limit: Limit) -> dict[str, Any]:
    if isinstance(limit, UnitsWithin):
        lines = [{"line": each.line, "sku": each.sku, "most": each.most, "likely": each.likely} for each in limit.lines]
        return {"lines": lines, "optional": limit.optional, "from_day": limit.from_day}
    return {"one_of": list(limit.values)}
