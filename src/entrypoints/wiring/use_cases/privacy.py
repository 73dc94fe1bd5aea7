"""The data of people: exported, erased, and held back from erasure."""

from dependency_injector import containers, providers

from application.privacy.authorise_erasure import AuthoriseErasure
from application.privacy.erase_personal_data import ErasePersonalData
from application.privacy.export_personal_data import ExportPersonalData
from application.privacy.hold_payment import HoldPayment
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock


class Privacy(containers.DeclarativeContainer):
    storage = NamedDependencies()
    staff = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()

    export = providers.Singleton(
        ExportPersonalData,
        records=storage.personal_records,
        unit_of_work=storage.unit_of_work,
        clock=clock,
    )
    erase = providers.Singleton(
        ErasePersonalData,
        records=storage.personal_records,
        sessions=storage.browser_sessions,
        clock=clock,
    )
    authorise_erasure = providers.Singleton(
        AuthoriseErasure,
        unit_of_work=storage.unit_of_work,
        verify_totp=staff.verify_totp,
        erase=erase,
    )
    hold = providers.Singleton(
        HoldPayment,
        records=storage.personal_records,
        unit_of_work=storage.unit_of_work,
        clock=clock,
    )
