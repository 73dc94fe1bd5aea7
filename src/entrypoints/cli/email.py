"""Emails: a preview of each."""

import tempfile
import webbrowser
from pathlib import Path

import rich_click as click

from domain.text.language import Language
from entrypoints.cli.command_settings import warn_of_former_names
from entrypoints.settings.settings import SettingsWrong

LANGUAGES = [each.value for each in Language]
FOLDER = click.Path(path_type=Path, file_okay=False, writable=True)


@click.group()
def email() -> None:
    """Emails to students and staff."""


@email.command("preview")
@click.argument("name", required=False)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="Of a student's email.",
)
@click.option("--out", type=FOLDER, help="Folder for the files, made if need be; else a new one.")
@click.option("--open/--no-open", "opens", default=True, help="Open the email in a browser.")
def preview(name: str | None, language: str, out: Path | None, *, opens: bool) -> None:
    """Write the email NAME with sample figures to files and open it; without NAME list the emails.

    Sends nothing and needs no database; examples stand in for settings that are missing.
    """
    from entrypoints.operations import email_preview

    warn_of_former_names()
    try:
        settings = email_preview.settings_for_preview()
    except SettingsWrong as refusal:
        raise click.ClickException(f"these settings are wrong:\n\n{refusal}") from None
    names = email_preview.sample_names(settings)
    if name is None:
        click.echo("\n".join(names))
        return
    if name not in names:
        raise click.ClickException(f"there is no email {name!r}; there are {', '.join(names)}")
    folder = out or Path(tempfile.mkdtemp(prefix="shulk-email-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = email_preview.preview(settings, name, folder, Language(language))
    except OSError as refusal:
        raise click.ClickException(f"cannot write to {folder}: {refusal.strerror}") from None
    click.echo(f"To: {written.to}\nSubject: {written.subject}", err=True)
    for file in written.files:
        click.echo(str(file))
    if opens and not webbrowser.open(written.files[0].resolve().as_uri()):
        click.echo("there is no browser here; open the first file in one", err=True)
