"""The outbox: emails and documents that are due, and those that were given up."""

from dependency_injector import containers, providers

from application.notifications.alert_failed_run import AlertFailedRun
from application.notifications.dead_letters import CloseDeadLetter, RequeueDeadLetter
from application.notifications.refused_webhooks import DismissWebhooks
from application.notifications.relay_outbox import RelayOutbox
from application.notifications.summarise_run import SummariseRun
from application.notifications.tell_alert import TellAlert
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.clock import Clock
from ports.notifications.email_sender import EmailSender
from ports.notifications.email_texts import EmailTexts
from ports.notifications.webhook_sender import WebhookEndpoint, WebhookSender


def alert_endpoint(settings: Settings) -> WebhookEndpoint | None:
    """Return what is called when an alert changes, None where nothing is."""
    url, secret = settings.alert_webhook_url, settings.alert_webhook_secret
    return WebhookEndpoint(url=url, secrets=(secret,)) if url and secret else None


class Notifications(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    documents = NamedDependencies()
    texts: providers.Dependency[EmailTexts] = providers.Dependency()
    sender: providers.Dependency[EmailSender] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    webhooks: providers.Dependency[WebhookSender] = providers.Dependency()

    unit = storage.unit_of_work

    relay_outbox = providers.Singleton(
        RelayOutbox,
        storage.outbox,
        unit,
        texts,
        sender,
        clock,
        issue_invoice=documents.issue_invoice,
        issue_credit_note=documents.issue_credit_note,
        file_documents=documents.file_documents,
        regenerate_file=documents.regenerate_file,
        attach=documents.attach_document,
        summarise=providers.Factory(
            SummariseRun,
            runs=storage.reconciliation_runs,
            answers=storage.report_answers,
            discrepancies=storage.discrepancies,
            sealed_log=storage.sealed_log,
            clock=clock,
        ),
        alert_failed_run=providers.Singleton(AlertFailedRun, storage.reconciliation_runs, alerts),
        tell_alert=providers.Singleton(
            TellAlert,
            alerts=storage.alerts,
            texts=texts,
            sender=sender,
            operators=settings.provided.alert_email,
            webhooks=webhooks,
            endpoint=providers.Callable(alert_endpoint, settings),
            clock=clock,
        ),
        finance=settings.provided.finance_email,
    )
    requeue_dead_letter = providers.Singleton(RequeueDeadLetter, storage.outbox, unit, clock)
    close_dead_letter = providers.Singleton(CloseDeadLetter, storage.outbox, unit, clock)
    dismiss_webhooks = providers.Singleton(DismissWebhooks, storage.inbox, unit, clock)
