"""What the demo's platform has got by webhooks: each event once, and the courses that are open because of them."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

EVENTS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """*times* counts how often it came; its effect was had once."""

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]
    times: int = 1


@dataclass(slots=True)
class Received:
    """
    Keeps ids, so that an event that comes again has no second effect.

    A course is open to a student by the newest event about the payment, in whatever order they come.
    """

    events: OrderedDict[str, ReceivedEvent] = field(default_factory=OrderedDict)
    opened: dict[tuple[str, str], dict[str, tuple[int, bool]]] = field(default_factory=dict)

    def take(self, event_id: str, event: Mapping[str, Any]) -> None:
        known = self.events.get(event_id)
        self.events[event_id] = ReceivedEvent(
            id=event_id,
            type=str(event["type"]),
            timestamp=str(event["timestamp"]),
            data=event["data"],
            times=known.times + 1 if known else 1,
        )
        if known is None:
            self._act(str(event["type"]), event["data"])
        while len(self.events) > EVENTS_MAX:
            self.events.popitem(last=False)

    def is_open(self, student: str, course: str) -> bool:
        """Whether any payment opens *course* to *student* now."""
        return any(is_open for _, is_open in self.opened.get((student, course), {}).values())

    @property
    def courses(self) -> list[tuple[str, str]]:
        """Return students with the courses that are open to them."""
        return sorted(place for place in self.opened if self.is_open(*place))

    def _act(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind not in {"enrolment.started", "enrolment.ended"}:
            return
        payments = self.opened.setdefault((data["student_id"], data["course_id"]), {})
        told = (int(data["sequence"]), kind == "enrolment.started")
        before = payments.get(data["transaction_id"], (0, False))
        # One unit may start and end nothing at once: of two facts the one with the greater sequence counts.
        payments[data["transaction_id"]] = max(before, told, key=lambda each: each[0])
