"""What every reader of bank statements has to keep: the samples, exactly, and only our account."""

from io import BytesIO

import pytest

from contracts.settlements.sampled import STATEMENTS, sample
from domain.settlements.bank_statement import NarratedDay
from ports.settlements.bank_statement_reader import BankStatementReader
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused


class BankStatementReaderContract:
    @pytest.mark.parametrize("name", STATEMENTS)
    def test_a_sample_is_read_exactly(
        self, name: str, statement_reader: BankStatementReader
    ) -> None:
        """
        Entries, both balances, and that they follow.
        """
        expected = sample(name)
        report = statement_reader.read(BytesIO(expected.path.read_bytes()), name)
        (statement,) = report.statements

        assert [
            {
                "entry_no": entry.entry_no,
                "booked_on": entry.booked_on.isoformat(),
                "value_on": entry.value_on.isoformat(),
                "narration": entry.narration,
                "reference": entry.reference,
                "amount_paise": entry.amount.paise,
            }
            for entry in statement.entries
        ] == expected.parse["entries"]
        assert statement.opening.paise == expected.parse["opening_balance_paise"]
        assert statement.closing.paise == expected.parse["closing_balance_paise"]
        assert report.balances_follow == expected.parse["balances_follow"]
        assert not report.is_held
        assert report.format.preset == expected.preset
        assert report.format.newline == expected.parse["newline"]
        assert report.padded_with_spaces == expected.parse.get("padded_with_spaces", False)
        assert report.format.header_line == expected.parse.get("header_line")

    @pytest.mark.parametrize("name", STATEMENTS)
    def test_the_narration_of_a_payout_is_understood(
        self, name: str, statement_reader: BankStatementReader
    ) -> None:
        """
        The bank's code of the merchant, and whether the day is the payout's or the sales'.
        """
        report = statement_reader.read(BytesIO(sample(name).path.read_bytes()), name)
        (statement,) = report.statements
        told = [
            entry.narrated and (entry.narrated.merchant_code, entry.narrated.day_is)
            for entry in statement.entries
        ]

        assert told == [
            ("SIM001", NarratedDay.SETTLED_ON),
            ("SIM001", NarratedDay.SETTLED_ON),
            ("SIMT90", NarratedDay.SALES),
            None,
            None,
        ]

    def test_another_account_is_refused(self, statement_reader: BankStatementReader) -> None:
        """
        By its number, with or without the code of the bank; never attached by habit.
        """
        name = "12-bank-statement.mt940"
        content = sample(name).path.read_bytes()

        assert statement_reader.read(BytesIO(content), name, account="50200000000001").statements
        with pytest.raises(SettlementFileRefused) as refused:
            statement_reader.read(BytesIO(content), name, account="50200000000002")
        assert refused.value.reason is FileRefusal.ANOTHER_ACCOUNT
