"""``shulk health``: whether a process without a port still works, for the probe of an orchestrator."""

import rich_click as click

from entrypoints.cli.command_settings import settings_from_environment


@click.command()
@click.argument("process", type=click.Choice(["worker", "scheduler"]))
def health(process: str) -> None:
    """
    End with 0 when the worker or the scheduler beside this command works, with 1 when it is stuck or gone.

    It looks at SHULK_HEALTH_FOLDER, one for each machine or container. The API has /health/live and /health/ready.
    """
    from entrypoints.jobs.sign_of_life import why_not_alive

    folder = settings_from_environment().health_folder
    if folder is None:
        raise click.ClickException("set SHULK_HEALTH_FOLDER for the process and for this command")
    problem = why_not_alive(folder, process)
    if problem is not None:
        raise click.ClickException(problem)
    click.echo(f"the {process} works")
