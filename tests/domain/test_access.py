"""Who may send which command."""

import pytest

from domain.access import LIFTED_BY, PERMISSIONS, STAFF, may, may_place
from domain.catalogue import DECIDERS
from domain.decider import Command
from domain.order import commands as order
from domain.order.terms import EXCEPTION_OWNERS, HOLD_OWNERS, ExceptionCode, HoldType
from domain.person.commands import AdmitPerson
from domain.roles import Role
from domain.stock import commands as stock

COMMANDS = [command for decider in DECIDERS.values() for command in decider.commands]
WORKFLOW_ALONE: set[type[Command]] = {
    order.TakeStockAnswer,
    order.CompleteOrder,
    order.ReportRefusal,
    order.ConfirmIfReady,
    order.SendIfReady,
    stock.Want,
    stock.Stage,
    stock.WriteOff,
    stock.Issue,
    stock.TakeExcess,
    stock.Close,
    stock.Allocate,
    AdmitPerson,
}

# Written out by hand: whoever widens a permission changes this table, too, and says so in the review.
FROZEN = {
    "ActivatePerson": "admin",
    "AdmitPerson": "workflow",
    "AddNote": "sales sales-lead warehouse warehouse-lead logistics finance customer-service purchasing admin",
    "Allocate": "workflow",
    "AnswerNote": "sales sales-lead warehouse warehouse-lead logistics finance customer-service purchasing admin",
    "Close": "workflow",
    "CompleteOrder": "workflow",
    "ConfirmIfReady": "workflow",
    "ConfirmOrder": "sales sales-lead admin",
    "PromiseDates": "sales sales-lead purchasing admin",
    "ConfirmReceipt": "logistics customer-service admin",
    "CountStock": "warehouse warehouse-lead admin",
    "DeactivatePerson": "admin",
    "GrantRole": "admin",
    "GiveBack": "sales sales-lead warehouse warehouse-lead logistics finance customer-service purchasing admin",
    "HandOver": "warehouse warehouse-lead logistics admin",
    "Hold": "sales sales-lead warehouse-lead logistics finance customer-service purchasing admin",
    "InvitePerson": "admin",
    "Issue": "workflow",
    "LogContact": "sales sales-lead logistics finance customer-service admin",
    "Pack": "warehouse warehouse-lead admin",
    "PassOn": "sales sales-lead warehouse warehouse-lead logistics finance customer-service purchasing admin",
    "Pick": "warehouse warehouse-lead admin",
    "PlaceOrder": "sales sales-lead customer-service admin",
    "RecallFromWarehouse": "sales-lead warehouse-lead admin",
    "ReceiveStock": "warehouse warehouse-lead purchasing admin",
    "RecordCheckpoint": "logistics customer-service carrier admin",
    "ReportRefusal": "workflow",
    "RequestCancel": "sales sales-lead customer-service admin",
    "ResolveException": "sales-lead warehouse-lead logistics finance customer-service purchasing admin",
    "Resume": "sales sales-lead warehouse-lead logistics finance customer-service purchasing admin",
    "SendIfReady": "workflow",
    "SendToWarehouse": "sales sales-lead warehouse-lead admin",
    "ShortPick": "warehouse warehouse-lead admin",
    "Stage": "workflow",
    "StartPick": "warehouse warehouse-lead admin",
    "Take": "sales sales-lead warehouse warehouse-lead logistics finance customer-service purchasing admin",
    "TakeExcess": "workflow",
    "TakeStockAnswer": "workflow",
    "TeachCode": "warehouse warehouse-lead purchasing admin",
    "Unpack": "warehouse warehouse-lead admin",
    "Want": "workflow",
    "WithdrawRole": "admin",
    "WriteOff": "workflow",
}
LIFTED = {
    "credit": "finance admin",
    "payment": "finance admin",
    "fraud": "finance admin",
    "address": "sales sales-lead logistics customer-service admin",
    "stock": "purchasing admin",
    "price": "sales sales-lead admin",
    "approval": "sales-lead admin",
    "customer-request": "sales sales-lead customer-service admin",
    "compliance": "warehouse-lead admin",
    "date-unknown": "sales sales-lead purchasing admin",
    "manual": "sales sales-lead warehouse warehouse-lead logistics finance customer-service purchasing carrier auditor analyst admin workflow",
}


def test_every_command_has_a_permission_and_nothing_else_has() -> None:
    assert set(PERMISSIONS) == set(COMMANDS)
    assert all(PERMISSIONS.values())


def test_the_permissions_are_these_and_no_others() -> None:
    assert {command.__name__: names(roles) for command, roles in PERMISSIONS.items()} == FROZEN


def test_holds_are_lifted_by_these_and_no_others() -> None:
    assert {hold.value: names(roles) for hold, roles in LIFTED_BY.items()} == LIFTED


def test_every_type_of_hold_can_be_lifted_and_has_a_department_that_it_waits_for() -> None:
    assert [hold.value for hold in HoldType if not LIFTED_BY.get(hold)] == []
    assert [hold.value for hold in HoldType if hold not in HOLD_OWNERS] == []


def test_every_kind_of_trouble_has_a_department_that_looks_at_it() -> None:
    assert [code.value for code in ExceptionCode if code not in EXCEPTION_OWNERS] == []


def names(roles: frozenset[Role]) -> str:
    return " ".join(role.value for role in Role if role in roles)


def test_purchasing_places_its_own_holds_and_nobody_who_may_place_none_places_any() -> None:
    assert {hold for hold in HoldType if may_place(Role.PURCHASING, hold)} == {HoldType.STOCK, HoldType.DATE_UNKNOWN}
    assert all(may_place(Role.SALES, hold) for hold in HoldType)
    assert not any(may_place(Role.WAREHOUSE, hold) for hold in HoldType)


@pytest.mark.parametrize("command", sorted(WORKFLOW_ALONE, key=str))
def test_only_the_workflow_sends_what_only_the_workflow_knows(command: type[Command]) -> None:
    assert PERMISSIONS[command] == {Role.WORKFLOW}


def test_an_admin_may_do_whatever_any_person_may() -> None:
    assert {command for command in COMMANDS if may(Role.ADMIN, command)} == set(COMMANDS) - WORKFLOW_ALONE


def test_the_workflow_does_no_persons_work() -> None:
    assert {command for command in COMMANDS if may(Role.WORKFLOW, command)} == WORKFLOW_ALONE


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


def test_a_command_that_the_table_does_not_name_is_nobodys() -> None:
    class Unheard(Command):
        """Of no use."""

    assert not any(may(role, Unheard) for role in Role)
