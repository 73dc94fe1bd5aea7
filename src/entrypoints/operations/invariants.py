"""Checks the money invariants: everything that must always be true of payments and refunds."""

from collections.abc import Sequence

from application.monitoring.check_invariants import Findings
from entrypoints.operations.run_in_container import run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.monitoring.money_invariants import Invariant


def known_invariants(settings: Settings) -> Sequence[Invariant]:
    """Return every money invariant, in the order in which they are checked."""

    async def known(container: Shulk) -> Sequence[Invariant]:
        found: Sequence[Invariant] = container.storage.invariants().known
        return found

    return run_in_container(settings, known)


def money_invariants(
    settings: Settings, *, full: bool = True
) -> tuple[Sequence[Invariant], Findings]:
    """Return every money invariant, and what a full or an incremental check finds now."""

    async def checked(container: Shulk) -> tuple[Sequence[Invariant], Findings]:
        check_invariants = container.use_cases().monitoring().check_invariants()
        return container.storage.invariants().known, await check_invariants(full=full)

    return run_in_container(settings, checked)
