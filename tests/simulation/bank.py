"""The bank of a life: the simulator on virtual time, with a schedule of faults drawn from the seed."""

import asyncio
from collections.abc import Callable, Container
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Final

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.faults.fault_schedule import AnyFault, FaultKind, FaultRates
from entrypoints.simulator.faults.settlement_faults import SettlementFault
from entrypoints.simulator.refund_script import RefundOutcome, RefundScript
from entrypoints.simulator.settlement.settlement_config import SettlementConfig
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

OF_FILES: Final = frozenset(
    {
        SettlementFault.FILE_CUT,
        SettlementFault.FILE_NO_TOTALS,
        SettlementFault.FILE_TOTALS,
        SettlementFault.FILE_NOT_READY,
        SettlementFault.PAGE_REPEAT,
    }
)
OF_CSV: Final = frozenset(
    {
        SettlementFault.FILE_BOM_CRLF,
        SettlementFault.FILE_EXCEL,
        SettlementFault.FILE_GROUPED,
        SettlementFault.FILE_TITLES,
        SettlementFault.FILE_SWAP_COLUMNS,
        SettlementFault.FILE_HOSTILE,
    }
)
"""How files are dressed; the reports that are fetched over HTTP are JSON."""

SETTLED_WRONG: Final = tuple(
    # A sale of which no webhook comes is found by asking all the same, so that nothing is left to be healed.
    each
    for each in SettlementFault
    if each not in OF_CSV | OF_FILES | {SettlementFault.LINE_UNSOLD}
)
WRONG_PART: Final = 0.5
"""In so many lives the bank makes mistakes when it pays out."""


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


def settlement_rates(draws: Random, left_out: Container[str]) -> dict[AnyFault, float]:
    """Return how often each mistake comes when the bank pays out, and in the reports of it."""
    if draws.random() > WRONG_PART:
        return {}
    rates: dict[AnyFault, float] = {}
    for kinds, part, often in ((SETTLED_WRONG, 0.3, (0.2, 0.6)), (sorted(OF_FILES), 0.1, (0.3,))):
        for kind in kinds:
            drawn, rate = draws.random(), draws.choice(often)
            if drawn < part and kind_name(kind) not in left_out:
                rates[kind] = rate
    return rates


def end_faults_of_calls(bank: SimulatedBank) -> None:
    """Let *bank* answer and call as it should; what it pays out and reports stays as it was drawn."""
    rates = bank.schedule.rates
    kept: dict[AnyFault, float] = {
        kind: rate for kind, rate in rates.rates.items() if isinstance(kind, SettlementFault)
    }
    bank.schedule.rates = replace(rates, rates=kept)


def kind_name(kind: AnyFault) -> str:
    """Return the name under which all faults of one kind can be left out."""
    return f"the bank's {kind.value}"


def opened_bank(
    network: Callable[[], Network],
    now: Callable[[], datetime],
    draws: Random,
    plan: Plan,
    settlements: tuple[Random, frozenset[date]],
) -> SimulatedBank:
    """
    Return the bank of the life of *plan*, without orders.

    *settlements* are what draws its mistakes when it pays out, and the holidays on which it does not.
    """
    rates = drawn_rates(draws, plan.seed, plan.left_out)
    wrong = settlement_rates(settlements[0], plan.left_out)
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
        fault_rates=replace(rates, rates={**rates.rates, **wrong}),
        settlement=SettlementConfig(holidays=settlements[1]),
        clock=now,
        pause=asyncio.sleep,
    )
    return new_bank(config, LineTransport(network, "bank>api"))
