"""Both makers of return files keep the contract."""

import pytest

from adapters.spreadsheet.return_files import SpreadsheetReturnFiles
from contracts.gst_returns.return_files_contract import ReturnFilesContract
from fakes.gst_returns.return_files import RememberedFiles


class TestRememberedFiles(ReturnFilesContract):
    @pytest.fixture
    def files(self) -> RememberedFiles:
        return RememberedFiles()


class TestSpreadsheetReturnFiles(ReturnFilesContract):
    @pytest.fixture
    def files(self) -> SpreadsheetReturnFiles:
        return SpreadsheetReturnFiles()
