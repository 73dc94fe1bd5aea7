"""The options of ``shulk simulator`` for the merchant's settings at the gateway."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import rich_click as click

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.fault_options import FAULT_OPTIONS, FaultOptions
from entrypoints.simulator.refund_script import RefundOutcome
from entrypoints.simulator.settlement_options import SETTLEMENT_OPTIONS, SettlementOptions

DEFAULTS: Final = SimulatorConfig()
LOOPBACK: Final = "127.0.0.1"


class Options(FaultOptions, SettlementOptions):
    host: str
    port: int
    public_url: str | None
    announce: Path | None
    tls_certificate: Path | None
    tls_key: Path | None
    quiet: bool
    merchant_id: str
    merchant_name: str
    api_key: str
    jwt_key_id: str | None
    jwt_merchant_public_key: Path | None
    jwt_bank_private_key: Path | None
    response_key: str
    payment_page_client_id: str
    dialect: str
    return_method: str
    double_encode: bool
    allow_return_query: bool
    amount_rule: bool
    order_lifetime_minutes: int
    webhook_url: str | None
    webhook_user: str
    webhook_password: str
    webhook_header: tuple[tuple[str, str], ...]
    webhook_signature: tuple[tuple[str, str], ...]
    webhook_retry_scale: float
    webhook_timeout: float
    webhook_filtered: bool
    auto_refund_late: bool
    refund_outcome: str
    refund_seconds: float
    refund_arn_seconds: float
    refund_duplicate_seconds: float


def address_option(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise click.BadParameter("give a whole http:// or https:// address")
    return value


def headers(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    pairs = tuple(
        (name.strip(), text.strip()) for name, _, text in (v.partition(":") for v in values)
    )
    for name, text in pairs:
        if not name or not text:
            raise click.BadParameter("write it as NAME:VALUE")
        if name.lower() == "authorization":
            raise click.BadParameter("Authorization carries the webhook credentials already")
    return pairs


OPTIONS: Final = (
    click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on."),
    click.option(
        "--port",
        default=8090,
        show_default=True,
        type=click.IntRange(0, 65535),
        help="0: any free port.",
    ),
    click.option(
        "--public-url",
        callback=address_option,
        help="Address that links carry, when it differs from host and port.",
    ),
    click.option(
        "--announce",
        type=click.Path(path_type=Path, dir_okay=False),
        help='Write {"url": ...} here once it answers.',
    ),
    click.option(
        "--tls-certificate",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Serve HTTPS with this PEM certificate.",
    ),
    click.option(
        "--tls-key",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Its key, PKCS#8 PEM.",
    ),
    click.option("--quiet", is_flag=True, help="Print nothing."),
    click.option("--merchant-id", default=DEFAULTS.merchant_id, show_default=True),
    click.option("--merchant-name", default="", help="Shown to payers; the merchant id otherwise."),
    click.option(
        "--api-key", default=DEFAULTS.api_key, show_default=True, help="Key of the order API."
    ),
    click.option("--jwt-key-id", help="Turns on JWT mode beside the API key: the id of its keys."),
    click.option(
        "--jwt-merchant-public-key",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Verifies the merchant's signatures; PEM.",
    ),
    click.option(
        "--jwt-bank-private-key",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Decrypts requests, and signs answers; PEM.",
    ),
    click.option(
        "--response-key", default=DEFAULTS.response_key, help="Signs returns; empty: unsigned."
    ),
    click.option(
        "--payment-page-client-id", default=DEFAULTS.payment_page_client_id, show_default=True
    ),
    click.option(
        "--dialect",
        default="json",
        show_default=True,
        type=click.Choice(["json", "xml", "form"]),
        help="Format of the order API's answers; control API and webhooks are JSON.",
    ),
    click.option(
        "--return-method",
        default="get",
        show_default=True,
        type=click.Choice(["get", "post"]),
        help="How the payer comes back.",
    ),
    click.option(
        "--double-encode/--single-encode",
        default=False,
        show_default=True,
        help="Percent-encode the return signature twice.",
    ),
    click.option(
        "--allow-return-query",
        is_flag=True,
        help="Accept a query string on return_url; it is signed too.",
    ),
    click.option(
        "--amount-rule",
        is_flag=True,
        help="When nothing else decides: below 500 paid, below 700 declined, else pending at first.",
    ),
    click.option(
        "--order-lifetime-minutes",
        default=DEFAULTS.order_lifetime_minutes,
        show_default=True,
        type=click.IntRange(1),
    ),
    click.option("--webhook-url", callback=address_option, help="Where events go; none: nowhere."),
    click.option("--webhook-user", default=DEFAULTS.webhook_user, show_default=True),
    click.option("--webhook-password", default=DEFAULTS.webhook_password),
    click.option(
        "--webhook-header",
        multiple=True,
        callback=headers,
        metavar="NAME:VALUE",
        help="Sent with every webhook; may be repeated.",
    ),
    click.option(
        "--webhook-signature",
        multiple=True,
        callback=headers,
        metavar="NAME:SECRET",
        help="Sign each webhook's body in this header: HMAC-SHA256, hex.",
    ),
    click.option(
        "--webhook-retry-scale",
        default=1.0,
        show_default=True,
        type=click.FloatRange(0),
        help="Factor on the retry table: 0.001 turns a minute into 60 ms.",
    ),
    click.option(
        "--webhook-timeout",
        default=DEFAULTS.webhook_timeout_seconds,
        show_default=True,
        type=click.FloatRange(0.01),
        help="Seconds.",
    ),
    click.option(
        "--webhook-filtered", is_flag=True, help='Personal fields of webhooks read "FILTERED".'
    ),
    click.option(
        "--auto-refund-late",
        is_flag=True,
        help="A payment after the order expired is refunded automatically (AUTO_REFUNDED).",
    ),
    click.option(
        "--refund-outcome",
        default=DEFAULTS.refund_script.outcome.value,
        show_default=True,
        type=click.Choice([each.value for each in RefundOutcome]),
        help="How refunds end when nothing else was planned for them.",
    ),
    click.option(
        "--refund-seconds",
        default=DEFAULTS.refund_script.seconds,
        show_default=True,
        type=click.FloatRange(0),
        help="Seconds a refund stays PENDING.",
    ),
    click.option(
        "--refund-arn-seconds",
        default=DEFAULTS.refund_script.arn_seconds,
        show_default=True,
        type=click.FloatRange(0),
        help="Seconds from its success to its ARN.",
    ),
    click.option(
        "--refund-duplicate-seconds",
        default=DEFAULTS.refund_duplicate_seconds,
        show_default=True,
        type=click.FloatRange(0),
        help="Seconds within which a pending refund of the same amount makes another a duplicate; 0: never.",
    ),
)


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add every option to *command*, in this order."""
    return reduce(
        lambda wrapped, option: option(wrapped),
        reversed((*OPTIONS, *SETTLEMENT_OPTIONS, *FAULT_OPTIONS)),
        command,
    )
