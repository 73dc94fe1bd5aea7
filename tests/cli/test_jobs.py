"""``shulk jobs``: what the workers do, listed, and one run by hand."""

from typing import Final

from click.testing import CliRunner, Result

from entrypoints.cli.main import main
from entrypoints.jobs.schedule import JOBS
from entrypoints.settings.settings import VARIABLES

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


def shulk(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env=EXAMPLE | {"SHULK_DATABASE_URL": url})


def test_a_job_is_run_and_listed(database_url: str) -> None:
    """
    Here, without a worker; the list says by whom. A name that there is not is refused.
    """
    before = shulk(database_url, "jobs", "list")
    run = shulk(database_url, "jobs", "run", "remind_staff")
    after = shulk(database_url, "jobs", "list")
    unknown = shulk(database_url, "jobs", "run", "nothing")

    assert before.exit_code == 0, before.output
    assert before.stdout.count("never ran") == len(JOBS)
    assert (run.exit_code, run.stdout) == (0, "remind_staff done, 0 handled\n"), run.output
    (line,) = (each for each in after.stdout.splitlines() if each.startswith("remind_staff"))
    assert "done" in line
    assert "by staff:command-line" in line
    assert unknown.exit_code == 1
