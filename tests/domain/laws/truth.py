"""A house in which nobody errs and nothing is stolen, but much is entered late: the book says what lies on the shelf."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from domain.decider import Command
from domain.order.commands import Pack, Pick, PickedUnits, RequestCancel, ShortPick
from domain.order.terms import Bucket
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Units
from tests.domain.laws.people import SKUS, Act, basket, in_bucket, leaves
from tests.domain.laws.play import perform, portions
from tests.life import Life


@dataclass
class House:
    """A company and what really lies on its shelves."""

    life: Life
    luck: Random
    late: float
    """How often a fact is written on paper first."""
    diligence: float
    """How often a paper is entered between two acts."""
    shelf: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SKUS, 0))
    streams: list[str] = field(default_factory=list)
    paper: list[tuple[str, Command]] = field(default_factory=list)
    """Facts that nobody has entered yet, with their time."""

    def live(self) -> None:
        """Somebody does something; some of what is on paper is entered, in any order; some of it is reacted to."""
        acts = (self.receive, self.count, self.pick, self.receive, self.count, self.order, self.send_off, self.cancel)
        self.luck.choice(acts)()
        if self.paper and self.luck.random() < self.diligence:
            self.enter_any()
        for _ in range(self.luck.choice((0, 1, 5, 20))):
            self.life.tick()

    def come_to_rest(self) -> None:
        """All that is on paper is entered, and the warehouse counts what it is asked to count."""
        while self.paper:
            self.enter_any()
        self.life.settle()
        for sku in SKUS:
            if self.life.stock(sku).count_asked_at is not None:
                self.life.do(stock_stream(sku, MAIN), CountStock(counted=self.shelf[sku]))

    def enter_any(self) -> None:
        """One of the papers."""
        self.life.submit(*self.paper.pop(self.luck.randrange(len(self.paper))))

    def happened(self, stream: str, fact: Command) -> None:
        """Something was done just now; it is entered at once or later."""
        self.paper.append((stream, fact.model_copy(update={"occurred_at": self.life.now})))
        if self.luck.random() >= self.late:
            self.life.submit(*self.paper.pop())
        self.life.now += timedelta(seconds=1)

    def order(self) -> None:
        """A customer orders."""
        self.streams.append(self.life.submit_order(order=basket(self.luck).model_copy(update={"holds": ()})))

    def receive(self) -> None:
        """Goods are laid on a shelf."""
        sku, quantity = self.luck.choice(SKUS), self.luck.randint(1, 6)
        self.shelf[sku] += quantity
        self.happened(stock_stream(sku, MAIN), ReceiveStock(quantity=quantity))

    def count(self) -> None:
        """A shelf is counted, rightly."""
        sku = self.luck.choice(SKUS)
        self.happened(stock_stream(sku, MAIN), CountStock(counted=self.shelf[sku]))

    def pick(self) -> None:
        """What lies there is picked of what was sent; what does not is said not to."""
        for stream in self.one_of_the_orders():
            order = self.life.order(stream)
            for number, sent in in_bucket(order, Bucket.SENT).items():
                sku = order.lines[number].line.sku
                there = min(sent, self.shelf[sku])
                self.shelf[sku] -= there
                if there:
                    self.happened(stream, Pick(units=(PickedUnits(line=number, quantity=there),)))
                if sent > there:
                    self.happened(stream, ShortPick(lines=(Units(line=number, quantity=sent - there),)))

    def send_off(self) -> None:
        """What is picked is packed, or what is packed leaves; nothing is packed of an order that wants all at once while
        units of it are missing.
        """
        for stream in self.one_of_the_orders():
            order = self.life.order(stream)
            here = [parcel for parcel in order.parcels if parcel.contents and not parcel.handed_over_at]
            picked = in_bucket(order, Bucket.PICKED)
            if here:
                self.life.submit(stream, leaves(here[0]))
            elif picked:
                contents = tuple(Units(line=number, quantity=count) for number, count in picked.items())
                perform(self.life, self.streams, Act(Pack(contents=contents), stream))

    def cancel(self) -> None:
        """A customer wants nothing more of what is not picked."""
        for stream in self.one_of_the_orders():
            perform(self.life, self.streams, Act(RequestCancel(reason="changed their mind"), stream))

    def one_of_the_orders(self) -> list[str]:
        """Any; none where nobody has ordered yet."""
        return self.luck.sample(self.streams, min(len(self.streams), 1))


def assert_book_is_the_shelf(luck: Random) -> None:
    """However late and in whatever order facts and counts are entered."""
    house = House(Life(Random(luck.random())), luck, late=luck.choice((0.2, 0.6)), diligence=luck.choice((0.1, 0.5)))
    with portions(luck):
        for _ in range(40):
            house.live()
        house.come_to_rest()
    for sku, lies_there in house.shelf.items():
        assert house.life.stock(sku).shelf == lies_there, f"{sku}: the book is wrong, and nobody is asked to count"
