"""What can be done with an order now: every command that would be taken and change something.

Decides: which commands are offered, within which limits, and how likely they are. A fact is offered only where there
is room for it; beyond, it is taken and opens an exception. No rule of its own: a law compares it with `decisions/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from domain.access import LIFTED_BY, may_place
from domain.offering import WEAKER, Act, Offer, OneOf, Rank, UnitLimit, UnitsWithin
from domain.order.commands import (
    AddNote,
    AnswerNote,
    ConfirmOrder,
    ConfirmReceipt,
    GiveBack,
    HandOver,
    Hold,
    LogContact,
    Pack,
    PassOn,
    Pick,
    PromiseDates,
    RecallFromWarehouse,
    RecordCheckpoint,
    RequestCancel,
    ResolveException,
    Resume,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Take,
    Unpack,
)
from domain.order.decisions.holds import has_eyes_for
from domain.order.decisions.logistics import is_known_hand_over, is_known_message
from domain.order.decisions.sales import promisable
from domain.order.decisions.taking import may_be_taken, may_pass_on
from domain.order.ledger import LIVE, ON_THE_SHELF, PICKABLE, TO_COME, UNPICKED, goods_lines, units_in
from domain.order.messages import unanswered
from domain.order.parcels import whereabouts
from domain.order.promises import is_promised_so
from domain.order.status import (
    NextAction,
    awaited_hold,
    holds_blocking,
    is_closed,
    leaves_complete,
    may_be_sent,
    may_leave_in_part,
    standing_holds,
    waiting,
)
from domain.order.takes import standing_take
from domain.order.terms import HAVE_OUTCOME, NOT_TO_COME, Bucket, HoldType, Outcome, Step
from domain.roles import DESKS, Department, departments_of, desks_for, same_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.decider import Command, Context
    from domain.order.state import Order, OrderTake, Parcel
    from domain.roles import Party

BY_HAND: Final = "by-hand"
"""Likely code of a message that a person enters: carriers have codes of their own."""

NEXT: Final = {
    NextAction.CONFIRM: {Act.CONFIRM},
    NextAction.SEND_TO_WAREHOUSE: {Act.SEND_TO_WAREHOUSE},
    NextAction.PICK: {Act.PICK},
    NextAction.PACK: {Act.PACK},
    NextAction.HAND_OVER: {Act.HAND_OVER},
    NextAction.DELIVER: {Act.CONFIRM_RECEIPT, Act.CONFIRM_RECEIPT_OF_ALL},
}
"""By which act a step is taken. Of holds and exceptions it is one of several; receiving is not the order's."""


def possible_offers(order: Order, context: Context) -> Iterator[Offer]:
    """What the order would take, of whatever role: only where a decision looks at the person, so does this."""
    return _Possible(order, context, *waiting(order)).all()


@dataclass(frozen=True, slots=True)
class _Possible:
    """The order, and who looks at it when."""

    order: Order
    context: Context
    party: Party
    """Whom the order waits for."""
    action: NextAction

    def all(self) -> Iterator[Offer]:
        """Every offer, in the order in which a day's work goes."""
        yield from self.sales()
        yield from self.picking()
        yield from self.packing()
        for parcel in self.order.parcels:
            if parcel.contents:
                yield from self.parcel(parcel)
        yield from self.receipt_of_all()
        yield from self.checkpoints()
        yield from self.exceptions()
        yield from self.holds()
        yield from self.cancelling()
        yield from self.answers()
        yield from self.taking()
        yield self.offer(Act.LOG_CONTACT, LogContact)
        yield self.offer(Act.ADD_NOTE, AddNote)

    def offer(self, act: Act, command: type[Command], rank: Rank = Rank.USUAL, **terms: Any) -> Offer:
        """An offer of this order; it goes first if the order waits for it."""
        if act in NEXT.get(self.action, ()) and rank is Rank.USUAL:
            rank = Rank.NEXT
        return Offer(act, command, self.context.stream, self.order.version, rank, **terms)

    def units(self, *buckets: Bucket, likely: Bucket | None = None) -> tuple[UnitLimit, ...]:
        """Goods lines with units in these buckets; likely are those of one of them."""
        if not self.order.count(*buckets):
            return ()
        states = ((number, self.order.lines[number]) for number in goods_lines(self.order))
        return tuple(
            UnitLimit(number, state.line.sku, most, 0 if likely is None else state.buckets[likely])
            for number, state in states
            if (most := units_in(state, *buckets))
        )

    def sales(self) -> Iterator[Offer]:
        """Confirm, promise dates, send to the warehouse, take back from there."""
        order = self.order
        answered = not is_closed(order) and order.count(Bucket.OPEN) == 0
        if answered and order.confirmed_at is None and not holds_blocking(order, Step.CONFIRM):
            lines = ((line, known.line.sku, promisable(known)) for line, known in sorted(order.lines.items()))
            promises = tuple(UnitLimit(line, sku, most) for line, sku, most in lines if most)
            promised = UnitsWithin(promises, optional=True, from_day=self.context.today)
            yield self.offer(Act.CONFIRM, ConfirmOrder, limits={"promises": promised})
        if still_to_come := () if is_closed(order) else self.units(*TO_COME, likely=Bucket.BACKORDERED):
            yield self.offer(
                Act.PROMISE_DATES,
                PromiseDates,
                Rank.USUAL if order.count(Bucket.BACKORDERED) else Rank.POSSIBLE,
                limits={"promises": UnitsWithin(still_to_come, from_day=self.context.today)},
                is_known=lambda command: is_promised_so(order, command),
            )
        if not is_closed(order) and may_be_sent(order) and not holds_blocking(order, Step.SEND):
            yield self.offer(Act.SEND_TO_WAREHOUSE, SendToWarehouse)
        if sent := self.units(Bucket.SENT, likely=Bucket.SENT):
            within = {"lines": UnitsWithin(sent, optional=True)}
            yield self.offer(Act.RECALL_FROM_WAREHOUSE, RecallFromWarehouse, Rank.POSSIBLE, limits=within)

    def picking(self) -> Iterator[Offer]:
        """Start to pick, pick, find too few. Whatever lies on the shelf or is still wanted may have been picked."""
        rank = Rank.USUAL if self.order.count(Bucket.SENT) else Rank.POSSIBLE
        if pickable := self.units(*PICKABLE, likely=Bucket.SENT):
            yield self.offer(Act.PICK, Pick, rank, limits={"units": UnitsWithin(pickable)})
        if self.order.pick_started_at is None:
            known = standing_take(self.order, Department.WAREHOUSE, self.context.occurred_at)
            yield self.offer(self.from_whom(known, Act.TAKE_OVER_PICK), StartPick, rank)
        if on_the_shelf := self.units(*ON_THE_SHELF):
            yield self.offer(Act.SHORT_PICK, ShortPick, rank, limits={"lines": UnitsWithin(on_the_shelf)})

    def packing(self) -> Iterator[Offer]:
        """Put picked units into a parcel."""
        picked = self.units(Bucket.PICKED, likely=Bucket.PICKED)
        if picked and may_leave_in_part(self.order):
            yield self.offer(Act.PACK, Pack, limits={"contents": UnitsWithin(picked)})

    def parcel(self, parcel: Parcel) -> Iterator[Offer]:
        """Hand it over, open it again, correct what was said of it, have it received."""
        number, order = {"parcel": parcel.number}, self.order
        is_here = parcel.handed_over_at is None and parcel.received_at is None
        may_leave = leaves_complete(order) and not holds_blocking(order, Step.HAND_OVER)
        if is_here and may_leave:
            yield self.offer(Act.HAND_OVER, HandOver, given=number)
        if is_here:
            yield self.offer(Act.UNPACK, Unpack, Rank.POSSIBLE, given=number)
        else:
            yield self.correction(parcel)
        if parcel.received_at is None and (not is_here or may_leave):
            is_awaited = not is_here and parcel.outcome not in NOT_TO_COME
            rank = Rank.USUAL if is_awaited else Rank.POSSIBLE
            yield self.offer(Act.CONFIRM_RECEIPT, ConfirmReceipt, rank, given=number)

    def correction(self, parcel: Parcel) -> Offer:
        """Another carrier, service or tracking number of a parcel that has left."""
        return self.offer(
            Act.CORRECT_HAND_OVER,
            HandOver,
            Rank.POSSIBLE,
            given={"parcel": parcel.number},
            proposed={
                "carrier": parcel.carrier,
                "service": parcel.service,
                "tracking_number": parcel.tracking_number,
            },
            is_known=lambda command: is_known_hand_over(parcel, command),
        )

    def receipt_of_all(self) -> Iterator[Offer]:
        """The customer has everything that left."""
        left = [parcel for parcel in self.order.parcels if parcel.handed_over_at is not None]
        if any(parcel.received_at is None and parcel.outcome not in NOT_TO_COME for parcel in left):
            yield self.offer(Act.CONFIRM_RECEIPT_OF_ALL, ConfirmReceipt, given={"parcel": None})

    def checkpoints(self) -> Iterator[Offer]:
        """What a carrier says of the parcels that it has under one number. Bad news of them is news all the same."""
        by_number: dict[str, Parcel] = {}
        for parcel in self.order.parcels:
            if parcel.tracking_number is not None:
                by_number.setdefault(parcel.tracking_number, parcel)
        for tracking_number, parcel in by_number.items():
            yield self.offer(
                Act.RECORD_CHECKPOINT,
                RecordCheckpoint,
                Rank.USUAL if whereabouts(parcel) is Bucket.HANDED_OVER else Rank.POSSIBLE,
                given={"tracking_number": tracking_number},
                proposed={"carrier": parcel.carrier, "code": BY_HAND},
                is_known=self.is_known,
            )

    def is_known(self, command: RecordCheckpoint) -> bool:
        """Whether the order has this message of a carrier already."""
        return is_known_message(self.order, command, command.occurred_at or self.context.occurred_at)

    def exceptions(self) -> Iterator[Offer]:
        """Deal with trouble; of some, it has to be said what became of the parcel."""
        awaited = self.action is NextAction.RESOLVE_EXCEPTION
        for trouble in self.order.exceptions:
            outcome = trouble.code in HAVE_OUTCOME
            yield self.offer(
                Act.RESOLVE_EXCEPTION,
                ResolveException,
                Rank.NEXT if awaited and trouble is self.order.exceptions[0] else Rank.USUAL,
                given={"exception": trouble.number} | ({} if outcome else {"outcome": None}),
                limits={"outcome": OneOf(tuple(Outcome))} if outcome else {},
            )

    def holds(self) -> Iterator[Offer]:
        """Lift a hold, place another one."""
        role = self.context.role
        awaited = awaited_hold(self.order)
        for hold in standing_holds(self.order):
            if role in LIFTED_BY[hold.type] and has_eyes_for(self.order, hold, self.context.actor):
                rank = Rank.NEXT if hold is awaited else Rank.USUAL
                yield self.offer(Act.RESUME, Resume, rank, given={"hold": hold.number})
        if not is_closed(self.order):
            types = OneOf(tuple(hold for hold in HoldType if may_place(role, hold)))
            yield self.offer(Act.HOLD, Hold, limits={"type": types})

    def cancelling(self) -> Iterator[Offer]:
        """Cancel the order while nobody has picked anything, or what nobody has picked."""
        if is_closed(self.order):
            return
        if self.order.count(*LIVE) == self.order.count(*UNPICKED):
            yield self.offer(Act.CANCEL_ORDER, RequestCancel, given={"lines": ()})
        if unpicked := self.units(*UNPICKED):
            yield self.offer(Act.CANCEL_UNITS, RequestCancel, limits={"lines": UnitsWithin(unpicked)})

    def answers(self) -> Iterator[Offer]:
        """Answer what a department of the person's was asked."""
        for department in departments_of(self.context.role):
            for message in unanswered(self.order, department):
                yield self.offer(Act.ANSWER_NOTE, AnswerNote, given={"note": message.number})

    def taking(self) -> Iterator[Offer]:
        """Take the order for a department of the person's, pass it on, give it back; leads also what others have."""
        departments = departments_of(self.context.role)
        known = {each: standing_take(self.order, each, self.context.occurred_at) for each in departments}
        at_home = desks_for(self.context.role, self.party)
        if may_be_taken(self.order):
            for department in at_home:
                yield self.take(department, known[department])
            if elsewhere := tuple(each for each in departments if each not in at_home):
                yield self.offer(Act.TAKE, Take, Rank.POSSIBLE, limits={"department": OneOf(elsewhere)})
        for department, take in known.items():
            if take is not None and may_pass_on(take, self.context.actor, self.context.role):
                yield from self.ending(department, take)

    def take(self, department: Department, known: OrderTake | None) -> Offer:
        """One click: likely once the order waits for the department and the person has not taken it yet."""
        is_mine = known is not None and same_person(known.person, self.context.actor)
        rank = Rank.USUAL if department is DESKS.get(self.party) and not is_mine else Rank.POSSIBLE
        return self.offer(self.from_whom(known, Act.TAKE_OVER), Take, rank, given={"department": department})

    def from_whom(self, known: OrderTake | None, act: Act) -> Act:
        """The act where somebody else is on it: who takes it from them is to have seen that. Else the weaker one."""
        return WEAKER[act] if known is None or same_person(known.person, self.context.actor) else act

    def ending(self, department: Department, take: OrderTake) -> Iterator[Offer]:
        """Another is on it, or nobody."""
        given, is_mine = {"department": department}, same_person(take.person, self.context.actor)
        yield self.offer(
            Act.PASS_ON, PassOn, given=given, is_known=lambda command: same_person(take.person, command.to)
        )
        yield self.offer(Act.GIVE_BACK if is_mine else Act.TAKE_AWAY, GiveBack, given=given)
