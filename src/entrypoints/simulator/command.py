"""``shulk simulator``: a stand-in SmartGateway on this machine, for people and for tests."""

import asyncio
import os
from pathlib import Path
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from entrypoints.simulator.config import ReturnMethod, SimulatorConfig
from entrypoints.simulator.dialects import Dialect
from entrypoints.simulator.refunds import RefundOutcome, RefundScript
from entrypoints.simulator.serving import serve_until_told

USUAL = SimulatorConfig()
LOOPBACK = "127.0.0.1"


class Options(TypedDict):
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
    fault_hold: float


def an_address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
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


@click.command("simulator", help=__doc__)
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8090,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0: any free port.",
)
@click.option(
    "--public-url",
    callback=an_address,
    help="Address that links carry, when it differs from host and port.",
)
@click.option(
    "--announce",
    type=click.Path(path_type=Path, dir_okay=False),
    help='Write {"url": ...} here once it answers.',
)
@click.option(
    "--tls-certificate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Serve HTTPS with this PEM certificate.",
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Its key, PKCS#8 PEM.",
)
@click.option("--quiet", is_flag=True, help="Print nothing.")
@click.option("--merchant-id", default=USUAL.merchant_id, show_default=True)
@click.option("--merchant-name", default="", help="Shown to payers; the merchant id otherwise.")
@click.option("--api-key", default=USUAL.api_key, show_default=True, help="Key of the order API.")
@click.option("--response-key", default=USUAL.response_key, help="Signs returns; empty: unsigned.")
@click.option("--payment-page-client-id", default=USUAL.payment_page_client_id, show_default=True)
@click.option(
    "--dialect",
    default="json",
    show_default=True,
    type=click.Choice(["json", "xml", "form"]),
    help="How the order API answers; control API and webhooks are JSON.",
)
@click.option(
    "--return-method",
    default="get",
    show_default=True,
    type=click.Choice(["get", "post"]),
    help="How the payer comes back.",
)
@click.option(
    "--double-encode/--single-encode",
    default=False,
    show_default=True,
    help="Percent-encode the return signature twice.",
)
@click.option(
    "--allow-return-query",
    is_flag=True,
    help="Accept a query string on return_url; it is signed too.",
)
@click.option(
    "--amount-rule",
    is_flag=True,
    help="Where nothing else decides: below 500 paid, below 700 declined, else pending at first.",
)
@click.option(
    "--order-lifetime-minutes",
    default=USUAL.order_lifetime_minutes,
    show_default=True,
    type=click.IntRange(1),
)
@click.option("--webhook-url", callback=an_address, help="Where events go; none: nowhere.")
@click.option("--webhook-user", default=USUAL.webhook_user, show_default=True)
@click.option("--webhook-password", default=USUAL.webhook_password)
@click.option(
    "--webhook-header",
    multiple=True,
    callback=headers,
    metavar="NAME:VALUE",
    help="Sent with every webhook; may be repeated.",
)
@click.option(
    "--webhook-signature",
    multiple=True,
    callback=headers,
    metavar="NAME:SECRET",
    help="Sign each webhook's body in this header: HMAC-SHA256, hex.",
)
@click.option(
    "--webhook-retry-scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0),
    help="Factor on the retry table: 0.001 turns a minute into 60 ms.",
)
@click.option(
    "--webhook-timeout",
    default=USUAL.webhook_timeout_seconds,
    show_default=True,
    type=click.FloatRange(0.01),
    help="Seconds.",
)
@click.option(
    "--webhook-filtered", is_flag=True, help='Personal fields of webhooks read "FILTERED".'
)
@click.option(
    "--auto-refund-late",
    is_flag=True,
    help="Money that comes after the order expired goes straight back (AUTO_REFUNDED).",
)
@click.option(
    "--refund-outcome",
    default=USUAL.refund_script.outcome.value,
    show_default=True,
    type=click.Choice([each.value for each in RefundOutcome]),
    help="Where refunds go that nothing else was planned for.",
)
@click.option(
    "--refund-seconds",
    default=USUAL.refund_script.seconds,
    show_default=True,
    type=click.FloatRange(0),
    help="Seconds a refund stays PENDING.",
)
@click.option(
    "--refund-arn-seconds",
    default=USUAL.refund_script.arn_seconds,
    show_default=True,
    type=click.FloatRange(0),
    help="Seconds from its success to its ARN.",
)
@click.option(
    "--refund-duplicate-seconds",
    default=USUAL.refund_duplicate_seconds,
    show_default=True,
    type=click.FloatRange(0),
    help="Seconds within which a pending refund of the same amount makes another a duplicate; 0: never.",
)
@click.option(
    "--fault-hold",
    default=USUAL.fault_hold_seconds,
    show_default=True,
    type=click.FloatRange(0, 120),
    help="Seconds that a planned time-out holds a connection.",
)
def simulator(**options: Unpack[Options]) -> None:
    certificate, key = options["tls_certificate"], options["tls_key"]
    if (certificate is None) != (key is None):
        raise click.UsageError("--tls-certificate and --tls-key go together")

    def when_ready(url: str) -> None:
        if options["announce"] is not None:
            write_whole(options["announce"], msgspec.json.encode({"url": url}))
        if not options["quiet"]:
            Console().print(what_it_is(url, options))

    try:
        asyncio.run(
            serve_until_told(
                config_from(options),
                host=options["host"],
                port=options["port"],
                public_url=options["public_url"],
                tls=(certificate, key) if certificate and key else None,
                when_ready=when_ready,
            )
        )
    except OSError as trouble:
        raise click.ClickException(f"cannot listen: {trouble.strerror or trouble}") from trouble


def config_from(options: Options) -> SimulatorConfig:
    return SimulatorConfig(
        merchant_id=options["merchant_id"],
        merchant_name=options["merchant_name"],
        api_key=options["api_key"],
        response_key=options["response_key"],
        payment_page_client_id=options["payment_page_client_id"],
        dialect=Dialect(options["dialect"]),
        return_method=ReturnMethod(options["return_method"]),
        double_encode=options["double_encode"],
        return_query_allowed=options["allow_return_query"],
        amount_rule=options["amount_rule"],
        order_lifetime_minutes=options["order_lifetime_minutes"],
        webhook_url=options["webhook_url"],
        webhook_user=options["webhook_user"],
        webhook_password=options["webhook_password"],
        webhook_headers=options["webhook_header"],
        webhook_signature=next(iter(options["webhook_signature"]), None),
        webhook_retry_scale=options["webhook_retry_scale"],
        webhook_timeout_seconds=options["webhook_timeout"],
        webhook_filtered=options["webhook_filtered"],
        auto_refund_late=options["auto_refund_late"],
        refund_script=RefundScript(
            outcome=RefundOutcome(options["refund_outcome"]),
            seconds=options["refund_seconds"],
            arn_seconds=options["refund_arn_seconds"],
        ),
        refund_duplicate_seconds=options["refund_duplicate_seconds"],
        fault_hold_seconds=options["fault_hold"],
    )


def what_it_is(url: str, options: Options) -> Table:
    """Return the first lines a person sees; no key or password is among them."""
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]Stand-in SmartGateway[/]", url)
    table.add_row("Merchant", options["merchant_id"])
    table.add_row("Webhooks to", options["webhook_url"] or "nowhere, unless a session says where")
    table.add_row("Test UPI IDs", "success@upi, failure@upi")
    table.add_row("Test cards", "4012 0000 0000 1097, 5204 7305 4100 0464 (OTP 000000)")
    table.add_row("Stop", "Ctrl-C")
    return table


def write_whole(path: Path, content: bytes) -> None:
    """Write so that a reader sees nothing or everything."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
