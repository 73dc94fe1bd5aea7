"""Whether the demo's platform was told of every trip, and has opened exactly the courses that are open."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from entrypoints.cli.demo.scenario_run import Trip
from entrypoints.cli.demo.stack import Stack

WITHIN_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformTold:
    """How many events came and how many courses are open there; *problem* says what is not as in our books."""

    events: int
    courses: int
    problem: str | None

    @property
    def says(self) -> str:
        told = f"the platform got {self.events} events and has opened {self.courses} courses"
        return told if self.problem is None else f"[red]✗[/] {told}: {self.problem}"

    def as_json(self) -> dict[str, object]:
        told: dict[str, object] = {"events": self.events, "courses": self.courses}
        return told if self.problem is None else {**told, "problem": self.problem}


async def what_the_platform_got(stack: Stack, trips: Sequence[Trip]) -> PlatformTold:
    """Return what the platform got, once it has all of it, or when it has taken too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WITHIN_SECONDS
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:  # noqa: S501 - plain HTTP on loopback
        while True:
            received = (await http.get(f"{stack.platform}/received")).json()
            problem = difference(received, trips)
            if problem is None or loop.time() > deadline:
                return PlatformTold(
                    events=len(received["events"]),
                    courses=len(received["courses"]),
                    problem=problem,
                )
            await asyncio.sleep(POLL_SECONDS)


def difference(received: dict[str, Any], trips: Sequence[Trip]) -> str | None:
    """Return what differs from the *trips*, None when nothing does."""
    states: dict[str, tuple[int, str]] = {}
    places: dict[str, tuple[str, str]] = {}
    for event in received["events"]:
        data = event["data"]
        if event["type"].startswith(("payment.", "refund.")):
            payment = data["transaction_id"]
            states[payment] = max(states.get(payment, (0, "")), (data["sequence"], data["status"]))
            places[payment] = (data["student_id"], data["course_id"])
    opened = {(each["student_id"], each["course_id"]) for each in received["courses"]}
    for trip in trips:
        payment = trip.transaction_id or ""
        _, status = states.get(payment, (0, "pending"))
        # Whichever payment opened it: money that comes twice goes back, and the course stays open.
        is_open = places.get(payment) in opened
        # What was not paid yet when its trip ended may have lapsed since.
        if trip.status != "pending" and (status, is_open) != (trip.status, bool(trip.enrolled)):
            return f"{trip.name}: {status}, {'open' if is_open else 'not open'}"
    return None
