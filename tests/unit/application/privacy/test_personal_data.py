"""All that is kept of a student is handed out, or erased where no law keeps it, and the audit log holds."""

from datetime import timedelta

import pytest

from application.privacy.authorise_erasure import AuthoriseErasure
from application.privacy.erase_personal_data import ErasePersonalData
from application.privacy.export_personal_data import ExportPersonalData
from application.privacy.hold_payment import HoldPayment
from application.staff.verify_totp import TotpAttempt, VerifyTotp
from contracts.privacy.personal_records_contract import ASHA, STUDENT, a_lapsed, an_act
from contracts.sign_in.browser_sessions_contract import a_session
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import StudentId
from domain.payments.refund import ReasonRefused
from domain.privacy.erasure import KeptFor
from domain.staff.access import Permission, Role
from domain.staff.second_factor import TotpLimit, TotpUsed, TotpWrong
from domain.staff.staff_member import StaffId
from domain.text.card_number import CardNumberRefused
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member, payment_id
from fakes.staff.second_factor import CountingFactor, code_now
from ports.privacy.personal_records import ERASED_EMAIL, ErasedCounts
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

WHY = "request 17"
ZOYA = StaffId("zoya")
SEED = "SEED91"


@pytest.fixture
def erase(world: MemoryWorld) -> ErasePersonalData:
    memory = world.memory
    mine = a_lapsed()
    memory.store.payments[mine.id] = mine
    memory.store.audit.append(an_act(mine.id))
    world.clock.move(timedelta(days=400))
    return ErasePersonalData(memory.personal_records, memory.browser_sessions, world.clock)


@pytest.fixture
def hold(world: MemoryWorld) -> HoldPayment:
    memory = world.memory
    return HoldPayment(memory.personal_records, memory.unit_of_work, world.clock)


async def test_what_was_seen_is_erased(world: MemoryWorld, erase: ErasePersonalData) -> None:
    """
    The student is signed out; the audit log has reason and counts, and no erased value.
    """
    session = a_session(1, STUDENT, at=world.clock.now())
    await world.memory.browser_sessions.begin(session, None)
    plan = await erase.plan(STUDENT)

    counts = await erase(STUDENT, WHY, plan.fingerprint, BY_STAFF)

    assert counts == ErasedCounts(contact=1, names=1, sessions=1, addresses=1)
    assert await world.memory.browser_sessions.of(STUDENT, world.clock.now()) == []
    payment = world.memory.store.payments[payment_id(1)]
    assert payment.student.email == ERASED_EMAIL
    entry = world.memory.store.audit[-1]
    assert (entry.action, entry.subject) == ("personal_data.erased", "person:asha")
    assert dict(entry.facts) == {
        "reason": WHY,
        "contact": "1",
        "names": "1",
        "sessions": "1",
        "addresses": "1",
        "kept": "0",
    }
    told = repr(world.memory.store)
    for value in (ASHA.email, ASHA.phone, "12 MG Road", "192.0.2.7", "2001:db8::1"):
        assert value not in told
    again = await erase.plan(STUDENT)
    await erase(STUDENT, "erased again", again.fingerprint, BY_STAFF)


async def test_a_plan_that_has_changed_is_not_carried_out(
    world: MemoryWorld, erase: ErasePersonalData, hold: HoldPayment
) -> None:
    """
    A hold was placed meanwhile: what was confirmed is not what would be done.
    """
    seen = (await erase.plan(STUDENT)).fingerprint
    await hold(payment_id(1), "case 4", BY_STAFF)

    with pytest.raises(ChangedMeanwhile):
        await erase(STUDENT, WHY, seen, BY_STAFF)

    assert {each.reason for each in (await erase.plan(STUDENT)).kept} == {KeptFor.LEGAL_HOLD}
    assert world.memory.store.payments[payment_id(1)].student.email == ASHA.email
    await hold.release(payment_id(1), "case 4 is closed", BY_STAFF)
    assert (await erase.plan(STUDENT)).fingerprint == seen
    assert [each.action for each in world.memory.store.audit[1:]] == [
        "legal_hold.placed",
        "legal_hold.released",
    ]


class Authority:
    """An administrator whose app counts, and the use case that asks for its codes."""

    def __init__(self, world: MemoryWorld, erase: ErasePersonalData) -> None:
        self.world = world
        cipher, factor = MemoryCipher(), CountingFactor()
        seed = cipher.encrypt(SEED, seed_location(ZOYA))
        world.memory.store.staff[ZOYA] = a_member(ZOYA, Role.ADMIN, seed=seed)
        self.act = AuthoriseErasure(
            unit_of_work=world.memory.unit_of_work,
            verify_totp=VerifyTotp(
                unit_of_work=world.memory.unit_of_work,
                second_factor=factor,
                cipher=cipher,
                clock=world.clock,
                limit=TotpLimit(attempts=5, lock=timedelta(minutes=15)),
            ),
            erase=erase,
        )

    async def __call__(self, seen: str, code: str) -> ErasedCounts:
        attempt = TotpAttempt(
            staff=ZOYA,
            permission=Permission.ERASE_PERSONAL_DATA,
            subject="personal_data",
            code=code,
        )
        return await self.act(STUDENT, WHY, seen, BY_STAFF, attempt)


async def test_staff_erase_with_a_code(world: MemoryWorld, erase: ErasePersonalData) -> None:
    """
    A wrong one erases nothing, and a plan that is another one uses none up.
    """
    authority = Authority(world, erase)
    seen, code = (await erase.plan(STUDENT)).fingerprint, code_now(SEED, world.clock.now())

    with pytest.raises(TotpWrong):
        await authority(seen, "000000")
    with pytest.raises(ChangedMeanwhile):
        await authority("another plan", code)
    assert world.memory.store.payments[payment_id(1)].student.email == ASHA.email
    counts = await authority(seen, code)

    assert counts.contact == 1
    assert [each.action for each in world.memory.store.audit[1:]] == [
        "staff.code_refused",
        "staff.code_accepted",
        "personal_data.erased",
    ]
    with pytest.raises(TotpUsed):
        await authority((await erase.plan(STUDENT)).fingerprint, code)


async def test_a_reason_names_nobody(erase: ErasePersonalData) -> None:
    """
    It stays in the audit log for good.
    """
    seen = (await erase.plan(STUDENT)).fingerprint

    for reason in ("asked by ASHA@example.com", "asha called", "x"):
        with pytest.raises(ReasonRefused):
            await erase(STUDENT, reason, seen, BY_STAFF)
    with pytest.raises(CardNumberRefused):
        await erase(STUDENT, "4111 1111 1111 1111", seen, BY_STAFF)


async def test_all_that_is_kept_is_handed_out(world: MemoryWorld, erase: ErasePersonalData) -> None:
    """
    And it is written down that it was; nobody known is told so.
    """
    memory = world.memory
    export = ExportPersonalData(memory.personal_records, memory.unit_of_work, world.clock)

    record = await export(STUDENT, BY_STAFF)

    assert [each.email for each in record.payments] == [ASHA.email]
    assert [each.what for each in record.facts] == ["payment.begun"]
    entry = memory.store.audit[-1]
    assert (entry.action, entry.facts) == ("personal_data.exported", {"payments": "1"})
    for act in (export(StudentId("nobody"), BY_STAFF), erase.plan(StudentId("nobody"))):
        with pytest.raises(NotFound):
            await act


async def test_only_what_there_is_can_be_held(hold: HoldPayment) -> None:
    """
    And only for a reason.
    """
    with pytest.raises(NotFound):
        await hold(payment_id(9), "case 4", BY_STAFF)
    with pytest.raises(NotFound):
        await hold.release(payment_id(9), "case 4", BY_STAFF)
    with pytest.raises(ReasonRefused):
        await hold(payment_id(9), "x", BY_STAFF)
