"""When the bank settles, as the settings say."""

from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.fee_contract import FeeContract
from domain.reconciliation.settlement_terms import SettlementTerms
from entrypoints.settings.settings import Settings


def settlement_terms_of(settings: Settings) -> SettlementTerms:
    """Return calendar, terms and grace of *settings*."""
    holidays = settings.bank_holidays_file
    return SettlementTerms(
        calendar=BankCalendar(version=holidays.version, holidays=frozenset(holidays.days)),
        terms=settings.settlement_terms,
        file_grace=settings.settlement_grace_days,
        credit_grace=settings.credit_grace_days,
    )


def agreement_of(settings: Settings) -> Agreement:
    """Return what was agreed with the bank."""
    by_method, codes = settings.settlement_mids, settings.merchant_codes
    shared, reserve = settings.settlement_shared_mids, settings.settlement_reserve_mids
    return Agreement(
        terms=settlement_terms_of(settings),
        fees=FeeContract(settings.fee_rates),
        mids=shared | reserve | {*by_method.values(), *codes.values()},
        mids_by_method=by_method,
        merchant_codes=codes,
        shared_mids=shared,
        reserve_mids=reserve,
    )
