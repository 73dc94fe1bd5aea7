"""Staff give money back over HTTP: in person, once, and above a limit only with a colleague."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any, Final

import pytest
import pytest_asyncio
from httpx import Response

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.dispute import Dispute
from domain.payments.dispute_state import DisputeState
from domain.staff.access import Role
from domain.staff.staff_member import StaffId
from fakes.samples import a_payment, payment_id
from worlds.http import FORM, Client, HttpWorld, begun_payment, problem
from worlds.settings import settings_with

KEYS: Final = count(1)
STEP: Final = timedelta(seconds=30)
REFUND: Final = "/api/admin/payment/refund"
REFUNDS: Final = "/api/admin/payment/refunds"
DISPUTES: Final = "/api/admin/disputes"
STATUS: Final = "/api/admin/payment/status"


@dataclass
class RefundRequests:
    """Requests of refunds of one charged payment, by staff with authenticator apps."""

    world: HttpWorld
    client: Client
    payment: str
    seeds: dict[str, str]

    def body(self, **changes: Any) -> dict[str, Any]:
        said = {
            "transaction_id": self.payment,
            "amount": "100.00",
            "reason": "Batch cancelled",
            "otp": self.code(),
            **changes,
        }
        return {name: value for name, value in said.items() if value is not None}

    def code(self, who: str = "mira") -> str:
        return self.world.code(self.seeds[who])

    def as_(self, who: str = "mira", *roles: str) -> dict[str, str]:
        return self.world.bearer(who, *(roles or ("finance",)))

    async def asks(self, *, key: str | None = None, **changes: Any) -> Response:
        """Request a refund under *key*, by default one of its own."""
        headers = self.as_() | {"Idempotency-Key": key or f"key-{next(KEYS)}"}
        return await self.client.post(REFUND, json=self.body(**changes), headers=headers)

    async def decides(self, refund: str, what: str, who: str = "zoya", **changes: Any) -> Response:
        return await self.client.post(
            f"{REFUND}/{refund}/{what}",
            json={"otp": self.code(who), **changes},
            headers=self.as_(who),
        )

    def later(self) -> None:
        self.world.clock.move(STEP)

    @property
    def refunds(self) -> list[str]:
        return [str(each.state) for each in self._payment.refunds]

    @property
    def _payment(self) -> Any:
        return self.world.memory.store.payments[PaymentId(self.payment)]

    @property
    def attempts(self) -> int:
        return self.world.memory.store.staff[StaffId("mira")].attempts


@pytest.fixture
def world() -> HttpWorld:
    """One person gives back up to 500 rupees of a payment alone."""
    return HttpWorld(settings_with(refund_approval_threshold_rupees="500"))


@pytest_asyncio.fixture
async def requests(world: HttpWorld, client: Client) -> RefundRequests:
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment, Outcome.SUCCESS)
    answer = await client.post("/api/payment/callback", content=fields, headers=FORM)
    assert answer.status_code == 303
    seeds = {who: world.add_member(who) for who in ("mira", "zoya")}
    return RefundRequests(world, client, payment, seeds)


async def test_a_refund_is_asked_for(requests: RefundRequests) -> None:
    """
    Written down with who and why, sent to the bank, and answered with its number.
    """
    answer = await requests.asks(revoke_access=True, available_amount="1180.00")

    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told == {
        "refund_id": told["refund_id"],
        "transaction_id": requests.payment,
        "amount": "100.00",
        "status": "requested",
        "reason": "Batch cancelled",
        "revoke_access": True,
        "requested_at": "2026-08-03T12:00:00Z",
        "currency": "INR",
    }
    assert len(requests.refunds) == 1
    line = next(
        each for each in requests.world.memory.store.audit if each.action == "refund.requested"
    )
    assert line.origin.actor == "staff:mira"
    assert line.facts["reason"] == "Batch cancelled"
    assert requests.code() not in str(line)


async def test_a_code_is_good_once(requests: RefundRequests) -> None:
    """
    Told apart from a wrong one, so that an honest officer waits for the next and does not guess.
    """
    await requests.asks()

    used = problem(await requests.asks(), 403, "second-factor-refused")
    requests.later()

    assert (used["reason"], [each["field"] for each in used["errors"]]) == ("used", ["otp"])
    assert (await requests.asks()).status_code == 201


async def test_a_wrong_code_locks_in_the_end(requests: RefundRequests) -> None:
    """
    Five attempts, then nobody looks at a code until the lock ends, not even at the right one.
    """
    for _ in range(5):
        told = problem(await requests.asks(otp="000000"), 403, "second-factor-refused")
        assert told["reason"] == "wrong"
    locked = await requests.asks()

    problem(locked, 429, "second-factor-locked")
    assert locked.headers["retry-after"] == "900"
    assert requests.refunds == []
    requests.world.clock.move(timedelta(minutes=15))
    assert (await requests.asks()).status_code == 201


async def test_a_lost_answer_is_given_again(requests: RefundRequests) -> None:
    """
    The same key and body: the very same answer, one refund, one code, however things stand by then.
    """
    first = await requests.asks(key="k-1")
    requests.later()
    again = await requests.asks(key="k-1", otp="000000", amount="100.0")

    assert (again.status_code, again.json()) == (201, first.json())
    assert [each.headers.get("Idempotent-Replayed") for each in (first, again)] == [None, "true"]
    assert len(requests.refunds) == 1
    assert requests.attempts == 0


async def test_a_key_stands_for_one_body(requests: RefundRequests) -> None:
    """
    Another amount, reason, wish or payment under it is refused, and no code is looked at.
    """
    await requests.asks(key="k-1")
    requests.later()

    for changes in (
        {"amount": "100.01"},
        {"reason": "Another one"},
        {"revoke_access": True},
        {"available_amount": "1180.00"},
    ):
        problem(await requests.asks(key="k-1", **changes), 422, "idempotency-key-reused")
    assert len(requests.refunds) == 1
    assert requests.attempts == 0


async def test_a_key_is_its_askers_own(requests: RefundRequests) -> None:
    """
    A colleague's request under the same key is a request of its own.
    """
    await requests.asks(key="k-1")
    answer = await requests.client.post(
        REFUND,
        json=requests.body(otp=requests.code("zoya")),
        headers=requests.as_("zoya") | {"Idempotency-Key": "k-1"},
    )

    assert answer.status_code == 201
    assert len(requests.refunds) == 2


REFUSED: Final[list[tuple[dict[str, Any], int, str, str | None]]] = [
    ({"amount": "1.005"}, 422, "amount-inexact", None),
    ({"amount": "1e2"}, 422, "amount-inexact", None),
    ({"amount": "१००"}, 422, "amount-inexact", None),
    ({"amount": ""}, 422, "amount-inexact", None),
    ({"amount": 100.5}, 422, "invalid-request", "amount"),
    ({"amount": "9" * 21}, 422, "invalid-request", "amount"),
    ({"amount": None}, 422, "invalid-request", "amount"),
    ({"amount": "-100.00"}, 422, "refund-too-small", None),
    ({"amount": "0.00"}, 422, "refund-too-small", None),
    ({"amount": "0.99"}, 422, "refund-too-small", None),
    ({"amount": "1180.01"}, 422, "refund-too-large", None),
    ({"available_amount": "1179.99"}, 409, "stale-available-amount", None),
    ({"available_amount": "many"}, 422, "amount-inexact", None),
    ({"reason": "no"}, 422, "invalid-request", "reason"),
    ({"reason": "x" * 201}, 422, "invalid-request", "reason"),
    ({"reason": "    "}, 422, "refund-reason-refused", "reason"),
    ({"reason": "  ab  "}, 422, "refund-reason-refused", "reason"),
    ({"reason": "two\nlines"}, 422, "refund-reason-refused", "reason"),
    ({"reason": "paid by 4111 1111 1111 1111"}, 422, "card-number-refused", "reason"),
    ({"otp": "12345"}, 422, "invalid-request", "otp"),
    ({"otp": "1234567"}, 422, "invalid-request", "otp"),
    ({"otp": "१२३४५६"}, 422, "invalid-request", "otp"),
    ({"otp": None}, 422, "invalid-request", "otp"),
    ({"transaction_id": "SK" + "A" * 18}, 404, "not-found", None),
    ({"transaction_id": "anything"}, 404, "not-found", None),
    ({"student_id": "asha"}, 422, "invalid-request", "student_id"),
]


async def test_what_cannot_be_given_back_is_refused(requests: RefundRequests) -> None:
    """
    By its own name; nothing is written down, no code used up and no attempt counted.
    """
    for changes, status, slug, field in REFUSED:
        told = problem(await requests.asks(**changes), status, slug)
        if field is not None:
            assert [each["field"] for each in told["errors"]] == [field], changes

    assert requests.refunds == []
    assert requests.attempts == 0
    assert (await requests.asks()).status_code == 201


@pytest.mark.parametrize("named", [{"Idempotency-Key": "k"}, {"available_amount": "1180.00"}])
async def test_a_repeat_has_to_be_noticed(requests: RefundRequests, named: dict[str, str]) -> None:
    """
    Without a key and an amount a repeat after a lost answer would refund twice; one of the two is enough.
    """
    bare = await requests.client.post(REFUND, json=requests.body(), headers=requests.as_())
    told = problem(bare, 422, "idempotency-key-missing")
    assert [each["field"] for each in told["errors"]] == ["Idempotency-Key", "available_amount"]
    assert (requests.refunds, requests.attempts) == ([], 0)

    body = {name: value for name, value in named.items() if name == "available_amount"}
    key = {name: value for name, value in named.items() if name == "Idempotency-Key"}
    answers = []
    for _ in range(2):
        answers.append(
            await requests.client.post(
                REFUND, json=requests.body(**body), headers=requests.as_() | key
            )
        )
        requests.later()

    assert answers[0].status_code == 201
    assert answers[1].status_code == (201 if key else 409)
    assert requests.refunds == ["pending"]


async def test_what_is_left_is_told(requests: RefundRequests) -> None:
    """
    Those in flight count, and the refusal says how much may still be asked for.
    """
    await requests.asks(amount="400.00")
    requests.later()
    told = problem(await requests.asks(amount="780.01"), 422, "refund-too-large")

    assert told["available_amount"] == "780.00"


async def test_a_token_without_the_role_gives_nothing_back(requests: RefundRequests) -> None:
    """
    Whatever the account of its bearer says.
    """
    for roles in (("student",), ("support",), ("student", "support")):
        headers = requests.as_("mira", *roles)
        answer = await requests.client.post(REFUND, json=requests.body(), headers=headers)
        problem(answer, 403, "not-allowed")
        for what in ("approve", "reject"):
            address = f"{REFUND}/RF{'A' * 18}/{what}"
            answer = await requests.client.post(
                address, json={"otp": requests.code()}, headers=headers
            )
            problem(answer, 403, "not-allowed")


async def test_an_account_without_the_role_gives_nothing_back(requests: RefundRequests) -> None:
    """
    Whatever the token says: support, suspended, or nobody's account at all.
    """
    requests.seeds["ravi"] = requests.world.add_member("ravi", Role.SUPPORT)
    requests.seeds["devi"] = requests.world.add_member("devi", active=False)
    requests.seeds["nobody"] = requests.seeds["mira"]

    for who in ("ravi", "devi", "nobody"):
        answer = await requests.client.post(
            REFUND, json=requests.body(otp=requests.code(who)), headers=requests.as_(who)
        )
        problem(answer, 403, "not-allowed")
    assert requests.refunds == []


async def test_without_an_app_nothing_goes_back(requests: RefundRequests) -> None:
    """
    The refusal says that one has to be set up.
    """
    mira = StaffId("mira")
    staff = requests.world.memory.store.staff
    staff[mira] = staff[mira].without_second_factor()

    problem(await requests.asks(), 403, "second-factor-missing")


async def test_nobody_gives_anything_back(requests: RefundRequests) -> None:
    """
    Without a token or session there is no refund, and no list of them.
    """
    problem(await requests.client.post(REFUND, json=requests.body()), 401, "not-signed-in")
    problem(await requests.client.get(REFUNDS), 401, "not-signed-in")


async def test_a_large_refund_waits_for_a_colleague(requests: RefundRequests) -> None:
    """
    It is on the list until somebody else approves with a code of their own; then it goes its way.
    """
    asked = (await requests.asks(amount="600.00")).json()
    assert asked["status"] == "awaiting_approval"
    (shown,) = (await requests.client.get(REFUNDS, headers=requests.as_())).json()["items"]
    assert (shown["refund_id"], shown["status"]) == (asked["refund_id"], "awaiting_approval")
    assert (shown["asked_by"], shown["reason"]) == ("staff:mira", "Batch cancelled")
    requests.later()

    problem(
        await requests.decides(asked["refund_id"], "approve", "mira"), 403, "second-person-needed"
    )
    wrong = await requests.decides(asked["refund_id"], "approve", otp=requests.code())
    problem(wrong, 403, "second-factor-refused")
    approved = await requests.decides(asked["refund_id"], "approve")

    assert approved.status_code == 200, approved.text
    told = approved.json()
    assert (told["refund_id"], told["decided_by"]) == (asked["refund_id"], "staff:zoya")
    assert told["status"] in {"requested", "pending", "success"}
    requests.later()
    problem(await requests.decides(asked["refund_id"], "approve"), 409, "refund-already-decided")
    problem(await requests.decides(asked["refund_id"], "reject"), 409, "refund-already-decided")


async def test_pieces_add_up_before_the_limit(requests: RefundRequests) -> None:
    """
    Cutting a large refund in small ones does not get past a colleague.
    """
    states = []
    for _ in range(3):
        states.append((await requests.asks(amount="200.00")).json()["status"])
        requests.later()

    assert states == ["requested", "requested", "awaiting_approval"]


async def test_an_approval_does_not_change_the_first_answer(requests: RefundRequests) -> None:
    """
    The same key still has the very same answer.
    """
    first = await requests.asks(key="k-1", amount="600.00")
    await requests.decides(first.json()["refund_id"], "approve")

    assert (await requests.asks(key="k-1", amount="600.00")).json() == first.json()


async def test_a_colleague_rejects(requests: RefundRequests) -> None:
    """
    The amount can be asked for again; its asker would have withdrawn it.
    """
    asked = (await requests.asks(amount="1180.00")).json()
    rejected = await requests.decides(asked["refund_id"], "reject")
    requests.later()
    again = (await requests.asks(amount="1180.00")).json()
    requests.later()
    withdrawn = await requests.decides(again["refund_id"], "reject", "mira")

    assert (rejected.status_code, rejected.json()["status"]) == (200, "rejected")
    assert withdrawn.json()["status"] == "withdrawn"
    assert (await requests.client.get(REFUNDS, headers=requests.as_())).json()["items"] == []


async def test_an_unknown_refund_is_not_decided(requests: RefundRequests) -> None:
    """
    Nor one that was made at the bank.
    """
    for refund in ("RF" + "A" * 18, "9987", "x" * 100):
        problem(await requests.decides(refund, "approve"), 404, "not-found")
        problem(await requests.decides(refund, "reject"), 404, "not-found")


async def test_disputed_payments_are_listed_by_deadline(requests: RefundRequests) -> None:
    """
    Page by page, filtered if one likes; support may look, students may not.
    """
    store, now = requests.world.memory.store, requests.world.clock.now()
    for number, state in ((8, DisputeState.UNDER_REVIEW), (9, DisputeState.RECEIVED)):
        dispute = Dispute(
            id=f"cb-{number}",
            amount=Money(100_00),
            state=state,
            opened_at=now,
            respond_by=now + timedelta(days=number),
        )
        payment = replace(a_payment(number), disputes=(dispute,))
        store.payments[payment.id] = payment
    looking = requests.world.bearer("ravi", "support")

    first = (await requests.client.get(f"{DISPUTES}?limit=1", headers=looking)).json()
    rest = (await requests.client.get(f"{DISPUTES}?cursor={first['next']}", headers=looking)).json()
    received = (await requests.client.get(f"{DISPUTES}?status=received", headers=looking)).json()

    shown = [each["disputes"][0]["dispute_id"] for each in (*first["items"], *rest["items"])]
    assert shown == ["cb-8", "cb-9"]
    assert rest["next"] is None
    assert [each["transaction_id"] for each in received["items"]] == [payment_id(9)]
    problem(await requests.client.get(DISPUTES), 401, "not-signed-in")
    problem(
        await requests.client.get(f"{DISPUTES}?cursor=x", headers=looking), 400, "cursor-invalid"
    )


async def test_the_list_goes_page_by_page(requests: RefundRequests) -> None:
    """
    Every refund once, filtered if one likes; support may look.
    """
    for amount in ("600.00", "100.00", "200.00"):
        await requests.asks(amount=amount)
        requests.later()
    looking = requests.world.bearer("ravi", "support")

    first = (await requests.client.get(f"{REFUNDS}?limit=2", headers=looking)).json()
    rest = (await requests.client.get(f"{REFUNDS}?cursor={first['next']}", headers=looking)).json()
    waiting = (
        await requests.client.get(f"{REFUNDS}?status=awaiting_approval", headers=looking)
    ).json()

    shown = [each["amount"] for each in (*first["items"], *rest["items"])]
    assert shown == ["600.00", "100.00", "200.00"]
    assert rest["next"] is None
    assert {each["status"] for each in waiting["items"]} == {"awaiting_approval"}


async def test_staff_see_a_payment_with_its_refunds(requests: RefundRequests) -> None:
    """
    What is left tells what may be asked for, and asking by it is accepted; each refund as it stands.
    """
    await requests.asks(amount="100.00")
    requests.later()
    await requests.asks(amount="600.00")
    requests.later()
    looking = requests.world.bearer("ravi", "support")

    shown = (await requests.client.get(f"{STATUS}/{requests.payment}", headers=looking)).json()

    assert (shown["status"], shown["student_id"]) == ("success", "asha")
    assert (shown["captured"], shown["refunding"], shown["refundable"]) == (
        "1180.00",
        "700.00",
        "480.00",
    )
    assert [(each["amount"], each["status"], each["asked_by"]) for each in shown["refunds"]] == [
        ("100.00", "pending", "staff:mira"),
        ("600.00", "awaiting_approval", "staff:mira"),
    ]
    rest = await requests.asks(amount="200.00", available_amount=shown["refundable"])
    assert rest.status_code == 201


async def test_a_payment_that_cannot_be_shown(requests: RefundRequests) -> None:
    """
    An unknown one, no id at all, and another person's to whoever is no staff.
    """
    for payment in ("SK" + "A" * 18, "x", "x" * 200):
        answer = await requests.client.get(f"{STATUS}/{payment}", headers=requests.as_())
        problem(answer, 404, "not-found")
    answer = await requests.client.get(
        f"{STATUS}/{requests.payment}", headers=requests.world.bearer()
    )
    problem(answer, 403, "not-allowed")


async def test_a_list_that_cannot_be_shown(requests: RefundRequests) -> None:
    """
    Only cursors of ours, bounded pages, and states of refunds on their way.
    """
    for query, status, slug in (
        ("cursor=x", 400, "cursor-invalid"),
        ("cursor=" + "A" * 201, 400, "cursor-invalid"),
        ("cursor=bm90fGEgY3Vyc29y", 400, "cursor-invalid"),
        ("limit=0", 422, "invalid-request"),
        ("limit=101", 422, "invalid-request"),
        ("status=success", 422, "invalid-request"),
    ):
        answer = await requests.client.get(f"{REFUNDS}?{query}", headers=requests.as_())
        problem(answer, status, slug)


async def test_a_student_sees_no_list(requests: RefundRequests) -> None:
    """
    Other people's refunds are nobody's to see.
    """
    problem(await requests.client.get(REFUNDS, headers=requests.world.bearer()), 403, "not-allowed")


async def test_refunds_have_a_budget_of_their_own() -> None:
    """
    Guessing is slow even before codes are counted.
    """
    world = HttpWorld(settings_with(limit_refund="2/minute"))
    async with world.serve() as client:
        answers = [
            await client.post(REFUND, json={}, headers=world.bearer("mira", "finance"))
            for _ in range(3)
        ]

    assert [each.status_code for each in answers] == [422, 422, 429]
    problem(answers[-1], 429, "too-many-requests")
