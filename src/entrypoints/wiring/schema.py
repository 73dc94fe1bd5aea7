"""A process that does not know the schema must not touch the data."""

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres import schema


class SchemaUnknown(Exception):
    """This version was not made for that database; the message says what to run."""


async def insist_on_known_schema(engine: AsyncEngine) -> None:
    """Raise ``SchemaUnknown`` unless the database has exactly this version's schema."""
    problem = await schema.problem_with(engine)
    if problem is not None:
        raise SchemaUnknown(problem)
