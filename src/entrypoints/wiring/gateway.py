"""Which gateway takes the money: the bank's, the simulator in its place, or the fake one, served or in our process."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import SystemRandom
from typing import Final
from urllib.parse import urljoin

import httpx
from dependency_injector import containers, providers

from adapters.breaker.circuit import CircuitPolicy
from adapters.breaker.gateway import CircuitBreakerGateway, Watch
from adapters.configured.gateway import ConfiguredGateway
from adapters.configured.messages import ConfiguredMessages
from adapters.fake.gateway import FakeGateway
from adapters.fake.served import ServedFakeGateway
from adapters.fake.served import new_client as new_fake_client
from adapters.hdfc.inbound.gateway_messages import HdfcMessages, SecretHeader, WebhookCredentials
from adapters.hdfc.inbound.webhook_signature import BodySignature
from adapters.hdfc.outbound.gateway import HdfcGateway
from adapters.hdfc.outbound.transport import new_client
from adapters.hdfc.settings import HdfcSettings
from application.gateway_config.current_configuration import CurrentConfiguration
from application.order_status.read_order import ReadOrder
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_terms import EVERY_METHOD, GatewayTerms
from domain.money import Money
from entrypoints.settings.settings import GatewayKind, Settings, WebhookProofs
from entrypoints.wiring.bootstrap_configuration import bootstrap_configuration
from entrypoints.wiring.gateway_auth import authentication
from ports.monitoring.gateway_calls import CallResult
from ports.payments.payment_gateway import GatewayOperation

OPEN_FOR_GROWS_TO: Final = 6
"""How much longer than the first the longest rest is."""

CALL_SLACK: Final = timedelta(seconds=30)
CALLBACK_PATH: Final = "api/payment/callback"


def hdfc_settings(settings: Settings, configuration: GatewayConfiguration) -> HdfcSettings:
    """Return what the SmartGateway adapter needs: where the bank is by *settings*, the rest by *configuration*."""
    terms, secrets = configuration.terms, configuration.secrets
    return HdfcSettings(
        base_url=settings.gateway_url or "",
        merchant_id=terms.merchant_id,
        auth=authentication(settings, secrets.api_key),
        payment_page_client_id=terms.payment_page_client_id,
        version=terms.api_version,
        return_url=urljoin(settings.public_url.rstrip("/") + "/", CALLBACK_PATH),
        response_key=secrets.response_key,
        methods=partial(methods_on_page, terms),
        payment_hosts=settings.payment_hosts,
        connect_timeout=timedelta(seconds=settings.gateway_connect_timeout_seconds),
        read_timeout=timedelta(seconds=settings.gateway_read_timeout_seconds),
    )


def methods_on_page(terms: GatewayTerms, amount: Money) -> tuple[str, ...]:
    """Return the methods that the bank's page shows for *amount*, none where it may show what the account has."""
    methods = terms.methods_for(amount)
    return () if methods == EVERY_METHOD else tuple(sorted(methods))


def webhook_credentials(
    accepted: tuple[GatewayConfiguration, ...],
) -> tuple[WebhookCredentials, ...]:
    """Return the pairs that are valid now, each once."""
    logins = dict.fromkeys(login for each in accepted for login in each.webhook_logins)
    return tuple(WebhookCredentials(user=each.user, password=each.password) for each in logins)


def hdfc_gateway(
    settings: Settings, client: httpx.AsyncClient, configuration: GatewayConfiguration
) -> HdfcGateway:
    """Return the bank's gateway as *configuration* has it."""
    return HdfcGateway(hdfc_settings(settings, configuration), client)


def hdfc_messages(settings: Settings, accepted: tuple[GatewayConfiguration, ...]) -> HdfcMessages:
    """Return what reads the bank's messages: the first of *accepted* is in effect, the others were before."""
    return HdfcMessages(
        settings=hdfc_settings(settings, accepted[0]),
        credentials=webhook_credentials(accepted),
        old_response_keys=tuple(each.secrets.response_key for each in accepted[1:]),
        secret_header=secret_header(settings),
        body_signature=body_signature(settings),
        any_proof=any_proof(settings),
    )


def secret_header(settings: Settings) -> SecretHeader | None:
    """Return the header that webhooks must carry besides, if one was agreed."""
    if settings.webhook_header_name and settings.webhook_header_value:
        return SecretHeader(name=settings.webhook_header_name, value=settings.webhook_header_value)
    return None


def body_signature(settings: Settings) -> BodySignature | None:
    """Return how webhook bodies are signed, if that was agreed."""
    first, second = settings.webhook_signature_secret, settings.webhook_signature_next_secret
    if settings.webhook_signature_header and first:
        secrets = (first, second) if second else (first,)
        return BodySignature(header=settings.webhook_signature_header, secrets=secrets)
    return None


def any_proof(settings: Settings) -> bool:
    """Return whether one of several agreed proofs of a webhook's sender is enough."""
    return settings.webhook_proofs is WebhookProofs.ANY


def fake_with(
    fake: Callable[[], FakeGateway | ServedFakeGateway],
) -> Callable[[GatewayConfiguration], FakeGateway | ServedFakeGateway]:
    """Return what makes a gateway of a configuration where there is none to be configured."""
    return lambda _: fake()


def circuit_policy(settings: Settings) -> CircuitPolicy:
    """Return how much silence of the bank is borne before it is left alone."""
    open_for = timedelta(seconds=settings.gateway_open_for_seconds)
    return CircuitPolicy(
        failure_threshold=settings.gateway_failure_threshold,
        open_for=open_for,
        open_for_max=open_for * OPEN_FOR_GROWS_TO,
    )


def call_max(settings: Settings) -> timedelta:
    """
    Return how long the calls to the bank of one unit of work may take together: a request and two reads.

    Longer than this nobody works on one payment: locks and leases that rest on it may be taken over.
    """
    one_call = timedelta(
        seconds=settings.gateway_connect_timeout_seconds + settings.gateway_read_timeout_seconds
    )
    return 3 * one_call + CALL_SLACK


def kind_of(settings: Settings, *, fake_is_served: bool) -> str:
    """
    Return which adapter serves; the simulator speaks the bank's own protocol.

    The processes of a deployment call one fake gateway that is served; a test of use cases has one in its process.
    """
    if settings.gateway is not GatewayKind.FAKE:
        return "hdfc"
    return "served" if fake_is_served else "fake"


class Gateway(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    observe: providers.Dependency[Callable[[GatewayOperation, CallResult, int], None]] = (
        providers.Dependency()
    )
    watch: providers.Dependency[Watch] = providers.Dependency()
    configuration: providers.Dependency[CurrentConfiguration] = providers.Dependency()
    fake_is_served: providers.Dependency[bool] = providers.Dependency(instance_of=bool)

    hdfc_settings = providers.Singleton(
        hdfc_settings, settings, providers.Callable(bootstrap_configuration, settings)
    )
    client = providers.Singleton(new_client, hdfc_settings)
    fake = providers.Singleton(FakeGateway, environment=settings.provided.environment.value)
    served_client = providers.Singleton(new_fake_client, settings.provided.fake_gateway_url)
    served = providers.Singleton(
        ServedFakeGateway,
        client=served_client,
        environment=settings.provided.environment.value,
    )
    kind = providers.Callable(kind_of, settings, fake_is_served=fake_is_served)

    gateway_with = providers.Selector(
        kind,
        hdfc=providers.Singleton(partial, hdfc_gateway, settings, client),
        fake=providers.Singleton(fake_with, fake.provider),
        served=providers.Singleton(fake_with, served.provider),
    )
    adapter = providers.Selector(
        kind,
        hdfc=providers.Singleton(ConfiguredGateway, configuration, gateway_with),
        fake=fake,
        served=served,
    )
    gateway = providers.Singleton(
        CircuitBreakerGateway,
        gateway=adapter,
        circuit_policy=providers.Callable(circuit_policy, settings),
        now=providers.Object(time.monotonic),
        chance=providers.Object(SystemRandom().random),
        pause=providers.Object(asyncio.sleep),
        observe=observe,
        watch=watch,
    )
    session_suspended_for = providers.Singleton(
        partial, gateway.provided.suspended_for, GatewayOperation.CREATE_SESSION
    )
    read_suspended_for = providers.Singleton(
        partial, gateway.provided.suspended_for, GatewayOperation.READ_ORDER
    )
    messages = providers.Selector(
        kind,
        hdfc=providers.Singleton(
            ConfiguredMessages,
            configuration.provided.accepted,
            providers.Singleton(partial, hdfc_messages, settings),
        ),
        fake=fake,
        served=served,
    )
    report_client = providers.Selector(
        kind, hdfc=client, fake=providers.Object(None), served=providers.Object(None)
    )
    read_order = providers.Singleton(ReadOrder, gateway)
