"""Who reads which field: by the field's name, or by its name within its parent."""

import pytest

from domain.access import reads
from domain.roles import Role


@pytest.mark.parametrize(
    ("role", "field", "parent", "readable"),
    [
        (Role.LOGISTICS, "street", "ship_to", True),
        (Role.WAREHOUSE, "street", "ship_to", False),
        (Role.WAREHOUSE, "city", "ship_to", True),
        (Role.ANALYST, "name", "customer", False),
        (Role.ANALYST, "name", "line", True),
        (Role.ANALYST, "unit_price", "line", True),
        (Role.WAREHOUSE, "unit_price", "line", False),
        (Role.AUDITOR, "tracking_token", "", False),
        (Role.SALES, "tracking_token", "", True),
        (Role.CARRIER, "actor", "", False),
        (Role.CARRIER, "number", "", True),
    ],
)
def test_a_role_reads_what_its_work_needs(role: Role, field: str, parent: str, readable: bool) -> None:
    assert reads(role, field, parent) is readable
