"""Two storages told the same story, command by command: the frame for machines that make the stories up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from adapters.postgres.engine.database import Database, DatabaseSettings
from contracts.conftest import empty
from contracts.memory_storage import MemoryStorage
from contracts.postgres_storage import PostgresStorage
from contracts.storage import Storage
from domain.errors import DomainError
from fakes.clock import StoppedClock

Out = TypeVar("Out")


class TwoStorages(RuleBasedStateMachine):
    """Every command goes to both; whatever comes back, results and refusals, has to be equal."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.runner.run(empty(url))
        self.database = Database.connect(DatabaseSettings(url=url))
        self.memory = MemoryStorage()
        self.postgres = PostgresStorage.on(self.database)
        self.clock = StoppedClock()

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()

    def both(self, command: Callable[[Storage], Awaitable[Out]]) -> Out | None:
        """Return what both said to *command*, None when both refused it in the same way."""
        told = self.each(command, command)
        said = [outcome if isinstance(outcome, str) else result for outcome, result in told]
        assert said[0] == said[1]
        return told[0][1]

    def each(
        self,
        of_memory: Callable[[Storage], Awaitable[Out]],
        of_postgres: Callable[[Storage], Awaitable[Out]],
    ) -> list[tuple[str | None, Out | None]]:
        return [
            self.runner.run(_outcome(storage, command))
            for storage, command in ((self.memory, of_memory), (self.postgres, of_postgres))
        ]


def agree(machine: Callable[[], TwoStorages], *, examples: int, steps: int) -> None:
    """Let *machine* tell *examples* stories of up to *steps* commands each."""
    run_state_machine_as_test(
        machine,  # type: ignore[arg-type]  # any factory does
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


async def _outcome(
    storage: Storage, command: Callable[[Storage], Awaitable[Out]]
) -> tuple[str | None, Out | None]:
    try:
        return None, await command(storage)
    except DomainError as refusal:
        return type(refusal).__name__, None
    except storage.fault:
        return "a fault of ours", None
