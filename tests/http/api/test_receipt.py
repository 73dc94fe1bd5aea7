"""A student downloads their invoice and credit notes, staff anybody's; nobody else learns that there are any."""

import pytest
from httpx import Response

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from ports.alerts import AlertKind
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash
from worlds.http import Client, HttpWorld, begun_payment, problem, signed_in

INVOICE = "INV/2627/0000001"


async def sold(client: Client, world: HttpWorld, **wanted: str) -> str:
    """Return a payment of Asha's that opened a course, nothing of it issued yet."""
    payment = await begun_payment(client, world.bearer(), **wanted)
    if world.memory.store.payments[PaymentId(payment)].state.is_live:
        world.pay(payment)
        await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    return payment


async def filed(client: Client, world: HttpWorld) -> str:
    payment = await sold(client, world)
    await world.file_due_documents()
    return payment


async def fetched(
    client: Client,
    world: HttpWorld,
    payment: str,
    *,
    query: str = "",
    who: str = "asha",
    role: str = "student",
    **headers: str,
) -> Response:
    asked = f"/api/payment/receipt/{payment}{query}"
    return await client.get(asked, headers=world.bearer(who, role) | headers)


async def test_a_student_downloads_their_invoice(client: Client, world: HttpWorld) -> None:
    """
    The bytes that were filed, as a file with the document's number for a name, kept by nobody else.
    """
    payment = await filed(client, world)

    answer = await fetched(client, world, payment)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="INV-2627-0000001.pdf"'
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["etag"].strip('"') in world.shelf.files
    assert answer.content == world.shelf.files[FileHash(answer.headers["etag"].strip('"'))]
    assert answer.content.startswith(b"%PDF-")
    assert b"original" in answer.content


async def test_the_session_cookie_will_do(client: Client, world: HttpWorld) -> None:
    """
    A link on the result page is all it takes.
    """
    payment = await filed(client, world)
    await signed_in(client, world)

    answer = await client.get(f"/api/payment/receipt/{payment}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")


async def test_what_the_browser_has_is_not_sent_again(client: Client, world: HttpWorld) -> None:
    """
    Nor fetched from the store; an ETag of something else changes nothing.
    """
    payment = await filed(client, world)
    tag = (await fetched(client, world, payment)).headers["etag"]
    world.shelf.away = True

    again = await fetched(client, world, payment, **{"If-None-Match": f'W/"x", {tag}'})

    assert (again.status_code, again.content) == (304, b"")
    assert (again.headers["etag"], again.headers["cache-control"]) == (tag, "private, no-cache")
    world.shelf.away = False
    other = await fetched(client, world, payment, **{"If-None-Match": f'"{"0" * 64}"'})
    assert other.status_code == 200


@pytest.mark.parametrize("role", ["support", "finance", "admin"])
@pytest.mark.parametrize("copy", Copy)
async def test_staff_download_either_copy(
    client: Client, world: HttpWorld, role: str, copy: Copy
) -> None:
    """
    Of anybody's payment; the supplier's copy says so in its name.
    """
    payment = await filed(client, world)

    answer = await fetched(client, world, payment, query=f"?copy={copy}", who="mira", role=role)

    assert answer.status_code == 200, answer.text
    mark = "-duplicate" if copy is Copy.DUPLICATE else ""
    assert f'"INV-2627-0000001{mark}.pdf"' in answer.headers["content-disposition"]
    assert copy.value.encode() in answer.content


async def test_the_suppliers_copy_is_not_the_students(client: Client, world: HttpWorld) -> None:
    """
    Rule 48(2) gives the recipient the original.
    """
    payment = await filed(client, world)

    problem(await fetched(client, world, payment, query="?copy=duplicate"), 403, "not-allowed")


async def test_a_credit_note_is_asked_for_by_its_number(client: Client, world: HttpWorld) -> None:
    """
    As the payment's status names it.
    """
    payment = await filed(client, world)
    await world.refund_at_bank(payment)
    await world.file_due_documents()
    known = (await client.get(f"/api/payment/status/{payment}", headers=world.bearer())).json()
    assert (known["invoice_number"], known["credit_note_numbers"]) == (
        INVOICE,
        ["CRN/2627/0000001"],
    )

    note = await fetched(client, world, payment, query="?number=CRN/2627/0000001")
    invoice = await fetched(client, world, payment, query=f"?number={INVOICE}")

    assert '"CRN-2627-0000001.pdf"' in note.headers["content-disposition"]
    assert '"INV-2627-0000001.pdf"' in invoice.headers["content-disposition"]


@pytest.mark.parametrize("number", ["INV/2627/0000002", "CRN/2627/0000001", "1", "../x", "%00"])
async def test_another_number_leads_nowhere(client: Client, world: HttpWorld, number: str) -> None:
    """
    Not to another payment's document, nor to anything outside the register.
    """
    payment = await filed(client, world)

    problem(await fetched(client, world, payment, query=f"?number={number}"), 404, "not-found")


@pytest.mark.parametrize("query", ["", f"?number={INVOICE}"])
async def test_a_stranger_cannot_tell_an_invoice_from_none(
    client: Client, world: HttpWorld, query: str
) -> None:
    """
    The answers differ in nothing but the id that was asked for.
    """
    payment, nothing = await filed(client, world), "SK" + "A" * 18

    theirs, none = [
        await fetched(client, world, each, query=query, who="ravi") for each in (payment, nothing)
    ]

    problem(theirs, 404, "not-found")
    told = [each.text.replace(each.json()["request_id"], "") for each in (theirs, none)]
    assert told[0].replace(payment, nothing) == told[1]


async def test_nobody_gets_nothing(client: Client, world: HttpWorld) -> None:
    """
    Without a token there is no document.
    """
    payment = await filed(client, world)

    problem(await client.get(f"/api/payment/receipt/{payment}"), 401, "not-signed-in")


async def test_a_document_that_is_due_is_on_its_way(client: Client, world: HttpWorld) -> None:
    """
    Neither missing nor an error: come back in a few seconds, and the worker is woken.
    """
    payment = await sold(client, world)
    world.woken = 0

    answer = await fetched(client, world, payment)

    problem(answer, 503, "document-not-ready")
    assert int(answer.headers["retry-after"]) > 0
    assert world.woken == 1
    await world.file_due_documents()
    assert (await fetched(client, world, payment)).status_code == 200


async def test_what_was_not_paid_has_no_document(client: Client, world: HttpWorld) -> None:
    """
    Open, failed or free: the student is told that there is none, and waits for nothing.
    """
    still_open = await begun_payment(client, world.bearer("ravi"))
    free = await sold(client, world, discount_code="FREE")

    problem(await fetched(client, world, still_open, who="ravi"), 404, "no-document")
    problem(await fetched(client, world, free), 404, "no-document")
    world.pay(still_open, Outcome.FAILURE)
    await client.get(f"/api/payment/status/{still_open}", headers=world.bearer("ravi"))
    problem(await fetched(client, world, still_open, who="ravi"), 404, "no-document")


async def test_a_store_that_is_away_is_told(client: Client, world: HttpWorld) -> None:
    """
    For now, with a time to come back.
    """
    payment = await filed(client, world)
    world.shelf.away = True

    answer = await fetched(client, world, payment)

    problem(answer, 503, "storage-unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_lost_file_is_made_again(client: Client, world: HttpWorld) -> None:
    """
    The asker comes back for it, and a person is told which one it was.
    """
    payment = await filed(client, world)
    before = (await fetched(client, world, payment)).content
    world.shelf.files.clear()

    problem(await fetched(client, world, payment), 503, "document-not-ready")

    assert [(each.kind, each.subject) for each in world.alerts.called] == [
        (AlertKind.FILE_LOST, INVOICE)
    ]
    await world.use_cases().documents().regenerate_file()(PaymentId(payment), INVOICE)
    assert (await fetched(client, world, payment)).content == before


async def test_the_result_page_offers_what_can_be_fetched(client: Client, world: HttpWorld) -> None:
    """
    Nothing before it is filed; then the invoice, and each credit note.
    """
    payment = await sold(client, world)
    early = (await client.get(f"/result/{payment}", headers=world.bearer())).text
    assert "/api/payment/receipt/" not in early
    await world.file_due_documents()
    await world.refund_at_bank(payment)
    await world.file_due_documents()

    text = (await client.get(f"/result/{payment}", headers=world.bearer())).text

    for number, link in (
        (INVOICE, f"/api/payment/receipt/{payment}"),
        ("CRN/2627/0000001", f"/api/payment/receipt/{payment}?number=CRN/2627/0000001"),
    ):
        assert f'href="{link}"' in text
        assert number in text
        assert (await client.get(link, headers=world.bearer())).status_code == 200
