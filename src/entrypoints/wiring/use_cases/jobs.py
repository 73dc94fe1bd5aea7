"""Periodic jobs: which there are, how they went, and runs that are asked for."""

from dependency_injector import containers, providers

from application.jobs.ask_job import AskJob
from application.jobs.list_jobs import ListJobs
from entrypoints.jobs.schedule import JOBS
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock


class Jobs(containers.DeclarativeContainer):
    storage = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()

    jobs = providers.Singleton(ListJobs, providers.Object(JOBS), storage.job_runs, clock)
    ask_job = providers.Singleton(AskJob, jobs, storage.unit_of_work, clock)
