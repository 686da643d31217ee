"""What the program's log keeps of a refused command: enough to find the reason, nothing that a customer wrote."""

import logging

import pytest

from commands.problems import kinds
from query_api.reads import READ_PROBLEMS as READ_KINDS
from tests.commands.conftest import Api, line, problem
from web.problems import EDGE_PROBLEMS as EDGE_KINDS


async def test_a_refusal_is_logged_with_code_stream_version_and_facts(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    order_id = await api.placed(line(quantity=2))
    stream = f"order-{order_id}"
    version = [recorded.version for recorded in await api.events() if recorded.stream == stream][-1]
    wish = {"lines": [{"line": 1, "quantity": 3}], "cause": "customer", "reason": "My daughter is called Ottilie."}
    with caplog.at_level(logging.INFO, "commands.execution"):
        answer = await api.post(f"/commands/orders/{order_id}/request-cancel", wish)
    problem(answer, 409, "more-than-ordered")
    (logged,) = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert f"refused RequestCancel for {stream} at version {version}: more-than-ordered" in logged
    assert "'line': 1" in logged
    assert "'cancellable': 2" in logged
    assert "Ottilie" not in logged


def test_one_fact_has_one_code_wherever_it_is_met() -> None:
    met = {*kinds(), *READ_KINDS, *EDGE_KINDS}
    for kind in met:
        assert [other.code for other in met if other.title == kind.title] == [kind.code]
        assert [other.title for other in met if other.code == kind.code] == [kind.title]
