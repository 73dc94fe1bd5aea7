"""The money invariants: what must always hold, and what to do where it does not."""

import json
from collections.abc import Sequence
from typing import Final

import rich_click as click
from rich.console import Console
from rich.markup import escape

from application.monitoring.check_invariants import Findings
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment
from ports.monitoring.money_invariants import Breach, Invariant

BROKEN: Final = 1
UNCHECKED: Final = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Report as one JSON object.")
@click.option("--list", "only_list", is_flag=True, help="Show what is checked, and check nothing.")
@click.option(
    "--changed",
    is_flag=True,
    help="Check only what has changed since the last check, or was broken then.",
)
def invariants(*, as_json: bool, only_list: bool, changed: bool) -> None:
    """
    Check everything that must always be true of the money.

    Ends with 1 when anything is not, and with 3 when nothing is broken but something could not be
    checked.
    """
    from entrypoints.operations.invariants import known_invariants, money_invariants

    settings = settings_from_environment()
    with domain_errors_shown():
        if only_list:
            known, findings = known_invariants(settings), Findings()
        else:
            known, findings = money_invariants(settings, full=not changed)
    if as_json:
        click.echo(json.dumps(report_on(known, findings), indent=2))
    else:
        show_invariants(known, findings, only_list=only_list)
    if findings.broken:
        raise SystemExit(BROKEN)
    if findings.unchecked:
        raise SystemExit(UNCHECKED)


def report_on(known: Sequence[Invariant], findings: Findings) -> dict[str, object]:
    """Return the findings as they are written in JSON."""
    open_still = {each.invariant.name for each in findings.unchecked}
    return {
        "checked": [each.name for each in known if each.name not in open_still],
        "broken": [
            {
                "name": each.invariant.name,
                "means": each.invariant.means,
                "mends": each.invariant.remedy,
                "count": each.count,
                "subjects": list(each.subjects),
            }
            for each in findings.broken
        ],
        "unchecked": [
            {"name": each.invariant.name, "why": each.why} for each in findings.unchecked
        ],
    }


def show_invariants(
    known: Sequence[Invariant], findings: Findings, *, only_list: bool = False
) -> None:
    """Print what is broken and what to do about it, what could not be checked, or that all is well."""
    console = Console()
    found = {each.invariant.name: each for each in findings.broken}
    for each in known:
        breach = found.get(each.name)
        if only_list or breach is not None:
            mark = "[dim]·[/]" if only_list else "[red]✗[/]"
            console.print(f"{mark} [bold]{each.name}[/]  {escape(each.means)}", soft_wrap=True)
            console.print(f"  [dim]what to do:[/] {escape(each.remedy)}", soft_wrap=True)
        if breach is not None:
            _show_subjects(console, breach)
    for left in findings.unchecked:
        name, why = left.invariant.name, escape(left.why)
        console.print(f"[yellow]?[/] [bold]{name}[/]  could not be checked: {why}", soft_wrap=True)
    if not only_list and not found and not findings.unchecked:
        console.print(f"[green]✓[/] all {len(known)} invariants hold")


def _show_subjects(console: Console, breach: Breach) -> None:
    shown = ", ".join(breach.subjects)
    more = " …" if breach.count > len(breach.subjects) else ""
    console.print(f"  {breach.count} found: {escape(shown)}{more}", soft_wrap=True)
