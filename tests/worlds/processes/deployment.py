"""A deployment of our own: the same processes with settings we choose, so that tokens can be forged and parts ended."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from secrets import token_bytes, token_hex, token_urlsafe
from typing import Any, Final

import httpx
import jwt

from entrypoints.cli.embedded import free_port
from entrypoints.operations.audit import make_key
from worlds.processes.api_clients import Person
from worlds.processes.logs import Logs
from worlds.processes.running import MAIN, Running, running, shulk
from worlds.processes.waiting import eventually_here

ISSUER: Final = "https://platform.example.com"
AUDIENCE: Final = "shulk"
SELLER_OF_CHANDIGARH: Final = "04AAGCB7383J1ZG"
BANK_PATIENCE_SECONDS: Final = 2
STARTS_WITHIN_SECONDS: Final = 90.0
GIVEN_NAMES: Final = ("Asha", "Ravi", "Meena", "Kabir")
_numbers = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideServices:
    """What stands outside the deployment and can serve several: the bank and the mail server."""

    simulator: str
    mailbox: str
    smtp: str
    folder: Path
    secrets: Mapping[str, str] = field(repr=False)


@contextmanager
def outside_services(folder: Path, *of_the_bank: str) -> Iterator[OutsideServices]:
    """Run a simulator of the bank, with these options besides, and a mail server; their keys are new."""
    secrets = {
        "SHULK_MERCHANT_ID": "SIMMERCHANT",
        "SHULK_PAYMENT_PAGE_CLIENT_ID": "hdfcmaster",
        "SHULK_API_KEY": token_hex(16).upper(),
        "SHULK_RESPONSE_KEY": token_hex(16).upper(),
    }
    files = {name: folder / f"{name}.json" for name in ("mailbox", "simulator")}
    options = (
        f"--merchant-id={secrets['SHULK_MERCHANT_ID']}",
        f"--payment-page-client-id={secrets['SHULK_PAYMENT_PAGE_CLIENT_ID']}",
        f"--api-key={secrets['SHULK_API_KEY']}",
        f"--response-key={secrets['SHULK_RESPONSE_KEY']}",
        f"--announce={files['simulator']}",
        *of_the_bank,
    )
    with (
        running(
            "mailbox",
            *("entrypoints.mailbox", "--smtp-port", "0", "--http-port", "0"),
            *("--announce", str(files["mailbox"])),
            log=folder / "mailbox.log",
        ),
        running(
            "simulator",
            *("entrypoints.simulator", "--port", "0", *options),
            log=folder / "simulator.log",
        ),
    ):
        for name, file in files.items():
            eventually_here(file.exists, what=name, within_seconds=STARTS_WITHIN_SECONDS)
        mailbox = json.loads(files["mailbox"].read_bytes())
        yield OutsideServices(
            simulator=json.loads(files["simulator"].read_bytes())["url"],
            mailbox=mailbox["http"],
            smtp=mailbox["smtp"],
            folder=folder,
            secrets=secrets,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Settings, and the processes that run by them."""

    variables: Mapping[str, str] = field(repr=False)
    folder: Path
    outside_services: OutsideServices

    @property
    def api(self) -> str:
        return self.variables["SHULK_PUBLIC_URL"]

    @property
    def webhook_url(self) -> str:
        return f"{self.api}/api/payment/webhook"

    @property
    def logs(self) -> Logs:
        return Logs.of(sorted(self.folder.glob("*.log")))

    def token(self, *, key: str | None = None, algorithm: str = "HS256", **claims: Any) -> str:
        """Return the platform's token with *claims* changed; None leaves a claim out."""
        now = datetime.now(UTC)
        usual = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "asha",
            "name": "Asha",
            "email": "asha@example.com",
            "roles": ["student"],
            "iat": now,
            "exp": now + timedelta(hours=1),
        }
        said = {name: value for name, value in (usual | claims).items() if value is not None}
        signed_by = self.variables["SHULK_JWT_SECRET"] if key is None else key
        return jwt.encode(said, signed_by, algorithm=algorithm)

    def person(self, role: str = "student", **claims: Any) -> Person:
        """Return somebody new."""
        number = next(_numbers)
        who = f"{role}-{number}-{token_hex(3)}"
        name = claims.pop("name", f"{GIVEN_NAMES[number % len(GIVEN_NAMES)]}")
        email = claims.pop("email", f"{who}@example.com")
        token = self.token(sub=who, name=name, email=email, roles=[role], **claims)
        return Person(id=who, name=name, email=email, token=token)

    @contextmanager
    def process(self, name: str) -> Iterator[Running]:
        """Run ``shulk`` *name* by this deployment's settings for the length of a ``with`` block."""
        log = self.folder / f"{name}.log"
        with running(name, MAIN, name, log=log, variables=self.variables) as process:
            if name == "serve":
                eventually_here(
                    lambda: self.answers() or not process.lives,
                    what="the API",
                    within_seconds=STARTS_WITHIN_SECONDS,
                )
                assert process.lives, process.said
            yield process

    @contextmanager
    def processes(self, *names: str) -> Iterator[list[Running]]:
        with ExitStack() as rooms:
            yield [rooms.enter_context(self.process(name)) for name in names]

    def answers(self) -> bool:
        try:
            return httpx.get(
                f"{self.api}/health/live", timeout=5, trust_env=False, verify=False
            ).is_success
        except httpx.TransportError:
            return False


def new_deployment(
    folder: Path, around: OutsideServices, database_url: str, **changes: str
) -> Deployment:
    """Return a deployment with settings of its own; nothing runs yet."""
    port, audit_key = free_port(), folder / "audit.key"
    folder.mkdir(parents=True, exist_ok=True)
    audit_key.unlink(missing_ok=True)
    make_key("shulk.example/audit", audit_key)
    variables = {
        **around.secrets,
        "SHULK_ENVIRONMENT": "development",
        "SHULK_PORT": str(port),
        "SHULK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SHULK_DATABASE_URL": database_url,
        "SHULK_SMTP_URL": around.smtp,
        "SHULK_MAIL_FROM": "Shulk Courses <fees@example.com>",
        "SHULK_FILES_FOLDER": str(folder / "files"),
        "SHULK_AUDIT_KEY_FILE": str(audit_key),
        "SHULK_HEALTH_FOLDER": str(folder / "health"),
        "SHULK_GATEWAY": "simulator",
        "SHULK_GATEWAY_URL": around.simulator,
        "SHULK_GATEWAY_READ_TIMEOUT_SECONDS": str(BANK_PATIENCE_SECONDS),
        "SHULK_GATEWAY_OPEN_FOR_SECONDS": "1",
        "SHULK_WEBHOOK_USER": "simhook",
        "SHULK_WEBHOOK_PASSWORD": token_urlsafe(24),
        "SHULK_JWT_SECRET": token_urlsafe(48),
        "SHULK_JWT_ISSUER": ISSUER,
        "SHULK_JWT_AUDIENCE": AUDIENCE,
        # Attacks and measurements last longer than fifteen minutes.
        "SHULK_JWT_LIFETIME_MAX_SECONDS": "3600",
        "SHULK_COOKIE_KEY": token_urlsafe(48),
        "SHULK_CIPHER_KEYS": f"demo:{b64encode(token_bytes(32)).decode()}",
        "SHULK_SELLER_NAME": "Shulk Courses",
        "SHULK_SELLER_GSTIN": SELLER_OF_CHANDIGARH,
        "SHULK_SELLER_SUPPORT_EMAIL": "support@example.com",
        "SHULK_SELLER_ADDRESS": "1 Fee Street, Chandigarh 160017",
        "SHULK_STATUS_READ_SECONDS": "1",
        **changes,
    }
    return Deployment(variables=variables, folder=folder, outside_services=around)


def migrate(deployment: Deployment) -> None:
    code, said = shulk("migrate", variables=deployment.variables)
    assert code == 0, said
