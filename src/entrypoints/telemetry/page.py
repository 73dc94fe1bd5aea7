"""The page of the metrics, printed from the catalogue by which they are counted."""

from textwrap import fill
from typing import Final

from entrypoints.telemetry.metric_catalogue import METRICS, VALUES_MAX, Metric

LINE_MAX: Final = 120
OPENING: Final = f"""\
# Metrics

Printed from `entrypoints/telemetry/metric_catalogue.py` by `shulk docs write`.

**Off until `SHULK_METRICS_PORT` is set.** Then each process that runs long serves the text that Prometheus reads, on
that port of `SHULK_METRICS_HOST` (usually `127.0.0.1`): the API at the port itself, a worker one more, a scheduler two
more, so that all three can share one machine and one file of settings. A second worker on a machine has a port of its
own (`Environment=` in its systemd unit). A process whose port is taken logs `metrics.unavailable` and works on. There
is no password: who can reach the port can read how much is sold, so no student and no proxy may reach it.

```yaml
scrape_configs:
  - job_name: shulk
    static_configs:
      - targets: ["127.0.0.1:9464", "127.0.0.1:9465", "127.0.0.1:9466"]
```

With `shulk serve --workers N` all processes of the API are one target: they count in a folder of their own (below
`RUNTIME_DIRECTORY` of systemd, else the one for temporary files), and the first process serves the sum. What a process
that died had counted stays in it. Workers and schedulers also tell their processor time, memory and open files
(`process_...`, `python_gc_...`).

Names and units follow Prometheus's conventions: seconds, `_total` for what only grows. A label never holds an id, an
address, a name or any text of a request; templates, names of our code and closed lists are all there is. Should a fault
of ours break that, combinations of a metric beyond {VALUES_MAX} are counted under `other`.

The state of queues and alerts is read by each worker every half minute, and is the same at all of them: take the
`max` of them, not the sum. While PostgreSQL does not answer these metrics have no series.

Figures of the business (attempts, success rate, amounts) are not counted here, because counters die with a process:
they are exact in `GET /api/admin/monitoring/metrics` and on the page *Monitoring* of the console.
"""


def metrics_page() -> str:
    """Return ``docs/metrics.md`` as it has to be."""
    return OPENING + "".join(map(_section, METRICS))


def _section(metric: Metric) -> str:
    items = [f"Type: {metric.kind}", f"Counted by: {metric.by}"]
    items += [f"`{label}`: {says}" for label, says in metric.labels.items()]
    if metric.buckets:
        items.append(f"Buckets: {', '.join(f'{each:g}' for each in metric.buckets)}")
    told = "".join(
        fill(each, LINE_MAX, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
        + "\n"
        for each in items
    )
    return f"\n## {metric.name}\n\n{fill(metric.about, LINE_MAX)}\n\n{told}"
