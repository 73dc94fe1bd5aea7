"""The composition root: every part of a running process, made once and ended together."""

from dependency_injector import containers, providers

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.proof_page.page import HtmlProofPage
from adapters.settlement_files.presets import Presets
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.statement_reader import PresetStatementReader
from adapters.smtp.email_texts import EmailTemplates
from adapters.smtp.sender import SmtpSender
from adapters.spreadsheet.return_files import SpreadsheetReturnFiles
from adapters.spreadsheet.run_files import SpreadsheetRunFiles
from adapters.system.alerts import LoggedAlerts
from adapters.system.clock import SystemClock
from adapters.system.fingerprint import SecretFingerprint
from adapters.system.identifiers import (
    new_alert_id,
    new_endpoint_id,
    new_payment_id,
    new_refund_id,
    new_run_id,
    new_server_key_id,
    new_server_key_secret,
    new_webhook_secret,
)
from adapters.system.random_number import jitter
from adapters.totp.second_factor import TotpSecondFactor
from adapters.translations.shipped import shipped
from adapters.webhook.sender import HttpWebhooks
from application.gateway_config.configuration_secrets import ConfigurationSecrets
from application.gateway_config.current_configuration import CurrentConfiguration
from application.monitoring.keep_alerts import KeepAlerts
from application.monitoring.keep_calls import KeepCalls
from entrypoints.logs.setup import hide
from entrypoints.settings.settings import GatewayKind, Settings
from entrypoints.telemetry.telemetry import OFF, Telemetry
from entrypoints.wiring.bootstrap_configuration import bootstrap_configuration, is_locked
from entrypoints.wiring.configuration_refresh import ConfigurationRefresh
from entrypoints.wiring.documents import document_renderer, file_store
from entrypoints.wiring.gateway import Gateway
from entrypoints.wiring.notifications import calls_anywhere, email_branding, smtp_settings
from entrypoints.wiring.privacy_notice import privacy_notice
from entrypoints.wiring.storage import Storage
from entrypoints.wiring.use_cases.use_cases import UseCases


class Shulk(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    telemetry: providers.Dependency[Telemetry] = providers.Dependency(instance_of=Telemetry)
    fake_is_served: providers.Dependency[bool] = providers.Dependency(instance_of=bool)

    clock = providers.Singleton(SystemClock)
    jitter = providers.Object(jitter)
    new_payment_id = providers.Object(new_payment_id)
    new_refund_id = providers.Object(new_refund_id)
    new_run_id = providers.Object(new_run_id)
    new_alert_id = providers.Object(new_alert_id)
    new_endpoint_id = providers.Object(new_endpoint_id)
    new_webhook_secret = providers.Object(new_webhook_secret)
    new_server_key_id = providers.Object(new_server_key_id)
    new_server_key_secret = providers.Object(new_server_key_secret)
    storage = providers.Container(
        Storage,
        settings=settings,
        watch=telemetry.provided.statement,
        audited=telemetry.provided.audited,
    )
    alerts = providers.Singleton(
        KeepAlerts, providers.Singleton(LoggedAlerts), storage.raised_alerts, clock
    )
    keep_calls = providers.Singleton(KeepCalls, storage.gateway_calls, clock)
    sender = providers.Singleton(SmtpSender, providers.Callable(smtp_settings, settings), clock)
    webhooks = providers.Singleton(
        HttpWebhooks, anywhere=providers.Callable(calls_anywhere, settings)
    )
    files = providers.Singleton(file_store, settings)
    renderer = providers.Singleton(document_renderer, settings)
    translations = providers.Singleton(shipped)
    privacy_notice = providers.Singleton(privacy_notice, settings, translations)
    texts = providers.Singleton(
        EmailTemplates, providers.Callable(email_branding, settings), translations
    )
    cipher = providers.Singleton(AesGcmCipher.under, settings.provided.keys_at_rest)
    configuration_secrets = providers.Singleton(ConfigurationSecrets, cipher)
    configuration = providers.Singleton(
        CurrentConfiguration,
        bootstrap=providers.Callable(bootstrap_configuration, settings),
        reads=storage.configurations,
        secrets=configuration_secrets,
        clock=clock,
        hide=providers.Object(hide),
        locked=providers.Callable(is_locked, settings),
    )
    refresh = providers.Singleton(ConfigurationRefresh, configuration)
    bank = providers.Container(
        Gateway,
        settings=settings,
        observe=keep_calls.provided.observe,
        watch=telemetry.provided.bank_call,
        configuration=configuration,
        fake_is_served=fake_is_served,
    )
    second_factor = providers.Singleton(TotpSecondFactor, settings.provided.seller_name)
    presets = providers.Singleton(Presets.shipped, settings.provided.settlement_preset_files)
    use_cases = providers.Container(
        UseCases,
        settings=settings,
        storage=storage,
        gateway=bank.gateway,
        messages=bank.messages,
        configuration=configuration,
        configuration_secrets=configuration_secrets,
        gateway_with=bank.gateway_with,
        fingerprint=providers.Singleton(SecretFingerprint, settings.provided.cookie_key),
        read_order=bank.read_order,
        gateway_suspended_for=bank.session_suspended_for,
        privacy_notice=privacy_notice,
        clock=clock,
        texts=texts,
        sender=sender,
        webhook_sender=webhooks,
        files=files,
        renderer=renderer,
        return_files=providers.Singleton(SpreadsheetReturnFiles),
        run_files=providers.Singleton(SpreadsheetRunFiles),
        proof_page=providers.Singleton(HtmlProofPage),
        statements=providers.Singleton(PresetStatementReader, presets),
        settlement_files=providers.Singleton(PresetFileReader, presets),
        bank_client=bank.report_client,
        cipher=cipher,
        second_factor=second_factor,
        new_payment_id=new_payment_id,
        new_refund_id=new_refund_id,
        new_run_id=new_run_id,
        new_alert_id=new_alert_id,
        new_endpoint_id=new_endpoint_id,
        new_webhook_secret=new_webhook_secret,
        new_server_key_id=new_server_key_id,
        new_server_key_secret=new_server_key_secret,
        alerts=alerts,
        jitter=jitter,
    )


def build(settings: Settings, telemetry: Telemetry = OFF, *, fake_is_served: bool = False) -> Shulk:
    """
    Return the parts of one process, wired, that tell *telemetry* what they do; nothing is connected yet.

    With *fake_is_served* the fake gateway is the one at SHULK_FAKE_GATEWAY_URL, whose state all processes share.
    """
    container = Shulk(settings=settings, telemetry=telemetry, fake_is_served=fake_is_served)
    container.check_dependencies()
    return container


async def close(container: Shulk) -> None:
    """End what *container* holds open: database connections and the line to the gateway."""
    container.telemetry().end()
    await container.storage.database().close()
    if (redis := container.storage.redis()) is not None:
        await redis.aclose()
    if container.settings().gateway is not GatewayKind.FAKE:
        await container.bank.client().aclose()
    elif container.fake_is_served():
        await container.bank.served_client().aclose()
