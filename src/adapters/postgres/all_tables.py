"""All tables of the schema in one collection: for migrations, and for tests that empty every table."""

from typing import Final

from sqlalchemy import MetaData

from adapters.postgres.audit import tables as audit_tables
from adapters.postgres.catalogue import tables as catalogue_tables
from adapters.postgres.documents import tables as document_tables
from adapters.postgres.engine.metadata import metadata as shared
from adapters.postgres.gateway_config import tables as gateway_config_tables
from adapters.postgres.ledger import tables as ledger_tables
from adapters.postgres.monitoring import tables as monitoring_tables
from adapters.postgres.payments import tables as payment_tables
from adapters.postgres.privacy import tables as privacy_tables
from adapters.postgres.queues import tables as queue_tables
from adapters.postgres.reconciliation import tables as reconciliation_tables
from adapters.postgres.refunds import tables as refund_tables
from adapters.postgres.settlements import tables as settlement_tables
from adapters.postgres.sign_in import tables as sign_in_tables
from adapters.postgres.staff import tables as staff_tables
from adapters.postgres.webhooks import tables as webhook_tables

AREAS: Final = (
    audit_tables,
    catalogue_tables,
    document_tables,
    gateway_config_tables,
    ledger_tables,
    monitoring_tables,
    payment_tables,
    privacy_tables,
    queue_tables,
    reconciliation_tables,
    refund_tables,
    settlement_tables,
    sign_in_tables,
    staff_tables,
    webhook_tables,
)
"""Every package with tables has to be named here; otherwise migrations do not see its tables."""

metadata: Final[MetaData] = shared
