"""Create ids that nobody can guess: of payments and refunds, which the bank uses as well, and of runs."""

import base64
import secrets
from typing import Final

from domain.identifiers import (
    PAYMENT_ID_CHARS,
    PAYMENT_ID_PREFIX,
    PAYMENT_ID_RANDOM_CHARS,
    REFUND_ID_PREFIX,
    PaymentId,
    RefundId,
)
from domain.monitoring.alert_case import ALERT_ID_PREFIX, AlertId
from domain.reconciliation.run import RUN_ID_PREFIX, RunId
from domain.sign_in.server_key import KEY_ID_PREFIX, KEY_SECRET_CHARS, ServerKeyId
from domain.webhooks.platform_endpoint import ENDPOINT_ID_PREFIX, EndpointId

WEBHOOK_MARK: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_payment_id() -> PaymentId:
    """Return a fresh id of 90 random bits."""
    return PaymentId(PAYMENT_ID_PREFIX + _drawn())


def new_refund_id() -> RefundId:
    """Return a fresh id of 90 random bits."""
    return RefundId(REFUND_ID_PREFIX + _drawn())


def new_run_id() -> RunId:
    """Return a fresh id of 90 random bits."""
    return RunId(RUN_ID_PREFIX + _drawn())


def new_alert_id() -> AlertId:
    """Return a fresh id of 90 random bits."""
    return AlertId(ALERT_ID_PREFIX + _drawn())


def new_endpoint_id() -> EndpointId:
    """Return a fresh id of 90 random bits."""
    return EndpointId(ENDPOINT_ID_PREFIX + _drawn())


def new_webhook_secret() -> str:
    """Return a fresh secret of 256 bits as Standard Webhooks writes one."""
    return WEBHOOK_MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_server_key_id() -> ServerKeyId:
    """Return a fresh id of 90 random bits."""
    return ServerKeyId(KEY_ID_PREFIX + _drawn())


def new_server_key_secret() -> str:
    """Return the secret part of a fresh server key: 260 random bits."""
    return _drawn(KEY_SECRET_CHARS)


def _drawn(count: int = PAYMENT_ID_RANDOM_CHARS) -> str:
    return "".join(secrets.choice(PAYMENT_ID_CHARS) for _ in range(count))
