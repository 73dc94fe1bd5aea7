"""How a command ends when the domain refuses what it was asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import rich_click as click

from domain.errors import DomainError
from ports.unit_of_work import StorageUnavailable


@contextmanager
def domain_errors_shown() -> Iterator[None]:
    """Let a ``DomainError`` inside the block end the command with its message."""
    try:
        yield
    except StorageUnavailable as away:
        cause = f" ({away})" if str(away) else ""
        raise click.ClickException(
            f"the database cannot be reached{cause}; is SHULK_DATABASE_URL right, and does it take"
            " connections from here?"
        ) from None
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
