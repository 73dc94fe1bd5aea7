"""Versions of the gateway configuration in rows: written only if their row is unchanged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, literal, select, update

from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.gateway_config.tables import gateway_config
from domain.catalogue.amount_limits import AmountLimits
from domain.gateway_config.configuration_version import ConfigurationVersion, VersionState
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import GatewayTerms, PaymentMethod
from domain.money import Money
from domain.staff.staff_member import StaffId

ONE = literal(1)
_newest_first = (
    select(gateway_config).order_by(gateway_config.c.number.desc()).limit(bindparam("most"))
)
NEWEST = prepare(_newest_first)
APPROVED = prepare(_newest_first.where(gateway_config.c.state == VersionState.APPROVED.value))
# Each change raises the version of a row, and each new row adds one: the sum never comes back.
REVISION = prepare(
    select(func.coalesce(func.sum(gateway_config.c.version + 1), 0).label("revision"))
)
ADD = prepare(
    insert(gateway_config)
    .values({c.name: bindparam(c.name) for c in gateway_config.columns})
    .returning(ONE)
)
UPDATE_IF_UNCHANGED = prepare(
    update(gateway_config)
    .where(
        gateway_config.c.number == bindparam("of_number"),
        gateway_config.c.version == bindparam("read_version"),
    )
    .values({c.name: bindparam(c.name) for c in gateway_config.columns if c.name != "number"})
    .returning(ONE)
)


@dataclass(frozen=True, slots=True)
class PostgresConfigurationReads:
    database: Database

    async def newest(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        return [to_version(row) for row in await self.database.fetch(NEWEST, most=at_most)]

    async def approved(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        return [to_version(row) for row in await self.database.fetch(APPROVED, most=at_most)]

    async def revision(self) -> int:
        rows = await self.database.fetch(REVISION)
        return int(rows[0]["revision"])


@dataclass(frozen=True, slots=True)
class PostgresConfigurations:
    connection: Connection
    writes: list[Write]

    async def newest(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        return [to_version(row) for row in await self.connection.fetch(NEWEST, most=at_most)]

    async def approved(self, *, at_most: int) -> Sequence[ConfigurationVersion]:
        return [to_version(row) for row in await self.connection.fetch(APPROVED, most=at_most)]

    def add(self, version: ConfigurationVersion) -> None:
        self.writes.append(Write(ADD, to_columns(version)))

    def save(self, version: ConfigurationVersion) -> None:
        values = {
            **to_columns(version),
            "of_number": version.number,
            "read_version": version.version,
            "version": version.version + 1,
        }
        what = "version of the gateway configuration"
        self.writes.append(Write(UPDATE_IF_UNCHANGED, values, expects=what))


def to_version(row: Mapping[str, Any]) -> ConfigurationVersion:
    return ConfigurationVersion(
        number=row["number"],
        state=VersionState(row["state"]),
        terms=GatewayTerms(
            merchant_id=row["merchant_id"],
            payment_page_client_id=row["payment_page_client_id"],
            api_version=row["api_version"],
            webhook_user=row["webhook_user"],
            methods=frozenset(map(PaymentMethod, row["methods"])),
            limits=AmountLimits(
                minimum=Money(row["minimum_paise"]), maximum=Money(row["maximum_paise"])
            ),
            session_lifetime=timedelta(seconds=row["session_seconds"]),
            maxima=_to_maxima(row["method_maxima"]),
        ),
        secrets={each: row[each.value] for each in SecretField if row[each.value] is not None},
        based_on=row["based_on"],
        retires=row["retires"],
        alone=row["alone"],
        reason=row["reason"],
        proposed_by=StaffId(row["proposed_by"]),
        proposed_at=row["proposed_at"],
        wanted_from=row["wanted_from"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        decision_reason=row["decision_reason"],
        effective_from=row["effective_from"],
        overlap_until=row["overlap_until"],
        version=row["version"],
    )


def to_columns(version: ConfigurationVersion) -> dict[str, object]:
    terms = version.terms
    return {
        "number": version.number,
        "state": version.state.value,
        "merchant_id": terms.merchant_id,
        "payment_page_client_id": terms.payment_page_client_id,
        "api_version": terms.api_version,
        "webhook_user": terms.webhook_user,
        "methods": sorted(each.value for each in terms.methods),
        "minimum_paise": terms.limits.minimum.paise,
        "maximum_paise": terms.limits.maximum.paise,
        "session_seconds": int(terms.session_lifetime.total_seconds()),
        "method_maxima": _maxima_column(terms.maxima),
        **{each.value: version.secrets.get(each) for each in SecretField},
        "based_on": version.based_on,
        "retires": version.retires,
        "alone": version.alone,
        "reason": version.reason,
        "proposed_by": version.proposed_by,
        "proposed_at": version.proposed_at,
        "wanted_from": version.wanted_from,
        "decided_by": version.decided_by,
        "decided_at": version.decided_at,
        "decision_reason": version.decision_reason,
        "effective_from": version.effective_from,
        "overlap_until": version.overlap_until,
        "version": version.version,
    }


def _maxima_column(maxima: Mapping[PaymentMethod, Money]) -> str | None:
    paise = {each.value: highest.paise for each, highest in maxima.items()}
    return json.dumps(paise) if paise else None


def _to_maxima(told: Any) -> dict[PaymentMethod, Money]:
    paise = json.loads(told) if isinstance(told, str) else told or {}
    return {PaymentMethod(name): Money(each) for name, each in paise.items()}
