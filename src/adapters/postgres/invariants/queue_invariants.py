"""The invariants of the four work queues: nothing waits, fails or stays given up without a person knowing."""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from adapters.postgres.invariants.invariant_query import InvariantQuery, invariant_query

TRIES_TOLD: Final = 20
"""An entry that failed so often does not come right by itself."""

POLLS_TOLD: Final = 100
"""A poll may be claimed this often without a failure: the bank is slow. Above it a worker dies of it."""

UNKNOWN_ORDERS_KEPT: Final = "interval '2 days'"
"""Webhooks about orders that are not ours are refused after one day."""

WAITS: Final = "due_at < :overdue AND (lease_until IS NULL OR lease_until < :overdue)"


def _poll_queries(
    name: str, *, table: str, subject: str, since: str, of_what: str
) -> tuple[InvariantQuery, ...]:
    return (
        invariant_query(
            f"{name}_waits_too_long",
            means=f"The bank is not asked about {of_what} although it is time.",
            remedy="Does a worker run? It claims what is due within seconds.",
            finds=f"SELECT {subject} AS subject FROM {table} WHERE state = 'open' AND {WAITS}",
        ),
        invariant_query(
            f"{name}_keeps_failing",
            means=f"The bank is asked about {of_what} again and again, and nothing comes of it.",
            remedy="See the poll's *why* and the log: does the bank answer? If an error of ours is"
            " named there, it has to be repaired.",
            finds=f"""
                SELECT {subject} AS subject FROM {table} WHERE state = 'open' AND (
                    attempts >= {POLLS_TOLD}
                    OR (why IS NOT NULL AND (attempts >= {TRIES_TOLD} OR {since} < :failing)))
            """,
        ),
    )


QUEUE_QUERIES: Final = (
    invariant_query(
        "outbox_waits_too_long",
        means="Something a student was promised is not being done.",
        remedy="See the entry's *why*: is the mail server away, or does no worker run?",
        finds=f"SELECT id::text AS subject FROM outbox WHERE state = 'new' AND {WAITS}",
    ),
    invariant_query(
        "outbox_keeps_failing",
        means="An email or document for a student is tried again and again, and fails each time.",
        remedy="See the entry's *why*: is the mail server or the file store away? What is given up"
        " after three days is a dead letter.",
        finds=f"""
            SELECT id::text AS subject FROM outbox WHERE state = 'new' AND (
                attempts >= {TRIES_TOLD} OR (why IS NOT NULL AND written_at < :failing))
        """,
    ),
    invariant_query(
        "errand_given_up",
        means="An email or document for a student was tried for days, or refused for good.",
        remedy="`shulk dead-letters list` says why; repair that, then `shulk dead-letters requeue LINE`"
        " (--to for a right address), or close it.",
        finds="""
            SELECT id::text AS subject FROM outbox WHERE state = 'dead'
        """,
    ),
    invariant_query(
        "inbox_waits_too_long",
        means="A webhook about a payment of ours is not being processed.",
        remedy="Does a worker run, and does the bank answer? See the entry's *why*.",
        # A copy of a webhook that waits makes it due anew, but it has been waiting all the same.
        finds=f"""
            SELECT i.id::text AS subject FROM inbox i JOIN payment p ON p.id = i.order_id
            WHERE i.state IN ('new', 'deferred')
              AND ({WAITS} OR (i.attempts = 0 AND i.received_at < :overdue))
        """,
    ),
    invariant_query(
        "inbox_keeps_failing",
        means="A webhook is processed again and again, and it fails each time.",
        remedy="See the entry's *why* and the log: does the bank answer? If an error of ours is named"
        " there, it has to be repaired.",
        finds=f"""
            SELECT i.id::text AS subject FROM inbox i WHERE i.state IN ('new', 'deferred') AND (
                i.received_at < CAST(:at AS timestamptz) - {UNKNOWN_ORDERS_KEPT}
                OR ((i.attempts >= {TRIES_TOLD} OR (i.attempts > 0 AND i.received_at < :failing))
                    AND EXISTS (SELECT FROM payment p WHERE p.id = i.order_id)))
        """,
    ),
    *_poll_queries(
        "order_poll", table="question", subject="id", since="since", of_what="a payment"
    ),
    *_poll_queries(
        "refund_poll",
        table="refund_watch",
        subject="refund_id",
        since="watched_since",
        of_what="a refund",
    ),
    invariant_query(
        "order_poll_given_up",
        means="A payment is not final, and the bank is not asked about it any more.",
        remedy="Ask the bank how the order stands; a person has to end the payment's review.",
        finds="""
            SELECT q.id AS subject FROM question q JOIN payment p ON p.id = q.id
            WHERE q.state = 'dead' AND p.state IN ('pending', 'processing')
        """,
    ),
    invariant_query(
        "refund_poll_given_up",
        means="A refund is with the bank, and the bank is not asked about it any more.",
        remedy="Ask the bank how the refund stands; a person has to end the payment's review.",
        finds="""
            SELECT w.refund_id AS subject FROM refund_watch w
            JOIN refund r ON (r.payment_id, r.id) = (w.payment_id, w.refund_id)
            WHERE w.state = 'dead' AND r.state IN ('requested', 'pending')
        """,
    ),
)
