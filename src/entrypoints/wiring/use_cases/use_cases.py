"""All use cases of a process, a container for each package of the application."""

from collections.abc import Callable
from datetime import timedelta

import httpx
from dependency_injector import containers, providers

from application.gateway_config.configuration_audit import Fingerprint
from application.gateway_config.configuration_secrets import ConfigurationSecrets
from application.gateway_config.current_configuration import CurrentConfiguration
from application.order_status.read_order import ReadOrder
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.identifiers import PaymentId, RefundId
from domain.monitoring.alert_case import AlertId
from domain.payments.consent import PrivacyNotice
from domain.reconciliation.run import RunId
from domain.sign_in.server_key import ServerKeyId
from domain.webhooks.platform_endpoint import EndpointId
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from entrypoints.wiring.use_cases.audit import Audit
from entrypoints.wiring.use_cases.catalogue import Catalogue
from entrypoints.wiring.use_cases.checkout import Checkout
from entrypoints.wiring.use_cases.discrepancies import Discrepancies
from entrypoints.wiring.use_cases.documents import Documents
from entrypoints.wiring.use_cases.evidence import Evidence
from entrypoints.wiring.use_cases.gateway_config import GatewayConfig
from entrypoints.wiring.use_cases.gst_returns import GstReturns
from entrypoints.wiring.use_cases.jobs import Jobs
from entrypoints.wiring.use_cases.ledger import Ledger
from entrypoints.wiring.use_cases.monitoring import Monitoring
from entrypoints.wiring.use_cases.nightly import Nightly
from entrypoints.wiring.use_cases.notifications import Notifications
from entrypoints.wiring.use_cases.order_status import OrderStatus
from entrypoints.wiring.use_cases.privacy import Privacy
from entrypoints.wiring.use_cases.proof import Proof
from entrypoints.wiring.use_cases.rebuild import Rebuild
from entrypoints.wiring.use_cases.reconciliation import Reconciliation
from entrypoints.wiring.use_cases.refunds import Refunds
from entrypoints.wiring.use_cases.reviews import Reviews
from entrypoints.wiring.use_cases.settlements import Settlements
from entrypoints.wiring.use_cases.sign_in import SignIn
from entrypoints.wiring.use_cases.staff import Staff
from entrypoints.wiring.use_cases.webhooks import Webhooks
from ports.alerts import Alerts
from ports.cipher import Cipher
from ports.clock import Clock
from ports.documents.document_renderer import DocumentRenderer
from ports.file_store import FileStore
from ports.gst_returns.return_files import ReturnFiles
from ports.notifications.email_sender import EmailSender
from ports.notifications.email_texts import EmailTexts
from ports.notifications.webhook_sender import WebhookSender
from ports.payments.gateway_messages import GatewayMessages
from ports.payments.payment_gateway import PaymentGateway
from ports.proof.proof_contents import ProofPage
from ports.reconciliation.run_export_files import RunExportFiles
from ports.settlements.bank_statement_reader import BankStatementReader
from ports.settlements.settlement_file_reader import SettlementFileReader
from ports.staff.second_factor import SecondFactor


class UseCases(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    gateway: providers.Dependency[PaymentGateway] = providers.Dependency()
    messages: providers.Dependency[GatewayMessages] = providers.Dependency()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    configuration: providers.Dependency[CurrentConfiguration] = providers.Dependency()
    configuration_secrets: providers.Dependency[ConfigurationSecrets] = providers.Dependency()
    gateway_with: providers.Dependency[Callable[[GatewayConfiguration], PaymentGateway]] = (
        providers.Dependency()
    )
    fingerprint: providers.Dependency[Fingerprint] = providers.Dependency()
    gateway_suspended_for: providers.Dependency[Callable[[], timedelta | None]] = (
        providers.Dependency()
    )
    clock: providers.Dependency[Clock] = providers.Dependency()
    texts: providers.Dependency[EmailTexts] = providers.Dependency()
    sender: providers.Dependency[EmailSender] = providers.Dependency()
    files: providers.Dependency[FileStore] = providers.Dependency()
    renderer: providers.Dependency[DocumentRenderer] = providers.Dependency()
    return_files: providers.Dependency[ReturnFiles] = providers.Dependency()
    run_files: providers.Dependency[RunExportFiles] = providers.Dependency()
    proof_page: providers.Dependency[ProofPage] = providers.Dependency()
    statements: providers.Dependency[BankStatementReader] = providers.Dependency()
    bank_client: providers.Dependency[httpx.AsyncClient | None] = providers.Dependency()
    settlement_files: providers.Dependency[SettlementFileReader] = providers.Dependency()
    cipher: providers.Dependency[Cipher] = providers.Dependency()
    second_factor: providers.Dependency[SecondFactor] = providers.Dependency()
    privacy_notice: providers.Dependency[PrivacyNotice | None] = providers.Dependency()
    new_payment_id: providers.Dependency[Callable[[], PaymentId]] = providers.Dependency()
    new_refund_id: providers.Dependency[Callable[[], RefundId]] = providers.Dependency()
    new_run_id: providers.Dependency[Callable[[], RunId]] = providers.Dependency()
    webhook_sender: providers.Dependency[WebhookSender] = providers.Dependency()
    new_alert_id: providers.Dependency[Callable[[], AlertId]] = providers.Dependency()
    new_endpoint_id: providers.Dependency[Callable[[], EndpointId]] = providers.Dependency()
    new_webhook_secret: providers.Dependency[Callable[[], str]] = providers.Dependency()
    new_server_key_id: providers.Dependency[Callable[[], ServerKeyId]] = providers.Dependency()
    new_server_key_secret: providers.Dependency[Callable[[], str]] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    jitter: providers.Dependency[Callable[[], int]] = providers.Dependency()

    order_status = providers.Container(
        OrderStatus,
        settings=settings,
        storage=storage,
        read_order=read_order,
        clock=clock,
        jitter=jitter,
    )
    checkout = providers.Container(
        Checkout,
        settings=settings,
        storage=storage,
        order_status=order_status,
        gateway=gateway,
        read_order=read_order,
        gateway_suspended_for=gateway_suspended_for,
        configuration=configuration,
        privacy_notice=privacy_notice,
        clock=clock,
        new_payment_id=new_payment_id,
    )
    evidence = providers.Container(
        Evidence,
        settings=settings,
        storage=storage,
        order_status=order_status,
        messages=messages,
        read_order=read_order,
        alerts=alerts,
        clock=clock,
        jitter=jitter,
    )
    staff = providers.Container(
        Staff,
        settings=settings,
        storage=storage,
        cipher=cipher,
        second_factor=second_factor,
        clock=clock,
    )
    privacy = providers.Container(Privacy, storage=storage, staff=staff, clock=clock)
    gateway_config = providers.Container(
        GatewayConfig,
        storage=storage,
        staff=staff,
        configuration=configuration,
        secrets=configuration_secrets,
        gateway_with=gateway_with,
        fingerprint=fingerprint,
        new_payment_id=new_payment_id,
        clock=clock,
        cipher=cipher,
    )
    sign_in = providers.Container(
        SignIn,
        settings=settings,
        storage=storage,
        staff=staff,
        clock=clock,
        new_key_id=new_server_key_id,
        new_key_secret=new_server_key_secret,
    )
    refunds = providers.Container(
        Refunds,
        settings=settings,
        storage=storage,
        order_status=order_status,
        staff=staff,
        gateway=gateway,
        read_order=read_order,
        alerts=alerts,
        clock=clock,
        new_refund_id=new_refund_id,
    )
    reviews = providers.Container(
        Reviews,
        settings=settings,
        storage=storage,
        order_status=order_status,
        refunds=refunds,
        staff=staff,
        read_order=read_order,
        alerts=alerts,
        clock=clock,
    )
    discrepancies = providers.Container(
        Discrepancies,
        settings=settings,
        storage=storage,
        staff=staff,
        clock=clock,
    )
    documents = providers.Container(
        Documents,
        settings=settings,
        storage=storage,
        files=files,
        renderer=renderer,
        alerts=alerts,
        clock=clock,
    )
    notifications = providers.Container(
        Notifications,
        settings=settings,
        storage=storage,
        documents=documents,
        texts=texts,
        sender=sender,
        webhooks=webhook_sender,
        clock=clock,
        alerts=alerts,
    )
    webhooks = providers.Container(
        Webhooks,
        settings=settings,
        storage=storage,
        sender=webhook_sender,
        cipher=cipher,
        alerts=alerts,
        clock=clock,
        jitter=jitter,
        new_endpoint_id=new_endpoint_id,
        new_secret=new_webhook_secret,
    )
    catalogue = providers.Container(Catalogue, storage=storage, clock=clock)
    gst_returns = providers.Container(
        GstReturns, settings=settings, storage=storage, return_files=return_files, clock=clock
    )
    jobs = providers.Container(Jobs, storage=storage, clock=clock)
    rebuild = providers.Container(Rebuild, storage=storage, clock=clock)
    ledger = providers.Container(Ledger, storage=storage, clock=clock)
    audit = providers.Container(
        Audit, settings=settings, storage=storage, alerts=alerts, clock=clock
    )
    proof = providers.Container(
        Proof, storage=storage, audit=audit, documents=documents, page=proof_page, clock=clock
    )
    reconciliation = providers.Container(
        Reconciliation,
        settings=settings,
        storage=storage,
        order_status=order_status,
        read_order=read_order,
        new_run_id=new_run_id,
        run_files=run_files,
        settlement_files=settlement_files,
        statements=statements,
        clock=clock,
    )
    settlements = providers.Container(
        Settlements,
        settings=settings,
        storage=storage,
        clock=clock,
        files=files,
        reader=settlement_files,
        statement_reader=statements,
        bank_client=bank_client,
        configuration=configuration,
    )
    nightly = providers.Container(
        Nightly,
        settings=settings,
        storage=storage,
        settlements=settlements,
        reconciliation=reconciliation,
        alerts=alerts,
        clock=clock,
    )
    monitoring = providers.Container(
        Monitoring,
        settings=settings,
        storage=storage,
        alerts=alerts,
        clock=clock,
        configuration=configuration,
        new_alert_id=new_alert_id,
    )
