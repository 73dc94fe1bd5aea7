"""Staff and what is kept secret for them: accounts, second factors, keys."""

from dependency_injector import containers, providers

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.totp.second_factor import TotpSecondFactor
from application.refunds.authorise_refund import AuthoriseRefund
from application.staff.manage_staff import AddStaff, ChangeStaff, EnrolSecondFactor
from application.staff.rotate_secrets import RotateSecrets
from application.staff.verify_totp import VerifyTotp
from domain.staff.staff_member import CodeLimit
from entrypoints.settings.settings import Settings
from ports.clock import Clock


def code_limit(settings: Settings) -> CodeLimit:
    """Return how many codes *settings* let a member of staff try."""
    return CodeLimit(attempts=settings.totp_attempts, lock=settings.totp_lock)


class Staff(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = providers.DependenciesContainer()
    use_cases = providers.DependenciesContainer()
    clock: providers.Dependency[Clock] = providers.Dependency()

    unit = storage.unit_of_work
    cipher = providers.Singleton(AesGcmCipher.under, settings.provided.keys_at_rest)
    second_factor = providers.Singleton(TotpSecondFactor, settings.provided.seller_name)
    add_staff = providers.Singleton(AddStaff, unit, clock)
    change_staff = providers.Singleton(ChangeStaff, unit, clock)
    enrol_second_factor = providers.Singleton(EnrolSecondFactor, unit, second_factor, cipher, clock)
    verify_totp = providers.Singleton(
        VerifyTotp,
        unit_of_work=unit,
        second_factor=second_factor,
        cipher=cipher,
        clock=clock,
        limit=providers.Callable(code_limit, settings),
    )
    authorise_refund = providers.Singleton(
        AuthoriseRefund,
        unit_of_work=unit,
        confirm=verify_totp,
        request=use_cases.request_refund,
        approve_refund=use_cases.approve_refund,
        reject_refund=use_cases.reject_refund,
    )
    rotate_secrets = providers.Singleton(
        RotateSecrets, storage.encrypted_secrets, cipher, unit, clock
    )
