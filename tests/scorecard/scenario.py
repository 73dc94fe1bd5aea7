"""What a row of the scorecard is: something that is done so many times, and how many of them end wrong."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scorecard.setup import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """
    How a scenario went.

    *wrong* holds the tries that did not end as they must, each with what was wrong with it. *told*
    counts what took part, so that a race in which nobody ran shows.
    """

    tried: int
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        return not self.wrong and all(self.told.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """*name* is its row; *promise* says what is done and how each of its *times* tries has to end."""

    name: str
    promise: str
    times: int
    play: Callable[[Setup, int], Awaitable[Tally]]

    async def __call__(self, setup: Setup) -> Tally:
        """Play it. Whatever breaks it off leaves every try wrong, for none was seen to end well."""
        tries = self.times
        try:
            return await self.play(setup, tries)
        except Exception as trouble:  # noqa: BLE001 - the other rows are played all the same
            said = f"{type(trouble).__name__}: {trouble}"
            return Tally(tried=tries, wrong={f"try {n + 1}": (said,) for n in range(tries)})
