"""What `ordertrail up` prints once everything answers: where the boards are, signed in, and one customer's page.

Decides: which links are worth printing. Must not know: how a page is made.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, LiteralString

import psycopg

from domain.roles import Role
from ordertrail import exits, wiring
from ordertrail.local.servers import reached
from web.sign_in_codes import SignInCodes

if TYPE_CHECKING:
    from ordertrail.local.children import Say
    from ordertrail.local.servers import Endpoints
    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings
    from ordertrail.wiring import Pool

SIGN_INS: Final = (
    ("Sales", Role.SALES_LEAD, "sales.lead"),
    ("Warehouse", Role.WAREHOUSE_LEAD, "warehouse.lead"),
    ("Logistics", Role.LOGISTICS, "logistics.1"),
    ("Finance", Role.FINANCE, "finance.1"),
    ("Customer service", Role.CUSTOMER_SERVICE, "customer.service"),
    ("Purchasing", Role.PURCHASING, "purchasing.1"),
    ("Everything", Role.ADMIN, "admin"),
)
"""A person for each board, and one who may do everything."""

FIRST_TRACKED: Final[LiteralString] = """
SELECT state ->> 'tracking_token' FROM views."order" ORDER BY placed_at, order_id LIMIT 1
"""


async def greet(settings: Settings, endpoints: Endpoints, manifest: Manifest, say: Say) -> None:
    """Say that we are ready, and where."""
    say(f"ready {settings.url}")
    async with wiring.open_pool(endpoints.database_url, 1) as pool:
        if manifest.training or sys.stdout.isatty():
            # Whatever else takes our words keeps them, and whoever reads a log would be let in by a link in it.
            for name, role, actor in SIGN_INS:
                say(f"  {name:<16} {await sign_in_link(settings, pool, actor, role)}")
        say(f"  {'API docs':<16} {settings.links}/docs")
        token = await _first_tracked(pool) if manifest.training else None
        if token:
            say(f"  {'Customer':<16} {settings.links}/track/{token}")
    say("`ordertrail sign-in` makes links that sign in once, within ten minutes.")


async def sign_in_link(settings: Settings, pool: Pool, actor: str, role: Role) -> str:
    """A link that signs the actor in once."""
    return f"{settings.links}/sign-in?code={await SignInCodes(pool).new_code(actor, role)}"


async def new_link(settings: Settings, actor: str, role: Role, say: Say) -> int:
    """Print a fresh link of the running instance."""
    async with reached(settings) as endpoints, wiring.open_pool(endpoints.database_url, 1) as pool:
        say(await sign_in_link(settings, pool, actor, role))
    return exits.STOPPED


async def _first_tracked(pool: Pool) -> str | None:
    async with pool.connection() as connection:
        try:
            row = await (await connection.execute(FIRST_TRACKED)).fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return None if row is None else str(row[0])
