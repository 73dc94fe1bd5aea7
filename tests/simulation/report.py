"""What many lives came to together, in a few lines."""

from collections import Counter
from dataclasses import dataclass, field

from simulation.coverage import KNOWN, never_reached
from simulation.life import Ended

DAYS_PER_YEAR = 365.25


@dataclass(slots=True)
class Report:
    lives: int = 0
    failed: dict[int, tuple[str, ...]] = field(default_factory=dict)
    seconds: float = 0.0
    steps: int = 0
    reached: Counter[str] = field(default_factory=Counter)

    def add(self, ended: Ended) -> None:
        self.lives += 1
        self.seconds += ended.seconds
        self.steps += ended.steps
        self.reached.update(ended.reached)
        if ended.wrong:
            self.failed[ended.plan.seed] = ended.wrong

    def lines(self, processor_seconds: float) -> list[str]:
        """Return the report; *processor_seconds* is what all the lives took together."""
        years = self.seconds / 86_400 / DAYS_PER_YEAR
        each = 1000 * processor_seconds / max(self.lives, 1)
        told = [
            f"{self.lives} lives, {years:.1f} simulated years, {self.steps} steps",
            f"{each:.0f} ms of processor time each",
            f"{len(self.failed)} went wrong",
            "reached, in so many lives:",
        ]
        told += [f"  {name}: {times}" for name, times in sorted(self.reached.items())]
        missing = never_reached(self.reached)
        told.append(f"reached {len(KNOWN) - len(missing)} of {len(KNOWN)}, and never in this run:")
        told += [f"  {name}" for name in missing]
        return told
