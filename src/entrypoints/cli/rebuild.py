"""Payments computed again from all that they were decided on, and compared with the books."""

import json
import re
from contextlib import suppress
from datetime import date, timedelta
from typing import Final

import rich_click as click

from application.rebuild.rebuild_payments import RebuildReport
from domain.identifiers import PaymentId, is_payment_id
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

DIFFERS: Final = 1
YEAR_MIN: Final = 2000

_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


class _Since(click.ParamType[date | timedelta]):
    name = "date|duration"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | timedelta:
        if span := _SPAN.fullmatch(value):
            return timedelta(**{_UNITS[span[2]]: int(span[1])})
        with suppress(ValueError):
            if (day := date.fromisoformat(value)).year >= YEAR_MIN:
                return day
        return self.fail(
            f"{value!r} is neither a day as 2026-04-01 nor a time as 36h or 7d", param, ctx
        )


@click.command()
@click.argument("transaction_id", nargs=-1)
@click.option(
    "--since",
    type=_Since(),
    help="Payments changed since this day (in India), or for so long: 36h, 7d. Usually 2d.",
)
@click.option("--json", "as_json", is_flag=True, help="Report as one JSON object.")
def rebuild(
    transaction_id: tuple[str, ...], since: date | timedelta | None, *, as_json: bool
) -> None:
    """
    Compute payments again from what they were decided on, and compare the books.

    Given TRANSACTION_IDs, those alone. Ends with 1 when any differs; what differs is recorded as an
    invariant's breach, and what has healed is taken off.
    """
    from application.rebuild.rebuild_payments import NIGHTLY_SINCE
    from entrypoints.operations.rebuild import rebuild_named, rebuild_since

    if transaction_id and since is not None:
        raise click.UsageError("either --since or transaction ids")
    for each in transaction_id:
        if not is_payment_id(each):
            raise click.ClickException(f"{each} is no transaction id")
    settings = settings_from_environment()
    with domain_errors_shown():
        if transaction_id:
            report = rebuild_named(settings, [PaymentId(each) for each in transaction_id])
        else:
            report = rebuild_since(settings, NIGHTLY_SINCE if since is None else since)
    if as_json:
        click.echo(json.dumps(report_on(report), indent=2))
    else:
        _show(report)
    if report.differing:
        raise SystemExit(DIFFERS)


def report_on(report: RebuildReport) -> dict[str, object]:
    """Return the report as it is written in JSON."""
    return {
        "compared": report.compared,
        "not_rebuilt": report.not_rebuilt,
        "differing": report.differing,
        "payments": [
            {
                "transaction_id": each.payment,
                "differences": [
                    {"kind": found.kind.value, "books": found.books, "rebuilt": found.rebuilt}
                    for found in each.differences
                ],
            }
            for each in report.shown
        ],
    }


def _show(report: RebuildReport) -> None:
    for each in report.shown:
        click.echo(each.payment)
        for found in each.differences:
            click.echo(f"  {found}")
    if report.differing > len(report.shown):
        click.echo(f"and {report.differing - len(report.shown)} more")
    if report.not_rebuilt:
        click.echo(f"{report.not_rebuilt} not rebuilt: not all that they were decided on is kept")
    agree = report.compared - report.differing
    click.echo(f"{report.compared} compared, {agree} as decided, {report.differing} differ")
