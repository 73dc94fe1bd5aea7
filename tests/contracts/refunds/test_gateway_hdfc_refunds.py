"""SmartGateway's adapter gives money back as the port promises, against the simulator that shares no code with it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest

from adapters.hdfc.auth.request_auth import Authentication
from adapters.hdfc.inbound.gateway_messages import HdfcMessages, WebhookCredentials
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
from domain.payments.order_facts import RefundVerdict
from entrypoints.operations.gateway_contract.refunds_contract import (
    GatewayRefundContract,
    refund_of,
    seen,
    sold,
)
from entrypoints.operations.gateway_contract.unattended_contract import STUDENT
from ports.payments.payment_gateway import GatewayDuplicate
from samples.hdfc.merchant import API_KEY, RESPONSE_KEY, merchant

HOOK = WebhookCredentials(user="hook", password="made-up-password")
OPTIONS = (
    *("--api-key", API_KEY, "--response-key", RESPONSE_KEY),
    *("--webhook-user", HOOK.user, "--webhook-password", HOOK.password),
    # Refunds wait until the test decides them.
    *("--refund-outcome", "pending", "--refund-arn-seconds", "0"),
)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("simulator")
    with running_simulator(folder, *OPTIONS, *jwt_options(folder)) as running:
        yield running


MODES: dict[str, Callable[[], tuple[Authentication, Authentication]]] = {
    "api-key": by_api_key,
    "jwt": by_jwt,
}


@pytest.fixture(params=MODES)
async def bank(
    request: pytest.FixtureRequest, simulator: Simulator
) -> AsyncIterator[SimulatedBank]:
    known, unknown = MODES[request.param]()
    # Long enough for a busy machine, short enough beside a planned time-out.
    settings = merchant(base_url=simulator.url, auth=known, read_timeout=timedelta(seconds=4))
    wrong = merchant(base_url=simulator.url, auth=unknown)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(new_client(settings))
        control = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, verify=False))
        yield SimulatedBank(
            simulator=simulator,
            control=control,
            gateway=HdfcGateway(settings, client),
            unknown_merchant=HdfcGateway(wrong, client),
            messages=HdfcMessages(settings=settings, credentials=(HOOK,)),
        )


class TestHdfcRefunds(GatewayRefundContract):
    """Every promise of the port, kept on the wire."""


async def test_a_refund_just_like_one_under_way_is_a_repetition(bank: SimulatedBank) -> None:
    """
    Within seconds, by another id: nothing happened, and nothing is proven about the first.
    """
    order = await sold(bank)
    await bank.gateway.refund(refund_of(order, 100_00))

    with pytest.raises(GatewayDuplicate):
        await bank.gateway.refund(refund_of(order, 100_00))

    assert len(await seen(bank, order)) == 1


async def test_the_arn_comes_later_and_by_an_event_that_is_not_only_about_the_sale(
    bank: SimulatedBank,
) -> None:
    """
    So that a sale's order is read again for it.
    """
    order = await sold(bank)
    asked = refund_of(order)
    await bank.gateway.refund(asked)
    await bank.decide(order.payment, asked.refund, RefundVerdict.PAID)
    path = f"/orders/{order.payment}"
    known = await bank._control("GET", path)
    told = [
        bank.messages.read_event(each.headers, each.body) for each in bank.events(order.payment)
    ]

    news = {event.name: event.only_sale for event in told if "REFUND" in event.name}
    assert news["ORDER_REFUNDED"] is False
    facts = await bank.gateway.read_order(order.payment, STUDENT)
    assert facts.refunds[0].verdict is RefundVerdict.PAID
    assert known["refunds"][0]["status"] == "SUCCESS"
