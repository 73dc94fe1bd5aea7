"""Members of staff: their accounts, their second factors, and the keys over their secrets."""

from dependency_injector import containers, providers

from application.staff.manage_accounts import ManageAccounts
from application.staff.manage_staff import AddStaff, ChangeStaff, EnrolSecondFactor
from application.staff.refuse_suspended import RefuseSuspended
from application.staff.rotate_secrets import RotateSecrets
from application.staff.show_student import ShowStudent
from application.staff.verify_totp import VerifyTotp
from domain.staff.second_factor import TotpLimit
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.cipher import Cipher
from ports.clock import Clock
from ports.staff.second_factor import SecondFactor


def code_limit(settings: Settings) -> TotpLimit:
    """Return how many codes *settings* let a member of staff try."""
    return TotpLimit(attempts=settings.totp_attempts, lock=settings.totp_lock)


class Staff(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    cipher: providers.Dependency[Cipher] = providers.Dependency()
    second_factor: providers.Dependency[SecondFactor] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    unit = storage.unit_of_work

    add_staff = providers.Singleton(AddStaff, unit, clock)
    change_staff = providers.Singleton(ChangeStaff, unit, clock, storage.browser_sessions)
    refuse_suspended = providers.Singleton(RefuseSuspended, unit)
    enrol_second_factor = providers.Singleton(EnrolSecondFactor, unit, second_factor, cipher, clock)
    verify_totp = providers.Singleton(
        VerifyTotp,
        unit_of_work=unit,
        second_factor=second_factor,
        cipher=cipher,
        clock=clock,
        limit=providers.Callable(code_limit, settings),
    )
    rotate_secrets = providers.Singleton(
        RotateSecrets, storage.encrypted_secrets, cipher, unit, clock
    )
    manage_accounts = providers.Singleton(
        ManageAccounts,
        verify_totp=verify_totp,
        unit_of_work=unit,
        second_factor=second_factor,
        cipher=cipher,
        sessions=storage.browser_sessions,
        clock=clock,
    )
    show_student = providers.Singleton(ShowStudent, unit, clock)
