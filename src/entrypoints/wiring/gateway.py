"""Which gateway takes the money: the bank's, the simulator in its place, or the fake one in our process."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import SystemRandom
from typing import Final
from urllib.parse import urljoin

from dependency_injector import containers, providers

from adapters.breaker.circuit import CircuitPolicy
from adapters.breaker.gateway import CircuitBreakerGateway, Watch
from adapters.fake.gateway import FakeGateway
from adapters.hdfc.inbound.gateway_messages import HdfcMessages, SecretHeader, WebhookCredentials
from adapters.hdfc.inbound.webhook_signature import BodySignature
from adapters.hdfc.outbound.gateway import HdfcGateway
from adapters.hdfc.outbound.transport import new_client
from adapters.hdfc.settings import HdfcSettings
from application.order_status.read_order import ReadOrder
from entrypoints.settings.settings import GatewayKind, Settings, WebhookProofs
from entrypoints.wiring.gateway_auth import authentication
from ports.monitoring.gateway_calls import CallResult
from ports.payments.payment_gateway import GatewayOperation

OPEN_FOR_GROWS_TO: Final = 6
"""How much longer than the first the longest rest is."""

CALL_SLACK: Final = timedelta(seconds=30)
CALLBACK_PATH: Final = "api/payment/callback"


def hdfc_settings(settings: Settings) -> HdfcSettings:
    """Return what the SmartGateway adapter needs of *settings*."""
    return HdfcSettings(
        base_url=settings.gateway_url or "",
        merchant_id=settings.merchant_id,
        auth=authentication(settings),
        payment_page_client_id=settings.payment_page_client_id,
        version=settings.gateway_version,
        return_url=urljoin(settings.public_url.rstrip("/") + "/", CALLBACK_PATH),
        response_key=settings.response_key,
        payment_hosts=settings.payment_hosts,
        connect_timeout=timedelta(seconds=settings.gateway_connect_timeout_seconds),
        read_timeout=timedelta(seconds=settings.gateway_read_timeout_seconds),
    )


def webhook_credentials(settings: Settings) -> tuple[WebhookCredentials, ...]:
    """Return the one or two pairs that are valid now."""
    pairs = (
        (settings.webhook_user, settings.webhook_password),
        (settings.webhook_next_user, settings.webhook_next_password),
    )
    return tuple(
        WebhookCredentials(user=user, password=password)
        for user, password in pairs
        if user and password
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


def kind_of(settings: Settings) -> str:
    """Return which adapter serves; the simulator speaks the bank's own protocol."""
    return "fake" if settings.gateway is GatewayKind.FAKE else "hdfc"


class Gateway(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    observe: providers.Dependency[Callable[[GatewayOperation, CallResult, int], None]] = (
        providers.Dependency()
    )
    watch: providers.Dependency[Watch] = providers.Dependency()

    hdfc_settings = providers.Singleton(hdfc_settings, settings)
    client = providers.Singleton(new_client, hdfc_settings)
    fake = providers.Singleton(FakeGateway, environment=settings.provided.environment.value)
    kind = providers.Callable(kind_of, settings)

    adapter = providers.Selector(
        kind, hdfc=providers.Singleton(HdfcGateway, hdfc_settings, client), fake=fake
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
            HdfcMessages,
            settings=hdfc_settings,
            credentials=providers.Callable(webhook_credentials, settings),
            secret_header=providers.Callable(secret_header, settings),
            body_signature=providers.Callable(body_signature, settings),
            any_proof=providers.Callable(any_proof, settings),
        ),
        fake=fake,
    )
    report_client = providers.Selector(kind, hdfc=client, fake=providers.Object(None))
    read_order = providers.Singleton(ReadOrder, gateway)
