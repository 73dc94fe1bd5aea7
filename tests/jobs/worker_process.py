"""A worker process of the tests: its one piece of work takes until it is told to end, or longer."""

import asyncio
import sys

from entrypoints.jobs.signals import shutdown_on_signal
from entrypoints.jobs.worker import Worker
from entrypoints.jobs.worker_tasks import WorkerTasks


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(shutdown_seconds: float, *, finishes: bool) -> None:
    shutdown = shutdown_on_signal()

    async def process_inbox() -> int:
        say("under way")
        await shutdown.wait()
        if not finishes:
            await asyncio.Event().wait()
        say("finished")
        return 4

    async def nothing() -> int:
        return 0

    class NothingDue:
        async def claim(self, _job: str, _slot: object) -> bool:
            return False

        async def take_asked(self, *_: object, **__: object) -> None:
            return None

    async def start() -> None:
        say("started")

    async def stop() -> None:
        say("stopped")

    tasks = WorkerTasks(
        process_inbox=process_inbox,
        relay_outbox=nothing,
        relay_webhooks=nothing,
        forget_deliveries=nothing,
        forget_keys=nothing,
        rebuild_payments=nothing,
        poll_refunds=nothing,
        poll_orders=nothing,
        check_invariants=nothing,
        remind_staff=nothing,
        remind_disputes=nothing,
        lapse_requests=nothing,
        check_invariants_in_full=nothing,
        backfill_ledger=nothing,
        keep_calls=nothing,
        judge_alerts=nothing,
        count_payments=nothing,
        seal_audit_log=nothing,
        anchor_checkpoint=nothing,
        archive_audit_log=nothing,
        fetch_settlements=nothing,
        reconcile=nothing,
        job_runs=NothingDue(),  # type: ignore[arg-type]  # no run ever begins
        start=start,
        stop=stop,
        inbox_batch_size=4,
        outbox_batch_size=4,
        webhooks_batch_size=4,
        refunds_batch_size=4,
    )
    await Worker(tasks=tasks, shutdown=shutdown, shutdown_seconds=shutdown_seconds).run()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), finishes=sys.argv[2] == "finishes"))
