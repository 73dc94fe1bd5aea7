"""The processes a deployment runs: the API, the worker, the scheduler, and the stand-in bank."""

import resource
import socket

import rich_click as click

from entrypoints.cli.command_settings import settings_of_a_process
from entrypoints.cli.fake_gateway import fake_gateway_beside
from entrypoints.cli.loading import loading
from entrypoints.settings.settings import Settings

WORKERS_MAX = 64
BACKLOG = 1024
HEADERS_MILLISECONDS_MAX = 65_000
"""
An idle connection is closed after this time as well. It is longer than the 60 seconds for which a proxy
keeps a connection by default: one that ends first here loses a request that is just being sent.
"""

OPEN_FILES_BESIDES = 512
"""Connections to the database, Redis, the bank and the files of documents."""


@click.command()
@click.option(
    "--workers",
    type=click.IntRange(1, WORKERS_MAX),
    default=1,
    show_default=True,
    help="Processes that share the port.",
)
def serve(workers: int) -> None:
    """Serve the API and the pages; SIGTERM lets running requests finish."""
    settings = settings_of_a_process()
    _require_known_schema(settings)
    with loading():
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces
        from granian.http import HTTP1Settings

        from entrypoints.telemetry.opening import counted_together

        # Loaded here once: the workers are forked from this process.
        from entrypoints.wiring.http_process import app

    if _somebody_listens(settings.host, settings.port):
        # The server would share the port with whoever has it, and each would get half the calls.
        raise click.ClickException(
            f"port {settings.port} is taken; choose another SHULK_PORT or end who has it"
        )
    allow_open_files(settings.connections_max + OPEN_FILES_BESIDES)
    server = Granian(
        f"{app.__module__}:{app.__name__}",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=workers,
        workers_kill_timeout=settings.shutdown_seconds,
        respawn_failed_workers=True,
        websockets=False,
        backlog=BACKLOG,
        # Whoever sends nothing holds a connection and no more; the body's deadline ends the others.
        backpressure=settings.connections_max,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MILLISECONDS_MAX),
        # Its own handlers would write lines that are not JSON; the root logger's write JSON.
        log_dictconfig={
            "handlers": {},
            "formatters": {},
            "loggers": {"_granian": {"propagate": True}},
        },
    )
    with fake_gateway_beside(settings), counted_together(settings) as serve_metrics:
        server.on_startup(serve_metrics)
        server.serve()


@click.command()
def worker() -> None:
    """Carry out what follows a payment: inbox, emails, status reads."""
    _require_known_schema(settings_of_a_process())
    # Loaded after the settings are known to be right: a wrong one is told at once.
    with loading():
        from entrypoints.wiring.worker_process import main

    main()


@click.command()
def scheduler() -> None:
    """Say when the periodic jobs are due; any number of schedulers may run."""
    settings_of_a_process()
    with loading():
        from entrypoints.wiring.scheduler_process import main

    main()


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.pass_context
def simulator(context: click.Context) -> None:
    """Run a simulated SmartGateway on this machine."""
    with loading():
        from entrypoints.simulator.command import simulator as command

    command.main(args=list(context.args), prog_name="shulk simulator")


def allow_open_files(wanted: int) -> None:
    """Raise this process's own limit of open files to *wanted*, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _require_known_schema(settings: Settings) -> None:
    """
    End the process, and say what to do, when the schema is not this version's.

    A database that cannot be reached is no reason to end: the process checks again as it starts.
    """
    with loading():
        from entrypoints.operations.schema import schema_problem_if_reached

    problem = schema_problem_if_reached(settings)
    if problem is not None:
        raise click.ClickException(problem)


def _somebody_listens(host: str, port: int) -> bool:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    try:
        with socket.create_connection((everywhere.get(host, host), port), timeout=1):
            return True
    except OSError:
        return False
