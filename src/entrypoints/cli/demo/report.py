"""What the demo shows: its progress, its addresses, and how the scenarios ended."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
from redis.asyncio import Redis
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Column, Table

from domain.documents.document_number import NUMBER_MAX
from entrypoints.cli.demo.announcement import write_announcement
from entrypoints.cli.demo.bank_days import ReconciledDays, reconcile_days
from entrypoints.cli.demo.platform_told import what_the_platform_got
from entrypoints.cli.demo.scenario_run import Trip, run_trips
from entrypoints.cli.demo.seeds import DISCOUNTS, STAFF
from entrypoints.cli.demo.shutdown import (
    POLL_SECONDS,
    NotReady,
    Shutdown,
    ShutdownRequested,
    end_when_stdin_closes,
    shutdown_on_signals,
)
from entrypoints.cli.demo.stack import PortTaken, Progress, Stack, Wanted, running_stack
from entrypoints.cli.demo.unusual import unusual_settings
from entrypoints.cli.doctor import database_version, server_name
from entrypoints.cli.embedded import NotEmbedded
from entrypoints.cli.invariants import report_on, show_invariants
from entrypoints.cli.subprocesses import ChildDied
from entrypoints.operations.invariants import money_invariants
from entrypoints.operations.ledger import trial_balance
from entrypoints.settings.settings import GatewayKind
from ports.ledger.ledger_queries import AccountBalance

SESSION_SECONDS: Final = 900
# Long enough for the scenarios that are paid, short enough to wait for the one that is not.
SESSION_SECONDS_ONCE: Final = 15


def show(
    *,
    port: int,
    simulator_port: int,
    mailbox_port: int,
    announce: Path | None,
    gateway: str = GatewayKind.SIMULATOR,
    once: bool,
    as_json: bool,
    end_with_stdin: bool = False,
    postgres_version: int,
) -> int:
    """Run the demo and return the exit code: 0 when it did what was asked."""
    wanted = Wanted(
        port=port,
        simulator_port=simulator_port,
        mailbox_port=mailbox_port,
        postgres_version=postgres_version,
        session_lifetime_seconds=SESSION_SECONDS_ONCE if once else SESSION_SECONDS,
        gateway=GatewayKind(gateway),
    )
    if announce is not None:
        # A program that waits for the file must not read about an earlier run.
        announce.unlink(missing_ok=True)
    # Standard output is for the result; the progress goes to standard error.
    aside = Console(stderr=True)
    with (
        shutdown_on_signals() as shutdown,
        tempfile.TemporaryDirectory(prefix="shulk-demo-") as name,
    ):
        if end_with_stdin:
            end_when_stdin_closes(shutdown)
        try:
            with (
                aside.status("starting") as status,
                running_stack(
                    Path(name), wanted, shutdown=shutdown, progress=_progress(aside, status)
                ) as stack,
            ):
                if announce is not None:
                    write_announcement(stack, announce)
                if once:
                    return _go_once(
                        stack, shutdown, as_json=as_json, progress=_progress(aside, status)
                    )
                status.stop()
                say_where_to_click(stack, announce)
                shutdown.wait(stack.children)
        except ShutdownRequested:
            return 130 if once else 0
        except ChildDied as death:
            words = escape(death.last_words) or "it said nothing"
            aside.print(Panel(words, title=f"{death.name} ended with code {death.code}"))
            return 1
        except (PortTaken, NotEmbedded, NotReady) as refusal:
            aside.print(f"[red]{escape(str(refusal))}[/]")
            return 1
    return 0


def _progress(console: Console, status: Any) -> Progress:
    def tell(what: str) -> None:
        if console.is_terminal and not what.startswith("["):
            status.update(what)
        else:
            console.print(what)

    return tell


def _go_once(stack: Stack, shutdown: Shutdown, *, as_json: bool, progress: Progress) -> int:
    trips, emails, versions = asyncio.run(_trips_unless_shut_down(stack, shutdown, progress))
    progress("settling, and reconciling three days")
    orders = {each.name: each.order_id for each in trips if each.order_id}
    days = asyncio.run(reconcile_days(stack, orders)) if len(orders) == len(trips) else None
    known, findings = money_invariants(stack.settings)
    _, balances = trial_balance(stack.settings, through=days.through if days else None)
    balanced = bool(balances) and not sum(each.balance.paise for each in balances)
    in_order = not findings.broken and not findings.unchecked and balanced
    reconciled = days is not None and days.problem is None
    told = asyncio.run(what_the_platform_got(stack, trips))
    ok = all(each.problem is None for each in trips) and in_order and reconciled
    ok = ok and told.problem is None
    if as_json:
        report = {
            "ok": ok,
            "trips": [each.as_json() for each in trips],
            "emails": emails,
            "platform": told.as_json(),
            "invariants": report_on(known, findings),
            "reconciliation": days and days.as_json(balances),
            "ledger": {
                "balanced": balanced,
                "accounts": {each.account.value: each.balance.plain() for each in balances},
            },
            **versions,
        }
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
    else:
        Console().print(_table_of(trips))
        Console().print(f"{emails} emails, {versions['database']}, {versions['redis']}")
        Console().print(told.says)
        show_invariants(known, findings)
        if days is not None:
            Console().print(_table_of_days(days, balances))
        Console().print(_table_of_accounts(balances))
    return 0 if ok else 1


async def _trips_unless_shut_down(
    stack: Stack, shutdown: Shutdown, progress: Progress
) -> tuple[list[Trip], int, dict[str, str]]:
    """Run the scenarios; stop when a shutdown is requested or a process dies meanwhile."""
    going = asyncio.create_task(run_trips(stack, progress))
    try:
        while not going.done():
            shutdown.check()
            stack.children.check()
            await asyncio.wait({going}, timeout=POLL_SECONDS)
    except (ShutdownRequested, ChildDied):
        going.cancel()
        await asyncio.wait({going})
        raise
    trips, emails = await going
    return trips, emails, await _versions(stack)


async def _versions(stack: Stack) -> dict[str, str]:
    database = await asyncpg.connect(stack.settings.database_url)
    version = await database_version(database)
    await database.close()
    redis = Redis.from_url(stack.settings.redis_url or "")
    server = server_name(await redis.info("server"))
    await redis.aclose()
    return {"database": f"PostgreSQL {version}", "redis": server}


def _table_of(trips: list[Trip]) -> Table:
    documents = Column("Documents", min_width=NUMBER_MAX)
    table = Table("", "Trip", "Status", "Payable", "Enrolled", "Transaction", documents)
    for each in trips:
        table.add_row(
            "[red]✗[/]" if each.problem else "[green]✓[/]",
            each.name if each.problem is None else f"{each.name}\n[red]{escape(each.problem)}[/]",
            each.status,
            each.payable,
            {True: "yes", False: "no", None: ""}[each.enrolled],
            each.transaction_id,
            "\n".join((each.invoice_number or "", *each.credit_note_numbers)),
        )
    return table


def _table_of_days(days: ReconciledDays, balances: Sequence[AccountBalance]) -> Table:
    table = Table(Column("Three days, reconciled"), Column("", justify="right"))
    for name, told in days.as_json(balances).items():
        shown = ", ".join(map(str, told)) if isinstance(told, list | dict) else str(told)
        table.add_row(name, escape(shown))
    return table


def _table_of_accounts(balances: Sequence[AccountBalance]) -> Table:
    table = Table(
        Column("Account of the ledger"), Column("Balance (debit positive)", justify="right")
    )
    for each in balances:
        table.add_row(each.account.value, each.balance.grouped())
    return table


def say_where_to_click(stack: Stack, announce: Path | None) -> None:
    """Print the addresses of *stack*, what it takes to pay there, and what is not as in production."""
    table = Table.grid(padding=(0, 2))
    codes = ", ".join(str(each["code"]) for each in DISCOUNTS)
    staff = ", ".join(f"{each.name} ({' '.join(each.roles)})" for each in STAFF)
    for what, says in (
        ("Buy a course", f"{stack.api}/"),
        ("Staff console", f"{stack.api}/console as {staff}; the page shows their codes"),
        ("Read the mail", stack.mailbox),
        ("What the platform was told", stack.platform),
        ("API pages", f"{stack.api}/api/docs"),
        ("Stand-in bank", stack.simulator),
        ("Discount codes", codes),
        ("Pay with", "success@upi or failure@upi; card 4012 0000 0000 1097, code 000000"),
    ):
        table.add_row(f"[bold]{what}[/]", says)
    if announce is not None:
        table.add_row("[bold]For programs[/]", escape(str(announce)))
    Console().print(Panel(table, title="Shulk is open", subtitle="Ctrl-C ends it", expand=False))
    Console().print(Panel(_differences(stack), title="Not as in production", expand=False))


def _differences(stack: Stack) -> Table:
    """Return what the demo does otherwise: its settings beside the usual ones, and what no setting says."""
    table = Table("Setting", "Here", "Usually", box=None, padding=(0, 2))
    for name, here, usual in unusual_settings(stack.variables):
        table.add_row(name, here, usual)
    table.add_row("Money", f"a stand-in bank ({stack.settings.gateway})", "the bank")
    table.add_row("Sign-in", "by picking a person; staff's codes are shown", "the platform's")
    table.add_row("Data", "gone when the demo ends", "kept")
    return table
