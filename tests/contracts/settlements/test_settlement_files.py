"""The reader by presets keeps the contracts of both ports."""

from typing import Final

import pytest

from adapters.settlement_files.presets import Presets
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.statement_reader import PresetStatementReader
from contracts.settlements.bank_statement_reader_contract import BankStatementReaderContract
from contracts.settlements.settlement_file_reader_contract import SettlementFileReaderContract

PRESETS: Final = Presets.shipped()


class TestPresetFileReader(SettlementFileReaderContract):
    @pytest.fixture
    def reader(self) -> PresetFileReader:
        return PresetFileReader(PRESETS)


class TestPresetStatementReader(BankStatementReaderContract):
    @pytest.fixture
    def statement_reader(self) -> PresetStatementReader:
        return PresetStatementReader(PRESETS)
