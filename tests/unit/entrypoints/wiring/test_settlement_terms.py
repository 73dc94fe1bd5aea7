"""What the settings say of the bank is what a comparison goes by."""

from datetime import date

from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.statement_reader import PresetStatementReader
from entrypoints.settings.settings import VARIABLES, load_settings
from entrypoints.wiring.container import build
from entrypoints.wiring.settlement_terms import agreement_of

EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}


def test_an_agreement_knows_every_mid_that_a_setting_names() -> None:
    """
    A MID of a code or with a reserve is ours as well; terms, grace and rates are those that were set.
    """
    agreement = agreement_of(
        load_settings(
            EXAMPLE
            | {
                "SHULK_SETTLEMENT_MIDS": "UPI=SIM0001",
                "SHULK_MERCHANT_CODES": "SIMT90=SIM9001",
                "SHULK_SETTLEMENT_SHARED_MIDS": "SIM0002",
                "SHULK_SETTLEMENT_RESERVE_MIDS": "SIM0003",
                "SHULK_SETTLEMENT_TERMS": "*/*=2",
                "SHULK_CREDIT_GRACE_DAYS": "3",
                "SHULK_FEE_RATES": "NB=2",
            }
        )
    )

    assert agreement.mids == {"SIM0001", "SIM9001", "SIM0002", "SIM0003"}
    assert agreement.shared_mids == {"SIM0002"}
    assert agreement.reserve_mids == {"SIM0003"}
    assert agreement.terms.term_of("SIM0001", "UPI").working_days == 2
    assert agreement.terms.credit_due_on(date(2026, 11, 13)) == date(2026, 11, 18)
    assert agreement.fees.rate_on(date(2026, 11, 13), "NB").rate == 200


def test_files_and_statements_are_read_by_the_same_presets() -> None:
    """
    A layout of one's own counts for both.
    """
    container = build(load_settings(EXAMPLE))
    reconciliation = container.use_cases().reconciliation()

    files = reconciliation.compare_file().reader
    statements = reconciliation.compare_statement().reader

    assert isinstance(files, PresetFileReader)
    assert isinstance(statements, PresetStatementReader)
    assert files.presets_known is statements.presets_known
