"""How the gateway is configured: changed by officers, and tried at the bank."""

from collections.abc import Callable

from dependency_injector import containers, providers

from application.gateway_config.configuration_audit import Fingerprint
from application.gateway_config.configuration_drafts import ConfigurationDrafts
from application.gateway_config.configuration_secrets import ConfigurationSecrets
from application.gateway_config.current_configuration import CurrentConfiguration
from application.gateway_config.decide_configuration import DecideConfiguration
from application.gateway_config.propose_configuration import ProposeConfiguration
from application.gateway_config.read_configuration import ReadConfiguration
from application.gateway_config.try_connection import TryConnection
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.identifiers import PaymentId
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.cipher import Cipher
from ports.clock import Clock
from ports.payments.payment_gateway import PaymentGateway


class GatewayConfig(containers.DeclarativeContainer):
    storage = NamedDependencies()
    staff = NamedDependencies()
    configuration: providers.Dependency[CurrentConfiguration] = providers.Dependency()
    secrets: providers.Dependency[ConfigurationSecrets] = providers.Dependency()
    gateway_with: providers.Dependency[Callable[[GatewayConfiguration], PaymentGateway]] = (
        providers.Dependency()
    )
    fingerprint: providers.Dependency[Fingerprint] = providers.Dependency()
    new_payment_id: providers.Dependency[Callable[[], PaymentId]] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    cipher: providers.Dependency[Cipher] = providers.Dependency()

    unit = storage.unit_of_work

    propose = providers.Singleton(
        ProposeConfiguration,
        verify_totp=staff.verify_totp,
        unit_of_work=unit,
        current=configuration,
        secrets=secrets,
        fingerprint=fingerprint,
        clock=clock,
    )
    drafts = providers.Singleton(ConfigurationDrafts, cipher, clock)
    decide = providers.Singleton(
        DecideConfiguration,
        verify_totp=staff.verify_totp,
        unit_of_work=unit,
        current=configuration,
        clock=clock,
    )
    try_connection = providers.Singleton(
        TryConnection,
        gateway_with=gateway_with,
        new_id=new_payment_id,
        current=configuration,
        reads=storage.configurations,
        secrets=secrets,
        unit_of_work=unit,
        clock=clock,
    )
    read = providers.Singleton(
        ReadConfiguration,
        current=configuration,
        reads=storage.configurations,
        secrets=secrets,
        fingerprint=fingerprint,
        clock=clock,
    )
