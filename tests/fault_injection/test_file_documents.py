"""The process dies, or loses an answer, while a document's files are made anew: they are there in the end, and once."""

from dataclasses import dataclass
from typing import Final

import pytest

from application.documents.download_document import DocumentFile, DownloadDocumentCommand
from domain.documents.document_number import DocumentNumber
from domain.identifiers import PaymentId, StudentId
from fault_injection.emails import FILE
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from ports.documents.document_files import DocumentNotReady
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash
from worlds.postgres import BY_CALLBACK, BY_STAFF, COURSE, student, wanted

FILED: Final = (
    "SELECT f.copy, f.ordinal, f.void, f.sha256 FROM document_file f"
    " JOIN tax_document d USING (gstin, number) WHERE d.payment_id = $1"
    " ORDER BY d.id, f.copy, f.ordinal"
)
TRAIL: Final = (
    "SELECT string_agg(action, ' ' ORDER BY action) FROM audit_log"
    " WHERE subject = $1 AND action LIKE 'document.%'"
)
UNDONE: Final = "SELECT count(*) FROM outbox WHERE payment_id = $1 AND state <> 'done'"


@dataclass(slots=True, kw_only=True)
class Filed:
    """A sale whose invoice was filed and mailed; *files* are the hashes by copy, as they were then."""

    payment: PaymentId
    student: StudentId
    number: DocumentNumber
    files: dict[str, str]
    void: bool = False
    issued_anew: bool = False
    noticed: bool = False

    @property
    def wish(self) -> DownloadDocumentCommand:
        return DownloadDocumentCommand(
            payment=self.payment, student=self.student, number=self.number
        )


async def filed(world: World) -> Filed:
    number = len(world.bank.orders)
    process = world.calm
    if not number:
        await process.use_cases.catalogue().replace_courses()([COURSE], BY_STAFF)
    payment = await process.use_cases.checkout().initiate_payment()(
        wanted(student(f"Asha-{number}"))
    )
    world.bank.pay(payment.id)
    returned = world.bank.return_fields(payment.id)
    await process.use_cases.evidence().receive_callback()(returned, BY_CALLBACK)
    while await process.use_cases.notifications().relay_outbox()():
        pass
    files = {copy: file for copy, _, _, file in await world.rows(FILED, payment.id)}
    [[named]] = await world.rows(
        "SELECT number FROM tax_document WHERE payment_id = $1", payment.id
    )
    return Filed(
        payment=payment.id,
        student=payment.student.id,
        number=DocumentNumber.parse(named),
        files=files,
    )


async def lost(world: World) -> Filed:
    """The store has lost what the recipient is to have."""
    known = await filed(world)
    del world.shelf.files[FileHash(known.files[Copy.ORIGINAL])]
    return known


async def declared_void(process: Process, known: Filed) -> None:
    if not known.void:
        await process.use_cases.documents().cancel_document()(known.number, "a slip", BY_STAFF)
        known.void = True
    await process.use_cases.notifications().relay_outbox()()


async def asked_for(process: Process, known: Filed) -> None:
    """Act as the student, who comes back until they have it, and as the worker in between."""
    try:
        file: DocumentFile = await process.use_cases.documents().download_document()(known.wish)
    except DocumentNotReady:
        await process.use_cases.notifications().relay_outbox()()
    else:
        known.noticed = file.content is not None


async def until_void(process: Process, known: Filed) -> int:
    """Whoever was not told that it is void looks, says so again if it is not, and issues anew."""
    again = not known.issued_anew
    if again:
        known.void = await is_void(process, known)
        await declared_void(process, known)
        await process.use_cases.documents().issue_invoice()(known.payment)
        known.issued_anew = True
    handled: int = await process.use_cases.notifications().relay_outbox()()
    return handled + again


async def is_void(process: Process, known: Filed) -> bool:
    (registered,) = await process.container.storage.documents().of_payment(known.payment)
    return registered.cancelled is not None


async def until_had(process: Process, known: Filed) -> int:
    again = not known.noticed
    if again:
        await asked_for(process, known)
    handled: int = await process.use_cases.notifications().relay_outbox()()
    return handled + again


async def void_once(world: World, known: Filed, _inject: Injected | None) -> None:
    """Each copy filed a second time, as void, the first on record; the new invoice once; one email."""
    rows = await world.rows(FILED, known.payment)
    assert [(copy, ordinal, void) for copy, ordinal, void, _ in rows] == [
        *((copy, ordinal, ordinal == 2) for copy in sorted(Copy) for ordinal in (1, 2)),
        *((copy, 1, False) for copy in sorted(Copy)),
    ]
    assert all(FileHash(file) in world.shelf.files for *_, file in rows)
    assert await world.rows(TRAIL, known.payment) == [
        (" ".join(["document.cancelled", *["document.filed"] * 3, *["document.issued"] * 2]),)
    ]
    await nothing_left(world, known)


async def whole_again(world: World, known: Filed, injected: Injected | None) -> None:
    """The same bytes where they were, no second filing, and the student has them."""
    rows = await world.rows(FILED, known.payment)
    assert {copy: file for copy, _, _, file in rows} == known.files
    assert len(rows) == len(Copy)
    assert all(FileHash(file) in world.shelf.files for file in known.files.values())
    [[trail]] = await world.rows(TRAIL, known.payment)
    mended = trail.removeprefix("document.filed document.issued").split()
    # Kept and not yet written down, it is whole for whoever looks next: there is nothing to mend.
    kept_unsaid = injected is not None and "files.put" in (injected.name, *injected.before)
    assert mended == ["document.mended"] or (kept_unsaid and not mended)
    await nothing_left(world, known)


async def nothing_left(world: World, known: Filed) -> None:
    assert await world.rows(UNDONE, known.payment) == [(0,)]
    assert len([each for each in world.mail.letters if known.payment in each.message_id]) == 1


FLOWS: Final = {
    "declared void": Flow(prepare=filed, act=declared_void, go_on=until_void, check=void_once),
    "lost": Flow(prepare=lost, act=asked_for, go_on=until_had, check=whole_again),
}
MOMENTS: Final = {
    "declared void": [
        *("read tax_document", "read tax_document"),
        "apply tax_document, journal, entry, outbox, audit_log",
        *FILE[:4],
        "apply document_file, audit_log",
        "apply outbox",
    ],
    "lost": [
        *("read payment", "files.get", "write raised_alert", "apply outbox"),
        *("claim outbox", "read payment", "files.get", "files.get", "files.put"),
        "apply audit_log",
        "apply outbox",
    ],
}


@pytest.mark.parametrize("flow", FLOWS)
async def test_these_are_the_moments(world: World, flow: str) -> None:
    """
    The store has the file before anything is written down of it.
    """
    assert await undisturbed(FLOWS[flow], world) == MOMENTS[flow]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("flow", FLOWS)
async def test_whatever_fails_at_whatever_moment_the_files_are_there_once(
    world: World, flow: str, fault: Fault
) -> None:
    """
    After a restart, or another try, all is as if nothing had happened.
    """
    injected = await enumerated(FLOWS[flow], world, fault)

    assert injected == met_by(fault, MOMENTS[flow], world)
