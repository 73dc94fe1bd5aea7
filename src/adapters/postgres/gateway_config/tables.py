"""The table of versions of the gateway configuration; its secrets are encrypted, each for its place."""

from typing import Final

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.engine.metadata import listed, metadata
from domain.gateway_config.configuration_version import VersionState
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import PaymentMethod

ENCRYPTED_TEXT: Final = "^[A-Za-z0-9._-]{1,32}:."
"""A secret that is encrypted begins with its key's id and a colon."""

gateway_config = Table(
    "gateway_config",
    metadata,
    Column("number", Integer, autoincrement=False, nullable=False),
    Column("state", String(20), nullable=False),
    Column("merchant_id", String(100), nullable=False),
    Column("payment_page_client_id", String(100), nullable=False),
    Column("api_version", String(100), nullable=False),
    Column("webhook_user", String(100), nullable=False),
    Column("methods", ARRAY(String(20)), nullable=False),
    Column("minimum_paise", BigInteger, nullable=False),
    Column("maximum_paise", BigInteger, nullable=False),
    Column("session_seconds", Integer, nullable=False),
    # The highest amount in paise of each method that has one of its own; NULL for none.
    Column("method_maxima", JSONB),
    *(Column(each.value, Text) for each in SecretField),
    Column("based_on", Integer, nullable=False),
    Column("retires", Boolean, nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("proposed_by", String(255), nullable=False),
    Column("proposed_at", DateTimeUTC(timezone=True), nullable=False),
    Column("wanted_from", DateTimeUTC(timezone=True)),
    Column("decided_by", String(255)),
    Column("decided_at", DateTimeUTC(timezone=True)),
    Column("decision_reason", String(200), nullable=False),
    Column("effective_from", DateTimeUTC(timezone=True)),
    Column("overlap_until", DateTimeUTC(timezone=True)),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("number", name="gateway_config_pkey"),
    CheckConstraint("number > 0 AND based_on >= 0 AND based_on < number", name="number"),
    CheckConstraint(f"state IN ({listed(VersionState)})", name="state"),
    CheckConstraint(
        f"cardinality(methods) > 0 AND methods <@ ARRAY[{listed(PaymentMethod)}]::varchar[]",
        name="methods",
    ),
    CheckConstraint(
        "1000 <= minimum_paise AND minimum_paise <= maximum_paise AND maximum_paise <= 50000000",
        name="limits",
    ),
    CheckConstraint("session_seconds BETWEEN 1 AND 3600", name="session_seconds"),
    *(
        CheckConstraint(f"{each.value} ~ '{ENCRYPTED_TEXT}'", name=each.value)
        for each in SecretField
    ),
    # Nobody approves what they proposed, unless it only narrows.
    CheckConstraint(
        "state <> 'approved' OR alone OR decided_by <> proposed_by", name="two_officers"
    ),
    CheckConstraint(
        "(state = 'approved') = (effective_from IS NOT NULL) "
        "AND (state IN ('approved', 'rejected')) = (decided_by IS NOT NULL) "
        "AND (decided_by IS NULL) = (decided_at IS NULL)",
        name="decided",
    ),
    CheckConstraint("effective_from > decided_at", name="effective_from"),
    Index(
        "gateway_config_one_proposed",
        "state",
        unique=True,
        postgresql_where=text("state = 'proposed'"),
    ),
)
