"""The data of people exported and erased, and legal holds, from the command line."""

from collections.abc import Sequence

import msgspec

from domain.identifiers import PaymentId, StudentId
from domain.privacy.erasure import LAWS, ErasurePlan
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.privacy.personal_records import ErasedCounts, PersonalRecord


def export(settings: Settings, student: str) -> bytes:
    """Return all that is kept of *student* as JSON."""

    async def exported(container: Shulk) -> PersonalRecord:
        act = container.use_cases().privacy().export()
        record: PersonalRecord = await act(StudentId(student), BY_COMMAND)
        return record

    record = run_in_container(settings, exported)
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def plan(settings: Settings, student: str) -> ErasurePlan:
    """Return what would be erased of *student*, what stays and why, and what confirms it."""

    async def planned(container: Shulk) -> ErasurePlan:
        found: ErasurePlan = await container.use_cases().privacy().erase().plan(StudentId(student))
        return found

    return run_in_container(settings, planned)


def erase(settings: Settings, student: str, reason: str, seen: str) -> ErasedCounts:
    """Erase what the plan with the fingerprint *seen* names."""

    async def erased(container: Shulk) -> ErasedCounts:
        act = container.use_cases().privacy().erase()
        counts: ErasedCounts = await act(StudentId(student), reason, seen, BY_COMMAND)
        return counts

    return run_in_container(settings, erased)


def holds(settings: Settings) -> Sequence[PaymentId]:
    """Return the payments under legal hold."""

    async def listed(container: Shulk) -> Sequence[PaymentId]:
        found: Sequence[PaymentId] = await container.storage.personal_records().holds()
        return found

    return run_in_container(settings, listed)


def hold(settings: Settings, payment: str, reason: str) -> None:
    """Place a legal hold on *payment*."""

    async def held(container: Shulk) -> None:
        await container.use_cases().privacy().hold()(PaymentId(payment), reason, BY_COMMAND)

    run_in_container(settings, held)


def release(settings: Settings, payment: str, reason: str) -> None:
    """End the legal hold of *payment*."""

    async def released(container: Shulk) -> None:
        act = container.use_cases().privacy().hold()
        await act.release(PaymentId(payment), reason, BY_COMMAND)

    run_in_container(settings, released)


def lines_of(found: ErasurePlan) -> Sequence[str]:
    """Return *found* as lines for people: what goes, what stays by which law, and what confirms it."""
    kept = [
        f"stays: {each.data} of {each.payment}{f' until {each.until}' if each.until else ''}."
        f" {LAWS[each.reason]}"
        for each in found.kept
    ]
    return [
        *(f"goes: contact of {each}" for each in found.contact),
        *(f"goes: names of {each}" for each in found.names),
        f"goes: sessions, and addresses in the audit log from before {found.before:%Y-%m-%d}",
        *kept,
    ]
