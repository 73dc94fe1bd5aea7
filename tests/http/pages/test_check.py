"""The page behind a document's QR code says what we issued, and nothing about whom it is for."""

import pytest

from domain.documents.invoicing import invoice_for
from domain.documents.tax_document import Cancellation, Particulars, RegisteredDocument
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_buyer, a_company, sold
from worlds.http import Client, HttpWorld

KARNATAKA = "29AABCE5678K1Z2"


async def issued(world: HttpWorld, said: Particulars) -> RegisteredDocument:
    async with world.memory.unit_of_work() as work:
        work.documents.register.issue(said)
    (kept,) = await world.memory.documents.of_payment(said.payment.order)
    return kept


def an_invoice() -> Particulars:
    return invoice_for(sold(buyer=a_buyer("29", KARNATAKA)), a_company(), POLICY, NOON)


async def test_the_paper_can_be_checked(client: Client, world: HttpWorld) -> None:
    """
    Kind, number, date, total, issuer and hash, for anybody who holds it.
    """
    kept = await issued(world, an_invoice())

    answer = await client.get(f"/check/{kept.sha256}")

    assert answer.status_code == 200
    for shown in (
        "We issued this document",
        "Tax invoice",
        "INV/2627/0000001",
        "3 August 2026",
        "₹11,800.00",
        "Shulk Courses Private Limited",
        "27AAECD1234F1Z3",
        kept.sha256,
    ):
        assert shown in answer.text


async def test_nobody_learns_whom_it_is_for(client: Client, world: HttpWorld) -> None:
    """
    No name, address, GSTIN or State of the buyer, no course and no payment.
    """
    said = an_invoice()
    kept = await issued(world, said)

    text = (await client.get(f"/check/{kept.sha256}")).text

    for hidden in ("Meera", "2 Study Road", KARNATAKA, "Karnataka", said.description):
        assert hidden not in text
    assert said.payment.order not in text
    assert 'content="noindex"' in text


async def test_a_cancelled_document_says_so(client: Client, world: HttpWorld) -> None:
    """
    A void invoice is still ours, and nothing can be claimed by it.
    """
    kept = await issued(world, an_invoice())
    async with world.memory.unit_of_work() as work:
        work.documents.register.cancel(kept.document, Cancellation(at=NOON, why="wrong buyer"))

    text = (await client.get(f"/check/{kept.sha256}")).text

    assert "This document was cancelled" in text
    assert "We issued this document" not in text
    assert "wrong buyer" not in text


@pytest.mark.parametrize("address", ["0" * 64, "0", "INV", "A" * 64, "'%20OR%201=1"])
async def test_another_address_leads_nowhere(
    client: Client, world: HttpWorld, address: str
) -> None:
    """
    A guess is not found, whatever it looks like.
    """
    await issued(world, an_invoice())

    assert (await client.get(f"/check/{address}")).status_code == 404
