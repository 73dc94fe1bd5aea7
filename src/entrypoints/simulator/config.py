"""What one run of the stand-in SmartGateway agrees with its merchant beforehand."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from entrypoints.simulator.faults.fault_schedule import FaultRates
from entrypoints.simulator.formats import Dialect
from entrypoints.simulator.jwe import JweKeys
from entrypoints.simulator.orders.refunds import RefundScript


class ReturnMethod(StrEnum):
    GET = "get"
    POST = "post"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """
    The dashboard settings of the pretended merchant, and switches of the stand-in itself.

    Seconds, unless a name says otherwise. An empty ``response_key`` turns signed returns off;
    ``webhook_url`` none means that no webhook leaves unless a session names its own address. With
    ``auto_refund_late`` money that comes after an order expired goes straight back; ``refund_script`` is how
    refunds go for which nothing else was planned. Without ``seal_keys`` there is no JWT mode.
    """

    merchant_id: str = "SIMMERCHANT"
    merchant_name: str = ""
    api_key: str = field(default="sim_key", repr=False)
    response_key: str = field(default="SIMRESPONSEKEY00112233445566778899", repr=False)
    jwe_keys: JweKeys | None = field(default=None, repr=False)
    payment_page_client_id: str = "hdfcmaster"
    public_url: str = "http://127.0.0.1:8090"

    dialect: Dialect = Dialect.JSON
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

    fault_hold_seconds: float = 5.0
    fault_rates: FaultRates = field(default_factory=FaultRates)
    clock: Callable[[], datetime] = utc_now
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def shown_name(self) -> str:
        return self.merchant_name or self.merchant_id
