"""Who may do what: one permission per command.

Decides: which roles may send which command. Must not know: tokens, HTTP. A rule about persons (four eyes) is the
domain's own and stands with the decision.
"""

from __future__ import annotations

from typing import Final

from domain.decider import Command
from domain.order import commands as order
from domain.roles import Party, Role
from domain.stock import commands as stock

__all__ = ["PERMISSIONS", "STAFF", "Party", "Role", "may"]

STAFF: Final = frozenset(Role) - {Role.CARRIER, Role.WORKFLOW}
"""Roles that may read every board."""

_SALES: Final = frozenset({Role.SALES, Role.SALES_LEAD})
_WAREHOUSE: Final = frozenset({Role.WAREHOUSE, Role.WAREHOUSE_LEAD})
_WORKFLOW: Final = frozenset({Role.WORKFLOW})
_MAY_STOP: Final = _SALES | {Role.FINANCE, Role.CUSTOMER_SERVICE, Role.WAREHOUSE_LEAD, Role.LOGISTICS}


def _people(*roles: Role) -> frozenset[Role]:
    """These roles, and whoever may do everything that a person may."""
    return frozenset(roles) | {Role.ADMIN}


PERMISSIONS: Final[dict[type[Command], frozenset[Role]]] = {
    order.PlaceOrder: _people(*_SALES, Role.CUSTOMER_SERVICE),
    order.ConfirmOrder: _people(*_SALES) | _WORKFLOW,
    order.Hold: _people(*_MAY_STOP),
    order.Resume: _people(*_MAY_STOP, Role.PURCHASING),
    order.RequestCancel: _people(*_SALES, Role.CUSTOMER_SERVICE),
    order.SendToWarehouse: _people(*_SALES, Role.WAREHOUSE_LEAD) | _WORKFLOW,
    order.RecallFromWarehouse: _people(Role.WAREHOUSE_LEAD, Role.SALES_LEAD),
    order.StartPick: _people(*_WAREHOUSE),
    order.Pick: _people(*_WAREHOUSE),
    order.ShortPick: _people(*_WAREHOUSE),
    order.Pack: _people(*_WAREHOUSE),
    order.Unpack: _people(*_WAREHOUSE),
    order.HandOver: _people(*_WAREHOUSE, Role.LOGISTICS),
    order.RecordCheckpoint: _people(Role.CARRIER, Role.LOGISTICS, Role.CUSTOMER_SERVICE),
    order.ConfirmReceipt: _people(Role.CUSTOMER_SERVICE, Role.LOGISTICS),
    order.AddNote: STAFF - {Role.AUDITOR, Role.ANALYST},
    order.LogContact: _people(*_SALES, Role.CUSTOMER_SERVICE, Role.LOGISTICS, Role.FINANCE),
    order.ResolveException: _people(
        Role.CUSTOMER_SERVICE, Role.LOGISTICS, Role.WAREHOUSE_LEAD, Role.SALES_LEAD, Role.PURCHASING, Role.FINANCE
    ),
    order.TakeStockAnswer: _WORKFLOW,
    order.CompleteOrder: _WORKFLOW,
    order.ReportRefusal: _WORKFLOW,
    stock.ReceiveStock: _people(*_WAREHOUSE, Role.PURCHASING),
    stock.CountStock: _people(*_WAREHOUSE),
    stock.Want: _WORKFLOW,
    stock.Stage: _WORKFLOW,
    stock.WriteOff: _WORKFLOW,
    stock.Issue: _WORKFLOW,
}
"""Who may send each command. A command that is not here may be sent by nobody."""


def may(role: Role, command: type[Command]) -> bool:
    """Whether the role may send this kind of command."""
    return role in PERMISSIONS.get(command, frozenset())
