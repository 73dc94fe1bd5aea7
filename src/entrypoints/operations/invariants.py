"""Checks the money invariants: everything that must always be true of payments and refunds."""

from collections.abc import Sequence

from entrypoints.operations.run_in_container import run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.monitoring.money_invariants import Breach, Invariant


def money_invariants(
    settings: Settings, *, check: bool
) -> tuple[Sequence[Invariant], Sequence[Breach]]:
    """Return every money invariant, and with *check* those that do not hold now."""

    async def checked(container: Shulk) -> tuple[Sequence[Invariant], Sequence[Breach]]:
        known = container.storage.invariants().known
        check_invariants = container.use_cases().monitoring().check_invariants()
        return known, await check_invariants() if check else ()

    return run_in_container(settings, checked)
