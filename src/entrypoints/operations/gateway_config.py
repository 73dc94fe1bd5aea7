"""The gateway configuration as the command line shows it, and tries it."""

from application.gateway_config.propose_configuration import ConfigurationChange
from application.gateway_config.read_configuration import ConfigurationOverview
from application.gateway_config.try_connection import ConnectionTest
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk


def overview(settings: Settings) -> ConfigurationOverview:
    """Return what is in effect, what waits, and what was before."""

    async def read(container: Shulk) -> ConfigurationOverview:
        found: ConfigurationOverview = await container.use_cases().gateway_config().read()()
        return found

    return run_in_container(settings, read)


def try_connection(settings: Settings, number: int | None) -> ConnectionTest:
    """Ask the bank by version *number*, None for the one in effect; 0 is the environment. Raises ``NotFound``."""

    async def tried(container: Shulk) -> ConnectionTest:
        use_case = container.use_cases().gateway_config().try_connection()
        test: ConnectionTest = await use_case(number, ConfigurationChange(), BY_COMMAND)
        return test

    return run_in_container(settings, tried, asks_bank=True)
