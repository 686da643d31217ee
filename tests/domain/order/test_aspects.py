"""What can be asked after, and that a value which comes back is not mistaken for one that stayed."""

import pytest

from domain.order.aspects import LastChanges, NoSuchAspect, aspects_of
from domain.order.commands import Hold, Resume
from domain.order.terms import HoldType
from domain.roles import Role
from tests.life import Life, line, with_stock


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Headline",
        "headline.1",
        "badge",
        "badge.",
        "badge.lost.credit",
        "badge.on-hold.rain",
        "badge.on-hold.credit.1",
        "hold",
        "hold.0",
        "hold.x",
        "hold.-1",
        "hold.١",
        "hold.1.2",
        "problem.01",
        "line.9999999999",
        "line.1.colour",
        "line.1.sent.1",
        "line..sent",
        "parcel.1.price",
        "parcel.one",
        "total ",
        "'; DROP TABLE views.timeline; --",
    ],
)
def test_what_no_order_has_is_said_to_be_no_name(name: str) -> None:
    with pytest.raises(NoSuchAspect):
        aspects_of(name)


def test_a_line_and_a_parcel_stand_for_all_their_values_and_each_value_for_itself() -> None:
    assert {"line.3.ordered", "line.3.reserved", "line.3.handed-over", "line.3.missing"} < set(aspects_of("line.3"))
    assert {"parcel.1.state", "parcel.1.received"} < set(aspects_of("parcel.1"))
    assert list(aspects_of("line.3.reserved")) == ["line.3.reserved"]


def test_an_order_that_is_held_again_is_on_hold_since_the_second_time() -> None:
    life = with_stock(Life(), MUG=5)
    stream = life.place(line("MUG", 2))
    versions = []
    for number in (1, 2):
        life.do(stream, Hold(type=HoldType.FRAUD, reason="odd"), role=Role.FINANCE)
        versions.append(len(life.streams[stream]))
        life.do(stream, Resume(hold=number, reason="looked at"), by="bob", role=Role.FINANCE)
    life.do(stream, Hold(type=HoldType.FRAUD, reason="odd"), role=Role.FINANCE)
    changes = LastChanges[int](aspects_of("badge.on-hold.fraud") | aspects_of("hold.1") | aspects_of("hold.4"))
    for recorded in life.streams[stream]:
        changes.take(recorded.event, recorded.version)  # type: ignore[arg-type]  # an order's events
    assert changes.changed_by["badge.on-hold.fraud"] == len(life.streams[stream])
    assert versions[0] < changes.changed_by["hold.1"] < versions[1]
    assert changes.values["hold.1"] is None
    assert "hold.4" not in changes.changed_by
