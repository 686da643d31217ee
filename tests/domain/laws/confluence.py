"""The same acts of people, delivered in two ways: whatever the runner may do, the outcome is one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from domain.order.commands import PlaceOrder
from domain.order.status import headline, waiting
from domain.stock.commands import ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN
from tests.deliveries import Turns
from tests.domain.laws.people import SKUS, Act, People, basket, receive
from tests.domain.laws.play import come_to_rest, perform, portions
from tests.domain.laws.policies import Cancellations
from tests.life import Life, line

PLENTY = 10_000
ALL_OR_NOTHING = (False, False)

Burst = list[Act]
Author = Callable[[People], Burst]
"""Who thinks of the next burst, seeing what has become of the last."""


@dataclass
class Telling:
    """One way in which a story went."""

    life: Life
    streams: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    cancellations: Cancellations = field(default_factory=Cancellations)

    def play(self, burst: Burst) -> None:
        """All acts of a burst with only a little delivered in between, then until all is quiet."""
        for act in burst:
            self.refusals.append(perform(self.life, self.streams, act))
            if self.life.luck is not None:
                for _ in range(self.life.luck.choice((0, 0, 1, 4))):
                    self.life.tick()
        come_to_rest(self.life)
        self.cancellations.assert_none_lies_free(self.life, self.streams)

    def outcome(self) -> object:
        """What people see in the end; versions and times depend on the way there."""
        orders = [self.life.order(stream) for stream in self.streams]
        items = [self.life.stock(sku) for sku in SKUS]
        return (
            [
                (
                    headline(order),
                    waiting(order),
                    [order.lines[number].buckets for number in sorted(order.lines)],
                    sorted((trouble.code, trouble.about.parcel or 0) for trouble in order.exceptions),
                )
                for order in orders
            ],
            [(item.on_hand, item.staged, item.reserved, item.waiting) for item in items],
            self.refusals,
        )


def assert_one_outcome(luck: Random, author: Author, *, bursts: int, keep_turns: bool) -> None:
    """Tell a story twice, burst by burst, and compare at every rest."""
    with portions(luck):
        tell_twice(luck, author, bursts, keep_turns=keep_turns)


def tell_twice(luck: Random, author: Author, bursts: int, *, keep_turns: bool) -> None:
    """As `assert_one_outcome`, in portions of a given size."""
    first, second = Telling(Life(Random(luck.random()))), Telling(Life(Random(luck.random())))
    people = People(first.life, luck, first.streams)
    most = luck.choice((4, 12))
    for sku in SKUS:
        quantity = luck.randint(1, most) if keep_turns else PLENTY
        opening = [Act(ReceiveStock(quantity=quantity), stock_stream(sku, MAIN))]
        first.play(opening)
        second.play(opening)
    for _ in range(bursts):
        burst = author(people)
        first.play(burst)
        if keep_turns:
            second.life.deliveries.turns = Turns(first.life.deliveries.turns.seen, second.life.deliveries.turns.seen)
        second.play(burst)
        assert first.outcome() == second.outcome(), burst


def plenty(people: People) -> Burst:
    """Several orders at once, or acts on several orders, each on one: nothing is scarce, so nobody is in anybody's way."""
    luck = people.luck
    burst = [people.order() for _ in range(luck.choice((0, 1, 2)) if len(people.streams) < people.most_orders else 0)]
    for stream in luck.sample(people.streams, luck.randint(0, len(people.streams))):
        act = people.with_order(stream)
        if act is not None:
            burst.append(act)
    return burst


def scarcity(people: People) -> Burst:
    """Several orders for what is there, or one receipt.

    All-or-nothing orders of several articles hold the first ones until the last is decided, and give them back when it
    is not there. What is given back goes to whoever waits then: by priority and date before arrival, and by the place
    an order took when it was placed, though it may ask for its second article much later. So that who asked first
    decides all the same, they come in bursts of equal priority and date, over the same two articles.
    """
    luck = people.luck
    if luck.random() < 0.3:
        return [Act(receive(luck), stock_stream(luck.choice(SKUS), MAIN))]
    if luck.random() < 0.5:
        return [Act(equal_turns(luck)) for _ in range(luck.randint(2, 5))]
    return [Act(all_decided_at_once(luck)) for _ in range(luck.randint(2, 5))]


def equal_turns(luck: Random) -> PlaceOrder:
    """An order of one article or of both ends of the shelf, as urgent as any other."""
    skus = luck.choice(((SKUS[0], SKUS[-1]), (SKUS[0],), (SKUS[0],), (SKUS[-1],)))
    lines = tuple(line(sku, luck.randint(1, 5)) for sku in skus)
    changes = {"lines": lines, "priority": 5, "requested_date": None, "holds": ()}
    return basket(luck, policy=luck.choice((ALL_OR_NOTHING, None))).model_copy(update=changes)


def all_decided_at_once(luck: Random) -> PlaceOrder:
    """An order of any kind, but all or nothing only of one article."""
    order = basket(luck)
    if order.backorder or order.partial_shipment:
        return order
    return order.model_copy(update={"lines": tuple(each for each in order.lines if each.sku == order.lines[0].sku)})
