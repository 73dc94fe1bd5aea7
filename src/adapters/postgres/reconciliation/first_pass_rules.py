"""What was agreed with the bank as arrays that a statement joins: fees by method and day, cut-offs by method."""

from collections import defaultdict
from datetime import date, time

from domain.reconciliation.evidence import Agreement
from domain.reconciliation.fee_contract import FeeContract, FeeRate


def rules_of(agreement: Agreement) -> dict[str, object]:
    """Return the values by which the first pass compares fees and counts business days."""
    rates = [(rate, until) for rate, until in _spans(agreement.fees) if rate.valid_from < until]
    cut_offs = _cut_offs(agreement)
    return {
        "methods": [rate.method for rate, _ in rates],
        "since": [rate.valid_from for rate, _ in rates],
        "until": [until for _, until in rates],
        "rates": [rate.rate for rate, _ in rates],
        "gst_rates": [rate.gst_rate for rate, _ in rates],
        "exempt": [rate.exempt_up_to_paise for rate, _ in rates],
        "cut_off_methods": list(cut_offs),
        "cut_offs": list(cut_offs.values()),
        "usual_cut_off": agreement.terms.term_of(None, None).cut_off,
        "mids": sorted(agreement.mids),
        "hold_words": sorted(agreement.hold_words),
    }


def _spans(contract: FeeContract) -> list[tuple[FeeRate, date]]:
    """Return each rate with the day from which the next one of its method holds."""
    by_method: dict[str, dict[date, FeeRate]] = defaultdict(dict)
    for rate in contract.rates:
        # Of two rates from the same day the contract takes the first.
        by_method[rate.method].setdefault(rate.valid_from, rate)
    spans = []
    for rates in by_method.values():
        days = sorted(rates)
        for day, until in zip(days, [*days[1:], date.max], strict=True):
            spans.append((rates[day], until))
    return spans


def _cut_offs(agreement: Agreement) -> dict[str, time]:
    """Return the cut-off of each method that is named anywhere; empty is the one of which the books know none."""
    terms, mids = agreement.terms, agreement.mids_by_method
    named = {*mids, *(method for _, method in terms.terms if method), ""}
    return {each: terms.term_of(mids.get(each), each or None).cut_off for each in sorted(named)}
