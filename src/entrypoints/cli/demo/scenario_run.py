"""Runs the scenarios of the demo, each with its own student, against the running service."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import httpx

from entrypoints.cli.demo.announcement import token_for
from entrypoints.cli.demo.clients import (
    POLL_SECONDS,
    Astray,
    OfficerClient,
    Payer,
    Payment,
    StudentClient,
    expected,
)
from entrypoints.cli.demo.expected_documents import documents_of
from entrypoints.cli.demo.scenarios import Known, ScenarioClient
from entrypoints.cli.demo.seeds import STAFF, STUDENTS
from entrypoints.cli.demo.stack import Stack

MAIL_WITHIN_SECONDS: Final = 60.0
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """How one scenario ended; *problem* says what was not as it should be."""

    name: str
    transaction_id: str | None = None
    order_id: str | None = None
    status: str | None = None
    payable: str | None = None
    enrolled: bool | None = None
    invoice_number: str | None = None
    credit_note_numbers: tuple[str, ...] = ()
    problem: str | None = None

    def as_json(self) -> dict[str, object]:
        shown = asdict(self)
        if self.problem is None:
            del shown["problem"]
        return shown


Go = Callable[[ScenarioClient], Awaitable[tuple[Payment, Known]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    A trip and how it has to end: *emails* is how many the student gets, *documents* how many the
    payment leaves, and *enrolled* whether the course is open at the end. One that disturbs the others
    goes *alone*.
    """

    name: str
    go: Go
    ends: frozenset[str]
    emails: int = 0
    documents: int = 0
    enrolled: bool = False
    alone: bool = False


PAID: Final = frozenset({"success"})
REFUNDED: Final = frozenset({"refunded"})
PLANS: Final = (
    Plan("paid by UPI", ScenarioClient.paid_by_upi, PAID, emails=1, documents=1, enrolled=True),
    Plan(
        "paid by card with a discount",
        ScenarioClient.paid_by_card_with_a_discount,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
    ),
    Plan("free by discount", ScenarioClient.free_by_discount, PAID, emails=1, enrolled=True),
    Plan("declined", ScenarioClient.declined, frozenset({"failed"}), emails=1),
    Plan("abandoned", ScenarioClient.abandoned, frozenset({"expired"})),
    Plan(
        "webhooks lost, recovered by a status read",
        ScenarioClient.recovered_by_a_status_read,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
    ),
    Plan(
        "callback and webhook at once",
        ScenarioClient.callback_and_webhook_at_once,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
    ),
    # The forged callback changes nothing: the payment stays as it was until its session lapses.
    Plan("forged callback", ScenarioClient.forged_callback, frozenset({"pending", "expired"})),
    # One email for the payment, and two for each refund: on its way, and arrived.
    Plan("refunded in full", ScenarioClient.refunded_in_full, REFUNDED, emails=3, documents=2),
    Plan(
        "refunded in two parts",
        ScenarioClient.refunded_in_two_parts,
        REFUNDED,
        emails=5,
        documents=3,
    ),
    Plan(
        "over-refund refused",
        ScenarioClient.over_refund_refused,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
    ),
    Plan(
        "retry after a decline",
        ScenarioClient.retried_after_a_decline,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
    ),
    Plan(
        "webhook never came",
        ScenarioClient.webhook_never_came,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
    ),
    Plan(
        "late success after expiry",
        ScenarioClient.late_success_after_expiry,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
    ),
    # One email for the retry, and two for the refund of the first attempt's late charge.
    Plan("paid twice, given back", ScenarioClient.paid_twice, REFUNDED, emails=3, enrolled=True),
    Plan(
        "gateway down, then back",
        ScenarioClient.gateway_down_then_back,
        PAID,
        emails=1,
        documents=1,
        enrolled=True,
        alone=True,
    ),
)
OFFICERS: Final = tuple(each for each in STAFF if "finance" in each.roles)


async def run_trips(stack: Stack, progress: Progress) -> tuple[list[Trip], int]:
    """Run every scenario, each with a student of its own; return how they ended, and the emails."""
    timeout = httpx.Timeout(30)
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=timeout) as http:  # noqa: S501 - plain HTTP on loopback
        payer = Payer(http, stack.simulator, stack.api)
        officers = [
            OfficerClient(
                http, stack.api, token_for(stack.settings, each), stack.totp_secrets[each.id]
            )
            for each in OFFICERS
        ]
        travellers = [
            ScenarioClient(
                StudentClient(http, stack.api, each, token_for(stack.settings, each)),
                payer,
                officers[number % len(officers)],
            )
            for number, each in enumerate(STUDENTS[: len(PLANS)])
        ]
        pairs = list(zip(PLANS, travellers, strict=True))
        # All but the abandoned ones take moments; at once they are a small load.
        together = await asyncio.gather(
            *(_gone(plan, each, progress) for plan, each in pairs if not plan.alone)
        )
        alone = [await _gone(plan, each, progress) for plan, each in pairs if plan.alone]
        trips = [*together, *alone]
        progress("waiting for the emails")
        judged, emails = await _with_mail(http, stack, trips)
        clients = {plan.name: each.client for plan, each in pairs}
        documents = {plan.name: plan.documents for plan in PLANS}
        shown = [
            await _with_documents(each, clients[each.name], emails, documents[each.name])
            for each in judged
        ]
        return shown, len(emails)


async def _gone(plan: Plan, traveller: ScenarioClient, progress: Progress) -> Trip:
    try:
        payment, known = await plan.go(traveller)
    except (Astray, httpx.HTTPError, KeyError, ValueError) as error:
        progress(f"[red]✗[/] {plan.name}")
        return Trip(name=plan.name, problem=f"{type(error).__name__}: {error}")
    status, enrolled = str(known["status"]), bool(known["enrolled"])
    problem = None
    if status not in plan.ends:
        problem = f"ended as {status}, not {' or '.join(sorted(plan.ends))}"
    elif enrolled is not plan.enrolled:
        problem = "the course is open" if enrolled else "the course is not open"
    progress(f"[{'red' if problem else 'green'}]{'✗' if problem else '✓'}[/] {plan.name}")
    return Trip(
        name=plan.name,
        transaction_id=payment.transaction_id,
        order_id=payment.order_id,
        status=status,
        payable=payment.payable,
        enrolled=enrolled,
        problem=problem,
    )


async def _with_mail(
    http: httpx.AsyncClient, stack: Stack, trips: list[Trip]
) -> tuple[list[Trip], list[dict[str, Any]]]:
    """Wait for every mail that was promised, then check that nobody has one too many."""
    order = [*(each for each in PLANS if not each.alone), *(each for each in PLANS if each.alone)]
    students = dict(zip((each.name for each in PLANS), STUDENTS, strict=False))
    wanted = {students[plan.name].email: plan.emails for plan in order}
    loop = asyncio.get_running_loop()
    deadline = loop.time() + MAIL_WITHIN_SECONDS
    while True:
        answer = await http.get(f"{stack.mailbox}/messages")
        emails = expected(answer, httpx.codes.OK).json()  # type: ignore[arg-type]  # the same numbers
        got = {email: sum(each["to"] == email for each in emails) for email in wanted}
        arrived = all(got[email] >= count for email, count in wanted.items())
        if arrived or loop.time() > deadline:
            break
        await asyncio.sleep(POLL_SECONDS)
    judged = []
    for trip, (email, count) in zip(trips, wanted.items(), strict=True):
        wrong = got[email] != count and trip.problem is None
        judged.append(
            _with_problem(trip, f"{got[email]} emails instead of {count}") if wrong else trip
        )
    return judged, emails


async def _with_documents(
    trip: Trip, client: StudentClient, emails: list[dict[str, Any]], documents: int
) -> Trip:
    """Name the documents that the payment left, and check that they are all that they should be."""
    if trip.transaction_id is None:
        return trip
    try:
        issued = await documents_of(client, trip.transaction_id, emails)
    except (Astray, httpx.HTTPError) as error:
        return _with_problem(trip, f"{type(error).__name__}: {error}")
    shown = replace(
        trip,
        invoice_number=issued.invoice_number,
        credit_note_numbers=issued.credit_note_numbers,
    )
    if len(issued.numbers) != documents and trip.problem is None:
        return _with_problem(shown, f"{len(issued.numbers)} documents instead of {documents}")
    return shown


def _with_problem(trip: Trip, problem: str) -> Trip:
    return replace(trip, problem=problem)
