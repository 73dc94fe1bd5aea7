"""The metrics that a process counts: names, units, labels and what each label may say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

OTHER: Final = "other"
"""What stands in the place of a label's value once there are too many of them."""

NONE: Final = "none"
"""The route of a request that no route was found for, and the class of a status that was never sent."""

VALUES_MAX: Final = 2000
"""So many values a label has at most. It bounds what a fault of ours could do; the code has fewer."""

PREFLIGHT: Final = "OPTIONS"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", PREFLIGHT})


class MetricKind(StrEnum):
    """The types of Prometheus that are used; a summary has a number and a sum, and no quantiles."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """
    One metric; *labels* say what each label holds, and *buckets* are upper bounds in the metric's unit.

    *name* has the ending that Prometheus shows, ``_total`` of a counter included.
    """

    name: str
    kind: MetricKind
    about: str
    labels: Mapping[str, str] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()
    by: str


ROUTE: Final = "the route's template, such as `/api/payment/{transaction_id:str}`; `none` where no route was found"
METHOD: Final = "the HTTP method; `other` for what is none"
OPERATION: Final = "the operation at the bank"
STATEMENT: Final = (
    "the module and the name of the statement in it; `unit:` before it for the writes of one unit"
)
OF_REQUESTS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
OF_CALLS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0)
OF_JOBS: Final = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)

REQUESTS: Final = Metric(
    name="shulk_http_requests_total",
    kind=MetricKind.COUNTER,
    about="Requests that were answered.",
    labels={
        "route": ROUTE,
        "method": METHOD,
        "status_class": "`1xx` to `5xx`; `none` where the client left before an answer began",
    },
    by="API",
)
REQUEST_SECONDS: Final = Metric(
    name="shulk_http_request_duration_seconds",
    kind=MetricKind.HISTOGRAM,
    about="Time from a request's headers to the end of its answer; streams of events are left out.",
    labels={"route": ROUTE, "method": METHOD},
    buckets=OF_REQUESTS,
    by="API",
)
JOB_BATCHES: Final = Metric(
    name="shulk_job_batches_total",
    kind=MetricKind.COUNTER,
    about="Batches of jobs that ended.",
    labels={
        "job": "the job's name",
        "outcome": "`done`; `idle` where nothing was due; `postponed` where PostgreSQL did not answer; `failed`",
    },
    by="worker",
)
JOB_ENTRIES: Final = Metric(
    name="shulk_job_entries_total",
    kind=MetricKind.COUNTER,
    about="Entries that the batches of jobs handled.",
    labels={"job": "the job's name"},
    by="worker",
)
JOB_SECONDS: Final = Metric(
    name="shulk_job_batch_duration_seconds",
    kind=MetricKind.HISTOGRAM,
    about="Time of a batch that had something to do, or failed.",
    labels={"job": "the job's name"},
    buckets=OF_JOBS,
    by="worker",
)
JOB_TRIGGERS: Final = Metric(
    name="shulk_job_triggers_total",
    kind=MetricKind.COUNTER,
    about="Times that a job was due, and the workers were to be told.",
    labels={"job": "the job's name", "outcome": "`sent`, or `failed` where Redis did not answer"},
    by="scheduler",
)
GATEWAY_CALLS: Final = Metric(
    name="shulk_gateway_calls_total",
    kind=MetricKind.COUNTER,
    about="Calls to the bank, those included that were not made because it had been silent.",
    labels={
        "operation": OPERATION,
        "outcome": "`answered`, `refused`, `denied`, `busy`, `unclear`, `silent`; `suspended` where none was made;"
        " `cancelled` where nobody waited for its end",
    },
    by="API, worker",
)
GATEWAY_SECONDS: Final = Metric(
    name="shulk_gateway_call_duration_seconds",
    kind=MetricKind.HISTOGRAM,
    about="Time of a call that was made to the bank.",
    labels={"operation": OPERATION},
    buckets=OF_CALLS,
    by="API, worker",
)
STATEMENT_SECONDS: Final = Metric(
    name="shulk_database_statement_duration_seconds",
    kind=MetricKind.SUMMARY,
    about="Time of a statement in PostgreSQL, as this process waited for it.",
    labels={"statement": STATEMENT, "outcome": "`done` or `failed`"},
    by="API, worker",
)

EVIDENCE: Final = Metric(
    name="shulk_gateway_evidence_total",
    kind=MetricKind.COUNTER,
    about="Webhooks and returns of students that came from the bank, or said so.",
    labels={
        "kind": "`webhook` or `callback`",
        "outcome": "`taken`; `known` where a webhook was applied before; `forged`, `malformed`;"
        " `unknown` where no such payment is known; `failed`",
    },
    by="API",
)
RATE_LIMITED: Final = Metric(
    name="shulk_rate_limited_total",
    kind=MetricKind.COUNTER,
    about="Requests that were refused because their sender had asked too often.",
    labels={"limit": "the limit, as `rate_limit.exceeded` in the log names it"},
    by="API",
)
REFUND_EVENTS: Final = Metric(
    name="shulk_refund_events_total",
    kind=MetricKind.COUNTER,
    about="What happened to refunds, once for each entry of the audit log that was committed.",
    labels={
        "event": "the audit log's word: `requested`, `approved`, `moved`, `adopted`, ...",
        "state": "the refund's state afterwards, `none` where the entry tells none",
    },
    by="API, worker",
)
QUEUE: Final = "the queue: `inbox`, `outbox`, `order_polls`, `refund_polls`, `webhook_deliveries`"
EACH_WORKER: Final = (
    " Read from PostgreSQL: every worker says the same, and nothing while it is away."
)
QUEUE_DUE: Final = Metric(
    name="shulk_queue_due_entries",
    kind=MetricKind.GAUGE,
    about=f"Entries of a queue that are due and that nobody works on, 1000 at most.{EACH_WORKER}",
    labels={"queue": QUEUE},
    by="worker",
)
QUEUE_AGE: Final = Metric(
    name="shulk_queue_oldest_due_seconds",
    kind=MetricKind.GAUGE,
    about=f"For how long the oldest of them is due; 0 where none is.{EACH_WORKER}",
    labels={"queue": QUEUE},
    by="worker",
)
QUEUE_DEAD: Final = Metric(
    name="shulk_queue_dead_entries",
    kind=MetricKind.GAUGE,
    about=f"Entries of a queue that were given up and wait for a person, 1000 at most.{EACH_WORKER}",
    labels={"queue": QUEUE},
    by="worker",
)
AUDIT_UNSEALED: Final = Metric(
    name="shulk_audit_unsealed_seconds",
    kind=MetricKind.GAUGE,
    about=f"For how long the oldest entry of the audit log waits to be sealed; 0 where none does.{EACH_WORKER}",
    labels={"log": "always `audit`"},
    by="worker",
)
REBUILD_DIFFERENCES: Final = Metric(
    name="shulk_rebuild_differences",
    kind=MetricKind.GAUGE,
    about=f"Payments in the books that are not what was decided on them, 1000 at most.{EACH_WORKER}",
    labels={"books": "always `payments`"},
    by="worker",
)
ALERTS_FIRING: Final = Metric(
    name="shulk_alerts_firing",
    kind=MetricKind.GAUGE,
    about=f"Alerts that go on, whether somebody has acknowledged them or not.{EACH_WORKER}",
    labels={"rule": "the rule, as in alerts.md", "severity": "`urgent` or `warning`"},
    by="worker",
)

METRICS: Final = (
    REQUESTS,
    REQUEST_SECONDS,
    JOB_BATCHES,
    JOB_ENTRIES,
    JOB_SECONDS,
    JOB_TRIGGERS,
    GATEWAY_CALLS,
    GATEWAY_SECONDS,
    STATEMENT_SECONDS,
    EVIDENCE,
    RATE_LIMITED,
    REFUND_EVENTS,
    QUEUE_DUE,
    QUEUE_AGE,
    QUEUE_DEAD,
    AUDIT_UNSEALED,
    REBUILD_DIFFERENCES,
    ALERTS_FIRING,
)
"""Every metric there is."""
