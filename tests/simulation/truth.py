"""What the reconciliation has found, beside what went wrong at the bank: no more and no less."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.taxonomy import Cause
from entrypoints.simulator.orders.refunds import RefundStatus
from entrypoints.simulator.settlement.truth import to_find
from entrypoints.simulator.simulated_bank import SimulatedBank
from fakes.store import Store

Told = tuple[str, str, str, str, int]
"""A discrepancy: type, cause, subject, ref, difference in paise; without names that only one side has."""


WITHOUT_CREDIT: Final = Cause.SETTLEMENT_WITHOUT_CREDIT


def untrue(store: Store, bank: SimulatedBank, last: date) -> Iterator[str]:
    """Yield what was not found by the end of *last*, and what was found and is not wrong."""
    wrong = Counter(
        (each.type, each.cause, each.subject, each.ref, each.difference)
        for each in (found.discrepancy for found in to_find(bank.settlements, last))
    )
    told_until = [each.last_day for each in store.bank_statements.values() if each.last_day]
    if not told_until or max(told_until) < last:
        # A statement without an entry may not say of which days it is, and then nothing is missing in it.
        wrong = Counter({each: wrong[each] for each in wrong if each[1] != WITHOUT_CREDIT})
    files, found = set(store.settlement_files), store.discrepancies.values()
    outside = refunds_outside(store, bank)
    open_now = Counter(_told(each, files) for each in found if each.state.is_open)
    for what in [each for each in open_now if each[1] == Cause.REFUND_MADE_OUTSIDE]:
        open_now[what] -= outside[-what[-1]]
    yield from differing(
        wrong,
        +open_now,
        Counter(_told(each, files) for each in found if _is_decided(each)),
    )


def refunds_outside(store: Store, bank: SimulatedBank) -> Counter[int]:
    """Return the amounts of refunds that the bank made by itself and our books could not take; a person knows it."""
    ours = {refund.id for payment in store.payments.values() for refund in payment.refunds}
    return Counter(
        int(refund.amount * 100)
        for order in bank.orders
        for refund in order.refunds
        if refund.status is RefundStatus.SUCCESS and refund.unique_request_id not in ours
    )


def differing(wrong: Counter[Told], found: Counter[Told], decided: Counter[Told]) -> Iterator[str]:
    """
    Yield how what is *wrong* at the bank differs from what was *found* and is open.

    What was *decided* had been found; if the bank has put it right meanwhile, that is no mistake.
    """
    for what in (wrong - found - decided).elements():
        yield f"{_words(what)} is wrong at the bank, and was not found"
    for what in (found - wrong).elements():
        yield f"{_words(what)} was found, and is not wrong at the bank"


def _is_decided(discrepancy: Discrepancy) -> bool:
    """Whether a person has ended it, or nothing was left to decide when it was found."""
    is_resolved = discrepancy.state is DiscrepancyState.RESOLVED
    return is_resolved or (not discrepancy.state.is_open and discrepancy.finding.is_explained)


def _told(discrepancy: Discrepancy, files: Collection[str]) -> Told:
    finding = discrepancy.finding
    ref = "" if finding.ref in files or finding.ref.startswith("line ") else finding.ref
    if finding.subject == "bank_credit":
        ref = ref.partition("/")[0]
    kind = (finding.type.value, finding.cause.value, finding.subject.value)
    return (*kind, ref, finding.difference_paise)


def _words(told: Told) -> str:
    kind, cause, subject, ref, difference = told
    return f"{kind}, {cause} of {subject} {ref} by {difference} paise"
