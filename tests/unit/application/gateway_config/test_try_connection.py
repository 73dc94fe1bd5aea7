"""The bank is asked for an order that does not exist: its answers tell whether our credentials work."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from application.gateway_config.configuration_secrets import SecretUnreadable
from application.gateway_config.propose_configuration import ConfigurationChange
from application.gateway_config.try_connection import (
    TEST_PREFIX,
    ConnectionVerdict,
    TryConnection,
)
from domain.errors import NotFound
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import ConfigurationInvalid, PaymentMethod
from domain.identifiers import PaymentId, StudentId, is_payment_id
from domain.payments.order_facts import OrderFacts, Verdict
from fakes.gateway_config.samples import BOOTSTRAP, SECRETS
from fakes.samples import BY_STAFF, payment_id
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayFailure,
    PaymentGateway,
)
from unit.application.gateway_config.office import NEW_KEY, Office
from worlds.memory import MemoryWorld

NO_CHANGE = ConfigurationChange()
KNOWN = "the bank does not know the order"


@dataclass(slots=True)
class TriedBank:
    """Answers each read as it was told to, and remembers with what it was asked."""

    answers: list[str | GatewayFailure]
    asked: list[tuple[str | None, PaymentId]] = field(default_factory=list)

    def gateway_with(self, configuration: GatewayConfiguration) -> PaymentGateway:
        gateway: Any = _Asked(self, configuration.secrets.api_key)
        return gateway  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Asked:
    bank: TriedBank
    key: str | None

    async def read_order(self, payment: PaymentId, _: StudentId) -> OrderFacts:
        self.bank.asked.append((self.key, payment))
        answer = self.bank.answers.pop(0)
        if isinstance(answer, GatewayFailure):
            raise answer
        return OrderFacts(payment=payment, verdict=Verdict.UNKNOWN_ORDER)


def trying(office: Office, bank: TriedBank) -> TryConnection:
    memory = office.world.memory
    return TryConnection(
        gateway_with=bank.gateway_with,
        new_id=lambda: payment_id(7),
        current=office.current,
        reads=memory.configurations,
        secrets=office.secrets,
        unit_of_work=memory.unit_of_work,
        clock=office.world.clock,
    )


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([KNOWN, GatewayDenied()], ConnectionVerdict.WORKS),
        ([KNOWN, KNOWN], ConnectionVerdict.CANNOT_TELL),
        ([KNOWN, GatewayDown()], ConnectionVerdict.CANNOT_TELL),
        ([GatewayDenied("access_denied")], ConnectionVerdict.REFUSED),
        ([GatewayDown("not reached")], ConnectionVerdict.UNREACHABLE),
        ([GatewayBusy()], ConnectionVerdict.CANNOT_TELL),
    ],
)
async def test_two_answers_make_a_verdict(
    office: Office, answers: Sequence[str | GatewayFailure], verdict: ConnectionVerdict
) -> None:
    """
    A key is proven only by a bank that refuses a spoilt one.
    """
    bank = TriedBank(list(answers))
    result = await trying(office, bank)(None, NO_CHANGE, BY_STAFF)

    assert (result.number, result.verdict) == (0, verdict)
    assert bank.answers == []
    assert office.audited[-1].facts == {"version": "0", "verdict": verdict.value}


async def test_the_order_asked_for_is_of_nobody(office: Office) -> None:
    """
    Its id is one that a payment may have, and says what it is for.
    """
    bank = TriedBank([KNOWN, GatewayDenied()])
    await trying(office, bank)(None, NO_CHANGE, BY_STAFF)

    assert all(is_payment_id(order) and order.startswith(TEST_PREFIX) for _, order in bank.asked)
    (first, _), (second, _) = bank.asked
    assert first == SECRETS.api_key
    assert second != first


async def test_an_answer_that_is_signed_is_enough(world: MemoryWorld) -> None:
    """
    Where calls are signed and encrypted there is no key to spoil.
    """
    office = Office(world, replace(BOOTSTRAP, secrets=replace(SECRETS, api_key=None)))
    result = await trying(office, TriedBank([KNOWN]))(0, NO_CHANGE, BY_STAFF)

    assert result.verdict is ConnectionVerdict.WORKS


async def test_a_change_is_tried_before_it_is_stored(office: Office) -> None:
    """
    The audit log says that it was, without the secret.
    """
    bank = TriedBank([GatewayDenied()])
    change = ConfigurationChange(secrets={SecretField.API_KEY: NEW_KEY})
    await trying(office, bank)(None, change, BY_STAFF)

    assert bank.asked[0][0] == NEW_KEY
    assert "with" in office.audited[-1].facts
    assert NEW_KEY not in repr(office.audited)
    assert office.world.memory.store.configurations == {}
    wrong = ConfigurationChange(secrets={SecretField.API_KEY: "••••0001"})
    with pytest.raises(ConfigurationInvalid):
        await trying(office, bank)(None, wrong, BY_STAFF)


async def test_a_stored_version_is_tried_by_its_number(office: Office) -> None:
    """
    So whoever approves a new key knows first whether the bank takes it.
    """
    await office.put_in_effect(methods=frozenset({PaymentMethod.UPI}))
    await office.propose({SecretField.API_KEY: NEW_KEY})
    bank = TriedBank([GatewayDenied(), GatewayDenied()])
    assert (await trying(office, bank)(2, NO_CHANGE, BY_STAFF)).number == 2
    assert (await trying(office, bank)(None, NO_CHANGE, BY_STAFF)).number == 1
    assert [key for key, _ in bank.asked] == [NEW_KEY, SECRETS.api_key]

    with pytest.raises(NotFound):
        await trying(office, bank)(9, NO_CHANGE, BY_STAFF)
    office.lose_secret(2, SecretField.API_KEY)
    with pytest.raises(SecretUnreadable):
        await trying(office, bank)(2, NO_CHANGE, BY_STAFF)
