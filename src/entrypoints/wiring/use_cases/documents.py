"""Tax documents: issued, cancelled, filed, and fetched."""

from dependency_injector import containers, providers

from application.documents.attach_document import AttachDocument
from application.documents.cancel_document import CancelDocument
from application.documents.download_document import DownloadDocument
from application.documents.fetch_file import FetchFile
from application.documents.file_documents import FileDocuments
from application.documents.issue_credit_note import IssueCreditNote
from application.documents.issue_invoice import IssueInvoice
from application.documents.regenerate_file import RegenerateFile
from application.documents.render_file import RenderFile
from entrypoints.settings.settings import Settings
from entrypoints.wiring.documents import company, document_policy
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.clock import Clock
from ports.documents.document_renderer import DocumentRenderer
from ports.file_store import FileStore


class Documents(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    files: providers.Dependency[FileStore] = providers.Dependency()
    renderer: providers.Dependency[DocumentRenderer] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    unit = storage.unit_of_work
    filed = storage.filed_documents
    seller = providers.Callable(company, settings)
    policy = providers.Callable(document_policy, settings)

    issue_invoice = providers.Singleton(IssueInvoice, unit, clock, seller, policy)
    issue_credit_note = providers.Singleton(
        IssueCreditNote, unit, clock, seller, policy, issue_invoice
    )
    cancel_document = providers.Singleton(CancelDocument, unit, storage.documents, clock)
    fetch_file = providers.Singleton(
        FetchFile, files=files, unit_of_work=unit, alerts=alerts, clock=clock
    )
    attach_document = providers.Singleton(AttachDocument, filed, fetch_file)
    download_document = providers.Singleton(DownloadDocument, filed, fetch_file)
    render_file = providers.Singleton(RenderFile, renderer, files, clock)
    file_documents = providers.Singleton(FileDocuments, unit, filed, render_file)
    regenerate_file = providers.Singleton(
        RegenerateFile,
        unit_of_work=unit,
        filed=filed,
        files=files,
        render_file=render_file,
        clock=clock,
    )
