"""The money invariants: what must always hold, and what to do where it does not."""

import json
from collections.abc import Sequence

import rich_click as click
from rich.console import Console
from rich.markup import escape

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment
from ports.monitoring.money_invariants import Breach, Invariant


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Report as one JSON object.")
@click.option("--list", "only_list", is_flag=True, help="Show what is checked, and check nothing.")
def invariants(*, as_json: bool, only_list: bool) -> None:
    """Check everything that must always be true of the money. Fails when anything is not."""
    from entrypoints.operations.invariants import money_invariants

    settings = settings_from_environment()
    with domain_errors_shown():
        known, broken = money_invariants(settings, check=not only_list)
    if as_json:
        click.echo(json.dumps(report_on(known, broken), indent=2))
    else:
        show_invariants(known, broken, only_list=only_list)
    if broken:
        raise SystemExit(1)


def report_on(known: Sequence[Invariant], broken: Sequence[Breach]) -> dict[str, object]:
    """Return the findings as they are written in JSON."""
    return {
        "checked": [each.name for each in known],
        "broken": [
            {
                "name": each.invariant.name,
                "means": each.invariant.means,
                "mends": each.invariant.remedy,
                "count": each.count,
                "subjects": list(each.subjects),
            }
            for each in broken
        ],
    }


def show_invariants(
    known: Sequence[Invariant], broken: Sequence[Breach], *, only_list: bool = False
) -> None:
    """Print what is broken and what to do about it, or that all is well."""
    console = Console()
    found = {each.invariant.name: each for each in broken}
    for each in known:
        breach = found.get(each.name)
        if only_list or breach is not None:
            mark = "[dim]·[/]" if only_list else "[red]✗[/]"
            console.print(f"{mark} [bold]{each.name}[/]  {escape(each.means)}", soft_wrap=True)
            console.print(f"  [dim]what to do:[/] {escape(each.remedy)}", soft_wrap=True)
        if breach is not None:
            shown = ", ".join(breach.subjects)
            more = " …" if breach.count > len(breach.subjects) else ""
            console.print(f"  {breach.count} found: {escape(shown)}{more}", soft_wrap=True)
    if not only_list and not broken:
        console.print(f"[green]✓[/] all {len(known)} invariants hold")
