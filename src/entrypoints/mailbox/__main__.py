"""``python -m entrypoints.mailbox``: the demo's mail server and inbox."""

import asyncio
import os
import sys
from pathlib import Path

import rich_click as click

from entrypoints.mailbox.server import run_mailbox

PORT = click.IntRange(0, 65_535)


@click.command()
@click.option("--http-port", type=PORT, default=8025, show_default=True, help="0 takes a free one.")
@click.option("--smtp-port", type=PORT, default=1025, show_default=True, help="0 takes a free one.")
@click.option(
    "--announce", type=click.Path(path_type=Path), help="Write the addresses to this JSON file."
)
def mailbox(http_port: int, smtp_port: int, announce: Path | None) -> None:
    """Take mail on loopback, deliver none of it, and show it on a page."""
    asyncio.run(run_mailbox(http_port=http_port, smtp_port=smtp_port, announce=announce))


if __name__ == "__main__":
    try:
        mailbox()
    except SystemExit as end:
        # All is closed by now; the server's native threads have been seen to abort the process
        # when they meet an interpreter that is taking itself apart.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)
