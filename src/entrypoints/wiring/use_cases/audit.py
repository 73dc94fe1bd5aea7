"""The seal of the audit log: who signs, where anchors are kept, and what is verified."""

import secrets
from functools import partial

from dependency_injector import containers, providers

from adapters.objectstore.checkpoint_anchors import ObjectAnchors
from application.audit.anchor_checkpoint import AnchorCheckpoint
from application.audit.record_access import RecordAccess
from application.audit.seal_audit_log import SealAuditLog
from domain.audit.audit_line import SALT_BYTES
from entrypoints.settings.settings import Settings
from entrypoints.wiring.audit import checkpoint_signer
from entrypoints.wiring.documents import file_store
from ports.clock import Clock


class Audit(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = providers.DependenciesContainer()
    clock: providers.Dependency[Clock] = providers.Dependency()

    anchors = providers.Singleton(ObjectAnchors, providers.Singleton(file_store, settings))
    signer = providers.Singleton(checkpoint_signer, settings)
    seal_audit_log = providers.Singleton(
        SealAuditLog,
        storage.sealed_log,
        signer,
        providers.Object(partial(secrets.token_bytes, SALT_BYTES)),
        clock,
    )
    anchor_checkpoint = providers.Singleton(AnchorCheckpoint, storage.sealed_log, anchors)
    record_access = providers.Singleton(RecordAccess, storage.unit_of_work, clock)
