"""Ask the bank for an order that does not exist: it says whether the bank is there, and takes our credentials."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from application.gateway_config.configuration_audit import audit
from application.gateway_config.configuration_secrets import ConfigurationSecrets, SecretUnreadable
from application.gateway_config.current_configuration import CurrentConfiguration
from application.gateway_config.propose_configuration import ConfigurationChange, configured
from domain.errors import NotFound
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import SecretField
from domain.identifiers import PAYMENT_ID_PREFIX, PaymentId, StudentId
from ports.audit_log import Origin
from ports.cipher import CannotDecrypt
from ports.clock import Clock
from ports.gateway_config.configuration_register import ConfigurationReads
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayFailure,
    PaymentGateway,
)
from ports.unit_of_work import UnitOfWork

TEST_PREFIX: Final = f"{PAYMENT_ID_PREFIX}TEST"
TESTER: Final = StudentId("connection-test")
SPOILT: Final = "x"
VERSIONS_READ_MAX: Final = 50


class ConnectionVerdict(StrEnum):
    WORKS = "works"
    """The bank takes these credentials, and refuses spoilt ones."""

    CANNOT_TELL = "cannot_tell"
    """The bank is there; it answers spoilt credentials in the same way."""

    REFUSED = "refused"
    """The bank does not take these credentials, or our address."""

    UNREACHABLE = "unreachable"
    """No answer of the bank came: nothing is said of the credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTest:
    """*number* is the version that was tried, with a change to it or as it is stored; 0 is the environment."""

    number: int
    verdict: ConnectionVerdict
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryConnection:
    """
    *gateway_with* makes a gateway that uses a configuration and no other.

    It proves neither the response key nor the webhook password: those are the bank's to use.
    """

    gateway_with: Callable[[GatewayConfiguration], PaymentGateway]
    new_id: Callable[[], PaymentId]
    current: CurrentConfiguration
    reads: ConfigurationReads
    secrets: ConfigurationSecrets
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self, number: int | None, change: ConfigurationChange, origin: Origin
    ) -> ConnectionTest:
        """
        Try version *number*, None for the one in effect, with *change*; the verdict is written to the audit log.

        Raises ``NotFound``, ``ConfigurationInvalid`` and ``SecretUnreadable``.
        """
        stored = await self._stored(number)
        tried = configured(stored, change, stored.number)
        result = await self._test(tried)
        async with self.unit_of_work() as work:
            facts = {"verdict": result.verdict.value}
            if tried != stored:
                facts["with"] = "a change that is not stored"
            audit(work, "tested", origin, self.clock, number=stored.number, **facts)
        return result

    async def _stored(self, number: int | None) -> GatewayConfiguration:
        if number is None:
            return self.current()
        if number == 0:
            return self.current.bootstrap
        for version in await self.reads.newest(at_most=VERSIONS_READ_MAX):
            if version.number == number:
                try:
                    return self.secrets.configuration(version)
                except CannotDecrypt as error:
                    raise SecretUnreadable(SecretField(error.location.column)) from error
        raise NotFound("version of the gateway configuration", str(number))

    async def _test(self, tried: GatewayConfiguration) -> ConnectionTest:
        first = await self._ask(tried)
        key = tried.secrets.api_key
        if key is None or first.verdict is not ConnectionVerdict.WORKS:
            # Where calls are signed and encrypted, an answer is signed too: none comes for spoilt keys.
            return first
        spoilt = replace(tried, secrets=replace(tried.secrets, api_key=key + SPOILT))
        second = await self._ask(spoilt)
        if second.verdict is ConnectionVerdict.REFUSED:
            return first
        return replace(first, verdict=ConnectionVerdict.CANNOT_TELL)

    async def _ask(self, tried: GatewayConfiguration) -> ConnectionTest:
        unknown = PaymentId(TEST_PREFIX + self.new_id()[len(TEST_PREFIX) :])
        try:
            await self.gateway_with(tried).read_order(unknown, TESTER)
        except GatewayDenied as error:
            return _test_of(tried, ConnectionVerdict.REFUSED, error)
        except GatewayBusy as error:
            return _test_of(tried, ConnectionVerdict.CANNOT_TELL, error)
        except GatewayFailure as error:
            return _test_of(tried, ConnectionVerdict.UNREACHABLE, error)
        return ConnectionTest(number=tried.number, verdict=ConnectionVerdict.WORKS)


def _test_of(
    tried: GatewayConfiguration, verdict: ConnectionVerdict, error: GatewayFailure
) -> ConnectionTest:
    return ConnectionTest(number=tried.number, verdict=verdict, detail=error.detail)
