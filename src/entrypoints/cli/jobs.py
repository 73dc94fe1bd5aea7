"""Periodic jobs: when each ran and will run, and a run of one now."""

import rich_click as click

from application.jobs.list_jobs import JobStanding
from domain.business_day import IST
from domain.jobs.job import JobResult
from entrypoints.cli.command_errors import domain_errors_shown
from entrypoints.cli.command_settings import settings_from_environment


@click.group()
def jobs() -> None:
    """What the workers do again and again."""


@jobs.command("list")
def listed() -> None:
    """Show each job: its name, how often it runs, its last run, and when it is due next (IST)."""
    from entrypoints.operations.jobs import list_jobs

    with domain_errors_shown():
        found = list_jobs(settings_from_environment())
    for each in found:
        click.echo(
            f"{each.job.name}  every {each.job.every}  {_last(each)}"
            f"  next {each.next_at.astimezone(IST):%Y-%m-%d %H:%M:%S}"
        )


@jobs.command("run")
@click.argument("name")
def run(name: str) -> None:
    """
    Run the job NAME now, here or by a worker that is faster, and wait for its end.

    Refused while it is running already. Ends with 1 when the job failed.
    """
    from entrypoints.operations.jobs import run_job

    with domain_errors_shown():
        done = run_job(settings_from_environment(), name)
    if done.result is not JobResult.DONE:
        raise click.ClickException(f"{name} {done.result}: {done.why or 'its process ended'}")
    click.echo(f"{name} done, {done.handled} handled")


def _last(view: JobStanding) -> str:
    last = view.state.last
    if last is None:
        return "never ran"
    began = f"{last.began_at.astimezone(IST):%Y-%m-%d %H:%M:%S}"
    if view.running:
        return f"running since {began} by {last.by}"
    return f"{last.result} {began} by {last.by}, {last.handled} handled"
