"""Who is on an order: for a while, for a department, and as a warning to colleagues that stops nobody."""

from datetime import timedelta

import pytest

from domain.decider import TAKE_FOR, Context
from domain.offering import Act, OneOf, Rank
from domain.offers import ChangedMeanwhile, SeenOffer, order_offers, require_still_offered
from domain.order.commands import (
    GiveBack,
    Hold,
    OrderCommand,
    PassOn,
    RequestCancel,
    ShortPick,
    StartPick,
    Take,
)
from domain.order.decisions.shared_refusals import NotOfThisDepartment, OrderClosed
from domain.order.decisions.taking import NobodyIsOnIt, TakenByAnother
from domain.order.events import GivenBack, OrderEvent, PassedOn, PickStarted, Taken
from domain.order.state import Order
from domain.order.takes import standing_take
from domain.order.terms import HoldType
from domain.roles import Department, Role
from tests.domain.order.orders import (
    PICKED,
    PLACED,
    SENT,
    STREAM,
    answer,
    folded,
    given,
    hand_over,
    lived,
    pack,
    pick,
    units,
)
from tests.spec import NOW, Outcome

WAREHOUSE, SALES = Department.WAREHOUSE, Department.SALES
UNTIL = NOW + TAKE_FOR
TAKE = Take(department=WAREHOUSE)
GIVE_BACK = GiveBack(department=WAREHOUSE)
PASS_ON = PassOn(department=WAREHOUSE, to="eve")
BY_WEI = Taken(occurred_at=NOW, department=WAREHOUSE, person="wei", until=UNTIL)
TAKEN = (*lived(*SENT), BY_WEI)


def after(*commands: OrderCommand, events: tuple[OrderEvent, ...] = TAKEN) -> tuple[OrderEvent, ...]:
    """What more a person of the warehouse has done who is not wei."""
    for command in commands:
        events += given(*events).when(command, by="ada", role=Role.ADMIN).events
    return events


def on_it(events: tuple[OrderEvent, ...], department: Department = WAREHOUSE, minutes: int = 0) -> str | None:
    take = standing_take(folded(events), department, NOW + timedelta(minutes=minutes))
    return None if take is None else take.person


def acts(role: Role, by: str, events: tuple[OrderEvent, ...] = TAKEN, minutes: int = 0) -> dict[Act, Rank]:
    context = Context(actor=by, role=role, occurred_at=NOW + timedelta(minutes=minutes), stream=STREAM)
    about_takes = {Act.TAKE, Act.TAKE_OVER, Act.PASS_ON, Act.GIVE_BACK, Act.TAKE_AWAY}
    return {offer.act: offer.rank for offer in order_offers(folded(events), {}, context) if offer.act in about_takes}


def test_who_takes_an_order_is_on_it_for_a_while() -> None:
    given(*lived(*SENT)).when(TAKE, by="wei", role=Role.WAREHOUSE).then(BY_WEI)
    assert [on_it(TAKEN, minutes=minutes) for minutes in (0, 29, 30)] == ["wei", "wei", None]


def test_whoever_begins_to_pick_is_on_the_order_for_the_warehouse() -> None:
    started = after(StartPick())
    assert started[-1] == PickStarted(occurred_at=NOW, picker="ada", until=UNTIL, taken_from="wei")
    assert (on_it(started), on_it(started, SALES)) == ("ada", None)


def test_who_takes_it_again_stays_for_longer_and_is_on_it_since_the_first_time() -> None:
    later = NOW + timedelta(minutes=20)
    order = given(*TAKEN).when(TAKE, by="Wei ", role=Role.WAREHOUSE, at=later).then_kinds(Taken)
    assert order is not None
    take = order.takes[0]
    assert (take.since, take.until) == (NOW, later + TAKE_FOR)
    late = NOW + timedelta(minutes=31)
    again = given(*TAKEN).when(TAKE, by="wei", role=Role.WAREHOUSE, at=late).then_kinds(Taken)
    assert again is not None
    assert again.takes[0].since == late


def test_a_colleague_takes_it_over_and_it_is_written_down_from_whom() -> None:
    over = Taken(occurred_at=NOW, department=WAREHOUSE, person="eve", until=UNTIL, taken_from="wei")
    given(*TAKEN).when(TAKE, by="eve", role=Role.WAREHOUSE).then(over)
    given(*TAKEN).when(TAKE, by="eve", role=Role.WAREHOUSE, at=UNTIL).then(
        Taken(occurred_at=UNTIL, department=WAREHOUSE, person="eve", until=UNTIL + TAKE_FOR)
    )


def test_from_whom_an_order_is_taken_by_beginning_to_pick_is_written_down_too() -> None:
    def begun(by: str, minutes: int = 0) -> Outcome[Order | None, OrderEvent]:
        at = NOW + timedelta(minutes=minutes)
        return given(*TAKEN).when(StartPick(), by=by, role=Role.WAREHOUSE, at=at)

    begun("eve").then(PickStarted(occurred_at=NOW, picker="eve", until=UNTIL, taken_from="wei"))
    begun("wei").then(PickStarted(occurred_at=NOW, picker="wei", until=UNTIL))
    begun("eve", 30).then(PickStarted(occurred_at=UNTIL, picker="eve", until=UNTIL + TAKE_FOR))


@pytest.mark.parametrize("command", [TAKE, StartPick()])
def test_who_took_an_order_before_a_colleague_and_enters_it_late_took_it_from_nobody(command: OrderCommand) -> None:
    before = NOW - timedelta(minutes=20)
    late = given(*TAKEN).when(command, by="eve", role=Role.WAREHOUSE, at=before)
    assert [getattr(event, "taken_from", "") for event in late.events] == [None]


def test_a_take_that_was_over_before_a_colleagues_began_takes_nothing_from_them() -> None:
    long_ago = NOW - timedelta(hours=2)
    late = given(*TAKEN).when(StartPick(), by="eve", role=Role.WAREHOUSE, at=long_ago)
    assert on_it((*TAKEN, *late.events)) == "wei"
    overlapping = given(*TAKEN).when(StartPick(), by="eve", role=Role.WAREHOUSE, at=NOW - timedelta(minutes=20))
    assert on_it((*TAKEN, *overlapping.events)) == "eve"


def test_departments_take_an_order_beside_each_other_and_only_for_themselves() -> None:
    both = after(Take(department=SALES))
    assert (on_it(both), on_it(both, SALES)) == ("wei", "ada")
    given(*lived(*SENT)).when(TAKE, role=Role.SALES).then_rejected(NotOfThisDepartment)


def test_an_order_of_which_nothing_is_to_be_done_cannot_be_taken() -> None:
    closed = lived(*PLACED, answer((1, 10, 0)), RequestCancel(reason="changed their mind"))
    given(*closed).when(Take(department=SALES)).then_rejected(OrderClosed)


def test_it_is_passed_on_and_given_back_by_who_is_on_it() -> None:
    given(*TAKEN).when(PASS_ON, by="wei", role=Role.WAREHOUSE).then(
        PassedOn(occurred_at=NOW, department=WAREHOUSE, person="eve", until=UNTIL, taken_from="wei")
    )
    given(*TAKEN).when(PassOn(department=WAREHOUSE, to="WEI"), by="wei", role=Role.WAREHOUSE).then_nothing()
    given(*TAKEN).when(GIVE_BACK, by="wei", role=Role.WAREHOUSE).then(
        GivenBack(occurred_at=NOW, department=WAREHOUSE, taken_from="wei")
    )
    assert on_it(after(GIVE_BACK)) is None


@pytest.mark.parametrize("command", [PASS_ON, GIVE_BACK])
def test_a_lead_alone_decides_for_somebody_else(command: OrderCommand) -> None:
    given(*TAKEN).when(command, by="eve", role=Role.WAREHOUSE).then_rejected(TakenByAnother)
    given(*TAKEN).when(command, by="eve", role=Role.SALES_LEAD).then_rejected(NotOfThisDepartment)
    assert given(*TAKEN).when(command, by="eve", role=Role.WAREHOUSE_LEAD).events


@pytest.mark.parametrize("command", [PASS_ON, GIVE_BACK])
def test_what_nobody_has_taken_any_more_nobody_passes_on(command: OrderCommand) -> None:
    given(*TAKEN).when(command, by="wei", role=Role.WAREHOUSE, at=UNTIL).then_rejected(NobodyIsOnIt)
    given(*lived(*SENT)).when(command, by="wei", role=Role.WAREHOUSE).then_rejected(NobodyIsOnIt)


def test_a_take_ends_when_the_order_has_left_the_department() -> None:
    assert on_it(after(pick(10), pack(10))) is None
    assert on_it(after(pick(10))) == "wei"
    cancelled = after(RequestCancel(reason="changed their mind"))
    assert on_it(cancelled) is None


def test_a_take_outlives_what_the_system_does_between_two_steps() -> None:
    missed = after(pick(8), ShortPick(lines=units((1, 2))))
    assert on_it(missed) == "wei"
    assert on_it(after(answer((1, 8, 2), version=2), events=missed)) == "wei"


def test_who_takes_it_again_while_the_system_is_at_it_is_off_it_where_it_goes_elsewhere_from_there() -> None:
    short = after(pick(8), ShortPick(lines=units((1, 2))), TAKE, pack(8))
    assert on_it(short) == "ada"
    assert on_it(after(Hold(type=HoldType.CREDIT, reason="over the limit"), events=short)) is None


def test_who_takes_an_order_before_its_turn_keeps_it_until_it_has_come_and_gone() -> None:
    early = after(Take(department=Department.LOGISTICS))
    here = after(pick(10), pack(10), events=early)
    assert on_it(here, Department.LOGISTICS) == "ada"
    with_its_carrier = after(hand_over(), events=here)
    assert on_it(with_its_carrier, Department.LOGISTICS) == "ada"
    held = after(Hold(type=HoldType.CREDIT, reason="over the limit"), events=here)
    assert on_it(held, Department.LOGISTICS) is None


def test_what_can_be_done_with_a_take_is_offered_to_those_who_may() -> None:
    assert acts(Role.WAREHOUSE, "wei") == {Act.TAKE: Rank.POSSIBLE, Act.PASS_ON: Rank.USUAL, Act.GIVE_BACK: Rank.USUAL}
    assert acts(Role.WAREHOUSE, "eve") == {Act.TAKE_OVER: Rank.USUAL}
    assert acts(Role.WAREHOUSE, "eve", minutes=30) == {Act.TAKE: Rank.USUAL}
    assert acts(Role.LOGISTICS, "olga") == {Act.TAKE: Rank.POSSIBLE}
    assert acts(Role.WAREHOUSE_LEAD, "eve") == {
        Act.TAKE_OVER: Rank.USUAL,
        Act.PASS_ON: Rank.USUAL,
        Act.TAKE_AWAY: Rank.USUAL,
    }
    assert acts(Role.AUDITOR, "eve") == {}


def test_beginning_to_pick_is_another_act_where_a_colleague_is_on_the_order() -> None:
    def begins(by: str, events: tuple[OrderEvent, ...], minutes: int = 0) -> list[Act]:
        now = NOW + timedelta(minutes=minutes)
        context = Context(actor=by, role=Role.WAREHOUSE, occurred_at=now, stream=STREAM)
        return [offer.act for offer in order_offers(folded(events), {}, context) if offer.command is StartPick]

    assert begins("ada", TAKEN) == [Act.TAKE_OVER_PICK]
    assert begins("wei", TAKEN) == begins("ada", lived(*SENT)) == begins("ada", TAKEN, minutes=30) == [Act.START_PICK]
    by_sales = (*lived(*SENT), BY_WEI.model_copy(update={"department": SALES}))
    assert begins("ada", by_sales) == [Act.START_PICK]


@pytest.mark.parametrize(
    ("command", "over", "plain"),
    [(TAKE, Act.TAKE_OVER, Act.TAKE), (StartPick(), Act.TAKE_OVER_PICK, Act.START_PICK)],
)
def test_who_agreed_to_take_an_order_over_takes_it_given_back_too_but_not_the_other_way(
    command: OrderCommand, over: Act, plain: Act
) -> None:
    def act(events: tuple[OrderEvent, ...], seen: Act) -> None:
        context = Context(actor="eve", role=Role.WAREHOUSE, occurred_at=NOW, stream=STREAM)
        require_still_offered(SeenOffer(1, seen), command, folded(events), len(events), context)

    given_back = after(GIVE_BACK)
    act(given_back, over)
    act(given_back, plain)
    act(TAKEN, over)
    with pytest.raises(ChangedMeanwhile):
        act(TAKEN, plain)


def test_who_helps_out_everywhere_takes_by_one_click_where_the_order_stands() -> None:
    context = Context(actor="eve", role=Role.ADMIN, occurred_at=NOW, stream=STREAM)
    here, elsewhere = (offer for offer in order_offers(folded(lived(*PICKED)), {}, context) if offer.command is Take)
    assert (here.given, here.rank) == ({"department": WAREHOUSE}, Rank.USUAL)
    others = tuple(each for each in Department if each is not WAREHOUSE)
    assert (elsewhere.limits, elsewhere.rank) == ({"department": OneOf(others)}, Rank.POSSIBLE)
