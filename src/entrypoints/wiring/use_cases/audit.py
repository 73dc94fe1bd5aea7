"""The seal of the audit log: who signs, where anchors are kept, and what is verified."""

import secrets
from functools import partial

from dependency_injector import containers, providers

from adapters.objectstore.archive_manifests import ObjectManifests
from adapters.objectstore.checkpoint_anchors import ObjectAnchors
from adapters.zstd.line_packing import ZstdPacking
from application.audit.anchor_checkpoint import AnchorCheckpoint
from application.audit.archive_audit_log import SealedMonths
from application.audit.archive_months import ArchiveInTurn, ArchiveMonths
from application.audit.archive_records import RecordMonths
from application.audit.delete_archived_months import DeleteArchivedMonths
from application.audit.list_archive import ListArchive
from application.audit.prove_entries import ProveEntries
from application.audit.read_archive import ReadArchive
from application.audit.read_records import ReadRecords
from application.audit.record_access import RecordAccess
from application.audit.restore_month import RestoreMonth
from application.audit.restore_records import RestoreRecords
from application.audit.seal_audit_log import SealAuditLog
from domain.audit.audit_line import SALT_BYTES
from domain.audit.record_kind import RecordKind
from entrypoints.settings.settings import Settings
from entrypoints.wiring.audit import checkpoint_signer, key_texts
from entrypoints.wiring.documents import file_store
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.clock import Clock


class Audit(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    anchors = providers.Singleton(ObjectAnchors, providers.Singleton(file_store, settings))
    signer = providers.Singleton(checkpoint_signer, settings)
    read_archive = providers.Singleton(
        ReadArchive,
        storage.archive_register,
        providers.Singleton(file_store, settings),
        providers.Singleton(ZstdPacking),
    )
    prove_entries = providers.Singleton(ProveEntries, storage.sealed_log, read_archive)
    packing = providers.Singleton(ZstdPacking)
    months_of = providers.Singleton(
        SealedMonths,
        spans=storage.sealed_spans,
        archive=read_archive,
        keys=providers.Singleton(key_texts, settings),
        hot_months=settings.provided.audit_hot_months,
    )
    archive_months = providers.Factory(
        ArchiveMonths,
        files=providers.Singleton(file_store, settings),
        manifests=providers.Singleton(ObjectManifests, providers.Singleton(file_store, settings)),
        alerts=alerts,
        clock=clock,
    )
    record_months = providers.Factory(RecordMonths, rows=storage.record_archive, packing=packing)
    read_records = providers.Singleton(
        ReadRecords, storage.record_archive, providers.Singleton(file_store, settings), packing
    )
    restore_records = providers.Singleton(RestoreRecords, read_records, storage.restored_months)
    restore_month = providers.Singleton(RestoreMonth, read_archive, storage.restored_months)
    delete_months = providers.Factory(
        DeleteArchivedMonths,
        files=providers.Singleton(file_store, settings),
        manifests=providers.Singleton(ObjectManifests, providers.Singleton(file_store, settings)),
        clock=clock,
    )
    delete_archived = providers.List(
        providers.Factory(
            delete_months, source=months_of, remove_restored=restore_month.provided.remove
        ),
        providers.Factory(
            delete_months,
            source=providers.Factory(record_months, RecordKind.INBOX),
            remove_restored=providers.Callable(
                partial, restore_records.provided.remove, RecordKind.INBOX
            ),
        ),
        providers.Factory(
            delete_months,
            source=providers.Factory(record_months, RecordKind.OUTBOX),
            remove_restored=providers.Callable(
                partial, restore_records.provided.remove, RecordKind.OUTBOX
            ),
        ),
        providers.Factory(
            delete_months,
            source=providers.Factory(record_months, RecordKind.DECISIONS),
            remove_restored=providers.Callable(
                partial, restore_records.provided.remove, RecordKind.DECISIONS
            ),
        ),
    )
    # The audit log first: the steps of the others are entries of it.
    archive_audit_log = providers.Singleton(
        ArchiveInTurn,
        providers.List(
            providers.Factory(archive_months, source=months_of),
            providers.Factory(
                archive_months, source=providers.Factory(record_months, RecordKind.INBOX)
            ),
            providers.Factory(
                archive_months, source=providers.Factory(record_months, RecordKind.OUTBOX)
            ),
            providers.Factory(
                archive_months, source=providers.Factory(record_months, RecordKind.DECISIONS)
            ),
        ),
        delete_archived,
    )
    list_archive = providers.Singleton(
        ListArchive, storage.archive_register, storage.record_archive
    )
    seal_audit_log = providers.Singleton(
        SealAuditLog,
        storage.sealed_log,
        signer,
        providers.Object(partial(secrets.token_bytes, SALT_BYTES)),
        clock,
    )
    anchor_checkpoint = providers.Singleton(AnchorCheckpoint, storage.sealed_log, anchors)
    record_access = providers.Singleton(RecordAccess, storage.unit_of_work, clock)
