"""``shulk demo``: the whole service on one machine, to try by hand, to test against, or to watch once."""

from pathlib import Path
from typing import Final

import rich_click as click

PORT: Final = click.IntRange(0, 65_535)


@click.command()
@click.option("--port", type=PORT, default=8000, show_default=True, help="API; 0: any free one.")
@click.option(
    "--simulator-port", type=PORT, default=0, show_default="any free one", help="Stand-in bank."
)
@click.option(
    "--mailbox-port", type=PORT, default=0, show_default="any free one", help="Inbox page."
)
@click.option(
    "--announce",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write addresses, people, tokens and keys to this JSON file once everything answers.",
)
@click.option(
    "--gateway",
    type=click.Choice(["simulator", "fake"]),
    default="simulator",
    show_default=True,
    help="Stand-in bank: one that speaks the protocol, or the fake gateway.",
)
@click.option("--once", is_flag=True, help="Go the known trips unattended, report, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --once: report as one JSON object.")
@click.option(
    "--end-with-stdin",
    is_flag=True,
    help="End when standard input is closed, as it is when the program that started this one is killed.",
)
@click.option(
    "--postgres",
    "postgres_version",
    type=click.Choice(["16", "18"]),
    default="18",
    show_default=True,
    help="Version of the embedded PostgreSQL.",
)
def demo(
    *,
    port: int,
    simulator_port: int,
    mailbox_port: int,
    announce: Path | None,
    gateway: str,
    once: bool,
    as_json: bool,
    end_with_stdin: bool,
    postgres_version: str,
) -> None:
    """Run everything on this machine, with made-up students and a stand-in bank."""
    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    if once and gateway != "simulator":
        raise click.UsageError("--once goes with the simulator: the fake gateway settles nothing")
    if announce is not None and not announce.parent.is_dir():
        raise click.UsageError(f"there is no folder {announce.parent} to announce in")
    from entrypoints.cli.demo.report import show

    code = show(
        port=port,
        simulator_port=simulator_port,
        mailbox_port=mailbox_port,
        announce=announce,
        gateway=gateway,
        once=once,
        as_json=as_json,
        end_with_stdin=end_with_stdin,
        postgres_version=int(postgres_version),
    )
    raise SystemExit(code)
