"""The words and values settings are made of."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class GatewayKind(StrEnum):
    FAKE = "fake"
    SIMULATOR = "simulator"
    SMARTGATEWAY = "smartgateway"


class SurchargeBearer(StrEnum):
    UNKNOWN = "unknown"
    STUDENT = "student"
    MERCHANT = "merchant"


class OfferBearer(StrEnum):
    UNKNOWN = "unknown"
    BANK = "bank"
    MERCHANT = "merchant"


class DatabasePooler(StrEnum):
    NONE = "none"
    TRANSACTION = "transaction"


class Exemption(StrEnum):
    """What production may do off loopback although it is not safe: each is named by the operator."""

    UNVERIFIED_DATABASE = "unverified-database"
    PLAIN_SMTP = "plain-smtp"
    PLAIN_REDIS = "plain-redis"
    PLAIN_STORAGE = "plain-storage"
    ANY_PROXY = "any-proxy"
    SHARED_SECRET = "shared-secret"  # noqa: S105 - a word, and no secret


class WebhookProofs(StrEnum):
    ALL = "all"
    ANY = "any"


class GatewayConfigSource(StrEnum):
    STORED = "stored"
    """The environment until a stored version is in effect."""

    ENVIRONMENT = "environment"


class LogFormat(StrEnum):
    JSON = "json"
    CONSOLE = "console"


class GatewayAuth(StrEnum):
    API_KEY = "api-key"
    JWT = "jwt"


class JwtAlgorithm(StrEnum):
    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class MailEncryption(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class SettingUnreadable(ValueError):
    """What stands in a variable cannot be used; the message says what would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over, and how."""

    host: str
    port: int
    encryption: MailEncryption
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most *times* in any *seconds*."""

    times: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """One variable that cannot be used, and what to do about it; never its value."""

    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"
