"""What is personal of one student, in the rows of all packages; acts are found by what they were about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.audit.tables import audit_log
from adapters.postgres.documents.tables import tax_document
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.basis_rows import KEEP, basis_columns
from adapters.postgres.payments.consent_columns import to_consent
from adapters.postgres.payments.tables import enrolment, payment
from adapters.postgres.privacy.tables import legal_hold
from adapters.postgres.queues.tables import outbox, webhook_delivery
from adapters.postgres.sign_in.tables import browser_session
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId, StudentId
from domain.money import Money
from domain.payments.basis import NoteBasis, NoteKind
from domain.payments.payment_state import State
from domain.privacy.erasure import ErasurePlan, PersonalPayment
from ports.audit_log import AuditEntry
from ports.privacy.personal_records import (
    EMAILS,
    ERASED_EMAIL,
    ERASED_NAME,
    ErasedCounts,
    PaymentRecord,
    PersonalFact,
    PersonalRecord,
)

_NOTHING: Final = literal("", String)

_theirs = payment.c.student_id == bindparam("student")
_held = exists().where(legal_hold.c.payment_id == payment.c.id)
_unfinished = or_(
    *(payment.c.state == literal(state.value) for state in State if state.is_live),
    payment.c.refunding_paise > literal(0),
    payment.c.review_since.is_not(None),
    payment.c.dispute_respond_by.is_not(None),
)
PAYMENTS = prepare(
    select(
        payment.c.id,
        payment.c.opened_at,
        _unfinished.label("is_unfinished"),
        _held.label("is_held"),
        exists().where(tax_document.c.payment_id == payment.c.id).label("is_documented"),
        (payment.c.student_email == literal(ERASED_EMAIL)).label("is_contact_erased"),
        (payment.c.student_name == literal(ERASED_NAME)).label("are_names_erased"),
    )
    .where(_theirs)
    .order_by(payment.c.opened_at, payment.c.id)
)
RECORDS = prepare(select(payment).where(_theirs).order_by(payment.c.opened_at, payment.c.id))


def _fact(
    kind: str,
    at: ColumnElement[Any],
    what: ColumnElement[Any],
    **more: ColumnElement[Any],
) -> Select[Any]:
    """Select a fact of *kind*; *more* are its ``payment_id``, or its ``browser`` and ``ip``."""
    usual = {"payment_id": cast(null(), String), "browser": _NOTHING, "ip": _NOTHING}
    return select(
        at.label("at"),
        literal(kind, String).label("kind"),
        what.label("what"),
        *(each.label(name) for name, each in (usual | more).items()),
    )


_ids = select(payment.c.id).where(_theirs)
_acts = and_(
    audit_log.c.actor == bindparam("actor_is"),
    audit_log.c.subject == any_(bindparam("subjects", type_=ARRAY(String))),
)
_facts = union_all(
    _fact(
        "enrolment", enrolment.c.since, enrolment.c.course_id, payment_id=enrolment.c.payment_id
    ).where(enrolment.c.student_id == bindparam("student")),
    _fact(
        "document",
        tax_document.c.issued_at,
        tax_document.c.number,
        payment_id=tax_document.c.payment_id,
    ).where(tax_document.c.payment_id.in_(_ids)),
    _fact("email", outbox.c.closed_at, outbox.c.errand, payment_id=outbox.c.payment_id).where(
        outbox.c.payment_id.in_(_ids),
        outbox.c.state == literal("done"),
        or_(*(outbox.c.errand == literal(each.value) for each in sorted(EMAILS))),
    ),
    _fact(
        "webhook",
        webhook_delivery.c.occurred_at,
        webhook_delivery.c.event_type,
        payment_id=webhook_delivery.c.payment_id,
    ).where(webhook_delivery.c.payment_id.in_(_ids)),
    _fact(
        "sign_in",
        browser_session.c.began_at,
        _NOTHING,
        browser=browser_session.c.browser,
        ip=browser_session.c.ip,
    ).where(browser_session.c.subject == bindparam("student")),
    _fact(
        "act",
        audit_log.c.at,
        audit_log.c.action,
        browser=audit_log.c.user_agent,
        ip=audit_log.c.ip,
    ).where(_acts),
).subquery()
FACTS = prepare(select(_facts).order_by(_facts.c.at, _facts.c.kind, _facts.c.what))

_among = payment.c.id == any_(bindparam("ids", type_=ARRAY(String)))
# An erasure and a hold of one payment come one after the other, each by statements that see what the first has done.
LOCK = prepare(select(payment.c.id).where(_among).order_by(payment.c.id).with_for_update())
_chosen = and_(_among, _theirs, ~_unfinished, ~_held)
_next = payment.c.version + literal(1)
_erased = (payment.c.id, payment.c.version)
ERASE_CONTACT = prepare(
    update(payment)
    .where(_chosen)
    .values(student_email=ERASED_EMAIL, student_phone=literal("", String), version=_next)
    .returning(*_erased)
)
ERASE_NAMES = prepare(
    update(payment)
    .where(_chosen)
    .values(
        student_name=ERASED_NAME,
        buyer_name=ERASED_NAME,
        buyer_address=case((payment.c.buyer_address.is_(None), null()), else_=ERASED_NAME),
        version=_next,
    )
    .returning(*_erased)
)
_person = ("name", "email", "phone", "browser", "ip")
ERASE_SESSIONS = prepare(
    update(browser_session)
    .where(
        browser_session.c.subject == bindparam("student"),
        func.concat(*(browser_session.c[name] for name in _person)) != literal(""),
    )
    .values(dict.fromkeys(_person, literal("", String)))
    .returning(literal(1))
)
ERASE_ADDRESSES = prepare(
    # The role that serves changes nothing in the audit log: a function of the owner does it.
    select(
        func.shulk_erase_addresses(
            bindparam("student", type_=String),
            bindparam("before", type_=DateTimeUTC(timezone=True)),
        ).label("erased")
    )
)
HOLDS = prepare(select(legal_hold.c.payment_id).order_by(legal_hold.c.payment_id))
HOLD = prepare(
    insert(legal_hold)
    .values(payment_id=bindparam("held"), placed_at=bindparam("at"))
    .on_conflict_do_nothing()
    .returning(literal(1))
)
RELEASE = prepare(
    delete(legal_hold).where(legal_hold.c.payment_id == bindparam("held")).returning(literal(1))
)


@dataclass(frozen=True, slots=True)
class PostgresPersonalRecords:
    database: Database

    async def payments_of(self, student: StudentId) -> Sequence[PersonalPayment]:
        rows = await self.database.fetch(PAYMENTS, student=student)
        return [PersonalPayment(**{**row, "id": PaymentId(row["id"])}) for row in rows]

    async def everything_of(self, student: StudentId) -> PersonalRecord:
        rows = await self.database.fetch(RECORDS, student=student)
        facts = await self.database.fetch(
            FACTS, student=student, **_acts_of(student, [row["id"] for row in rows])
        )
        return PersonalRecord(
            student=student,
            payments=[_to_record(row) for row in rows],
            facts=[_to_fact(row) for row in facts],
        )

    async def erase(
        self, plan: ErasurePlan, audit: Callable[[ErasedCounts], AuditEntry]
    ) -> ErasedCounts:
        student = plan.student
        erased: list[Record] = []
        async with self.database.borrow() as connection, connection.transaction():
            await connection.fetch(LOCK, ids=sorted({*plan.contact, *plan.names}))
            for statement, ids in ((ERASE_CONTACT, plan.contact), (ERASE_NAMES, plan.names)):
                done = await connection.fetch(statement, ids=list(ids), student=student)
                if len(done) != len(ids):
                    raise ChangedMeanwhile("a payment")
                erased += done
            sessions = await connection.fetch(ERASE_SESSIONS, student=student)
            addresses = await connection.fetch(ERASE_ADDRESSES, student=student, before=plan.before)
            counts = ErasedCounts(
                contact=len(plan.contact),
                names=len(plan.names),
                sessions=len(sessions),
                addresses=addresses[0]["erased"],
            )
            entry = audit(counts)
            await connection.apply([*_kept(erased, entry.at), to_write(entry)])
        return counts

    async def holds(self) -> Sequence[PaymentId]:
        return [PaymentId(row["payment_id"]) for row in await self.database.fetch(HOLDS)]

    async def hold(self, payment: PaymentId, audit: AuditEntry) -> None:
        async with self.database.borrow() as connection, connection.transaction():
            await connection.fetch(LOCK, ids=[payment])
            await connection.fetch(HOLD, held=payment, at=audit.at)
            await connection.apply([to_write(audit)])

    async def release(self, payment: PaymentId, audit: AuditEntry) -> None:
        async with self.database.borrow() as connection, connection.transaction():
            if not await connection.fetch(RELEASE, held=payment):
                raise NotFound("legal hold", payment)
            await connection.apply([to_write(audit)])


def _kept(erased: Sequence[Record], at: datetime) -> list[Write]:
    """Return the writes that keep what each version of *erased* payments came from."""
    basis = NoteBasis(note=NoteKind.ERASURE, at=at)
    return [
        Write(KEEP, basis_columns(PaymentId(row["id"]), row["version"], basis)) for row in erased
    ]


def _acts_of(student: StudentId, payments: Sequence[str]) -> dict[str, object]:
    return {"actor_is": f"student:{student}", "subjects": [*payments, f"person:{student}"]}


def _to_record(row: Record) -> PaymentRecord:
    return PaymentRecord(
        payment=PaymentId(row["id"]),
        opened_at=row["opened_at"],
        course=row["course_title"],
        state=row["state"],
        payable=Money(row["payable_paise"]).plain(),
        name=row["student_name"],
        email=row["student_email"],
        phone=row["student_phone"],
        bill_name=row["buyer_name"],
        bill_state=row["buyer_state"],
        bill_gstin=row["buyer_gstin"] or "",
        bill_address=row["buyer_address"] or "",
        method=row["method"] or "",
        card_tail=row["card_tail"] or "",
        consent=to_consent(row),
    )


def _to_fact(row: Record) -> PersonalFact:
    return PersonalFact(
        at=row["at"],
        kind=row["kind"],
        what=row["what"],
        payment=None if row["payment_id"] is None else PaymentId(row["payment_id"]),
        browser=row["browser"],
        ip=row["ip"],
    )
