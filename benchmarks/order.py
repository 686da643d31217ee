"""What is sent: orders of three lines, by one caller with one token.

Decides: the load's content. Must not know: who measures it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from domain.order.commands import PlaceOrder
from domain.roles import Role
from web.caller_dependency import Identity
from web.tokens import Caller, Rules, Tokens, ensure_key, form_secret, issue_token, key_set

COMPANY: Final = "benchmarks"
ISSUER: Final = "benchmarks"
CALLER: Final = Caller("Sam", Role.SALES, COMPANY, training=True)

ARTICLES: Final = (
    ("85123A", "White hanging heart T-light holder", 6, "2.55"),
    ("71053", "White metal lantern", 6, "3.39"),
    ("22752", "Set 7 babushka nesting boxes", 2, "7.65"),
)

ORDER: Final[dict[str, Any]] = {
    "customer": {"id": "17850", "name": "Corner Shop"},
    "customer_reference": {"number": "PO-536365"},
    "ship_to": {"country": "United Kingdom", "street": "1 High Street", "city": "Leeds", "postal_code": "LS1 1AA"},
    "requested_date": "2026-12-01",
    "lines": [
        {"sku": sku, "name": name, "quantity": quantity, "unit_price": {"amount": amount, "currency": "GBP"}}
        for sku, name, quantity, amount in ARTICLES
    ],
}
BODY: Final = orjson.dumps(ORDER)


def skus(articles: int) -> list[str]:
    """The codes of a number of articles."""
    return [f"BENCH-{number:03}" for number in range(articles)]


def bodies(articles: int) -> list[bytes]:
    """Orders that want each of a number of articles equally often; the same order of always for none."""
    names, lines = skus(articles), ORDER["lines"]
    return [
        orjson.dumps(
            ORDER | {"lines": [line | {"sku": names[(first + nth) % articles]} for nth, line in enumerate(lines)]}
        )
        for first in range(articles)
    ] or [BODY]


def command() -> PlaceOrder:
    """The same order as a command."""
    return PlaceOrder.model_validate_json(BODY)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The key that both servers believe, and what they are built with."""

    key_file: str

    def token(self) -> str:
        """A token for the caller, good for longer than any run."""
        return issue_token(ensure_key(Path(self.key_file)), CALLER, issuer=ISSUER, lifetime=timedelta(hours=1))

    def identity(self) -> Identity:
        """What an application needs to believe it."""
        key = ensure_key(Path(self.key_file))
        return Identity(Tokens(Rules(key_set(key), ISSUER, COMPANY, training=True)), form_secret(key))
