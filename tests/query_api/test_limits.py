"""What the readers' side takes from outside, at most: no header or form keeps the loop busy."""

from time import process_time

from starlette.requests import Request

from domain.roles import Role
from query_api.rendering import language_of, wants_page
from query_api.sentences import Language
from tests.query_api.conftest import Api

SECONDS = 0.05


def asked(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": pairs})


def test_a_huge_choice_of_languages_is_read_to_a_bound() -> None:
    request = asked(accept_language="zh;q=0.9," + "xx;q=0.1," * 1_000_000, accept="text/html," + "a/b," * 1_000_000)
    began = process_time()
    assert language_of(request) is Language.ZH
    assert wants_page(request)
    assert process_time() - began < SECONDS


async def test_a_form_is_at_most_half_a_megabyte(api: Api) -> None:
    await api.sign_in(Role.SALES)
    answer = await api.client.post(
        "/orders/new", content=b"a=" + b"x" * 600_000, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413
