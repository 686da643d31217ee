"""A process is ready when everything it needs is."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from domain.roles import Role
from streams.metrics import TAIL_BYTES
from tests.timing import DEADLINE_S
from tests.web.conftest import COMPANY, ISSUER
from web.caller_dependency import Identity, use_identity
from web.health import Check, Health, health
from web.problems import add_problem_handlers
from web.tokens import Caller, Rules, Tokens, form_secret, issue_token, key_set


async def well() -> Health:
    return Health(ok=True, detail="4 partitions open")


async def ill() -> Health:
    return Health(ok=False, detail="12 s behind")


async def gone() -> Health:
    raise ConnectionRefusedError


KEY = Ed25519PrivateKey.generate()


async def asked(checks: Mapping[str, Check], path: str, role: Role | None = None) -> httpx.Response:
    app = FastAPI()
    use_identity(app, Identity(Tokens(Rules(key_set(KEY), ISSUER, COMPANY)), form_secret(KEY)))
    add_problem_handlers(app)
    app.include_router(health(checks))
    headers = {}
    if role is not None:
        token = issue_token(KEY, Caller("ada", role, COMPANY), issuer=ISSUER, lifetime=timedelta(minutes=1))
        headers["Authorization"] = f"Bearer {token}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.CARRIER, 403), (Role.AUDITOR, 200)])
async def test_figures_are_for_staff(role: Role | None, status: int) -> None:
    answer = await asked({}, "/metrics", role)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")


async def test_it_is_ready_when_every_check_is_well() -> None:
    answer = await asked({"log": well}, "/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


async def test_staff_are_told_what_every_check_found() -> None:
    answer = await asked({"log": well, "views": ill}, "/health/ready", Role.AUDITOR)
    assert answer.json()["checks"] == {
        "log": {"ok": True, "detail": "4 partitions open"},
        "views": {"ok": False, "detail": "12 s behind"},
    }


@pytest.mark.parametrize("role", [None, Role.CARRIER])
async def test_others_are_told_which_part_is_not_well_and_nothing_of_what_is_inside(role: Role | None) -> None:
    answer = await asked({"log": well, "views": ill, "index": gone}, "/health/ready", role)
    assert answer.json() == {
        "status": "not ready",
        "checks": {"log": {"ok": True}, "views": {"ok": False}, "index": {"ok": False}},
    }


@pytest.mark.parametrize("other", [ill, gone])
async def test_it_is_not_ready_when_one_check_is_not(other: Check) -> None:
    answer = await asked({"log": well, "views": other}, "/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["checks"]["views"]["ok"] is False


async def test_a_check_that_does_not_even_end_when_it_is_cancelled_costs_no_more_than_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("web.health.CHECK_DEADLINE_S", 0.01)
    thawed = asyncio.Event()

    async def frozen() -> Health:
        try:
            await asyncio.Event().wait()
        finally:
            await thawed.wait()
        raise AssertionError

    async with asyncio.timeout(DEADLINE_S):
        answer = await asked({"views": frozen}, "/health/ready", Role.ADMIN)
    thawed.set()
    assert answer.json()["checks"]["views"] == {"ok": False, "detail": "no answer within 0.01 s"}


async def test_it_lives_whatever_the_checks_say() -> None:
    assert (await asked({"log": gone}, "/health/live")).status_code == 200


async def test_its_figures_are_those_of_the_moment_in_which_somebody_asks() -> None:
    async def counted() -> Health:
        TAIL_BYTES.labels("a test's").set(4096)
        return Health(ok=True, detail="")

    answer = await asked({"log": counted}, "/metrics", Role.ADMIN)
    assert answer.status_code == 200
    assert 'ordertrail_tail_bytes{partition="a test\'s"} 4096.0' in answer.text.splitlines()
