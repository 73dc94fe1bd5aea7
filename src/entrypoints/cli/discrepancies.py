"""Discrepancies between books and bank from the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import rich_click as click

from application.discrepancies.resolve_discrepancies import ResolutionOutcome
from domain.ledger.account import Account
from domain.ledger.journal import Journal
from domain.money import Money
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction
from domain.reconciliation.resolution_rules import ACCOUNTS, LAWFUL_ACTIONS
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment
from ports.reconciliation.discrepancy_queries import DiscrepancyOrder

SHOWN_USUAL: Final = 50
SHOWN_MAX: Final = 1000
REFUSED: Final = 1
DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
BOOKED_TO: Final[Sequence[Account]] = sorted(
    {each for allowed in ACCOUNTS.values() for each in allowed}
)
ACTIONS: Final = [
    each.value.replace("_", "-")
    for each in ResolutionAction
    if each is ResolutionAction.UNDO or any(each in lawful for lawful in LAWFUL_ACTIONS.values())
]
BY: Final = click.option(
    "--by", "staff", required=True, help="Id of the member of staff; their code is asked for."
)


@click.group()
def discrepancies() -> None:
    """What books and bank disagree on, and what people decide about it (docs/settlement.md)."""


@discrepancies.command("list")
@click.option(
    "--type", "types", multiple=True, type=click.Choice([each.value for each in DiscrepancyType])
)
@click.option("--cause", "causes", multiple=True, type=click.Choice([each.value for each in Cause]))
@click.option(
    "--state", "states", multiple=True, type=click.Choice([each.value for each in DiscrepancyState])
)
@click.option("--owner", "owners", multiple=True, type=click.Choice([each.value for each in Owner]))
@click.option("--older-than", "older", type=click.IntRange(0), help="Days since it was found.")
@click.option("--search", help="A whole id: payment, refund, settlement, RRN, UTR.")
@click.option(
    "--order", type=click.Choice([each.value for each in DiscrepancyOrder]), default="priority"
)
@click.option("--limit", type=click.IntRange(1, SHOWN_MAX), default=SHOWN_USUAL, show_default=True)
def list_(older: int | None, limit: int, **asked: Any) -> None:
    """Show discrepancies, the gravest first; without --state all of them, closed ones last."""
    from entrypoints.operations.discrepancies import DiscrepancySearch, find_discrepancies

    search = DiscrepancySearch(older_than_days=older, **asked)
    with domain_errors_shown():
        found = find_discrepancies(settings_from_environment(), search, limit)
    for each in found:
        finding = each.finding
        click.echo(
            f"{each.id}  {each.state:<17} {Money(finding.difference_paise).grouped():>16}"
            f"  {finding.cause}  {finding.ref}  {each.owner}  due {each.due_at:%Y-%m-%d %H:%M}"
        )
    if not found:
        click.echo("no discrepancy", err=True)


@discrepancies.command("show")
@click.argument("discrepancy")
def show(discrepancy: str) -> None:
    """Show DISCREPANCY with its evidence and every decision about it (instants in UTC)."""
    from entrypoints.operations.discrepancies import discrepancy_with_history

    with domain_errors_shown():
        found, history = discrepancy_with_history(settings_from_environment(), discrepancy)
    finding = found.finding
    lawful = " ".join(sorted(each.replace("_", "-") for each in LAWFUL_ACTIONS[finding.cause]))
    for name, value in (
        ("discrepancy", f"{found.id}  {found.state}  version {found.version}"),
        ("cause", f"{finding.type}  {finding.cause}"),
        ("about", f"{finding.subject} {finding.ref}"),
        ("settlement", finding.settlement),
        ("difference", Money(finding.difference_paise).grouped()),
        ("in suspense", Money(finding.posted_paise).grouped()),
        ("owner", f"{found.owner}, due {found.due_at:%Y-%m-%d %H:%M}"),
        ("found", f"{found.first_found_at:%Y-%m-%d %H:%M}, {found.times_found} times"),
        ("closed by", found.closed_by or "-"),
        ("possible", lawful or "-"),
        *((name, value) for name, value in finding.evidence),
        *(("line", f"{each.file}:{each.line_no}") for each in finding.lines),
    ):
        click.echo(f"{name:<12} {value}")
    for each in history:
        click.echo(
            f"{each.decided_at:%Y-%m-%d %H:%M}  {each.sequence}  {each.action}  {each.state}"
            f"  {each.amount.grouped()}  {each.decided_by}"
            f"{f', {each.approved_by}' if each.approved_by else ''}: {each.note}"
        )


@discrepancies.command("resolve")
@click.argument("ids", nargs=-1, required=True)
@click.option("--action", type=click.Choice(ACTIONS), required=True, help="See docs/states.md.")
@click.option("--note", required=True, help="3 to 500 characters for the audit log.")
@click.option("--account", type=click.Choice([each.value for each in BOOKED_TO]))
@click.option("--payment", help="The payment that a dispute or a refund is about.")
@click.option("--amount", help="Rupees; repeats what is decided about, or is what is refunded.")
@click.option("--until", type=DAY, help="The day on which the bank has to be done.")
@click.option("--by", "staff", help="Id of the member of staff; their code is asked for.")
@click.option("--dry-run", is_flag=True, help="Show the journal, and write nothing.")
def resolve(
    ids: tuple[str, ...], staff: str | None, until: datetime | None, *, dry_run: bool, **told: Any
) -> None:
    """Do one action on each discrepancy of IDS. Ends with 1 when one of them is refused."""
    from entrypoints.operations.discrepancies import Decision
    from entrypoints.operations.discrepancies import resolve as resolved_by

    if staff is None and not dry_run:
        raise click.UsageError("it is done by a member of staff: name them with --by")
    decision = Decision(
        staff=staff or "",
        code="" if dry_run or staff is None else _code_of(staff),
        until=until.date() if until else None,
        dry_run=dry_run,
        **told,
    )
    with domain_errors_shown():
        outcomes = resolved_by(settings_from_environment(), ids, decision)
    _show(outcomes)


@discrepancies.command("approve")
@click.argument("ids", nargs=-1, required=True)
@BY
def approve(ids: tuple[str, ...], staff: str) -> None:
    """Approve what somebody else proposed for each discrepancy of IDS."""
    _decide(ids, staff, approves=True)


@discrepancies.command("reject")
@click.argument("ids", nargs=-1, required=True)
@BY
def reject(ids: tuple[str, ...], staff: str) -> None:
    """Reject what was proposed for each discrepancy of IDS, or withdraw what one proposed oneself."""
    _decide(ids, staff, approves=False)


def _decide(ids: tuple[str, ...], staff: str, *, approves: bool) -> None:
    from entrypoints.operations.discrepancies import decide

    code = _code_of(staff)
    with domain_errors_shown():
        outcomes = decide(
            settings_from_environment(), ids, staff=staff, code=code, approves=approves
        )
    _show(outcomes)


def _code_of(staff: str) -> str:
    code: str = click.prompt(f"Code that the app of {staff} shows now", hide_input=True)
    return code


def _show(outcomes: Sequence[ResolutionOutcome]) -> None:
    for each in outcomes:
        if each.standing is None:
            click.echo(f"{each.discrepancy}  refused: {each.refusal}", err=True)
            continue
        resolution = each.standing.resolution
        click.echo(
            f"{each.discrepancy}  {each.standing.discrepancy.state}: {resolution.action}"
            f" {resolution.state}, {resolution.amount.grouped()}"
        )
        if resolution.action is ResolutionAction.RELEASE_LINE and each.standing.journal:
            click.echo("  the next reconciliation posts:")
        _show_journal(each.standing.journal)
    if any(each.refusal for each in outcomes):
        raise SystemExit(REFUSED)


def _show_journal(journal: Journal | None) -> None:
    for entry in journal.entries if journal else ():
        click.echo(f"  {entry.account.value:<16} {entry.amount.grouped():>16}")
