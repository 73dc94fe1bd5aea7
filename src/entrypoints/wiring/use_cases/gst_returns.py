"""GST returns of a month."""

from dependency_injector import containers, providers

from application.gst_returns.export_return import ExportReturn
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock
from ports.gst_returns.return_files import ReturnFiles


class GstReturns(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    return_files: providers.Dependency[ReturnFiles] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    export_return = providers.Singleton(
        ExportReturn,
        unit_of_work=storage.unit_of_work,
        periods=storage.document_periods,
        files=return_files,
        clock=clock,
        seller=settings.provided.seller_gstin,
        version=settings.provided.gst_return_version,
    )
