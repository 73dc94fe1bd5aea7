"""The served fake gateway keeps the contract over HTTP, moved by the control calls that the simulator has."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import cache
from typing import Final

import httpx
import pytest
from litestar import Litestar

from adapters.fake.gateway import NotInProduction
from adapters.fake.served import ServedFakeGateway
from contracts.payments.gateway_simulator import ControlledBank, Simulator, Taken
from domain.payments.order_facts import RefundVerdict, Verdict
from entrypoints.operations.fake_bank.app import new_app, served_bank
from entrypoints.operations.fake_bank.served_bank import ServedBank
from entrypoints.operations.gateway_contract.payments_contract import Event, GatewayContract
from entrypoints.operations.gateway_contract.refunds_contract import (
    GatewayRefundContract,
    refund_of,
    sold,
)
from entrypoints.operations.gateway_contract.unattended_contract import STUDENT, new_order
from entrypoints.settings.values import Environment
from ports.payments.payment_gateway import GatewayDown, GatewayOutcomeUnknown
from worlds.settings import settings_with

URL: Final = "http://fake-gateway"
FakeBankByHttp = ControlledBank[ServedFakeGateway, ServedFakeGateway]


class Deliveries(Taken):
    """Takes events as the API would; *refusals* is how many it does not."""

    refusals: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.refusals:
            self.refusals -= 1
            return httpx.Response(503)
        self.events.append(Event(dict(request.headers), request.content))
        return httpx.Response(200)


async def at_once(_seconds: float) -> None:
    """Wait for nothing."""


def fresh(deliveries: Deliveries) -> ServedBank:
    bank = served_bank(settings_with(public_url="https://learn.example.com"))
    bank.client = httpx.AsyncClient(transport=httpx.MockTransport(deliveries))
    bank.pause = at_once
    return bank


@cache
def app(number: int) -> Litestar:
    """To make one takes longer than the tests that call it: each test gives it a bank of its own."""
    assert number < 2
    return new_app()


def calls_to(bank: ServedBank, number: int = 0) -> httpx.AsyncClient:
    app(number).state.bank = bank
    transport = httpx.ASGITransport(app(number))  # type: ignore[arg-type]  # httpx has its own words for ASGI
    return httpx.AsyncClient(transport=transport, base_url=URL)


@pytest.fixture
async def bank() -> AsyncIterator[FakeBankByHttp]:
    deliveries = Deliveries()
    served, other = fresh(deliveries), fresh(deliveries)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(served.close)
        stack.push_async_callback(other.close)
        client = await stack.enter_async_context(calls_to(served))
        nobody = await stack.enter_async_context(calls_to(other, 1))
        for operation in ("session", "status", "refund"):
            planned = {"operation": operation, "fault": "unauthorised", "times": 10}
            await nobody.post("/_control/next", json=planned)
        await client.post("/_control/refunds/next", json={"outcome": "pending", "times": 1000})
        yield FakeBankByHttp(
            simulator=Simulator(URL, deliveries),
            control=client,
            gateway=ServedFakeGateway(client=client, environment="test"),
            unknown_merchant=ServedFakeGateway(client=nobody, environment="test"),
            messages=ServedFakeGateway(client=client, environment="test"),
        )


class TestServedFakeGateway(GatewayContract, GatewayRefundContract):
    """Every promise of the port, kept over HTTP."""


def test_production_is_refused() -> None:
    """
    Neither end of the line stands where money flows.
    """
    with pytest.raises(NotInProduction, match="SHULK_GATEWAY"):
        ServedFakeGateway(client=httpx.AsyncClient(), environment="production")


def test_none_is_served_for_production() -> None:
    """
    Also where somebody made settings that the rules for production would refuse.
    """
    settings = replace(settings_with(), environment=Environment.PRODUCTION)

    with pytest.raises(NotInProduction, match="SHULK_GATEWAY"):
        served_bank(settings)


async def test_the_payer_pays_on_the_page(bank: FakeBankByHttp) -> None:
    """
    One button each; the payer returns with signed fields, and another visit finds the order paid.
    """
    order = new_order()
    page = (await bank.gateway.create_session(order)).payment_url
    path = httpx.URL(page).path

    shown = await bank.control.get(path)
    answer = await bank.control.post(path, data={"outcome": "success"})
    again = await bank.control.post(path, data={"outcome": "failure"})

    assert "Vedic Mathematics I" in shown.text
    assert answer.status_code == 303
    back = httpx.URL(answer.headers["location"])
    assert str(back).startswith("https://learn.example.com/api/payment/callback?")
    assert bank.messages.read_return(back.params.multi_items()).payment == order.payment
    assert "It is paid" in again.text
    assert (await bank.gateway.read_order(order.payment, STUDENT)).verdict is Verdict.CHARGED


async def test_a_page_of_no_order_is_not_found(bank: FakeBankByHttp) -> None:
    assert (await bank.control.get("/pay/SKNOBODY")).status_code == 404
    assert (
        await bank.control.post("/pay/SKNOBODY", data={"outcome": "success"})
    ).status_code == 404


async def test_refunds_end_by_themselves(bank: FakeBankByHttp) -> None:
    """
    Paid at once and with an ARN, unless a test has planned otherwise.
    """
    await bank.control.delete("/_control/refunds/next")
    planned = {"outcome": "failure", "error_message": "Closed account"}
    await bank.control.post("/_control/refunds/next", json=planned)
    order = await sold(bank)

    (failed,) = (await bank.gateway.refund(refund_of(order, 100))).refunds
    _, paid = (await bank.gateway.refund(refund_of(order, 200))).refunds

    assert (failed.verdict, failed.error) == (RefundVerdict.FAILED, "05 Closed account")
    assert paid.verdict is RefundVerdict.PAID
    assert paid.arn


async def test_an_event_that_nobody_took_comes_again(bank: FakeBankByHttp) -> None:
    """
    As the bank's do; and a resend is counted by its status codes.
    """
    deliveries = bank.simulator.inbox
    assert isinstance(deliveries, Deliveries)
    deliveries.refusals = 2

    order = await sold(bank)
    resent = await bank.control.post(
        f"/_control/webhooks/{order.payment}/resend",
        json={"copies": 3, "event_name": "ORDER_SUCCEEDED"},
    )

    assert resent.json() == {"sent": 3, "status_codes": {"200": 3}}
    names = [bank.messages.read_event(e.headers, e.body).id for e in deliveries.events]
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("orders/SKNOBODY/pay", {}, 404),
        ("orders/{order}/pay", {"auto_refund": True}, 400),
        ("orders/{order}/pay", {"nobody": 1}, 400),
        ("orders/{order}/decide", {"outcome": "success"}, 409),
        ("orders/{order}/refunds", {"amount": "9999999"}, 400),
        ("orders/{order}/refunds/RF1/decide", {"outcome": "success"}, 404),
        ("orders/{order}/dispute", {}, 404),
        ("next", {"operation": "session", "fault": "late"}, 400),
    ],
)
async def test_what_it_cannot_do_is_said(
    bank: FakeBankByHttp, path: str, body: dict[str, object], status: int
) -> None:
    """
    By the simulator's status codes; what only the simulator has, such as a dispute, names it.
    """
    order = await sold(bank)

    answer = await bank.control.post(f"/_control/{path.format(order=order.payment)}", json=body)

    assert answer.status_code == status, answer.text
    assert answer.json()["error"]
    if "dispute" in path:
        assert "simulator" in answer.json()["error"]


async def test_a_gateway_that_is_not_served_is_down() -> None:
    """
    A read says nothing about the money, and so does a call whose answer is lost.
    """

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("refund"):
            raise httpx.ReadTimeout("too slow")
        raise httpx.ConnectError("nobody is there")

    async with httpx.AsyncClient(base_url=URL, transport=httpx.MockTransport(refuse)) as client:
        gateway = ServedFakeGateway(client=client, environment="test")
        with pytest.raises(GatewayDown, match="shulk fake-gateway"):
            await gateway.create_session(new_order())
        with pytest.raises(GatewayOutcomeUnknown):
            await gateway.refund(refund_of(new_order()))


async def test_somebody_else_at_its_address_is_down() -> None:
    """
    What is not its protocol is no answer about money.
    """
    page = httpx.MockTransport(lambda _: httpx.Response(404, text="<html>"))
    async with httpx.AsyncClient(base_url=URL, transport=page) as client:
        with pytest.raises(GatewayDown, match="something else"):
            await ServedFakeGateway(client=client, environment="test").read_order(
                new_order().payment, STUDENT
            )
