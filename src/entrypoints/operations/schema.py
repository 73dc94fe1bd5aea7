"""Brings the database to this version's schema, and says whether it has that schema."""

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from adapters.postgres import schema
from adapters.postgres.engine.database import Database
from adapters.postgres.roles import apply_grants
from domain.errors import DomainError
from entrypoints.operations.database_roles import serving_role
from entrypoints.operations.run_in_container import run_on_database
from entrypoints.settings.settings import Settings
from ports.unit_of_work import StorageUnavailable


def migrate(settings: Settings) -> str:
    """
    Bring the database to this version's schema and return its revision.

    Where another role serves, it is given its rights on what is new. Raises ``StorageUnavailable`` and
    ``RoleUnknown``.
    """

    async def upgraded(database: Database) -> str:
        await schema.upgrade(database.engine)
        if settings.migration_database_url is not None:
            await apply_grants(database.engine, serving_role(settings))
        return await schema.revision_of(database.engine) or ""

    try:
        return run_on_database(settings, upgraded, as_owner=True)
    except (OSError, TimeoutError, OperationalError) as away:
        raise StorageUnavailable(type(away).__name__) from away


def schema_problem(settings: Settings) -> str | None:
    """Return why this version must not serve that database, None when all is well."""
    return run_on_database(settings, lambda database: schema.problem_with(database.engine))


def schema_problem_if_reached(settings: Settings) -> str | None:
    """Return the same as ``schema_problem``, and None also when the database cannot be reached."""
    try:
        return schema_problem(settings)
    except (OSError, TimeoutError, DomainError, SQLAlchemyError):
        return None
