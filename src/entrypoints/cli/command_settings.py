"""The settings of a command, or the end of it with all that is wrong with them."""

import os

import rich_click as click

from entrypoints.settings.settings import Settings, SettingsWrong, load_settings


def settings_from_environment() -> Settings:
    """Return the settings of this process, or end it with all that is wrong with them."""
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
    return settings
