"""Who may send which command."""

import pytest

from domain.access import PERMISSIONS, STAFF, may
from domain.catalogue import DECIDERS
from domain.decider import Command
from domain.order import commands as order
from domain.roles import Role
from domain.stock import commands as stock

COMMANDS = [command for decider in DECIDERS.values() for command in decider.commands]
WORKFLOW_ALONE: set[type[Command]] = {
    order.TakeStockAnswer,
    order.CompleteOrder,
    order.ReportRefusal,
    stock.Want,
    stock.Stage,
    stock.WriteOff,
    stock.Issue,
}


def test_every_command_has_a_permission_and_nothing_else_has() -> None:
    assert set(PERMISSIONS) == set(COMMANDS)
    assert all(PERMISSIONS.values())


@pytest.mark.parametrize("command", sorted(WORKFLOW_ALONE, key=str))
def test_only_the_workflow_sends_what_only_the_workflow_knows(command: type[Command]) -> None:
    assert PERMISSIONS[command] == {Role.WORKFLOW}


def test_an_admin_may_do_whatever_any_person_may() -> None:
    assert {command for command in COMMANDS if may(Role.ADMIN, command)} == set(COMMANDS) - WORKFLOW_ALONE


def test_the_workflow_may_do_no_persons_work_but_confirm_and_send() -> None:
    allowed = {command for command in COMMANDS if may(Role.WORKFLOW, command)}
    assert allowed == WORKFLOW_ALONE | {order.ConfirmOrder, order.SendToWarehouse}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST])
def test_who_only_looks_may_change_nothing(role: Role) -> None:
    assert not [command for command in COMMANDS if may(role, command)]


def test_a_carrier_says_where_parcels_are_and_nothing_else() -> None:
    assert [command for command in COMMANDS if may(Role.CARRIER, command)] == [order.RecordCheckpoint]


def test_every_department_may_write_a_note() -> None:
    readers_only = {Role.AUDITOR, Role.ANALYST}
    assert {role for role in Role if may(role, order.AddNote)} == STAFF - readers_only


@pytest.mark.parametrize(
    ("role", "command", "allowed"),
    [
        (Role.SALES, order.PlaceOrder, True),
        (Role.CUSTOMER_SERVICE, order.PlaceOrder, True),
        (Role.CUSTOMER_SERVICE, order.ConfirmOrder, False),
        (Role.WAREHOUSE, order.PlaceOrder, False),
        (Role.FINANCE, order.Resume, True),
        (Role.WAREHOUSE, order.Hold, False),
        (Role.WAREHOUSE_LEAD, order.Hold, True),
        (Role.WAREHOUSE, order.RecallFromWarehouse, False),
        (Role.SALES_LEAD, order.RecallFromWarehouse, True),
        (Role.WAREHOUSE, order.Pick, True),
        (Role.SALES, order.Pick, False),
        (Role.LOGISTICS, order.HandOver, True),
        (Role.WAREHOUSE, order.ConfirmReceipt, False),
        (Role.WAREHOUSE, order.LogContact, False),
        (Role.PURCHASING, order.ResolveException, True),
        (Role.PURCHASING, stock.ReceiveStock, True),
        (Role.PURCHASING, stock.CountStock, False),
    ],
)
def test_departments_do_their_own_work(role: Role, command: type[Command], *, allowed: bool) -> None:
    assert may(role, command) is allowed


def test_staff_is_everybody_who_works_here() -> None:
    assert set(Role) - STAFF == {Role.CARRIER, Role.WORKFLOW}
