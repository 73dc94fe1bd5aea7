"""The other doors and the wiring's commands, reached by name only when they are asked for."""

import importlib
import os
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import rich_click as click

from entrypoints.logs.setup import configure_logging
from entrypoints.settings.settings import Settings, SettingsWrong, load_settings


def called(reference: str) -> Callable[..., Any]:
    """Return what *reference* (``package.module:name``) names."""
    module, _, name = reference.partition(":")
    found: Callable[..., Any] = attrgetter(name)(importlib.import_module(module))
    return found


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
    settings = settings_from_environment()
    configure_logging(settings)
    return settings
