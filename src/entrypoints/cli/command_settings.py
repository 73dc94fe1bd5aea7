"""The settings of a command, or the end of it with all that is wrong with them."""

import logging
import os

import rich_click as click

from entrypoints.settings.former_names import FORMER_NAMES, former_names_in
from entrypoints.settings.settings import Settings, SettingsWrong, load_settings

log = logging.getLogger(__name__)


def settings_from_environment() -> Settings:
    """Return the settings of this process, or end it with all that is wrong with them."""
    warn_of_former_names()
    try:
        return load_settings(os.environ)
    except SettingsWrong as refusal:
        raise click.ClickException(
            f"these settings are missing or wrong (see .env.example):\n\n{refusal}"
        ) from None


def settings_of_a_process() -> Settings:
    """Return the settings of a process that runs for long and logs as JSON from here on."""
    from entrypoints.logs.setup import configure_logging

    settings = settings_from_environment()
    configure_logging(settings)
    for old in former_names_in(os.environ):
        log.warning("setting.renamed", extra={"field": old})
    return settings


def warn_of_former_names() -> None:
    """Name on standard error every setting that stands under its former name."""
    for old in former_names_in(os.environ):
        click.echo(
            f"warning: {old} is called {FORMER_NAMES[old]} now;"
            " the former name goes with the next release",
            err=True,
        )
