"""Who people are to us: the roles that a token names, and the parties that an order can wait for.

Must not know: what anybody may do (`access.py`).
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
