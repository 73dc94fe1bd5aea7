"""The bank of a life: the simulator on virtual time, with a schedule of faults drawn from the seed."""

import asyncio
from collections.abc import Callable, Container
from datetime import datetime
from random import Random
from typing import Final

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_schedule import AnyFault, FaultKind, FaultRates
from entrypoints.simulator.refund_script import RefundOutcome, RefundScript
from entrypoints.simulator.simulated_bank import SimulatedBank, new_bank
from simulation.network import LineTransport, Network
from simulation.plan import Plan

MERCHANT: Final = "SIMMERCHANT"
CLIENT_ID: Final = "hdfcmaster"
API_KEY: Final = "0123456789ABCDEF0123456789ABCDEF"
RESPONSE_KEY: Final = "FEDCBA9876543210FEDCBA9876543210"
HOOK_USER: Final = "simhook"
HOOK_PASSWORD: Final = "the-password-of-the-hook"
BANK_HOST: Final = "gateway.example.com"
API_HOST: Final = "fees.example.com"
BANK_URL: Final = f"https://{BANK_HOST}"
API_URL: Final = f"https://{API_HOST}"
NOT_DRAWN: Final = frozenset({FaultKind.WEBHOOK_TAMPER, FaultKind.RETURN_FORGED})
"""Drawn apart: a forger is no fault of the bank's."""


def drawn_rates(draws: Random, seed: int, left_out: Container[str]) -> FaultRates:
    """Return how often each fault of the bank comes in a life: in some lives none, in some many."""
    severity = draws.choice((0.0, 0.03, 0.1, 0.25))
    rates: dict[AnyFault, float] = {
        kind: severity * draws.uniform(0, 1) for kind in FaultKind if kind not in NOT_DRAWN
    }
    if severity:
        rates[FaultKind.WEBHOOK_TAMPER] = rates[FaultKind.RETURN_FORGED] = severity / 5
    rates = {kind: rate for kind, rate in rates.items() if kind_name(kind) not in left_out}
    return FaultRates(seed=seed, rates=rates, hold_seconds=draws.choice((2.0, 20.0, 40.0)))


def kind_name(kind: AnyFault) -> str:
    """Return the name under which all faults of one kind can be left out."""
    return f"the bank's {kind.value}"


def opened_bank(
    network: Callable[[], Network],
    now: Callable[[], datetime],
    draws: Random,
    plan: Plan,
) -> SimulatedBank:
    """Return the bank of the life of *plan*, without orders."""
    config = SimulatorConfig(
        merchant_id=MERCHANT,
        api_key=API_KEY,
        response_key=RESPONSE_KEY,
        payment_page_client_id=CLIENT_ID,
        public_url=BANK_URL,
        webhook_url=f"{API_URL}/api/payment/webhook",
        webhook_user=HOOK_USER,
        webhook_password=HOOK_PASSWORD,
        webhook_filtered=draws.random() < 0.5,
        auto_refund_late=draws.random() < 0.5,
        refund_script=RefundScript(
            outcome=draws.choice((RefundOutcome.SUCCESS,) * 4 + (RefundOutcome.FAILURE,)),
            seconds=draws.choice((0.0, 1.0, 60.0, 3600.0, 86_400.0)),
            arn_seconds=draws.choice((None, 1.0, 3600.0)),
        ),
        fault_rates=drawn_rates(draws, plan.seed, plan.left_out),
        clock=now,
        pause=asyncio.sleep,
    )
    return new_bank(config, LineTransport(network, "bank>api"))
