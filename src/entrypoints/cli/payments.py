"""Payments under review from the command line: listed by age, and resolved with a reason."""

from typing import Final

import rich_click as click

from domain.payments.dispute_state import DisputeState
from domain.payments.order_facts import ReviewReason
from domain.payments.resolution import Resolution
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment

REASONS: Final = click.Choice([reason.value for reason in ReviewReason])
OPEN_STATES: Final = click.Choice([state.value for state in DisputeState if state.is_open])
ACTIONS: Final = click.Choice([each.value.replace("_", "-") for each in Resolution])
READ_AGAIN: Final = Resolution.READ_AGAIN.value.replace("_", "-")
SHOWN_USUAL: Final = 200


@click.group()
def payments() -> None:
    """Payments that staff have to review."""


@payments.command("review")
@click.option("--reason", type=REASONS, help="Only payments under review for this.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=SHOWN_USUAL,
    show_default=True,
    help="Most payments to show.",
)
def review(reason: str | None, limit: int) -> None:
    """Show payments under review: since when (UTC), why, whose it is, and what may be done."""
    from entrypoints.operations.reviews import find_reviews

    with domain_errors_shown():
        found = find_reviews(settings_from_environment(), reason, limit)
    for each in found:
        click.echo(
            f"{each.transaction_id}  {each.status}  paid {each.captured} {each.captured_currency}  {each.student_id}"
        )
        for opened in each.reasons:
            actions = " ".join(word.replace("_", "-") for word in opened.resolutions)
            click.echo(
                f"  {opened.since:%Y-%m-%d %H:%M}  {opened.reason}  {opened.owner}  {actions}"
            )
    if not found:
        click.echo("no payment is under review", err=True)


@payments.command("disputes")
@click.option("--state", type=OPEN_STATES, help="Only payments with a dispute in this state.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=SHOWN_USUAL,
    show_default=True,
    help="Most payments to show.",
)
def disputes(state: str | None, limit: int) -> None:
    """Show payments with an open dispute: until when evidence is accepted (UTC), and each dispute."""
    from entrypoints.operations.disputes import find_disputes

    with domain_errors_shown():
        found = find_disputes(settings_from_environment(), state, limit)
    for each in found:
        click.echo(
            f"{each.respond_by:%Y-%m-%d %H:%M}  {each.transaction_id}  paid {each.captured}  {each.student_id}"
        )
        for dispute in each.disputes:
            words = (dispute.dispute_id, dispute.status, dispute.amount, dispute.reason)
            click.echo(f"  {'  '.join(filter(None, words))}")
    if not found:
        click.echo("no payment is disputed", err=True)


@payments.command("resolve")
@click.argument("payment")
@click.option("--reason", "review_reason", type=REASONS, required=True, help="Which reason.")
@click.option(
    "--action", type=ACTIONS, required=True, help="What is done about it (docs/states.md)."
)
@click.option("--why", required=True, help="3 to 200 characters for the audit log.")
@click.option(
    "--by", "staff", help="Id of the member of staff who does it; their code is asked for."
)
def resolve(payment: str, review_reason: str, action: str, why: str, staff: str | None) -> None:
    """End one reason for the review of PAYMENT, or do what is meant to end it."""
    from entrypoints.operations.reviews import resolve as resolved_by

    code = ""
    if action != READ_AGAIN:
        if staff is None:
            raise click.UsageError(f"{action} is done by a member of staff: name them with --by")
        code = click.prompt(f"Code that the app of {staff} shows now", hide_input=True)
    with domain_errors_shown():
        resolved = resolved_by(
            settings_from_environment(),
            payment,
            review_reason=review_reason,
            action=action,
            why=why,
            staff=staff,
            code=code,
        )
    left = " ".join(each.reason for each in resolved.payment.review.known) or "nothing"
    click.echo(f"{payment} is {resolved.payment.state}; under review for {left}")
    if resolved.refund:
        click.echo(
            f"refund {resolved.refund.id} of {resolved.refund.amount}: {resolved.refund.state}"
        )
