"""Browser sessions: where a person is signed in, and signing them out."""

import rich_click as click

from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment


@click.group()
def sessions() -> None:
    """Where students and staff are signed in, by the id that the platform's tokens call them."""


@sessions.command("list")
@click.argument("person", metavar="PERSON")
def list_(person: str) -> None:
    """Show every browser in which PERSON is signed in now, the newest sign-in first."""
    from entrypoints.operations.sessions import list_sessions

    found = list_sessions(settings_from_environment(), person)
    for each in found:
        kind = "staff" if each.is_staff else "student"
        click.echo(
            f"{each.id}  {kind}  since {each.began_at:%Y-%m-%d %H:%M} UTC"
            f"  last seen {each.seen_at:%H:%M}  until {each.ends_at:%H:%M}  {each.ip}  {each.browser}"
        )
    if not found:
        click.echo(f"{person} is signed in nowhere")


@sessions.command("end")
@click.argument("person", metavar="PERSON")
@click.option("--session", metavar="ID", help="Only this one, as the list shows it.")
def end(person: str, session: str | None) -> None:
    """
    Sign PERSON out everywhere, or in one browser.

    A token that the platform signed is valid for its minutes all the same; of a member of staff,
    suspend the account as well: shulk staff suspend.
    """
    from entrypoints.operations.sessions import end_sessions

    with domain_errors_shown():
        ended = end_sessions(settings_from_environment(), person, session)
    click.echo(f"{ended} session{'' if ended == 1 else 's'} of {person} ended")
