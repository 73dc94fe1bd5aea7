"""The configuration of one run of the simulated SmartGateway."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from entrypoints.simulator.faults.fault_schedule import FaultRates
from entrypoints.simulator.jwe import JweKeys
from entrypoints.simulator.refund_script import RefundScript
from entrypoints.simulator.response_formats import ResponseFormat
from entrypoints.simulator.settlement.settlement_config import SettlementConfig


class ReturnMethod(StrEnum):
    GET = "get"
    POST = "post"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """
    The merchant's settings at the gateway, and switches of the simulator itself.

    Durations are in seconds, unless a name says otherwise.

    - An empty ``response_key`` turns signed returns off.
    - Without ``webhook_url`` a webhook is sent only when its session names an address.
    - With ``auto_refund_late`` a payment after the order's expiry is refunded automatically.
    - ``refund_script`` is how a refund goes when nothing else was planned for it.
    - Without ``jwe_keys`` there is no JWT mode.
    """

    merchant_id: str = "SIMMERCHANT"
    merchant_name: str = ""
    api_key: str = field(default="sim_key", repr=False)
    response_key: str = field(default="SIMRESPONSEKEY00112233445566778899", repr=False)
    jwe_keys: JweKeys | None = field(default=None, repr=False)
    payment_page_client_id: str = "hdfcmaster"
    public_url: str = "http://127.0.0.1:8090"

    response_format: ResponseFormat = ResponseFormat.JSON
    return_method: ReturnMethod = ReturnMethod.GET
    double_encode: bool = False
    return_query_allowed: bool = False
    amount_rule: bool = False
    amount_rule_pending_seconds: float = 20.0
    order_lifetime_minutes: int = 15

    webhook_url: str | None = None
    webhook_user: str = "simhook"
    webhook_password: str = field(default="simhookpass", repr=False)
    webhook_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    webhook_signature: tuple[str, str] | None = field(default=None, repr=False)
    webhook_retry_scale: float = 1.0
    webhook_timeout_seconds: float = 5.0
    webhook_filtered: bool = False

    auto_refund_late: bool = False
    refund_script: RefundScript = field(default_factory=RefundScript)
    refund_duplicate_seconds: float = 5.0
    settlement: SettlementConfig = field(default_factory=SettlementConfig)

    fault_hold_seconds: float = 5.0
    fault_rates: FaultRates = field(default_factory=FaultRates)
    clock: Callable[[], datetime] = utc_now
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def shown_name(self) -> str:
        return self.merchant_name or self.merchant_id
