"""How payments have ended once all is quiet: sold once and for all, or not at all."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from scorecard.scene import Scene
from worlds.processes.waiting import eventually

QUIET_WITHIN_SECONDS: Final = 90.0
ORDER: Final = re.compile(r"SK[A-Z2-7]{18}")

OPEN: Final = """
SELECT (SELECT count(*) FROM inbox WHERE order_id = ANY($1) AND state IN ('new', 'deferred'))
     + (SELECT count(*) FROM outbox WHERE payment_id = ANY($1) AND state = 'new'
                                     AND errand <> 'payment_failure')
"""
ENDINGS: Final = """
SELECT p.id,
       p.state,
       p.attention,
       p.failure,
       p.captured_paise IS NOT DISTINCT FROM p.payable_paise AS captured_in_full,
       (SELECT count(*) FROM audit_log WHERE subject = p.id AND to_state = 'success') AS sales,
       (SELECT count(*) FROM audit_log WHERE subject = p.id AND from_state = 'success') AS steps_back,
       (SELECT count(*) FROM enrolment WHERE payment_id = p.id) AS enrolments,
       promised.lines,
       promised.tasks,
       promised.undone,
       (SELECT count(*) FROM inbox WHERE order_id = p.id AND state <> 'applied') AS news_not_applied
  FROM payment p,
       -- A failure that was told, or would have been, takes nothing from a sale.
       LATERAL (SELECT count(*) AS lines, count(DISTINCT errand) AS tasks,
                       count(*) FILTER (WHERE state <> 'done') AS undone
                  FROM outbox WHERE payment_id = p.id AND errand <> 'payment_failure') promised
 WHERE p.id = ANY($1)
"""
ONE_SALE: Final = {
    "state": "success",
    "attention": None,
    "failure": None,
    "captured_in_full": True,
    "sales": 1,
    "steps_back": 0,
    "enrolments": 1,
    "undone": 0,
    "news_not_applied": 0,
    "emails": 1,
}
NO_SALE: Final = {
    "captured_in_full": False,
    "sales": 0,
    "enrolments": 0,
    "lines": 0,
    "news_not_applied": 0,
    "emails": 0,
}


async def wrongly_sold(
    scene: Scene, orders: Sequence[str], more: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, list[str]]:
    """
    Return what is wrong with the *orders* that had to end as one sale each, by order.

    Waits until nothing is left to do. *more* is what else has to be so, by order.
    """
    return await _judged(scene, orders, ONE_SALE, more or {}, emails_due=len(orders))


async def wrongly_unsold(
    scene: Scene, orders: Sequence[str], more: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, list[str]]:
    """Return, in the same way, what is wrong with the *orders* that must not be sold."""
    return await _judged(scene, orders, NO_SALE, more or {}, emails_due=0)


async def _judged(
    scene: Scene,
    orders: Sequence[str],
    ideal: Mapping[str, object],
    more: Mapping[str, Mapping[str, object]],
    *,
    emails_due: int,
) -> dict[str, list[str]]:
    # What never becomes quiet is judged as it stands: the complaints tell more than a time-out.
    with suppress(AssertionError):
        await eventually(
            lambda: _unfinished(scene, orders, emails_due),
            lambda left: not any(left),
            within_seconds=QUIET_WITHIN_SECONDS,
        )
    emails = await emails_by_order(scene)
    found = {str(row["id"]): row for row in await scene.world.records.rows(ENDINGS, list(orders))}
    wrong = {}
    for order in orders:
        complaints = list(scene.amiss.get(order, ()))
        if order in found:
            seen = found[order] | {"emails": emails[order]}
            complaints += _differences(seen, {**ideal, **more.get(order, {})})
            if seen["lines"] != seen["tasks"]:
                complaints.append(f"{seen['lines']} outbox lines for {seen['tasks']} tasks")
        else:
            complaints.append("no such payment")
        if complaints:
            wrong[order] = complaints
    return wrong


async def emails_by_order(scene: Scene) -> Counter[str]:
    """Return how many emails arrived about each order."""
    answer = await scene.world.http.get(f"{scene.world.mailbox}/messages")
    assert answer.status_code == HTTPStatus.OK, answer.text
    return Counter(order for email in answer.json() for order in set(ORDER.findall(email["text"])))


async def _unfinished(scene: Scene, orders: Sequence[str], emails_due: int) -> tuple[int, int]:
    """Count what is still to be done, and the orders whose first email is still on its way."""
    left = int(await scene.world.records.connection.fetchval(OPEN, list(orders)))
    if left or not emails_due:
        return left, 0
    emails = await emails_by_order(scene)
    return left, emails_due - sum(order in emails for order in orders)


def _differences(seen: Mapping[str, Any], ideal: Mapping[str, object]) -> list[str]:
    return [
        f"{what} is {seen[what]!r}, not {wanted!r}"
        for what, wanted in ideal.items()
        if seen[what] != wanted
    ]
