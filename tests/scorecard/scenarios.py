"""The rows of the scorecard, in their order; a new one is added here and nowhere else."""

from typing import Final

from scorecard import message_orders, odd_webhooks, webhook_races
from scorecard.five_messages import PLAYS
from scorecard.scenario import Scenario

SCENARIOS: Final = (
    Scenario(
        name="Every evidence at once",
        promise=(
            "A first attempt fails and a second is charged, while webhooks of both (copies of each, and all that"
            " the bank itself sent, again), callbacks of both, status reads and two pollers come at the same time"
            " to two API processes. One sale, one enrolment, one email."
        ),
        times=200,
        play=webhook_races.every_evidence_at_once,
    ),
    Scenario(
        name="Four copies at the same moment",
        promise="The same event, two copies at each of two API processes. One inbox entry, one sale.",
        times=100,
        play=webhook_races.copies_at_once,
    ),
    Scenario(
        name="Webhook before the session's answer",
        promise=(
            "The bank's answer to initiate is held back until its webhook has been applied. One sale, and the"
            " student is still shown the page."
        ),
        times=40,
        play=odd_webhooks.before_the_answer,
    ),
    Scenario(
        name="Webhook before its order",
        promise=(
            "The webhook comes while there is no such order, in two copies. It is deferred, and applied when the"
            " order appears; nothing else tells of the sale."
        ),
        times=50,
        play=odd_webhooks.before_the_order,
    ),
    Scenario(
        name="Webhook of a charge that never was",
        promise=(
            "Right credentials, right amount, and a bank that has charged nothing: no attempt, declined, or not"
            " yet decided. No sale, no enrolment, no email."
        ),
        times=60,
        play=odd_webhooks.of_an_uncharged_order,
    ),
    Scenario(
        name="Five pieces of news in every order, in memory",
        promise=(
            "Callback, failed webhook, charged webhook, status read and expiry in all 120 orders, under five scripts"
            " of the bank. All end as the same one sale."
        ),
        times=len(PLAYS),
        play=message_orders.in_memory,
    ),
    Scenario(
        name="Five pieces of news, a sample on PostgreSQL",
        promise="Some of these orders and scripts, drawn once and for all, on the real store. The same ending.",
        times=120,
        play=message_orders.on_postgres,
    ),
)
