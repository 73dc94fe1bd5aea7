"""``shulk``: everything an operator or a developer does with the service, as commands."""

import rich_click as click

from entrypoints.cli.alerts import alerts
from entrypoints.cli.archive import archive
from entrypoints.cli.audit import audit
from entrypoints.cli.backup import backup, restore
from entrypoints.cli.catalogue import courses, discounts
from entrypoints.cli.database import database
from entrypoints.cli.dead_letters import dead_letters, errands
from entrypoints.cli.demo.command import demo
from entrypoints.cli.deploy import deploy
from entrypoints.cli.discrepancies import discrepancies
from entrypoints.cli.doctor import doctor
from entrypoints.cli.email import email
from entrypoints.cli.fake_gateway import fake_gateway
from entrypoints.cli.gateway import gateway
from entrypoints.cli.gst import gst
from entrypoints.cli.health import health
from entrypoints.cli.invariants import invariants
from entrypoints.cli.jobs import jobs
from entrypoints.cli.keys import keys
from entrypoints.cli.ledger import ledger
from entrypoints.cli.payments import payments
from entrypoints.cli.privacy import privacy
from entrypoints.cli.processes import scheduler, serve, simulator, worker
from entrypoints.cli.proof import proof
from entrypoints.cli.rebuild import rebuild
from entrypoints.cli.reconcile import reconcile
from entrypoints.cli.schema import docs, migrate
from entrypoints.cli.secrets import secrets
from entrypoints.cli.sessions import sessions
from entrypoints.cli.settlements import settlements
from entrypoints.cli.staff import staff
from entrypoints.cli.tokens import token
from entrypoints.cli.webhooks import webhooks


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shulk")
def main() -> None:
    """Course fees through HDFC Bank SmartGateway, with every rupee explained.

    All commands but demo, simulator, email preview and docs read SHULK_* variables; see .env.example.
    """


for each in (
    demo,
    serve,
    worker,
    scheduler,
    simulator,
    fake_gateway,
    migrate,
    database,
    backup,
    restore,
    deploy,
    doctor,
    health,
    token,
    courses,
    discounts,
    staff,
    secrets,
    gateway,
    sessions,
    invariants,
    rebuild,
    gst,
    settlements,
    reconcile,
    discrepancies,
    ledger,
    payments,
    email,
    jobs,
    alerts,
    audit,
    archive,
    privacy,
    proof,
    webhooks,
    keys,
    dead_letters,
    errands,
    docs,
):
    main.add_command(each)


if __name__ == "__main__":
    main(prog_name="shulk")
