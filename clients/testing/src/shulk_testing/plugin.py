"""The fixtures, which pytest finds by itself. One Shulk serves a whole session; each test has students of its own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from shulk_testing.api import Payment, Shulk
from shulk_testing.bank import Bank, Fault, Method
from shulk_testing.finding import ShulkNotFound, find_shulk
from shulk_testing.mailbox import Mailbox
from shulk_testing.process import running_shulk
from shulk_testing.receiver import Inbox, Receiver, Webhooks, add_endpoint


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("shulk")
    group.addoption("--shulk", help="the shulk command, in an environment of its own; or SHULK_BIN")
    group.addoption(
        "--shulk-gateway",
        choices=["simulator", "fake"],
        default="simulator",
        help="stand-in bank: the simulator, which speaks the bank's protocol, or the fake gateway",
    )


@dataclass(frozen=True)
class Running:
    """What a session shares."""

    shulk: Shulk
    bank: Bank
    mailbox: Mailbox
    inbox: Inbox


class Pay(Protocol):
    """Pays, and returns the payment's status once Shulk knows of it."""

    def __call__(
        self,
        payment: Payment,
        *,
        method: Method = "UPI",
        webhooks: bool = True,
        comes_back: bool = True,
    ) -> dict[str, Any]:
        """*webhooks*: the bank tells. *comes_back*: the browser follows the bank's redirect."""
        ...


class RefundPayment(Protocol):
    """Refunds, and returns the payment's status once the money has gone back."""

    def __call__(self, payment: Payment, amount: str | None = None) -> dict[str, Any]: ...


@pytest.fixture(scope="session")
def shulk_running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The whole Shulk of this session: databases, stand-in bank, mailbox, API, worker, scheduler."""
    try:
        command = find_shulk(request.config.getoption("--shulk"), os.environ)
    except ShulkNotFound as missing:
        pytest.fail(str(missing), pytrace=False)
    gateway = request.config.getoption("--shulk-gateway")
    folder = tmp_path_factory.mktemp("shulk")
    receiver = Receiver()
    try:
        with running_shulk(command, gateway, folder) as announced:
            shulk = Shulk(announced)
            receiver.inbox.secret = add_endpoint(shulk, receiver.url)
            bank, mailbox = Bank(announced["simulator"]), Mailbox(announced["mailbox"])
            yield Running(shulk, bank, mailbox, receiver.inbox)
    finally:
        receiver.close()


@pytest.fixture
def shulk(shulk_running: Running) -> Shulk:
    """The API: students, courses, payments."""
    return shulk_running.shulk


@pytest.fixture
def pay(shulk_running: Running) -> Pay:
    """Pay at the bank: ``pay(payment)`` returns its status, ``success``."""
    return _ending(shulk_running, "success", "success")


@pytest.fixture
def fail(shulk_running: Running) -> Pay:
    """Be declined at the bank: ``fail(payment)`` returns its status, ``failed``."""
    return _ending(shulk_running, "failure", "failed")


def _ending(running: Running, outcome: str, status: str) -> Pay:
    """Return what ends an attempt with *outcome* at the bank, and waits for *status* where anybody tells of it."""

    def ended(
        payment: Payment,
        *,
        method: Method = "UPI",
        webhooks: bool = True,
        comes_back: bool = True,
    ) -> dict[str, Any]:
        back = running.bank.act(payment, outcome, method=method, webhooks=webhooks, late=False)
        if comes_back:
            running.bank.come_back(back)
        if not webhooks and not comes_back:
            # Nobody has told yet, and to read the status would ask the bank.
            return {"status": "pending"}
        return running.shulk.wait_for(payment, status)

    return ended


@pytest.fixture
def refund(shulk_running: Running) -> RefundPayment:
    """Refund as an officer: ``refund(payment)``, or ``refund(payment, "499.00")``."""

    def refunded(payment: Payment, amount: str | None = None) -> dict[str, Any]:
        shulk_running.shulk.refund(payment, amount)
        return shulk_running.shulk.wait_for(payment, "refunded", "partially_refunded")

    return refunded


@pytest.fixture
def fault(shulk_running: Running) -> Iterator[Fault]:
    """What goes wrong at the bank, in this test alone."""
    planned = Fault(shulk_running.bank)
    planned.end()
    yield planned
    planned.end()


@pytest.fixture
def mailbox(shulk_running: Running) -> Mailbox:
    """The emails that were sent."""
    return shulk_running.mailbox


@pytest.fixture
def webhooks(shulk_running: Running) -> Webhooks:
    """What the platform was told since this test began, each signature verified."""
    return Webhooks(shulk_running.shulk, shulk_running.inbox)
