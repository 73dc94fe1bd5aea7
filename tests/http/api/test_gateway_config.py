"""The gateway configuration by API: masks come out, changes take two administrators, and the bank can be tried."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from domain.staff.access import Role
from entrypoints.settings.settings import secrets_of
from worlds.http import Client, HttpWorld, begun_payment, problem

CONFIG, TEST = "/api/admin/payment/config", "/api/admin/payment/test-connection"
NEW_KEY, NEW_PASSWORD = "a-new-api-key-of-the-merchant", "a-new-webhook-password-of-ours"
WHY = "the bank asked for it"


class Officers:
    """Two administrators, each with an app."""

    def __init__(self, client: Client, world: HttpWorld) -> None:
        self.client, self.world = client, world
        self.seeds = {who: world.add_member(who, Role.ADMIN) for who in ("zoya", "anita")}

    async def __call__(self, who: str, method: str, path: str, **body: Any) -> Any:
        self.world.clock.move(timedelta(seconds=30))
        said = {"otp": self.world.code(self.seeds[who]), **body}
        return await self.client.request(
            method, f"{CONFIG}{path}", json=said, headers=self.world.bearer(who, Role.ADMIN)
        )

    async def propose(self, **body: Any) -> Any:
        return await self("zoya", "PUT", "", **{"based_on": 0, "reason": WHY, **body})


@pytest.fixture
def officers(client: Client, world: HttpWorld) -> Officers:
    return Officers(client, world)


async def test_a_narrower_configuration_is_in_effect_within_a_minute(
    client: Client, world: HttpWorld, officers: Officers
) -> None:
    """
    One administrator is enough, and payments are held to it from then on.
    """
    answer = await officers.propose(maximum="1000.00", methods=["UPI"], session_seconds=420)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["in_effect"]["version"] == 0
    assert (told["pending"]["state"], told["pending"]["needs_second"]) == ("approved", False)
    await begun_payment(client, world.bearer("asha"))
    world.clock.move(timedelta(seconds=60))

    shown = (await client.get(CONFIG, headers=world.bearer("zoya", Role.ADMIN))).json()
    assert shown["in_effect"]["methods"] == ["UPI"]
    assert shown["in_effect"]["maximum"] == "1000.00"
    assert shown["pending"] is None
    refused = await client.post(
        "/api/payment/initiate",
        json={"course_id": "algebra", "billing": {"name": "Ravi", "state_code": "27"}},
        headers=world.bearer("ravi"),
    )
    assert problem(refused, 422, "amount-out-of-limits")["maximum"] == "1000.00"


async def test_a_method_has_a_highest_amount_of_its_own(
    client: Client, world: HttpWorld, officers: Officers
) -> None:
    """
    It is sent as a whole, in exact rupees, and nothing is sold for more than some method takes.
    """
    told = await officers.propose(methods=["UPI"], method_maxima={"UPI": "1000.00"})
    assert told.json()["pending"]["method_maxima"] == {"UPI": "1000.00"}
    world.clock.move(timedelta(seconds=60))

    refused = await client.post(
        "/api/payment/quote",
        json={"course_id": "algebra", "billing": {"name": "Ravi", "state_code": "27"}},
        headers=world.bearer("ravi"),
    )
    assert problem(refused, 422, "amount-out-of-limits")["maximum"] == "1000.00"
    wider = await officers.propose(method_maxima={}, based_on=1)
    assert wider.json()["pending"]["needs_second"] is True
    await officers("zoya", "POST", "/2/reject", reason=WHY)
    for maxima, status, slug in (
        ({"UPI": "9.99"}, 422, "configuration-invalid"),
        ({"UPI": "1.001"}, 422, "amount-inexact"),
        ({"CASH": "100.00"}, 422, "invalid-request"),
    ):
        answer = await officers.propose(method_maxima=maxima, based_on=1)
        problem(answer, status, slug)


async def test_a_credential_takes_two(officers: Officers) -> None:
    """
    Nobody approves their own proposal; old and new secrets are accepted until the old ones are ended.
    """
    proposed = (await officers.propose(api_key=NEW_KEY, webhook_password=NEW_PASSWORD)).json()
    assert proposed["pending"]["state"] == "proposed"
    problem(await officers("zoya", "POST", "/1/approve", reason=WHY), 409, "own-proposal")
    problem(await officers.propose(maximum="900.00"), 409, "configuration-pending")
    approved = await officers("anita", "POST", "/1/approve", reason="called the bank")
    assert approved.json()["pending"]["decided_by"] == "anita"
    problem(await officers("anita", "POST", "/1/approve", reason=WHY), 409, "configuration-decided")
    officers.world.clock.move(timedelta(seconds=60))

    again = {"response_key": "another-response-key", "based_on": 1}
    problem(await officers.propose(**again), 409, "old-secrets-accepted")
    ended = await officers("anita", "POST", "/1/end-old-secrets", reason="the bank has switched")
    assert (ended.json()["old_secrets_since"], ended.json()["in_effect"]["version"]) == (None, 1)
    problem(await officers("zoya", "POST", "/1/end-old-secrets", reason=WHY), 409, "no-old-secrets")


async def test_a_version_is_rejected(officers: Officers) -> None:
    """
    Also by whoever proposed it, and then another may come.
    """
    await officers.propose(merchant_id="OTHER", effective_from="2026-08-04T09:00:00+05:30")
    rejected = await officers("zoya", "POST", "/1/reject", reason="a slip")
    assert rejected.json()["history"][0]["decision_reason"] == "a slip"
    assert rejected.json()["pending"] is None
    problem(await officers("anita", "POST", "/9/approve", reason=WHY), 404, "not-found")


@pytest.mark.parametrize(
    ("status", "slug", "body"),
    [
        (422, "configuration-invalid", {"minimum": "9.99"}),
        (422, "configuration-invalid", {"maximum": "500000.01"}),
        (422, "configuration-invalid", {"api_key": "••••0001 f3a9c2e1"}),
        (422, "configuration-invalid", {"methods": []}),
        (422, "configuration-invalid", {"session_seconds": 60}),
        (422, "amount-inexact", {"minimum": "10.001"}),
        (409, "configuration-unchanged", {"merchant_id": "SIMMERCHANT"}),
        (409, "configuration-changed", {"methods": ["UPI"], "based_on": 4}),
        (422, "card-number-refused", {"methods": ["UPI"], "reason": "4111 1111 1111 1111"}),
        (422, "invalid-request", {"methods": ["CASH"]}),
        (422, "invalid-request", {"methods": ["UPI"], "unknown": "field"}),
        (403, "second-factor-refused", {"methods": ["UPI"], "otp": "000000"}),
    ],
)
async def test_what_is_refused_has_its_name(
    officers: Officers, status: int, slug: str, body: dict[str, Any]
) -> None:
    """
    Nothing is stored.
    """
    refused = await officers.propose(**body)
    assert refused.json()["type"].endswith(f"/problems/{slug}"), refused.text
    assert refused.status_code == status
    assert officers.world.memory.store.configurations == {}


async def test_all_that_is_wrong_is_named_at_once(officers: Officers) -> None:
    """
    Each with its place.
    """
    refused = await officers.propose(minimum="9.99", methods=[], session_seconds=60)

    assert [each["pointer"] for each in refused.json()["errors"]] == [
        *("/minimum", "/methods", "/session_seconds"),
    ]


async def test_a_secret_goes_in_and_never_comes_out(
    client: Client, world: HttpWorld, officers: Officers, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Not in an answer, a refusal, the audit trail or a line of the log.
    """
    with caplog.at_level(logging.DEBUG):
        wrong = "too short"
        answers = [
            await officers.propose(api_key=NEW_KEY, webhook_password=wrong),
            await officers.propose(api_key=[NEW_KEY], webhook_password=NEW_PASSWORD),
            await officers.propose(api_key=NEW_KEY, webhook_password=NEW_PASSWORD),
            await officers("anita", "POST", "/1/approve", reason=WHY),
            await client.get(CONFIG, headers=world.bearer("zoya", Role.ADMIN)),
            await client.post(
                TEST, json={"api_key": NEW_KEY}, headers=world.bearer("zoya", Role.ADMIN)
            ),
        ]
    shown = "".join(each.text for each in answers) + caplog.text + repr(world.memory.store.audit)
    shown += "".join(str(each.__dict__) for each in caplog.records)

    assert [each.status_code for each in answers] == [422, 422, 200, 200, 200, 200]
    for secret in {NEW_KEY, NEW_PASSWORD, wrong} | secrets_of(world.settings):
        assert secret not in shown
    key = next(
        each for each in answers[3].json()["pending"]["secrets"] if each["secret"] == "api_key"
    )
    assert (key["tail"], len(key["fingerprint"]), key["readable"]) == ("hant", 8, True)


async def test_the_bank_is_tried_six_times_an_hour(client: Client, world: HttpWorld) -> None:
    """
    The fake bank takes any key, so it cannot tell; each test is in the audit log.
    """
    world.add_member("zoya", Role.ADMIN)
    admin = world.bearer("zoya", Role.ADMIN)
    answers = [await client.post(TEST, json={}, headers=admin) for _ in range(7)]

    assert answers[0].json() == {"version": 0, "verdict": "cannot_tell", "detail": ""}
    problem(answers[-1], 429, "too-many-requests")
    tested = [each for each in world.memory.store.audit if each.action == "gateway_config.tested"]
    assert len(tested) == 6
    missing = await client.post(
        TEST, json={"version": 3}, headers=world.bearer("anita", Role.ADMIN)
    )
    problem(missing, 404, "not-found")


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.SUPPORT, 403), (Role.FINANCE, 200), (Role.AUDITOR, 200), (Role.ADMIN, 200)],
)
async def test_whoever_may_not_change_it_may_see_it(
    client: Client, world: HttpWorld, role: Role, sees: int
) -> None:
    """
    Finance and auditors look; only administrators change and try it.
    """
    who = world.bearer("mira", role)
    assert (await client.get(CONFIG, headers=who)).status_code == sees
    if role is not Role.ADMIN:
        body = {"based_on": 0, "reason": WHY, "otp": "123456"}
        problem(await client.put(CONFIG, json=body, headers=who), 403, "not-allowed")
        problem(await client.post(TEST, json={}, headers=who), 403, "not-allowed")
