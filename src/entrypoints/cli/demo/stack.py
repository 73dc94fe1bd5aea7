"""The whole service on this machine: databases, mailbox, stand-in bank, platform, API, worker, scheduler."""

import json
import os
import socket
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_bytes, token_hex, token_urlsafe
from typing import Final

import httpx

import entrypoints
from entrypoints.cli.demo.jwt_keys import JwtKeys, fresh_jwt_keys
from entrypoints.cli.demo.seeds import COURSES, DISCOUNTS, SELLER, STAFF, STUDENTS
from entrypoints.cli.demo.shutdown import Shutdown
from entrypoints.cli.embedded import embedded_postgres, embedded_valkey, free_port
from entrypoints.cli.subprocesses import Children
from entrypoints.operations.audit import make_key
from entrypoints.operations.catalogue import import_courses, import_discounts
from entrypoints.operations.database_roles import add_role
from entrypoints.operations.schema import migrate
from entrypoints.operations.server_keys import add_key
from entrypoints.operations.staff import staff_with_app
from entrypoints.operations.webhooks import add_endpoint
from entrypoints.settings.settings import GatewayKind, Settings, load_settings

HOST: Final = "127.0.0.1"
SOURCES: Final = Path(entrypoints.__file__).parents[1]
START_SECONDS_MAX: Final = 90.0

Progress = Callable[[str], None]

SERVING: Final = "shulk_serving"
"""The role of the database as which the demo's processes sign in."""

NOBODYS: Final[Mapping[str, str]] = {}
SCOPES_OF_PLATFORM: Final = ("payments:pay", "payments:own", "payments:all", "enrolments:see")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What can be chosen when the demo starts; port 0 takes any free one."""

    port: int
    simulator_port: int
    mailbox_port: int
    postgres_version: int
    session_lifetime_seconds: int
    gateway: GatewayKind = GatewayKind.SIMULATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """
    A running whole; *variables* made its settings, *children* are who has to stay alive.
    *totp_secrets* are the seeds of the apps of its staff, by their ids; *server_key* is the platform's. *simulator* is
    where the stand-in bank answers, which with the fake gateway is that one.
    """

    variables: Mapping[str, str] = field(repr=False)
    settings: Settings
    simulator: str
    mailbox: str
    platform: str
    children: Children
    totp_secrets: Mapping[str, str] = field(repr=False)
    server_key: str = field(repr=False)
    jwt_keys: JwtKeys

    @property
    def api(self) -> str:
        return self.settings.public_url


class PortTaken(Exception):
    """Another process listens on the chosen port."""

    def __init__(self, port: int, option: str) -> None:
        super().__init__(f"port {port} is taken; give another one, or any free one: {option} 0")


@contextmanager
def running_stack(
    folder: Path, wanted: Wanted, *, shutdown: Shutdown, progress: Progress
) -> Iterator[Stack]:
    """Start everything in *folder*, yield once it answers, and end it when the block ends."""
    with ExitStack() as rooms:
        children = rooms.enter_context(Children())
        children.forget_folder_on_death(folder)
        port = rooms.enter_context(_kept_port(wanted.port, "--port"))
        api = f"http://{HOST}:{port}"
        _check_free(wanted.simulator_port, "--simulator-port")
        _check_free(wanted.mailbox_port, "--mailbox-port")
        secrets, jwt_keys = _fresh_secrets(), fresh_jwt_keys(folder)

        progress("starting the mailbox, the stand-in bank and a platform that listens")
        simulated = wanted.gateway is GatewayKind.SIMULATOR
        started = ("mailbox", "simulator", "platform") if simulated else ("mailbox", "platform")
        announced = {name: folder / f"{name}.json" for name in started}
        secret_file, audit_key = folder / "platform.secret", folder / "audit.key"
        make_key("demo.example/audit", audit_key)
        children.start(
            "mailbox",
            _mailbox_command(wanted, announced["mailbox"]),
            log=folder / "mailbox.log",
            environ=_environ({}),
        )
        if simulated:
            children.start(
                "simulator",
                _simulator_command(wanted, announced["simulator"], secrets, jwt_keys, api),
                log=folder / "simulator.log",
                environ=_environ({}),
            )
        children.start(
            "platform",
            _platform_command(secret_file, announced["platform"]),
            log=folder / "platform.log",
            environ=_environ({}),
        )
        progress("starting PostgreSQL and Valkey")
        database_url = rooms.enter_context(
            embedded_postgres(folder / "postgres", version=wanted.postgres_version)
        )
        redis_url = rooms.enter_context(embedded_valkey(folder / "valkey"))
        # The processes that use the databases are ended before the databases, however the block ends.
        rooms.callback(children.stop)
        shutdown.wait_until(
            lambda: all(each.exists() for each in announced.values()),
            children,
            at_most_seconds=START_SECONDS_MAX,
            what="the mailbox, the stand-in bank or the platform",
        )
        mailbox = json.loads(announced["mailbox"].read_bytes())
        # `shulk serve` serves the fake gateway itself.
        simulator = (
            json.loads(announced["simulator"].read_bytes())["url"]
            if simulated
            else f"http://{HOST}:{wanted.simulator_port or free_port()}"
        )
        platform = json.loads(announced["platform"].read_bytes())["url"]
        variables = {
            **SELLER,
            **secrets,
            "SHULK_ENVIRONMENT": "development",
            "SHULK_HOST": HOST,
            "SHULK_PORT": str(port),
            "SHULK_PUBLIC_URL": api,
            "SHULK_DATABASE_URL": database_url,
            "SHULK_REDIS_URL": redis_url,
            "SHULK_SMTP_URL": mailbox["smtp"],
            "SHULK_FILES_FOLDER": str(folder / "files"),
            "SHULK_GATEWAY": wanted.gateway.value,
            "SHULK_GATEWAY_URL": simulator,
            "SHULK_FAKE_GATEWAY_URL": simulator,
            "SHULK_SETTLEMENT_REPORTS": "true" if simulated else "false",
            "SHULK_SETTLEMENT_MIDS": "UPI=SIM0001,CARD=SIM9001,NB=SIM5001",
            "SHULK_MERCHANT_CODES": "SIM001=SIM0001,SIMT90=SIM9001,SIM501=SIM5001",
            "SHULK_BANK_ACCOUNTS": "50200000000001",
            "SHULK_JWT_ISSUER": "shulk-demo",
            "SHULK_JWT_AUDIENCE": "shulk",
            "SHULK_SESSION_LIFETIME_SECONDS": str(wanted.session_lifetime_seconds),
            "SHULK_STATUS_READ_SECONDS": "1",
            "SHULK_FAILURE_EMAIL_SECONDS": "20",
            # A test program sends the requests of many students in the name of a few.
            "SHULK_LIMIT_INITIATE": "6000/minute",
            "SHULK_LIMIT_RETRY": "6000/minute",
            "SHULK_LIMIT_QUOTE": "6000/minute",
            "SHULK_LIMIT_REFUND": "6000/minute",
            "SHULK_TOTP_LOCK_SECONDS": "60",
            # A test program works with the announced tokens as long as the demo runs.
            "SHULK_JWT_LIFETIME_MAX_SECONDS": "86400",
            "SHULK_DEMO_SIGN_IN": "true",
            "SHULK_DEMO_PEOPLE_FILE": str(_people_file(folder)),
            "SHULK_AUDIT_KEY_FILE": str(audit_key),
        }
        owner = load_settings(variables | {"SHULK_MIGRATION_DATABASE_URL": database_url})
        # As in production: what serves signs in as a role that changes neither tables nor the audit log.
        variables["SHULK_DATABASE_URL"] = add_role(owner, SERVING, token_urlsafe(24))
        owner = replace(owner, database_url=variables["SHULK_DATABASE_URL"])
        settings = load_settings(variables)

        progress("making the schema, courses, codes and staff")
        migrate(owner)
        _seed(settings, folder)
        totp_secrets = _staff(settings)
        added = add_endpoint(settings, f"{platform}/webhooks", (), "The demo's platform")
        secret_file.write_text(added.secret, encoding="ascii")
        server_key = add_key(settings, "The demo's platform", SCOPES_OF_PLATFORM, None)
        _people_file(folder, totp_secrets)
        shutdown.check()

        progress("starting the API, the worker and the scheduler")
        for name in ("serve", "worker", "scheduler"):
            children.start(
                "API" if name == "serve" else name,
                [sys.executable, "-m", "entrypoints.cli.main", name],
                log=folder / f"{name}.log",
                environ=_environ(variables),
            )
        shutdown.wait_until(
            lambda: _answers(f"{api}/health/ready"),
            children,
            at_most_seconds=START_SECONDS_MAX,
            what="the API",
        )
        yield Stack(
            variables=variables,
            settings=settings,
            simulator=simulator,
            mailbox=mailbox["http"],
            platform=platform,
            children=children,
            totp_secrets=totp_secrets,
            server_key=server_key.secret,
            jwt_keys=jwt_keys,
        )


def _fresh_secrets() -> dict[str, str]:
    return {
        "SHULK_MERCHANT_ID": "SIMMERCHANT",
        "SHULK_PAYMENT_PAGE_CLIENT_ID": "hdfcmaster",
        "SHULK_API_KEY": token_hex(16).upper(),
        "SHULK_RESPONSE_KEY": token_hex(16).upper(),
        "SHULK_WEBHOOK_USER": "simhook",
        "SHULK_WEBHOOK_PASSWORD": token_urlsafe(24),
        "SHULK_JWT_SECRET": token_urlsafe(48),
        "SHULK_COOKIE_KEY": token_urlsafe(48),
        "SHULK_CIPHER_KEYS": f"demo:{b64encode(token_bytes(32)).decode()}",
    }


def _mailbox_command(wanted: Wanted, announce: Path) -> list[str]:
    command = [sys.executable, "-m", "entrypoints.mailbox", "--smtp-port", "0"]
    return [*command, "--http-port", str(wanted.mailbox_port), "--announce", str(announce)]


def _platform_command(secret_file: Path, announce: Path) -> list[str]:
    command = [sys.executable, "-m", "entrypoints.platform", "--port", "0"]
    return [*command, "--secret-file", str(secret_file), "--announce", str(announce)]


def _simulator_command(
    wanted: Wanted, announce: Path, secrets: Mapping[str, str], jwt_keys: JwtKeys, api: str
) -> list[str]:
    options = {
        "--port": str(wanted.simulator_port),
        "--announce": str(announce),
        "--merchant-id": secrets["SHULK_MERCHANT_ID"],
        "--merchant-name": SELLER["SHULK_SELLER_NAME"],
        "--payment-page-client-id": secrets["SHULK_PAYMENT_PAGE_CLIENT_ID"],
        "--api-key": secrets["SHULK_API_KEY"],
        **jwt_keys.simulator_options(),
        "--response-key": secrets["SHULK_RESPONSE_KEY"],
        "--webhook-url": f"{api}/api/payment/webhook",
        "--webhook-user": secrets["SHULK_WEBHOOK_USER"],
        "--webhook-password": secrets["SHULK_WEBHOOK_PASSWORD"],
    }
    # One word each: a random password may begin with a hyphen.
    joined = [f"{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "entrypoints.simulator", *joined]


def _environ(variables: Mapping[str, str]) -> dict[str, str]:
    """What a child sees: nothing of ours from outside, and the same sources as this process."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("SHULK_")}
    path = os.pathsep.join(each for each in (str(SOURCES), foreign.get("PYTHONPATH")) if each)
    return foreign | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | dict(variables)


def _people_file(folder: Path, totp_secrets: Mapping[str, str] = NOBODYS) -> Path:
    """Write down who can sign in, with the secrets of the staff's apps: the demo's pages show their codes."""
    file = folder / "people.json"
    people = [
        {
            "id": each.id,
            "name": each.name,
            "email": each.email,
            "roles": each.roles,
            "totp_secret": totp_secrets.get(each.id, ""),
        }
        for each in (*STUDENTS, *STAFF)
    ]
    file.write_text(json.dumps(people), encoding="utf-8")
    return file


def _seed(settings: Settings, folder: Path) -> None:
    for what, rows, imported in (
        ("courses", COURSES, import_courses),
        ("discounts", DISCOUNTS, import_discounts),
    ):
        file = folder / f"{what}.json"
        file.write_text(json.dumps(rows), encoding="utf-8")
        report = imported(settings, file)
        if report.problems:
            raise RuntimeError(f"the demo's own {what} were refused: {report.problems}")


def _staff(settings: Settings) -> dict[str, str]:
    """Make accounts for the staff and return the seeds of their apps by their ids."""
    return {
        each.id: staff_with_app(
            settings, staff=each.id, name=each.name, email=each.email, roles=each.roles
        )
        for each in STAFF
    }


def _answers(address: str) -> bool:
    try:
        answer = httpx.get(address, timeout=5, trust_env=False, verify=False)  # noqa: S501 - plain HTTP on loopback
    except httpx.TransportError:
        return False
    return answer.is_success


@contextmanager
def _kept_port(wanted: int, option: str) -> Iterator[int]:
    """Yield *wanted* or a free port, kept from others until the server listens on it."""
    _check_free(wanted, option)
    port = wanted or free_port()
    with socket.socket() as keeper:
        if sys.platform == "linux":
            # The server's socket may join this one, which takes no calls as it never listens.
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            keeper.bind((HOST, port))
        yield port


def _check_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTaken(port, option) from None
