"""What any maker of return files must do."""

from io import BytesIO

import pytest

from domain.documents.tax_document import TaxDocument
from domain.gst_returns.gstr1 import Gstr1, ListedDocument, ReturnTally
from fakes.documents.issued import a_company, an_invoice, registered
from fakes.gst_returns.sample_month import NOVEMBER, sales
from ports.gst_returns.return_files import ReturnFiles, ReturnFormat, ReturnHead

HEAD = ReturnHead(seller=a_company().gstin, period=NOVEMBER, version="GST3.2.2")


def month() -> tuple[list[ListedDocument], Gstr1]:
    tally = ReturnTally(NOVEMBER)
    documents: list[TaxDocument] = [
        an_invoice(payment, sequence=number) for number, payment in enumerate(sales(), 1)
    ]
    lines = [tally.take(registered(document)) for document in documents]
    return [line for line in lines if line], tally.close([], tally.net)


class ReturnFilesContract:
    @pytest.mark.parametrize("form", ReturnFormat)
    def test_a_finished_return_is_there(self, files: ReturnFiles, form: ReturnFormat) -> None:
        """
        And the same figures make the same bytes.
        """
        lines, totals = month()
        copies = []
        for _ in range(2):
            to = BytesIO()
            with files.begin(form, HEAD, to) as file:
                for line in lines:
                    file.add(line)
                file.finish(totals)
            copies.append(to.getvalue())

        assert copies[0] == copies[1]
        assert copies[0]

    @pytest.mark.parametrize("form", ReturnFormat)
    def test_an_unfinished_return_leaves_nothing(
        self, files: ReturnFiles, form: ReturnFormat
    ) -> None:
        """
        Half a return must never be filed.
        """
        to = BytesIO()
        with files.begin(form, HEAD, to) as file:
            file.add(month()[0][0])

        assert to.getvalue() == b""
