"""``python -m entrypoints.platform``: a small platform that listens to webhooks."""

from pathlib import Path

import rich_click as click

from entrypoints.platform.server import run_platform

PORT = click.IntRange(0, 65_535)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--port", type=PORT, default=8080, show_default=True, help="0 takes a free one.")
@click.option("--secret-file", type=FILE, required=True, help="Holds the endpoint's secret.")
@click.option("--announce", type=FILE, help="Write the address to this JSON file.")
def platform(port: int, secret_file: Path, announce: Path | None) -> None:
    """Take webhooks on loopback, open courses by them, and show what came."""
    run_platform(port=port, secret_file=secret_file, announce=announce)


if __name__ == "__main__":
    platform()
