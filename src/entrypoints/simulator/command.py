"""``shulk simulator``: a simulated SmartGateway on this machine, for people and for tests."""

import asyncio
import os
from pathlib import Path
from typing import Unpack

import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from entrypoints.simulator.config import ReturnMethod, SimulatorConfig
from entrypoints.simulator.faults.fault_schedule import FaultRates
from entrypoints.simulator.jwe import JweKeys, read_jwe_keys
from entrypoints.simulator.options import Options, with_options
from entrypoints.simulator.refund_script import RefundOutcome, RefundScript
from entrypoints.simulator.response_formats import ResponseFormat
from entrypoints.simulator.serving import serve_until_told
from entrypoints.simulator.settlement.fee_contract import FeeHeads
from entrypoints.simulator.settlement.settlement_config import SettlementConfig


@click.command("simulator", help="Run a simulated SmartGateway, for people and for tests.")
@with_options
def simulator(**options: Unpack[Options]) -> None:
    certificate, key = options["tls_certificate"], options["tls_key"]
    if (certificate is None) != (key is None):
        raise click.UsageError("--tls-certificate and --tls-key go together")

    config = config_from(options)

    def when_ready(url: str) -> None:
        if options["announce"] is not None:
            write_whole(options["announce"], msgspec.json.encode({"url": url}))
        if not options["quiet"]:
            Console().print(what_it_is(url, options))

    try:
        asyncio.run(
            serve_until_told(
                config,
                host=options["host"],
                port=options["port"],
                public_url=options["public_url"],
                tls=(certificate, key) if certificate and key else None,
                when_ready=when_ready,
            )
        )
    except OSError as error:
        raise click.ClickException(f"cannot listen: {error.strerror or error}") from error


def config_from(options: Options) -> SimulatorConfig:
    return SimulatorConfig(
        merchant_id=options["merchant_id"],
        merchant_name=options["merchant_name"],
        api_key=options["api_key"],
        jwe_keys=jwe_keys(options),
        response_key=options["response_key"],
        payment_page_client_id=options["payment_page_client_id"],
        response_format=ResponseFormat(options["dialect"]),
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
        settlement=SettlementConfig(
            after_working_days=options["settlement_days"],
            at=options["settlement_time"],
            holidays=options["holidays"],
            mdr=options["mdr"],
            fee_heads=FeeHeads(options["fee_heads"]),
            codes=options["mid_codes"],
            page_lines=options["settlement_page_lines"],
        ),
        fault_hold_seconds=options["fault_hold"],
        fault_rates=FaultRates(
            seed=options["fault_seed"],
            rates=options["fault"],
            latency_seconds=options["fault_latency"],
            hold_seconds=options["fault_hold"],
            webhook_delay_seconds=options["fault_webhook_delay"],
            pending_seconds=options["fault_pending"],
        ),
    )


def jwe_keys(options: Options) -> JweKeys | None:
    """Return the keys of JWT mode when all three options are given; raise a usage error when some are."""
    key_id = options["jwt_key_id"]
    merchant, bank = options["jwt_merchant_public_key"], options["jwt_bank_private_key"]
    if not any((key_id, merchant, bank)):
        return None
    if not key_id or merchant is None or bank is None:
        raise click.UsageError(
            "--jwt-key-id, --jwt-merchant-public-key and --jwt-bank-private-key go together"
        )
    try:
        return read_jwe_keys(key_id, merchant, bank)
    except (ValueError, TypeError, OSError):
        raise click.UsageError(
            "--jwt-merchant-public-key and --jwt-bank-private-key are RSA keys in PEM form, unencrypted"
        ) from None


def what_it_is(url: str, options: Options) -> Table:
    """Return what is printed at the start; it has no key or password."""
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]Simulated SmartGateway[/]", url)
    table.add_row("Merchant", options["merchant_id"])
    table.add_row("Webhooks to", options["webhook_url"] or "nowhere, unless a session says where")
    table.add_row("Test UPI IDs", "success@upi, failure@upi")
    table.add_row("Test cards", "4012 0000 0000 1097, 5204 7305 4100 0464 (OTP 000000)")
    table.add_row("Stop", "Ctrl-C")
    return table


def write_whole(path: Path, content: bytes) -> None:
    """Write atomically: a reader sees the whole content or no file."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
