"""The projector: whatever is cut, killed, repeated or interleaved, the rows are those of the log."""

from projections.comparing import Rows, expected_rows, stored_rows
from streams.postgres import connect
from tests.projections.company import Shelf, company, project
from tests.writing import everything


async def rows_at(url: str) -> Rows:
    async with await connect(url) as connection:
        return await stored_rows(connection)


async def test_every_view_holds_what_the_log_says(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(company().records))
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))
