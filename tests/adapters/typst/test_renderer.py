"""Documents on paper: all that the law asks for, in every script, and the same bytes each time."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings

from adapters.typst.amount_in_words import in_words
from adapters.typst.renderer import TypstRenderer
from domain.documents.document_snapshot import sha256_of, snapshot
from domain.documents.invoicing import credit_for
from domain.documents.tax_document import Cancellation, Particulars, RegisteredDocument, TaxDocument
from domain.money import Money
from domain.tax.gst import Buyer
from domain.tax.indian_states import indian_state
from fakes.clock import NOON
from fakes.documents.document_strategies import particulars
from fakes.documents.issued import (
    POLICY,
    a_buyer,
    a_company,
    an_invoice,
    numbered,
    paid_back,
    sold,
)
from ports.documents.document_renderer import Copy

KARNATAKA: Final = "29AABCE5678K1Z2"


@pytest.fixture(scope="module")
def renderer() -> TypstRenderer:
    return TypstRenderer("https://fees.example.com/")


def registered(document: TaxDocument) -> RegisteredDocument:
    return RegisteredDocument(document=document, sha256=sha256_of(snapshot(document)))


def a_note(rupees: str = "333.00") -> TaxDocument:
    invoice = an_invoice(sold(rupees="999.00"))
    back = paid_back(rupees)
    return numbered(credit_for(invoice, [], back, company=a_company(), policy=POLICY, at=NOON))


async def words_of(
    renderer: TypstRenderer, document: TaxDocument, copy: Copy = Copy.ORIGINAL
) -> str:
    pdf = await renderer.render(registered(document), copy)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return "\n".join(page.extract_text() for page in reader.pages)


async def test_an_invoice_says_what_rule_46_asks_for(renderer: TypstRenderer) -> None:
    """
    Supplier, number, date, recipient, SAC, description, value, discount, rate and tax by head, place
    of supply, reverse charge, whose copy; and the payment behind it.
    """
    bought = sold(rupees="11800.00", buyer=a_buyer("29", KARNATAKA))
    said = await words_of(renderer, an_invoice(bought))

    for particular in (
        "TAX INVOICE",
        "ORIGINAL FOR RECIPIENT",
        "Shulk Courses Private Limited",
        "1 Fee Street, Pune 411001",
        "GSTIN 27AAECD1234F1Z3",
        "PAN AAECD1234F",
        "CIN U80900MH2020PTC000001",
        "INV/2627/0000001",
        "3 August 2026",
        "Meera",
        f"GSTIN {KARNATAKA}",
        "2 Study Road",
        "Place of supply 29-Karnataka",
        "Reverse charge No",
        "All about algebra",
        "999293",
        "₹11,800.00",
        "₹10,000.00",
        "IGST 18 % 1,800.00",
        "Rupees Eleven Thousand Eight Hundred Only",
        str(bought.id),
        "633012345678",
        "3 August 2026, 17:30 IST",
        "needs no signature",
    ):
        assert particular in said


async def test_within_a_state_both_halves_stand_apart(renderer: TypstRenderer) -> None:
    """
    Rule 46(m): the amount by head, CGST and its second half each with its own rate.
    """
    said = await words_of(renderer, an_invoice(sold(rupees="999.00")))

    assert "Taxable value 846.62" in said
    assert "CGST 9 % 76.19" in said
    assert "SGST 9 % 76.19" in said
    assert "IGST" not in said


async def test_a_note_names_what_it_takes_back(renderer: TypstRenderer) -> None:
    """
    Rule 53(1A): nature, own number, the original's number and date, and each head that is credited.
    """
    said = await words_of(renderer, a_note())

    for particular in (
        "CREDIT NOTE",
        "CRN/2627/0000001",
        "Against INV/2627/0000001",
        "Dated 3 August 2026",
        "Taxable value 282.20",
        "CGST 9 % 25.40",
        "SGST 9 % 25.40",
        "₹333.00",
        "74332745123456789012345",
    ):
        assert particular in said


async def test_an_exempt_course_gets_a_bill_of_supply(renderer: TypstRenderer) -> None:
    """
    Rule 49: the value, and no word of a rate.
    """
    bill = an_invoice(sold(exempt=True, rate="0"))

    said = await words_of(renderer, bill, Copy.DUPLICATE)

    assert "BILL OF SUPPLY" in said
    assert "DUPLICATE FOR SUPPLIER" in said
    assert "no tax is charged" in said
    assert "CGST" not in said


async def test_the_same_document_makes_the_same_bytes(renderer: TypstRenderer) -> None:
    """
    From another compiler as well; each copy is a file of its own.
    """
    document = registered(an_invoice())
    first = await renderer.render(document, Copy.ORIGINAL)
    again = await TypstRenderer("https://fees.example.com").render(document, Copy.ORIGINAL)

    assert first == again
    assert first != await renderer.render(document, Copy.DUPLICATE)


async def test_a_reader_that_speaks_can_read_it(renderer: TypstRenderer) -> None:
    """
    Tagged, with title and language: PDF/UA-1 and PDF/A-2a, as the file says of itself.
    """
    pdf = await renderer.render(registered(an_invoice()), Copy.ORIGINAL)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root: Any = reader.root_object
    claims = reader.xmp_metadata

    assert str(root["/Lang"]) == "en-IN"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert reader.metadata is not None
    assert reader.metadata.title == "Tax invoice INV/2627/0000001"
    assert claims is not None
    written = claims.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in written
    assert "<pdfuaid:part>1</pdfuaid:part>" in written


@pytest.mark.parametrize(
    "name",
    ["अपर्णा कृष्णमूर्ति", "ஸ்ரீ கௌதமன்", "সুব্রত", "తెలుగు శ్రీ", "ಕನ್ನಡ", "മലയാളം", "ગુજરાતી", "ਪੰਜਾਬੀ", "ଓଡ଼ିଆ"],
)
async def test_names_in_the_scripts_of_india_have_their_letters(
    renderer: TypstRenderer, name: str
) -> None:
    """
    A letter that no font has would be drawn as an empty box, and PDF/A refuses it.
    """
    named = Buyer(name=name, state=indian_state("29"))

    pdf = await renderer.render(registered(an_invoice(sold(buyer=named))), Copy.ORIGINAL)
    resources: Any = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]
    fonts = {str(font.get_object()["/BaseFont"]) for font in resources["/Font"].values()}

    assert any("Kurinto" in font for font in fonts)


async def test_markup_in_a_name_stays_text(renderer: TypstRenderer) -> None:
    """
    What a buyer writes is never a program of the typesetter.
    """
    written = '#emph[x] *b* $x^2$ @ref <l> `c` \\ #read("/etc/passwd") "]'
    named = replace(a_buyer("29"), name=written)

    said = await words_of(renderer, an_invoice(sold(buyer=named)))

    assert written.replace(" ", "") in "".join(said.split())


async def test_letters_that_no_font_draws_stop_nothing(
    renderer: TypstRenderer, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The document is made all the same, tagged but not archival, and the log says so without the name.
    """
    named = replace(a_buyer("29"), name="Meera \U0001f600 漢字")

    pdf = await renderer.render(registered(an_invoice(sold(buyer=named))), Copy.ORIGINAL)
    root: Any = pypdf.PdfReader(io.BytesIO(pdf)).root_object

    assert "/StructTreeRoot" in root
    assert [record.message for record in caplog.records] == ["document.not_archival"]


async def test_a_long_name_wraps(renderer: TypstRenderer) -> None:
    """
    A hundred letters without a space stay within their box, on one page.
    """
    named = replace(a_buyer("29"), name="W" * 100, address="M" * 300)

    pdf = await renderer.render(registered(an_invoice(sold(buyer=named))), Copy.ORIGINAL)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    lines = reader.pages[0].extract_text().splitlines()

    assert len(reader.pages) == 1
    assert "".join(line for line in lines if set(line) == {"W"}) == "W" * 100
    assert "W" * 100 not in lines


async def test_a_cancelled_document_says_so(renderer: TypstRenderer) -> None:
    """
    Its number stays in the register, and nobody can take the paper for a valid one.
    """
    void = replace(
        registered(an_invoice()),
        cancelled=Cancellation(at=NOON + timedelta(days=1), why="wrong buyer"),
    )

    pdf = await renderer.render(void, Copy.ORIGINAL)

    assert "CANCELLED" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(said=particulars())
async def test_every_document_can_be_put_on_paper(
    renderer: TypstRenderer, said: Particulars
) -> None:
    """
    Whatever may be registered, PDF/A and PDF/UA take it.
    """
    pdf = await renderer.render(registered(numbered(said)), Copy.ORIGINAL)

    assert pdf.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("rupees", "words"),
    [
        ("10.00", "Rupees Ten Only"),
        ("11208.82", "Rupees Eleven Thousand Two Hundred Eight and Paise Eighty Two Only"),
        ("500000.00", "Rupees Five Lakh Only"),
        ("100000.01", "Rupees One Lakh and Paise One Only"),
    ],
)
def test_amounts_in_words(rupees: str, words: str) -> None:
    """
    In the Indian system, lakh and not hundred thousand.
    """
    assert in_words(Money.from_rupees(rupees)) == words
