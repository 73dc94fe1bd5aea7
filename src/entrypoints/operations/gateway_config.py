"""The gateway configuration as the command line shows it, and tries it."""

from contextlib import suppress

import asyncpg

from application.gateway_config.current_configuration import CurrentConfiguration
from application.gateway_config.propose_configuration import ConfigurationChange
from application.gateway_config.read_configuration import ConfigurationOverview
from application.gateway_config.try_connection import ConnectionTest
from domain.errors import DomainError
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk


def overview(settings: Settings) -> ConfigurationOverview:
    """Return what is in effect, what waits, and what was before."""

    async def read(container: Shulk) -> ConfigurationOverview:
        found: ConfigurationOverview = await container.use_cases().gateway_config().read()()
        return found

    return run_in_container(settings, read)


def configuration_in_effect(settings: Settings) -> GatewayConfiguration:
    """Return what a process that starts now would use; the environment while the database has none to read."""

    async def read(container: Shulk) -> GatewayConfiguration:
        current: CurrentConfiguration = container.configuration()
        with suppress(DomainError, asyncpg.PostgresError):
            await current.refresh()
        return current()

    return run_in_container(settings, read)


def try_connection(settings: Settings, number: int | None) -> ConnectionTest:
    """Ask the bank by version *number*, None for the one in effect; 0 is the environment. Raises ``NotFound``."""

    async def tried(container: Shulk) -> ConnectionTest:
        use_case = container.use_cases().gateway_config().try_connection()
        test: ConnectionTest = await use_case(number, ConfigurationChange(), BY_COMMAND)
        return test

    return run_in_container(settings, tried, asks_bank=True)
