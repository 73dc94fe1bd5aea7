"""What SQL is told of the bank's calendar."""

import json
from datetime import UTC, date, datetime, time

from adapters.postgres.invariants.settlement_days import settlement_days
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.settlement_terms import SettlementTerm, SettlementTerms

MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)


def test_each_method_has_its_due_days() -> None:
    """
    By its MID and term, with the grace; the later day where a cut-off parts a day in two.
    """
    terms = SettlementTerms(
        calendar=BankCalendar(version="test", holidays=frozenset({date(2026, 11, 10)})),
        terms={
            (None, "CARD"): SettlementTerm(working_days=2),
            ("SIM0001", None): SettlementTerm(cut_off=time(23)),
        },
        file_grace=1,
    )
    agreement = Agreement(
        terms=terms, mids=frozenset({"SIM9001", "SIM0001"}), mids_by_method={"UPI": "SIM0001"}
    )

    told = json.loads(settlement_days(agreement, MONDAY))

    friday = {
        each["method"]: (each["mid"], each["due_on"], each["in_time"])
        for each in told["due"]
        if each["day"] == "2026-11-13"
    }
    assert friday == {
        "": (None, "2026-11-16", "2026-11-17"),
        "CARD": (None, "2026-11-17", "2026-11-18"),
        "UPI": ("SIM0001", "2026-11-16", "2026-11-17"),
    }
    thursday = [
        e["due_on"] for e in told["due"] if (e["method"], e["day"]) == ("UPI", "2026-11-12")
    ]
    assert thursday == ["2026-11-16"]
    assert told["first"] == "2026-10-05"
    assert told["mids"] == ["SIM0001", "SIM9001"]
    assert told["closed"][-4:] == ["2026-11-08", "2026-11-10", "2026-11-14", "2026-11-15"]
    assert len(told["due"]) == 3 * 43
