"""Both makers of the files of a run keep the contract."""

import pytest

from adapters.spreadsheet.run_files import SpreadsheetRunFiles
from contracts.reconciliation.run_export_files_contract import RunExportFilesContract
from fakes.reconciliation.run_export_files import RememberedRunFiles


class TestRememberedRunFiles(RunExportFilesContract):
    @pytest.fixture
    def files(self) -> RememberedRunFiles:
        return RememberedRunFiles()


class TestSpreadsheetRunFiles(RunExportFilesContract):
    @pytest.fixture
    def files(self) -> SpreadsheetRunFiles:
        return SpreadsheetRunFiles()
