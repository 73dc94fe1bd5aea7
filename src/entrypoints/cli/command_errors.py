"""How a command ends when the domain refuses what it was asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import rich_click as click

from domain.errors import DomainError


@contextmanager
def domain_errors_shown() -> Iterator[None]:
    """Let a ``DomainError`` inside the block end the command with its message."""
    try:
        yield
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
