"""Who may do what: roles, the parties that an order can wait for, and one permission per command.

Decides: which roles may send which command. Must not know: tokens, HTTP.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a token says its bearer works as. `WORKFLOW` is ours alone and is in no token."""

    SALES = "sales"
    SALES_LEAD = "sales-lead"
    WAREHOUSE = "warehouse"
    WAREHOUSE_LEAD = "warehouse-lead"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    CUSTOMER_SERVICE = "customer-service"
    PURCHASING = "purchasing"
    CARRIER = "carrier"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    ADMIN = "admin"
    WORKFLOW = "workflow"


class Party(StrEnum):
    """Who an order waits for. Departments first, then everybody else."""

    SALES = "sales"
    WAREHOUSE = "warehouse"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    CUSTOMER_SERVICE = "customer-service"
    PURCHASING = "purchasing"
    CUSTOMER = "customer"
    CARRIER = "carrier"
    SYSTEM = "system"
    NOBODY = "nobody"
