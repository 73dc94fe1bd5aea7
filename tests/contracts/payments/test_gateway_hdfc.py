"""SmartGateway's adapter keeps the contract, over real HTTP against the simulator that shares no code with it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest

from adapters.fake.script import Outcome
from adapters.hdfc.auth.request_auth import ApiKeyAuth, Authentication
from adapters.hdfc.inbound.gateway_messages import HdfcMessages, SecretHeader, WebhookCredentials
from adapters.hdfc.inbound.webhook_signature import BodySignature
from adapters.hdfc.outbound.gateway import HdfcGateway
from adapters.hdfc.outbound.transport import new_client
from contracts.payments.gateway_simulator import (
    SimulatedBank,
    Simulator,
    by_api_key,
    by_jwt,
    jwt_options,
    running_simulator,
)
from domain.money import Money
from domain.payments.order_facts import ReviewReason, Verdict
from domain.text.card_number import CardTail
from entrypoints.operations.gateway_contract.payments_contract import GatewayContract
from entrypoints.operations.gateway_contract.unattended_contract import STUDENT, new_order
from ports.payments.payment_gateway import GatewayDown
from samples.hdfc.merchant import API_KEY, RESPONSE_KEY, merchant

HOOK = WebhookCredentials(user="hook", password="made-up-password")
SECRET = SecretHeader(name="X-Shulk-Secret", value="made-up-header-value")
SIGNATURE = BodySignature(
    header="X-Shulk-Signature", secrets=("made-up-key-of-tomorrow", "made-up-key")
)
KEYS = ("--api-key", API_KEY, "--response-key", RESPONSE_KEY)
HOOKS = (
    *("--webhook-user", HOOK.user, "--webhook-password", HOOK.password),
    *("--webhook-header", f"{SECRET.name}:{SECRET.value}"),
    *("--webhook-signature", f"{SIGNATURE.header}:{SIGNATURE.secrets[1]}"),
)


WAYS_TO_SPEAK: dict[str, tuple[str, Callable[[], tuple[Authentication, Authentication]]]] = {
    "single": ("--single-encode", by_api_key),
    "double, XML": ("--double-encode --dialect xml", by_api_key),
    "form": ("--dialect form", by_api_key),
    "JWT": ("--single-encode", by_jwt),
}


@pytest.fixture(scope="module", params=WAYS_TO_SPEAK)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def simulator(way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("simulator")
    options, _ = WAYS_TO_SPEAK[way]
    with running_simulator(
        folder, *KEYS, *HOOKS, *jwt_options(folder), *options.split()
    ) as running:
        yield running


@pytest.fixture
async def bank(way: str, simulator: Simulator) -> AsyncIterator[SimulatedBank]:
    _, merchants = WAYS_TO_SPEAK[way]
    known, unknown = merchants()
    # Long enough for a busy machine, short enough beside a planned time-out.
    settings = merchant(base_url=simulator.url, auth=known, read_timeout=timedelta(seconds=2.5))
    wrong = merchant(base_url=simulator.url, auth=unknown)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(new_client(settings))
        control = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, verify=False))
        yield SimulatedBank(
            simulator=simulator,
            control=control,
            gateway=HdfcGateway(settings, client),
            unknown_merchant=HdfcGateway(wrong, client),
            messages=HdfcMessages(
                settings=settings,
                credentials=(HOOK,),
                secret_header=SECRET,
                body_signature=SIGNATURE,
            ),
        )


class TestHdfcGateway(GatewayContract):
    """Every promise of the port, kept on the wire."""


async def test_the_key_travels_without_a_colon_too(bank: SimulatedBank) -> None:
    """
    Both spellings of the Basic credentials are in the bank's own material.
    """
    settings = merchant(base_url=bank.simulator.url, auth=ApiKeyAuth(key=API_KEY, colon=False))
    order = new_order()

    assert (await HdfcGateway(settings, bank.gateway.client).create_session(order)).id


async def test_a_broken_bank_is_down(bank: SimulatedBank) -> None:
    """
    A page of HTML with status 500 is no answer.
    """
    await bank._control("POST", "/next", {"operation": "session", "fault": "http_500"})

    with pytest.raises(GatewayDown):
        await bank.gateway.create_session(new_order())


@pytest.mark.parametrize(
    ("overlay", "verdict", "review_reason"),
    [
        ({"status_id": 27}, Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS),
        ({"status": "AUTO_REFUNDED", "status_id": 36}, Verdict.UNCLEAR, ReviewReason.AUTO_REFUNDED),
        ({"amount": "2359.505"}, Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS),
        ({"status": "SETTLED"}, Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS),
        ({"card": "FILTERED", "upi": "FILTERED"}, Verdict.CHARGED, None),
    ],
)
async def test_odd_answers_over_the_wire_are_no_sales(
    bank: SimulatedBank,
    overlay: dict[str, object],
    verdict: Verdict,
    review_reason: ReviewReason | None,
) -> None:
    """
    Whatever the bank lays over a paid order: only the whole truth is a sale.
    """
    order = new_order()
    await bank.gateway.create_session(order)
    await bank.pay(order.payment, Outcome.SUCCESS)
    await bank._control("POST", f"/orders/{order.payment}/overlay", overlay)
    facts = await bank.gateway.read_order(order.payment, STUDENT)

    assert (facts.verdict, facts.review_reason) == (verdict, review_reason)


@pytest.mark.parametrize("overlay", [{"order_id": "SKAAAAAAAAAAAAAAAAAA"}, {"currency": None}])
async def test_an_answer_that_misses_its_mark_is_none(
    bank: SimulatedBank, overlay: dict[str, object]
) -> None:
    """
    Another order's status, or one without currency, says nothing about ours.
    """
    order = new_order()
    await bank.gateway.create_session(order)
    await bank._control("POST", f"/orders/{order.payment}/overlay", overlay)

    with pytest.raises(GatewayDown):
        await bank.gateway.read_order(order.payment, STUDENT)


async def test_another_amount_is_told_as_it_is(bank: SimulatedBank) -> None:
    """
    The adapter does not judge an exact amount; the payment does.
    """
    order = new_order()
    await bank.gateway.create_session(order)
    await bank.pay(order.payment, Outcome.SUCCESS)
    await bank._control("POST", f"/orders/{order.payment}/overlay", {"amount": 1})
    facts = await bank.gateway.read_order(order.payment, STUDENT)

    assert (facts.verdict, facts.amount) == (Verdict.CHARGED, Money(100))


async def test_a_card_leaves_its_tail_only(bank: SimulatedBank) -> None:
    """
    Last four digits, brand and issuer; and the charge has its instant.
    """
    order = new_order()
    await bank.gateway.create_session(order)
    await bank._control("POST", f"/orders/{order.payment}/pay", {"method": "CARD"})
    facts = await bank.gateway.read_order(order.payment, STUDENT)

    assert facts.instrument.method == "CARD"
    assert facts.instrument.card_tail == CardTail("1097")
    assert facts.instrument.card_brand == "VISA"
    assert facts.charged_at is not None
