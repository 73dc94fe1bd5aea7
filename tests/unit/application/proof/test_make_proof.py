"""A proof pack holds all that is known of a payment, is believed offline, and its making is written down."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

import pytest

from application.audit.archive_audit_log import SealedMonths
from application.audit.archive_months import ArchiveMonths
from application.audit.archive_records import RecordMonths
from application.audit.read_archive import ReadArchive
from application.audit.read_records import ReadRecords
from application.proof.archived_traces import email_of, is_email
from application.proof.make_proof import MakeProof, ProofRefused, ProofUnsigned
from application.proof.proof_parts import plain
from contracts.audit.archive_contract import OCTOBER
from contracts.storage import BY_MIRA
from domain.audit.archived_month import GRACE, ArchivedMonth
from domain.audit.proof_archive import check_archive
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordManifest
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.payments.consent import PrivacyNotice
from domain.text.language import Language
from fakes.alerts import AlertBook
from fakes.audit.archive_manifests import MemoryManifests
from fakes.audit.archive_register import MemoryArchiveRegister
from fakes.audit.checkpoint_signer import SIGNER
from fakes.audit.line_packing import PlainPacking
from fakes.audit.record_archive import MemoryRecordArchive
from fakes.audit.sealing import CHECK_NOTE, seal
from fakes.clock import NOON
from fakes.samples import BY_STAFF, payment_id
from ports.audit.checkpoint_signer import CheckpointSigner
from ports.documents.document_files import DocumentNotReady
from worlds.memory import MemoryWorld
from worlds.proved_payment import FILE, proved_payment

NOTICE: Final = PrivacyNotice(
    url="https://learn.example.com/notice", texts={Language.ENGLISH: "I agree."}
)
LISTS: Final = (
    "bank-webhooks", "decisions", "discrepancies", "disputes", "documents", "emails", "ledger", "refunds",
    "settlement-lines", "timeline", "webhook-deliveries",
)  # fmt: skip


def making(world: MemoryWorld, signer: CheckpointSigner | None = SIGNER) -> MakeProof:
    use_cases: Any = world.wiring.container.use_cases
    world.wiring.replace((use_cases.audit.signer, signer))
    return world.use_cases.proof().make_proof()


async def packed(world: MemoryWorld, payment: PaymentId) -> bytes:
    to = BytesIO()
    await making(world)(payment, to, BY_STAFF)
    return to.getvalue()


def read(pack: bytes, name: str) -> Any:
    return json.loads(ZipFile(BytesIO(pack)).read(name))


async def test_a_pack_is_whole(world: MemoryWorld) -> None:
    """
    Each part is in it, the documents as they were filed, and whoever has the public key believes it.
    """
    payment = await proved_payment(world)

    pack = await packed(world, payment.id)

    found = check_archive(BytesIO(pack), CHECK_NOTE)
    names = ZipFile(BytesIO(pack)).namelist()
    assert (found.payment, found.made_at) == (payment.id, world.clock.now())
    assert found.files == len(names) - 2
    assert found.proved == len(world.memory.store.audit) - 2 >= 5
    assert {f"{each}.json" for each in LISTS} <= set(names)
    filed = read(pack, "documents.json")
    assert [each["number"] for each in filed] == ["INV/2627/0000001", "CRN/2627/0000001"]
    for copy, name in (
        ("original", "INV-2627-0000001"),
        ("duplicate", "CRN-2627-0000001-duplicate"),
    ):
        document = filed[0] if name.startswith("INV") else filed[1]
        (kept,) = [each for each in document["copies"] if each["copy"] == copy]
        assert ZipFile(BytesIO(pack)).read(f"documents/{name}.pdf") == await world.shelf.get(
            kept["sha256"]
        )


async def test_each_part_says_what_is_known(world: MemoryWorld) -> None:
    """
    What the bank said, what was decided, what was settled and posted, and who was told.
    """
    payment = await proved_payment(world)
    (refund,) = payment.refunds.known

    pack = await packed(world, payment.id)

    bank = read(pack, "order-status.json")
    assert (bank["status"], bank["captured"], bank["refunded"]) == (
        "partially_refunded",
        "1180.00",
        "100.00",
    )
    assert read(pack, "payment.json")["price"]["buyer_name"] == "Asha"
    assert read(pack, "refunds.json")[0]["refund_id"] == refund.id
    (webhook,) = read(pack, "bank-webhooks.json")
    assert (webhook["event"], webhook["state"]) == ("ORDER_UPDATED", "applied")
    steps = read(pack, "timeline.json")
    assert [each["to"] for each in steps if each["to"]][:2] == ["pending", "success"]
    assert steps[-1]["action"] == "personal_data.shown"
    assert {each["kind"] for each in read(pack, "ledger.json")} >= {"invoice", "capture"}
    (line,) = read(pack, "settlement-lines.json")
    assert (line["file_sha256"], line["payment_id"]) == (FILE, payment.id)
    (found,) = read(pack, "discrepancies.json")
    assert found["resolutions"][0]["note"] == "asked the bank"
    emails = read(pack, "emails.json")
    assert {each["task"] for each in emails} >= {"payment_confirmation", "refund_confirmation"}
    hashes = {each.text_sha256 for each in world.mail.letters}
    assert {each["text_sha256"] for each in emails} <= hashes
    told = {each["type"] for each in read(pack, "webhook-deliveries.json")}
    assert "payment.succeeded" in told
    decisions = read(pack, "decisions.json")
    assert [each["version"] for each in decisions] == sorted(
        {each["version"] for each in decisions}
    )
    assert decisions[0]["at"] == decisions[0]["told"]["at"].replace("+00:00", "Z")


async def test_nobody_is_named_beyond_the_documents(world: MemoryWorld) -> None:
    """
    Neither how the student is reached nor from where anybody came.
    """
    payment = await proved_payment(world)

    pack = await packed(world, payment.id)

    assert payment.student.email
    assert payment.student.email.encode() not in pack
    origins = {entry.origin for entry in world.memory.store.audit}
    for word in {*(each.ip for each in origins), *(each.user_agent for each in origins)} - {""}:
        assert word.encode() not in pack


async def test_the_same_books_make_the_same_files(world: MemoryWorld) -> None:
    """
    But for the line that says that the pack was made before.
    """
    payment = await proved_payment(world)

    first, second = await packed(world, payment.id), await packed(world, payment.id)

    files = read(first, "manifest.json")["files"], read(second, "manifest.json")["files"]
    differing = {name for name in files[0] if files[0][name] != files[1][name]}
    assert differing == {"timeline.json", "index.html"}
    made = world.audited("proof.made")
    assert [each.subject for each in made] == [payment.id] * 2
    assert made[0].origin == BY_STAFF
    assert made[0].facts["files"] == str(len(files[0]))


async def test_a_payment_that_was_never_paid_has_a_pack(world: MemoryWorld) -> None:
    """
    With empty lists, and no document.
    """
    payment = await world.begin_payment()

    pack = await packed(world, payment.id)

    assert check_archive(BytesIO(pack), CHECK_NOTE).proved == 0
    assert read(pack, "documents.json") == read(pack, "ledger.json") == []


async def test_without_a_key_there_is_no_pack(world: MemoryWorld) -> None:
    """
    Nor of a payment that is not there; nothing is written down then.
    """
    payment = await world.begin_payment()

    with pytest.raises(ProofUnsigned):
        await making(world, None)(payment.id, BytesIO(), BY_STAFF)
    with pytest.raises(NotFound):
        await making(world)(payment_id(9), BytesIO(), BY_STAFF)
    assert world.audited("proof.made") == []


async def test_a_bent_log_makes_no_pack(world: MemoryWorld) -> None:
    """
    What was sealed and changed cannot be proved, and whoever asks is told.
    """
    payment = await proved_payment(world)
    entry = world.memory.store.audit[0]
    world.memory.store.audit[0] = type(entry)(
        at=entry.at, origin=entry.origin, action="bent", subject=entry.subject
    )

    with pytest.raises(ProofRefused, match="broken at index 0"):
        await packed(world, payment.id)


async def test_what_the_student_agreed_to_is_in_it(world: MemoryWorld) -> None:
    """
    In the payment itself, on the page that explains it, and in the audit log of how it began.
    """
    world.wiring.replace((world.wiring.container.privacy_notice, NOTICE))
    begun = await world.begin_payment(consent=NOTICE.version)
    await seal(world.memory.sealed_log)()

    pack = await packed(world, begun.id)

    agreed = {"version": NOTICE.version, "notice_url": NOTICE.url, "at": "2026-08-03T12:00:00Z"}
    assert read(pack, "payment.json")["consent"] == agreed
    assert NOTICE.version in ZipFile(BytesIO(pack)).read("index.html").decode()
    (opened,) = [e for e in read(pack, "timeline.json") if e["action"] == "payment.opened"]
    assert opened["facts"]["consent_version"] == NOTICE.version


async def test_a_lost_document_is_made_again_first(world: MemoryWorld) -> None:
    """
    A pack without it would say that there was none.
    """
    payment = await proved_payment(world)
    world.shelf.files.clear()

    with pytest.raises(DocumentNotReady):
        await packed(world, payment.id)
    assert world.audited("proof.made") == []


def test_only_values_with_a_form_are_written() -> None:
    """
    Another kind of value is a fault of ours, and no text by chance.
    """
    assert plain(date(2026, 11, 30)) == "2026-11-30"
    assert plain(datetime(2026, 11, 30, tzinfo=UTC)) == "2026-11-30T00:00:00Z"
    with pytest.raises(TypeError, match="object has no form"):
        plain(object())


async def test_a_payment_of_a_year_before_last_is_packed_out_of_the_archive(
    world: MemoryWorld,
) -> None:
    """
    Its entries have left the database, and the pack has the same lines and the same timeline as before.
    """
    payment = await proved_payment(world)
    making(world)
    before = await packed(world, payment.id)
    use_cases: Any = world.wiring.container.use_cases
    register = MemoryArchiveRegister(world.memory.store, world.clock.now)
    reader = ReadArchive(register, world.shelf, PlainPacking())
    archive = ArchiveMonths(
        source=SealedMonths(
            spans=world.memory.sealed_spans, archive=reader, keys=(), hot_months=24
        ),
        files=world.shelf,
        manifests=MemoryManifests(),
        alerts=AlertBook(),
        clock=world.clock,
    )
    for days in (365 * 2 + 31 * 2, 31):
        world.clock.move(timedelta(days=days))
        while await archive():
            pass
    left = await world.memory.audit_reads.about(payment.id, at_most=99)
    world.wiring.replace((use_cases.audit.read_archive, reader))

    after = await packed(world, payment.id)

    assert [each.action for each in left] == ["proof.made", "personal_data.shown"]
    assert check_archive(BytesIO(after), CHECK_NOTE).proved > 4
    assert read(after, "timeline.json")[:-1] == read(before, "timeline.json")
    for name in ZipFile(BytesIO(before)).namelist():
        if name.startswith("audit/"):
            assert ZipFile(BytesIO(after)).read(name) == ZipFile(BytesIO(before)).read(name)


@pytest.mark.parametrize("steps", [2, 3])
async def test_rows_that_left_are_packed_out_of_their_files(world: MemoryWorld, steps: int) -> None:
    """
    While they are in both places, and when they have left: the pack tells of each webhook, email and decision once.
    """
    payment = await proved_payment(world)
    making(world)
    before = await packed(world, payment.id)
    use_cases: Any = world.wiring.container.use_cases
    rows = MemoryRecordArchive(world.memory.store, world.clock.now)
    read_records = ReadRecords(rows, world.shelf, PlainPacking())
    world.memory.store.order_polls.clear()
    world.memory.store.refund_polls.clear()
    world.clock.move(timedelta(days=365 * 3))
    for kind in RecordKind:
        archive = ArchiveMonths(
            source=RecordMonths(kind, rows, PlainPacking()),
            files=world.shelf,
            manifests=MemoryManifests(),
            alerts=AlertBook(),
            clock=world.clock,
        )
        await archive()
        await archive()
        if steps > 2:
            world.memory.store.discrepancies.clear()
            world.clock.move(GRACE)
            assert await archive()
    world.wiring.replace((use_cases.audit.read_records, read_records))

    after = await packed(world, payment.id)

    present = await rows.lines_about(payment.id, at_most=9)
    assert bool(present) == (steps == 2)
    for name in ("bank-webhooks.json", "emails.json", "decisions.json"):
        told = sorted(read(after, name), key=str)
        assert told == sorted(read(before, name), key=str), name


async def test_a_pack_is_refused_when_a_file_of_its_rows_is_gone(world: MemoryWorld) -> None:
    """
    What was told cannot be told in full any more.
    """
    payment = await proved_payment(world)
    making(world)
    use_cases: Any = world.wiring.container.use_cases
    rows = MemoryRecordArchive(world.memory.store, world.clock.now)
    manifest = RecordManifest(kind=RecordKind.INBOX, month=OCTOBER, count=1, sha256="0" * 64)
    was = ArchivedMonth.exported(manifest, world.clock.now())
    await rows.record(was, None, BY_MIRA)
    await rows.record(was.read_back(world.clock.now()), was, BY_MIRA)
    await rows.note(RecordKind.INBOX, OCTOBER, {payment.id})
    world.wiring.replace(
        (use_cases.audit.read_records, ReadRecords(rows, world.shelf, PlainPacking()))
    )

    with pytest.raises(ProofRefused, match="inbox 2023-10"):
        await packed(world, payment.id)


def test_a_failure_that_was_told_to_nobody_is_no_email() -> None:
    """
    It was outdated when its turn came; what was sent before hashes were kept is one.
    """
    failure = RecordLine(
        kind=RecordKind.OUTBOX,
        at=NOON,
        number=1,
        payment="SK1",
        fields={"errand": "payment_failure", "subject": "SK1"},
    )
    confirmation = replace(failure, fields={"errand": "payment_confirmation", "subject": "SK1"})
    document = replace(failure, fields={"errand": "tax_document", "subject": "SK1"})

    assert [is_email(each) for each in (failure, confirmation, document)] == [False, True, False]
    assert email_of(confirmation).text_sha256 is None
