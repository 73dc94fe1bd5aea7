"""Members of staff and the keys over their secrets, as the command line changes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.totp.second_factor import code_of, step_at
from application.staff.manage_staff import ChangeStaff, EnrolSecondFactor, Invitation
from application.staff.rotate_secrets import RotateSecrets, Rotation
from domain.staff.access import Role
from domain.staff.staff_member import StaffId, StaffMember
from domain.text.printable import on_one_line
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk


@dataclass(frozen=True, slots=True)
class EncryptedUnder:
    """How many secrets are encrypted under which key, by the keys' ids; *known* are the keys that are set."""

    active: str
    known: frozenset[str]
    texts: Mapping[str, int]


def add_staff(
    settings: Settings, *, staff: str, name: str, email: str, roles: Iterable[str]
) -> None:
    """Add a member of staff; raises a ``DomainError`` when the domain refuses it."""

    async def add(container: Shulk) -> None:
        member = StaffMember(
            id=StaffId(staff), name=on_one_line(name), email=email.strip(), roles=_roles(roles)
        )
        await container.use_cases().staff().add_staff()(member, BY_COMMAND)

    run_in_container(settings, add)


def show_staff(settings: Settings, staff: str) -> StaffMember:
    """Return the member, or raise ``NotFound``."""
    return run_in_container(settings, lambda container: _changing(container).show(StaffId(staff)))


def set_roles(settings: Settings, staff: str, roles: Iterable[str]) -> StaffMember:
    """Return the member with exactly *roles*."""
    wanted = _roles(roles)
    return run_in_container(
        settings,
        lambda container: _changing(container).set_roles(StaffId(staff), wanted, BY_COMMAND),
    )


def set_active(settings: Settings, staff: str, *, active: bool) -> StaffMember:
    """Return the member, suspended or resumed."""

    async def change(container: Shulk) -> StaffMember:
        changing = _changing(container)
        act = changing.resume if active else changing.suspend
        return await act(StaffId(staff), BY_COMMAND)

    return run_in_container(settings, change)


def invite(settings: Settings, staff: str) -> Invitation:
    """Return a new seed for the member's app; it is not stored yet."""
    return run_in_container(
        settings, lambda container: _enrolling(container).invite(StaffId(staff))
    )


def confirm(settings: Settings, staff: str, seed: str, code: str) -> None:
    """Store *seed* as the member's, or raise ``TotpWrong``."""
    run_in_container(
        settings,
        lambda container: _enrolling(container).confirm(StaffId(staff), seed, code, BY_COMMAND),
    )


def staff_with_app(
    settings: Settings, *, staff: str, name: str, email: str, roles: Iterable[str]
) -> str:
    """
    Add a member of staff who has an app from the start, and return the app's seed: for a demo.

    The seed is confirmed by the TOTP of the time step before, so that the present one is unused.
    """

    async def add(container: Shulk) -> str:
        member = StaffMember(id=StaffId(staff), name=name, email=email, roles=_roles(roles))
        await container.use_cases().staff().add_staff()(member, BY_COMMAND)
        enrolling = _enrolling(container)
        seed = (await enrolling.invite(member.id)).seed
        code = code_of(seed, step_at(container.clock().now()) - 1)
        await enrolling.confirm(member.id, seed, code, BY_COMMAND)
        return seed

    return run_in_container(settings, add)


def remove_second_factor(settings: Settings, staff: str) -> StaffMember:
    """Return the member, whose app is removed: its TOTPs are refused from now on."""
    return run_in_container(
        settings,
        lambda container: _changing(container).remove_second_factor(StaffId(staff), BY_COMMAND),
    )


def rotate_secrets(settings: Settings) -> Rotation:
    """Encrypt under the active key whatever is encrypted under another."""

    async def rotate(container: Shulk) -> Rotation:
        rotation: RotateSecrets = container.use_cases().staff().rotate_secrets()
        return await rotation(BY_COMMAND)

    return run_in_container(settings, rotate)


def encrypted_under(settings: Settings) -> EncryptedUnder:
    """Return which keys are in use."""

    async def read(container: Shulk) -> EncryptedUnder:
        keys = container.settings().keys_at_rest
        texts = await container.storage.encrypted_secrets().by_key()
        return EncryptedUnder(keys.active, frozenset(keys.by_id), dict(texts))

    return run_in_container(settings, read)


def _changing(container: Shulk) -> ChangeStaff:
    changing: ChangeStaff = container.use_cases().staff().change_staff()
    return changing


def _enrolling(container: Shulk) -> EnrolSecondFactor:
    enrolling: EnrolSecondFactor = container.use_cases().staff().enrol_second_factor()
    return enrolling


def _roles(words: Iterable[str]) -> frozenset[Role]:
    return frozenset(map(Role, words))
