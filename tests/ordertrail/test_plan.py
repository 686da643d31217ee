"""What is played: the same for the same seed, scarce enough that some wait, every unusable document counted."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

from domain.event_values import LineKind
from domain.values import Line, Price, Units
from ordertrail.rehearsal import plan as planning
from ordertrail.rehearsal import retail
from ordertrail.rehearsal.plan import LeftAt
from ordertrail.rehearsal.playing import order_of
from ordertrail.rehearsal.retail import CreditNote, Document, Invoice, LeftOut
from ordertrail.rehearsal.sample import INVOICES, SHORT, TRACKED


def invoice(number: str, *lines: tuple[str, int], customer: str | None = "1", left_out: int = 0) -> Invoice:
    price = Price(amount=Decimal("2.5"), currency="GBP")
    goods = tuple(Line(sku=sku, name=sku, quantity=quantity, unit_price=price) for sku, quantity in lines)
    reasons = Counter({"price is negative": left_out} if left_out else {})
    return Invoice(number, customer, "France", datetime(2010, 12, 1, tzinfo=UTC), goods, reasons)


def test_the_first_usable_invoices_are_played_and_the_rest_is_counted_only_up_to_there() -> None:
    documents: list[Document] = [
        invoice("1", ("A1", 1), left_out=2),
        LeftOut("2", Counter()),
        invoice("3", ("A1", 1)),
        LeftOut("4", Counter()),
    ]
    plan = planning.plan(documents, 2)
    assert [order.invoice.number for order in plan.orders] == ["1", "3"]
    assert plan.left_out == {"price is negative": 2, "invoice without a usable line": 1}
    assert all(order.until is LeftAt.RECEIVED for order in plan.orders)


def test_a_credit_note_becomes_the_cancellation_of_its_order() -> None:
    plan = planning.plan([invoice("1", ("A1", 1), ("B2", 3)), CreditNote("C2", "1", (("B2", 3),))], 1)
    assert plan.orders[0].cancel == (Units(line=2, quantity=3),)


def test_supply_is_the_same_for_the_same_seed_and_never_more_than_the_demand() -> None:
    orders = planning.plan([invoice(str(n), (f"S{n}", 10), ("ALL", 1)) for n in range(200)], 200).orders
    supply = planning.supply(orders, seed=7)
    assert supply == planning.supply(orders, seed=7) != planning.supply(orders, seed=8)
    scarce = [sku for sku, units in supply.items() if units < (200 if sku == "ALL" else 10)]
    assert 0 < len(scarce) < 40
    assert max(supply.values()) <= 200


def test_services_and_charges_need_no_stock() -> None:
    postage = Line(
        kind=LineKind.CHARGE,
        sku="POST",
        name="Postage",
        quantity=1,
        unit_price=Price(amount=Decimal(18), currency="GBP"),
    )
    whole = Invoice("1", None, "France", datetime(2010, 12, 1, tzinfo=UTC), (postage,))
    assert planning.supply(planning.plan([whole], 1).orders) == {}


def test_an_invoice_becomes_the_order_that_a_shop_would_send() -> None:
    body = order_of(invoice("536365", ("A1", 6), customer=None))
    assert body == {
        "customer": {},
        "customer_reference": {"number": "536365", "document": "invoice"},
        "ship_to": {"country": "France"},
        "lines": [{"sku": "A1", "name": "A1", "quantity": 6, "unit_price": {"amount": "2.5", "currency": "GBP"}}],
    }


def test_the_shipped_sample_is_usable_as_it_is_and_names_where_it_is_from() -> None:
    plan = planning.plan(list(retail.read(INVOICES)), 1000)
    tracked = next(order.invoice for order in plan.orders if order.invoice.number == TRACKED)
    assert (len(plan.orders), plan.left_out.total()) == (60, 0)
    assert sum(bool(order.cancel) for order in plan.orders) >= 3
    assert any(line.sku in SHORT and line.quantity > SHORT[line.sku] for line in tracked.lines)
    attribution = (INVOICES / "ATTRIBUTION.md").read_text()
    assert "10.24432/C5BW33" in attribution
    assert "CC BY 4.0" in attribution
