"""What an operator decides before a process starts, refused as a whole if anything is wrong."""

# ruff: noqa: RUF009 - the calls below make the table's rows, which nobody can change

import dataclasses
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit

from domain.documents.invoicing import DatedBy
from domain.money import PAISE_PER_RUPEE, Money
from domain.payments.adjustment import AdjustmentKind
from domain.reconciliation.fee_contract import FeeRate
from domain.reconciliation.resolution import ResolutionLimits
from domain.reconciliation.settlement_terms import SettlementTerm
from domain.tax.gstin import Gstin
from domain.tax.tax_tables import NOTIFIED, AcceptedTax
from entrypoints.settings import readers as read
from entrypoints.settings.bank_holidays import BankHolidays, bank_holidays
from entrypoints.settings.cipher_keys import parse_cipher_keys, texts_of
from entrypoints.settings.former_names import under_present_names
from entrypoints.settings.rules import contradictions
from entrypoints.settings.values import (
    DatabasePooler,
    Environment,
    Exemption,
    GatewayAuth,
    GatewayConfigSource,
    GatewayKind,
    JwtAlgorithm,
    LogFormat,
    LogLevel,
    MailEncryption,
    MailServer,
    Network,
    OfferBearer,
    Rate,
    SettingUnreadable,
    SurchargeBearer,
    WebhookProofs,
    Wrong,
)
from ports.cipher import CipherKeys

__all__ = [
    "VARIABLES",
    "Environment",
    "GatewayAuth",
    "GatewayConfigSource",
    "GatewayKind",
    "JwtAlgorithm",
    "LogFormat",
    "LogLevel",
    "MailEncryption",
    "MailServer",
    "Rate",
    "Settings",
    "SettingsWrong",
    "Variable",
    "WebhookProofs",
    "Wrong",
    "load_settings",
    "secrets_of",
]

PREFIX: Final = "SHULK_"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One row of the settings table: what the documents print and the loader reads."""

    name: str
    read: Callable[[str], object]
    says: str
    example: str
    default: str | None
    needed: bool
    secret: bool


class SettingsWrong(Exception):
    """Every missing or wrong variable at once."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        self.wrong = wrong
        super().__init__("\n".join(str(each) for each in wrong))


def _needed(
    reader: Callable[[str], Value], says: str, *, example: str, secret: bool = False
) -> Value:
    return _field(reader, says, example=example, needed=True, secret=secret)


def _usual(
    reader: Callable[[str], Value], default: str, says: str, *, example: str | None = None
) -> Value:
    return _field(reader, says, example=example or default, default=default)


def _optional(
    reader: Callable[[str], Value], says: str, *, example: str = "", secret: bool = False
) -> Value | None:
    return cast("Value | None", _field(reader, says, example=example, secret=secret))


def _field(
    reader: Callable[[str], Value],
    says: str,
    *,
    example: str,
    default: str | None = None,
    needed: bool = False,
    secret: bool = False,
) -> Value:
    # The dataclass sees a field; the type checker sees the reader's value and holds it
    # against the annotation.
    row = {
        "read": reader,
        "says": says,
        "example": example,
        "default": default,
        "needed": needed,
        "secret": secret,
    }
    return cast("Value", dataclasses.field(repr=not secret, metadata=row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Each field is the variable ``SHULK_`` and its name in capitals; made by ``load_settings``."""

    environment: Environment = _usual(
        read.one_of(Environment),
        "production",
        "development or production; production refuses whatever belongs to a demo.",
        example="development",
    )
    host: str = _usual(read.text, "127.0.0.1", "Address the server listens on.")
    port: int = _usual(read.whole_number(1, read.PORT_MAX), "8000", "Port the server listens on.")
    public_url: str = _needed(
        read.web_address,
        "Address under which students and the bank reach this service; https in production.",
        example="http://127.0.0.1:8000",
    )
    metrics_port: int | None = _optional(
        read.whole_number(1, read.PORT_MAX - 2),
        "Port for Prometheus: of the API, of a worker one more, of a scheduler two more; without it none.",
    )
    traces_url: str | None = _optional(
        read.web_address,
        "Collector that takes spans by OTLP over HTTP (http://127.0.0.1:4318); without it none are sent.",
    )
    traces_percent: int = _usual(
        read.whole_number(1, 100), "100", "Of 100 requests and jobs, how many are sent as spans."
    )
    metrics_host: str = _usual(
        read.text, "127.0.0.1", "Address of that port; students must not reach it."
    )
    health_folder: Path | None = _optional(
        read.folder,
        "Folder in which worker and scheduler show that they work; `shulk health` reads it.",
    )
    log_level: LogLevel = _usual(read.one_of(LogLevel), "INFO", "Least level that is logged.")
    log_format: LogFormat = _usual(
        read.one_of(LogFormat),
        "json",
        "json: one object a line, for programs; console: lines for people at a terminal.",
    )
    shutdown_seconds: int = _usual(
        read.whole_number(1, 600), "20", "Seconds a process may take to finish after SIGTERM."
    )

    database_url: str = _needed(
        read.postgres_url,
        "PostgreSQL 16 or newer. With a standby: both hosts, divided by a comma, and"
        " ?target_session_attrs=read-write (docs/drills.md).",
        example="postgresql://shulk:change-me@127.0.0.1:5432/shulk",
        secret=True,
    )
    migration_database_url: str | None = _optional(
        read.postgres_url,
        "The same database for `shulk migrate`, as the role that owns the tables; SHULK_DATABASE_URL is then a role"
        " that serves and changes no table.",
        secret=True,
    )
    database_pooler: DatabasePooler = _usual(
        read.one_of(DatabasePooler),
        "none",
        "none, or transaction: a pooler such as pgbouncer in transaction mode stands before PostgreSQL.",
    )
    database_pool_size: int = _usual(
        read.whole_number(1, 200), "10", "Connections one process keeps at most."
    )
    database_pool_timeout_seconds: int = _usual(
        read.whole_number(1, 60), "5", "Seconds to wait for a free connection."
    )
    statement_timeout_milliseconds: int = _usual(
        read.whole_number(100, 600_000), "5000", "Milliseconds one statement may run."
    )
    lock_timeout_milliseconds: int = _usual(
        read.whole_number(10, 600_000), "2000", "Milliseconds to wait for a lock."
    )
    invariant_timeout_seconds: int = _usual(
        read.whole_number(1, 86_400),
        "1800",
        "Seconds the nightly check of one money invariant may run; what takes longer raises an alert.",
    )
    redis_url: str | None = _optional(
        read.redis_url,
        "Redis 7+ or Valkey 8+; without it everything still drains from PostgreSQL, later.",
        example="redis://127.0.0.1:6379/0",
        secret=True,
    )

    smtp_url: MailServer = _needed(
        read.mail_server,
        "Mail server: smtp://[user:password@]host:port, smtps://, or smtp://...?starttls=1.",
        example="smtp://127.0.0.1:1025",
        secret=True,
    )
    mail_from: str = _needed(
        read.mailbox,
        "Sender of the emails.",
        example="Shulk Courses <fees@example.com>",
    )

    files_folder: Path = _usual(
        read.folder,
        "/var/lib/shulk/files",
        "Folder that keeps the documents' files, the same for every process; not used when "
        "SHULK_FILES_BUCKET is set.",
        example="/tmp/shulk-files",  # noqa: S108  # for development, where nothing has to last
    )
    files_bucket: str | None = _optional(
        read.bucket, "Bucket of S3-compatible storage that keeps them instead."
    )
    files_endpoint: str | None = _optional(
        read.web_address, "Address of that storage; leave it out for Amazon's own."
    )
    files_region: str | None = _optional(read.text, "Region of the bucket.")
    files_access_key: str | None = _optional(read.secret, "Access key to the bucket.", secret=True)
    files_secret_key: str | None = _optional(read.secret, "Secret key to the bucket.", secret=True)
    files_prefix: str | None = _optional(
        read.object_prefix, "What the files' names in the bucket begin with."
    )

    gateway: GatewayKind = _usual(
        read.one_of(GatewayKind),
        "smartgateway",
        "smartgateway (the bank), simulator or fake; production takes only the bank.",
        example="simulator",
    )
    gateway_url: str | None = _optional(
        read.web_address,
        "Base address of the gateway; needed unless SHULK_GATEWAY is fake.",
        example="http://127.0.0.1:8100",
    )
    fake_gateway_url: str = _usual(
        read.web_address,
        "http://127.0.0.1:8091",
        "Where the fake gateway is served, with SHULK_GATEWAY=fake; `shulk serve` serves it on loopback by itself.",
    )
    merchant_id: str = _needed(
        read.text, "Merchant id from the bank's dashboard.", example="SIMMERCHANT"
    )
    gateway_auth: GatewayAuth = _usual(
        read.one_of(GatewayAuth),
        "api-key",
        "Mode of the merchant account: api-key, or jwt (every call signed and encrypted).",
    )
    api_key: str | None = _optional(
        read.secret,
        "API key from the bank's dashboard; for api-key.",
        example="change-me-api-key-of-the-merchant",
        secret=True,
    )
    api_key_colon: bool = _usual(
        read.yes_or_no, "true", "Whether the Basic credentials end in a colon, as RFC 7617 has it."
    )
    gateway_key_id: str | None = _optional(
        read.key_id, "Id of the JWT keys in the bank's dashboard; for jwt."
    )
    gateway_private_key_file: Path | None = _optional(
        read.private_key_file, "PEM file with our RSA private key; for jwt."
    )
    gateway_bank_key_file: Path | None = _optional(
        read.public_key_file,
        "PEM file with the bank's RSA public key, or the certificate that holds it; for jwt.",
    )
    payment_hosts: tuple[str, ...] = _usual(
        read.hosts,
        "",
        "Hosts besides the gateway's own that may show its payment page, separated by commas.",
    )
    payment_page_client_id: str = _needed(
        read.text, "Client id of the hosted payment page.", example="hdfcmaster"
    )
    response_key: str = _needed(
        read.secret,
        "Key that signs what the bank sends back through the browser.",
        example="change-me-response-key-of-the-bank",
        secret=True,
    )
    gateway_version: str = _usual(
        read.calendar_day, "2023-06-30", "Version of the bank's interface; pins the answers' shape."
    )
    gateway_connect_timeout_seconds: int = _usual(
        read.whole_number(1, 60), "5", "Seconds to wait for a connection to the bank."
    )
    gateway_read_timeout_seconds: int = _usual(
        read.whole_number(1, 120), "30", "Seconds to wait for the bank's answer."
    )

    gateway_config: GatewayConfigSource = _usual(
        read.one_of(GatewayConfigSource),
        "stored",
        "stored, or environment: what is set here stays in effect, whatever staff have stored (break glass).",
    )
    gateway_failure_threshold: int = _usual(
        read.whole_number(1, 100),
        "5",
        "Calls in a row without an answer after which no more are made for a while (circuit breaker).",
    )
    gateway_open_for_seconds: int = _usual(
        read.whole_number(1, 300),
        "10",
        "Seconds without calls at first; doubled each time up to six times as long.",
    )

    webhook_user: str = _needed(read.text, "User name the bank's webhooks carry.", example="shulk")
    webhook_password: str = _needed(
        read.secret,
        "Password the bank's webhooks carry.",
        example="change-me-webhook-password-of-today",
        secret=True,
    )
    webhook_next_user: str | None = _optional(read.text, "Second valid user name, for a rotation.")
    webhook_next_password: str | None = _optional(
        read.secret, "Second valid password, for a rotation.", secret=True
    )
    webhook_header_name: str | None = _optional(
        read.header_name, "Header the bank's webhooks must carry, if one was set there."
    )
    webhook_header_value: str | None = _optional(
        read.secret, "What that header must hold.", secret=True
    )
    webhook_signature_header: str | None = _optional(
        read.header_name,
        "Header with an HMAC-SHA256 of each webhook's raw body (hex or base64), if one was agreed.",
    )
    webhook_signature_secret: str | None = _optional(read.secret, "Key of that HMAC.", secret=True)
    webhook_signature_next_secret: str | None = _optional(
        read.secret, "Second valid key of that HMAC, for a rotation.", secret=True
    )
    webhook_proofs: WebhookProofs = _usual(
        read.one_of(WebhookProofs),
        "all",
        "all or any: whether a webhook needs credentials and HMAC, where one was agreed, or either.",
    )

    jwt_algorithm: tuple[JwtAlgorithm, ...] = _usual(
        read.jwt_algorithms,
        "HS256",
        "What a bearer token may be signed by: HS256, RS256, ES256, or RS256,ES256.",
    )
    jwt_secret: str | None = _optional(
        read.secret,
        "Key shared with the platform; for HS256, at least 32 characters.",
        example="change-me-to-32-random-characters-or-more",
        secret=True,
    )
    jwt_jwks_file: Path | None = _optional(
        read.readable_file,
        "File with the platform's public keys, read again when it changes; for RS256 and ES256.",
    )
    jwt_jwks_url: str | None = _optional(
        read.key_address,
        "Address of the platform's public keys instead of a file; https, or http on this machine.",
    )
    jwt_lifetime_max_seconds: int = _usual(
        read.whole_number(60, 86_400),
        "900",
        "Longest life of a bearer token in seconds (exp less iat); longer ones are refused.",
    )
    jwt_issuer: str = _needed(
        read.text, "Issuer a token must name.", example="https://platform.example.com"
    )
    jwt_audience: str = _needed(read.text, "Audience a token must name.", example="shulk")
    platform_origins: tuple[str, ...] = _usual(
        read.origins,
        "",
        "Origins of the platform's pages that may sign a student in here, and ask the student routes by token (CORS).",
        example="https://platform.example.com",
    )
    platform_webhook_hosts: tuple[str, ...] = _usual(
        read.hosts,
        "",
        "Hosts at which the platform may be told by webhooks, each with a port where only that may be; empty for any.",
    )
    browser_session_seconds: int = _usual(
        read.whole_number(300, 86_400),
        "7200",
        "Seconds a student stays signed in at most, however busy.",
    )
    browser_session_idle_seconds: int = _usual(
        read.whole_number(300, 86_400), "1800", "Seconds without a request that sign a student out."
    )
    staff_session_seconds: int = _usual(
        read.whole_number(300, 86_400),
        "3600",
        "Seconds a member of staff stays signed in at most, however busy.",
    )
    staff_session_idle_seconds: int = _usual(
        read.whole_number(300, 86_400),
        "900",
        "Seconds without a request that sign a member of staff out (PCI DSS 8.2.8 asks for 15 minutes).",
    )
    cookie_key: str = _needed(
        read.secret,
        "Key that signs form tokens, at least 32 characters.",
        example="change-me-to-32-other-random-characters",
        secret=True,
    )

    cipher_keys: CipherKeys | None = _optional(
        parse_cipher_keys,
        "Keys that encrypt secrets at rest: id:base64 of 32 bytes each, separated by commas, the active "
        "one first; needed unless SHULK_CIPHER_KEYS_FILE is set.",
        example="example:Y2hhbmdlLW1lLXRvLTMyLXJhbmRvbS1ieXRlcy5wbHo=",
        secret=True,
    )
    cipher_keys_file: CipherKeys | None = _optional(
        read.cipher_keys_file, "File with the same keys, one a line.", secret=True
    )
    totp_attempts: int = _usual(
        read.whole_number(3, 10), "5", "Codes a member of staff may try before a lock."
    )
    totp_lock_seconds: int = _usual(
        read.whole_number(60, 86_400), "900", "Seconds such a lock lasts."
    )

    seller_name: str = _needed(
        read.printed(read.NAME_MAX),
        "Legal name of who sells the courses.",
        example="Shulk Courses",
    )
    seller_gstin: Gstin = _needed(
        read.gstin,
        "GSTIN of who sells the courses; it tells their State.",
        example="29AABCE5678K1Z2",
    )
    seller_support_email: str = _needed(
        read.email, "Where students turn to.", example="support@example.com"
    )
    seller_address: str = _needed(
        read.printed(read.ADDRESS_MAX),
        "Address registered for GST; stands on every tax document.",
        example="1 Fee Street, Bengaluru 560001",
    )
    seller_trade_name: str | None = _optional(
        read.printed(read.NAME_MAX),
        "Trade name, if courses are sold under another than the legal one.",
    )
    seller_cin: str | None = _optional(
        read.printed(read.NAME_MAX),
        "Corporate identity number, which a company's letterhead shows.",
    )
    seller_support_phone: str | None = _optional(
        read.printed(read.NAME_MAX), "Telephone students turn to."
    )
    seller_grievance_officer: str | None = _optional(
        read.printed(read.ADDRESS_MAX), "Name and address of the grievance officer."
    )

    course_url: str | None = _optional(
        read.page_address_with("course_id"),
        "Address of a course on the platform, with {course_id} for its id: pages and emails lead there.",
    )
    sign_in_url: str | None = _optional(
        read.page_address_with("next"),
        "Address at which the platform signs a student in and posts the token here, with {next} for the path to "
        "come back to.",
    )
    terms_url: str | None = _optional(
        read.page_address, "Terms of the sale, linked from every page as gateways ask for it."
    )
    privacy_url: str | None = _optional(read.page_address, "Privacy policy, linked likewise.")
    privacy_notice_url: str | None = _optional(
        read.page_address,
        "Notice of what is kept of students and why (docs/privacy.md); with it the checkout asks them to agree. "
        "https in production.",
    )
    consent_text: str | None = _optional(
        read.printed(read.CONSENT_TEXT_MAX),
        "What they agree to there, in English, in place of the usual words; goes with SHULK_CONSENT_TEXT_HINDI.",
    )
    consent_text_hindi: str | None = _optional(
        read.printed(read.CONSENT_TEXT_MAX), "The same in Hindi."
    )
    refund_policy_url: str | None = _optional(
        read.page_address, "Refund and cancellation policy, linked likewise."
    )

    gst_document_date: DatedBy = _usual(
        read.one_of(DatedBy), "capture", "Day an invoice bears: capture or issue (docs/gst.md)."
    )
    gst_sac_digits: int = _usual(
        read.sac_digits, "6", "Digits of the service code on documents: 6, or 4 for small sellers."
    )
    gst_sacs: frozenset[str] = _usual(
        read.service_codes,
        "",
        "Service codes besides the known ones that a course may have: 6 digits from 99, separated by commas.",
    )
    gst_rates: frozenset[Decimal] = _usual(
        read.percents,
        "",
        "Rates besides the notified ones that a course may have: per cent, separated by commas.",
    )
    gst_credit_notes_until: tuple[int, int] = _usual(
        read.month_and_day,
        "11-30",
        "Month and day, in the financial year after a sale's, until which a credit note bears tax.",
    )
    gst_return_version: str = _usual(
        read.text, "GST3.2.2", "Version of the offline tool that GSTR-1 names."
    )

    surcharge_borne_by: SurchargeBearer = _usual(
        read.one_of(SurchargeBearer),
        "unknown",
        "Who bears a surcharge of the bank on top of the price: student or merchant; while it is unknown, such a "
        "payment needs a review.",
    )
    offer_borne_by: OfferBearer = _usual(
        read.one_of(OfferBearer),
        "unknown",
        "Who bears an offer of the bank by which a student pays less: bank or merchant; while it is unknown, such a "
        "payment needs a review.",
    )

    dispute_response_days: int = _usual(
        read.whole_number(1, 60),
        "3",
        "Days in which a dispute is to be contested, where the bank names no deadline.",
    )
    dispute_alert_hours: int = _usual(
        read.whole_number(1, 24 * 60),
        "48",
        "Hours before the deadline of a dispute from which an alert a day names it; the first alert is sent at once.",
    )

    bank_holidays_file: BankHolidays = _usual(
        bank_holidays,
        "",
        "TOML file with the holidays of the branch that pays out (docs/settlement.md), in place of the shipped one "
        "for Maharashtra.",
    )
    settlement_preset_files: tuple[Path, ...] = _usual(
        read.readable_files,
        "",
        "TOML files with layouts of settlement files of your own (docs/settlement-files.md), separated by commas; "
        "`shulk settlements preview --preset-file` says what is wrong in one.",
    )
    settlement_reports: bool = _usual(
        read.yes_or_no,
        "no",
        "Whether settlement files are fetched from the bank's report API at SHULK_GATEWAY_URL. No such API is "
        "published: its wire format is that of the simulated bank.",
    )
    settlement_folder: Path | None = _optional(
        read.folder,
        "Folder into which settlement files come, by SFTP or from a mail box; nothing in it is moved.",
    )
    bank_accounts: tuple[str, ...] = _usual(
        read.bank_accounts,
        "",
        "Numbers of the accounts that settlements are paid into, separated by commas; a statement of another one is "
        "refused. Without it any account that a statement names is taken.",
    )
    settlement_terms: Mapping[tuple[str | None, str | None], SettlementTerm] = _usual(
        read.settlement_terms,
        "",
        "Working days after which the bank settles, by MID and method, with a cut-off where there is one: "
        "SIM0001/UPI=1@23:00,*/CARD=2; what is not named is settled on the next working day.",
    )
    settlement_mids: Mapping[str, str] = _usual(
        read.mids_by_method,
        "",
        "MID over which the bank settles each method, as in UPI=SIM0001,CARD=SIM9001; without it nothing is called "
        "missing because a file does not hold it.",
    )
    settlement_shared_mids: frozenset[str] = _usual(
        read.mids,
        "",
        "MIDs over which the bank settles orders of others as well, separated by commas.",
    )
    settlement_reserve_mids: frozenset[str] = _usual(
        read.mids,
        "",
        "MIDs of which the bank holds back a reserve by contract, separated by commas.",
    )
    merchant_codes: Mapping[str, str] = _usual(
        read.merchant_codes,
        "",
        "MID of each code by which the account's narrations name a payout, as in SIM001=SIM0001,SIMT90=SIM9001.",
    )
    fee_rates: Sequence[FeeRate] = _usual(
        read.fee_rates,
        "UPI=0,RUPAY_DEBIT=0,CARD=1.80",
        "What the bank may charge, in per cent by method, where a rate changes with the day from which it holds: "
        "CARD=1.80,CARD=1.95@2027-04-01.",
    )
    settlement_file_hour: int = _usual(
        read.whole_number(0, 23),
        "18",
        "Hour of a working day (India) from which an alert names a settlement file of that day that has not come.",
    )
    finance_email: str | None = _optional(
        read.email,
        "Where the summary of each reconciliation goes; without it none is sent.",
    )
    alert_email: str | None = _optional(
        read.email,
        "Where each alert is sent when it fires, and when it is resolved; without it none is sent by email.",
    )
    alert_webhook_url: str | None = _optional(
        read.hook_address,
        "Endpoint that is called, by Standard Webhooks, when an alert fires or is resolved; https in production.",
    )
    alert_webhook_secret: str | None = _optional(
        read.hook_secret,
        "Signs those calls: whsec_ and base64 of 24 to 64 random bytes.",
        secret=True,
    )
    audit_key_file: Path | None = _optional(
        read.audit_key_file,
        "File with the key that seals the audit log, made by `shulk audit key`; a second line is the key before it.",
    )
    audit_hot_months: int = _usual(
        read.whole_number(12, 120),
        "24",
        "Months after its end for which a month of the audit log stays in the database before it is archived.",
    )
    credential_age_days: int = _usual(
        read.whole_number(30, 3650),
        "365",
        "Days for which a key or password that states no end may be used; an alert says so three weeks before.",
    )
    settlement_grace_days: int = _usual(
        read.whole_number(0, 10),
        "0",
        "Working days after the due day before a payment that no settlement file holds is called missing.",
    )
    credit_grace_days: int = _usual(
        read.whole_number(0, 10),
        "1",
        "Working days after a settlement before its credit on the account is called missing.",
    )

    session_lifetime_seconds: int = _usual(
        read.whole_number(1, 900),
        "900",
        "Seconds a student has to pay; at least 60 in production.",
    )
    failure_email_seconds: int = _usual(
        read.whole_number(1, 86_400),
        "900",
        "Seconds until a student is told by email of a payment that failed, if it is the last word then.",
    )
    status_read_seconds: int = _usual(
        read.whole_number(1, 60),
        "3",
        "Least seconds between two reads from the bank that status requests cause.",
    )
    trusted_proxies: tuple[Network, ...] = _usual(
        read.networks,
        "",
        "Networks of the proxies whose X-Forwarded-For is believed, separated by commas.",
    )
    body_limit_bytes: int = _usual(
        read.whole_number(1024, 16_777_216), "262144", "Largest request body."
    )
    body_seconds: int = _usual(
        read.whole_number(1, 300), "10", "Seconds within which the body of a request has to arrive."
    )
    connections_max: int = _usual(
        read.whole_number(16, 65_536),
        "4096",
        "Connections that one process of the server keeps at most; more wait until one is free.",
    )
    webhook_body_limit_bytes: int = _usual(
        read.whole_number(1024, 16_777_216), "1048576", "Largest webhook body."
    )
    limit_initiate: Rate = _usual(read.rate, "5/minute", "Payments one student may start.")
    limit_retry: Rate = _usual(read.rate, "3/hour", "Retries of one payment.")
    limit_quote: Rate = _usual(read.rate, "60/minute", "Prices one student may ask for.")
    limit_refund: Rate = _usual(
        read.rate,
        "10/hour",
        "Refunds one member of staff may ask for, and as many that one may decide on.",
    )
    limit_failed_authentication: Rate = _usual(
        read.rate,
        "60/minute",
        "Wrong tokens, webhook passwords and codes from one address or of one person.",
    )
    refund_approval_threshold_rupees: int = _usual(
        read.whole_number(0, 50_00_000),
        "50000",
        "Rupees of one payment that a member of staff may give back alone; above it a second one approves.",
    )
    resolution_limit_each_rupees: int = _usual(
        read.whole_number(0, 1_00_000),
        "100",
        "Rupees of one discrepancy that a person may write off, accept or drop alone; above it a second one approves.",
    )
    resolution_limit_day_rupees: int = _usual(
        read.whole_number(0, 10_00_000),
        "500",
        "Rupees of all discrepancies that a person may write off, accept or drop alone on one day.",
    )
    refund_poll_seconds: int = _usual(
        read.whole_number(1, 3600),
        "180",
        "Seconds until a refund is first polled at the bank; longer than a request to it may take.",
    )
    refund_approval_reminder_hours: int = _usual(
        read.whole_number(1, 24 * 365),
        "72",
        "Hours a refund may wait for approval before an alert, once a day, names it to approvers.",
    )
    refund_approval_lapse_hours: int = _usual(
        read.whole_number(1, 24 * 365),
        "336",
        "Hours after which a refund that nobody approved is rejected, so that its amount is free again.",
    )
    refund_mismatched_charges: bool = _usual(
        read.yes_or_no,
        "true",
        "Refund by itself what the bank charged in another amount than the price; false leaves it to staff.",
    )
    review_reminder_hours: int = _usual(
        read.whole_number(1, 24 * 30),
        "24",
        "Hours a payment may be under review before an alert names it; one alert a day for each reason.",
    )
    allow_insecure: tuple[Exemption, ...] = _usual(
        read.exemptions,
        "",
        "What production may do off loopback although it is not safe, separated by commas: "
        "unverified-database, plain-smtp, plain-redis, plain-storage, any-proxy, shared-secret.",
    )
    demo_sign_in: bool = _usual(
        read.yes_or_no, "false", "Sign in by picking a made-up student; never in production."
    )
    demo_people_file: Path | None = _optional(
        read.readable_file, "JSON list of the people the demo's sign-in offers; for the demo only."
    )

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(seconds=self.session_lifetime_seconds)

    def course_link(self, course: str) -> str | None:
        """Return where the course with this id is taken, None when no address is set."""
        return self.course_url and self.course_url.replace("{course_id}", quote(course, safe=""))

    def sign_in_link(self, path: str) -> str | None:
        """Return where a student signs in and comes back to *path*, None when no address is set."""
        return self.sign_in_url and self.sign_in_url.replace("{next}", quote(path, safe=""))

    @property
    def borne(self) -> frozenset[AdjustmentKind]:
        """The adjustments of which it is known who bears them."""
        known = (
            (self.surcharge_borne_by is not SurchargeBearer.UNKNOWN, AdjustmentKind.SURCHARGE),
            (self.offer_borne_by is not OfferBearer.UNKNOWN, AdjustmentKind.OFFER),
        )
        return frozenset(kind for is_known, kind in known if is_known)

    @property
    def dispute_response(self) -> timedelta:
        return timedelta(days=self.dispute_response_days)

    @property
    def dispute_alert_before(self) -> timedelta:
        return timedelta(hours=self.dispute_alert_hours)

    @property
    def failure_email_after(self) -> timedelta:
        return timedelta(seconds=self.failure_email_seconds)

    @property
    def status_read_interval(self) -> timedelta:
        return timedelta(seconds=self.status_read_seconds)

    @property
    def jwt_lifetime_max(self) -> timedelta:
        return timedelta(seconds=self.jwt_lifetime_max_seconds)

    @property
    def totp_lock(self) -> timedelta:
        return timedelta(seconds=self.totp_lock_seconds)

    @property
    def keys_at_rest(self) -> CipherKeys:
        """The keys that encrypt secrets, wherever they were set."""
        return cast("CipherKeys", self.cipher_keys or self.cipher_keys_file)

    @property
    def refund_approval_threshold(self) -> Money:
        return Money(self.refund_approval_threshold_rupees * 100)

    @property
    def resolution_limits(self) -> ResolutionLimits:
        return ResolutionLimits(
            each=Money(self.resolution_limit_each_rupees * PAISE_PER_RUPEE),
            day=Money(self.resolution_limit_day_rupees * PAISE_PER_RUPEE),
        )

    @property
    def refund_poll_delay(self) -> timedelta:
        return timedelta(seconds=self.refund_poll_seconds)

    @property
    def refund_approval_reminder_after(self) -> timedelta:
        return timedelta(hours=self.refund_approval_reminder_hours)

    @property
    def refund_approval_lapses_after(self) -> timedelta:
        return timedelta(hours=self.refund_approval_lapse_hours)

    @property
    def review_reminder_after(self) -> timedelta:
        return timedelta(hours=self.review_reminder_hours)

    @property
    def accepted_tax(self) -> AcceptedTax:
        """The service codes and rates that a course is accepted with."""
        return NOTIFIED.with_more(self.gst_sacs, self.gst_rates)

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION


VARIABLES: Final[tuple[Variable, ...]] = tuple(
    Variable(name=PREFIX + each.name.upper(), **each.metadata)
    for each in dataclasses.fields(Settings)
)
NAMES: Final = frozenset(each.name for each in VARIABLES)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings in *environ*, or raise ``SettingsWrong`` with all that is wrong."""
    environ, wrong = under_present_names(environ)
    wrong.extend(_unknown(environ))
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        written = environ.get(variable.name, "") or variable.default or ""
        try:
            values[variable.name.removeprefix(PREFIX).lower()] = _value(variable, written)
        except SettingUnreadable as problem:
            wrong.append(Wrong(variable.name, str(problem)))
    wrong.extend(contradictions(values))
    if wrong:
        raise SettingsWrong(tuple(wrong))
    return Settings(**values)


def secrets_of(settings: Settings) -> frozenset[str]:
    """Return every secret text in *settings*, for those who must keep it out of sight."""
    found: set[str] = set()
    for variable in VARIABLES:
        value = getattr(settings, variable.name.removeprefix(PREFIX).lower())
        if variable.secret and isinstance(value, str):
            found |= {value, unquote(urlsplit(value).password or "")}
        elif isinstance(value, MailServer):
            found.add(value.password or "")
        elif isinstance(value, CipherKeys):
            found |= texts_of(value)
    return frozenset(found - {""})


def _value(variable: Variable, written: str) -> object:
    if written or variable.default is not None:
        return variable.read(written)
    if variable.needed:
        raise SettingUnreadable(f"is missing; set it. {variable.says}")
    return None


def _unknown(environ: Mapping[str, str]) -> Iterator[Wrong]:
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in NAMES:
            # Without the prefix: it alone makes any two names alike.
            known = {each.removeprefix(PREFIX): each for each in NAMES}
            close = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1)
            hint = f"did you mean {known[close[0]]}?" if close else "remove it"
            yield Wrong(name, f"is no setting of this version; {hint}")
