"""Checks everything the service depends on, with advice where something is wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import rich_click as click
from rich.console import Console
from rich.markup import escape

from entrypoints.cli.command_settings import settings_from_environment
from entrypoints.settings.settings import GatewayAuth, GatewayKind, MailEncryption, Settings

SECONDS_MAX: Final = 8.0
SKEW_SECONDS_MAX: Final = 2.0
POSTGRES_MIN: Final = 16
OF_OTHERS: Final = 0o077
UNKNOWN_ORDER: Final = "SKDOCTORLOOKSFORNONE"


class Unwell(Exception):
    """A dependency does not work; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one dependency."""

    what: str
    well: bool
    says: str


@click.command()
def doctor() -> None:
    """Check settings and every dependency, and say what to do. Fails when anything is unwell."""
    settings = settings_from_environment()
    findings = asyncio.run(examine(settings))
    console = Console()
    console.print("[green]✓[/] settings  complete and consistent")
    for each in findings:
        mark = "[green]✓[/]" if each.well else "[red]✗[/]"
        console.print(f"{mark} {each.what}  {escape(each.says)}", soft_wrap=True)
    if not all(each.well for each in findings):
        raise SystemExit(1)


async def examine(settings: Settings) -> list[Finding]:
    """Return a finding on each dependency of *settings*, in the order in which to repair them."""
    examinations: Mapping[str, Callable[[Settings], Awaitable[str]]] = {
        "database": _database,
        "schema": _schema,
        "roles": _roles,
        "redis": _redis,
        "mail": _mail,
        "files": _files,
        "gateway": _gateway,
        "tokens": _tokens,
        "secrets": _secrets,
        "audit": _audit,
    }
    return [await _finding(what, look(settings)) for what, look in examinations.items()]


async def _finding(what: str, look: Awaitable[str]) -> Finding:
    try:
        async with asyncio.timeout(SECONDS_MAX):
            return Finding(what, well=True, says=await look)
    except Unwell as advice:
        return Finding(what, well=False, says=str(advice))
    except Exception as error:  # noqa: BLE001 - whatever a library raises is a finding, too
        # Only the kind: the words of a driver may hold the address with its password.
        kind = type(error).__name__
        return Finding(what, well=False, says=f"cannot be used ({kind}); {_ADVICE[what]}")


_ADVICE: Final = {
    "database": "is SHULK_DATABASE_URL right, and does the server take connections from here?",
    "schema": "mend the database first, then run: shulk migrate",
    "roles": "mend the database and its schema first",
    "redis": "is SHULK_REDIS_URL right? Without Redis, leave it empty",
    "mail": "is SHULK_SMTP_URL right: host, port, encryption, user and password?",
    "files": "may this process write there, and are SHULK_FILES_... those of the bucket?",
    "gateway": "is SHULK_GATEWAY_URL right, and may this machine reach it?",
    "tokens": "do SHULK_JWT_JWKS_FILE or SHULK_JWT_JWKS_URL name a set of keys that verify tokens?",
    "secrets": "mend the database and its schema first",
    "audit": "does SHULK_AUDIT_KEY_FILE hold a key that `shulk audit key` made, of one name?",
}


_KEYS_ADVICE: Final = {
    GatewayAuth.API_KEY: (
        "are SHULK_MERCHANT_ID and SHULK_API_KEY of this environment,"
        " should SHULK_API_KEY_COLON be the other way"
    ),
    GatewayAuth.JWT: (
        "are SHULK_MERCHANT_ID and SHULK_GATEWAY_KEY_ID of this environment,"
        " is SHULK_GATEWAY_BANK_KEY_FILE the bank's key, and does the bank know our public key"
    ),
}


async def _database(settings: Settings) -> str:
    import asyncpg

    # Unnamed statements in one transaction work behind a pooler, too.
    connection = await asyncpg.connect(
        settings.database_url, timeout=SECONDS_MAX, statement_cache_size=0
    )
    try:
        async with connection.transaction():
            version = await database_version(connection)
            skew = _skew(await connection.fetchval("select clock_timestamp()"))
    finally:
        await connection.close()
    if int(version.partition(".")[0]) < POSTGRES_MIN:
        raise Unwell(f"is PostgreSQL {version}; {POSTGRES_MIN} or newer is needed")
    if skew > SKEW_SECONDS_MAX:
        raise Unwell(f"its clock and ours differ by {skew:.0f} s; let both follow a time server")
    return f"PostgreSQL {version}"


async def database_version(connection: Any) -> str:
    """Return the version as the server writes it, without what its packager added: ``18.4``."""
    written: str = await connection.fetchval("show server_version")
    return written.split(maxsplit=1)[0]


async def _schema(settings: Settings) -> str:
    from entrypoints.operations.schema import schema_problem

    problem = await asyncio.to_thread(schema_problem, settings)
    if problem is not None:
        raise Unwell(f"{problem}; run: shulk migrate")
    return "current"


async def _roles(settings: Settings) -> str:
    from entrypoints.operations.database_roles import excess_rights, serving_role

    role = serving_role(settings)
    excess = await asyncio.to_thread(excess_rights, settings)
    if not excess:
        return f"{role} serves, and changes nothing of the audit log or the ledger"
    says = (
        f"{role} both serves and {excess[0]}; let another role own the tables, set"
        " SHULK_MIGRATION_DATABASE_URL to it, and run: shulk migrate"
    )
    if settings.is_production:
        raise Unwell(says)
    return says


async def _redis(settings: Settings) -> str:
    if settings.redis_url is None:
        return "not set: jobs are taken from PostgreSQL only, some seconds later"
    from redis.asyncio import Redis

    client = Redis.from_url(settings.redis_url, socket_timeout=SECONDS_MAX)
    try:
        return server_name(await client.info("server"))
    finally:
        await client.aclose()


def server_name(info: Mapping[str, object]) -> str:
    """Return name and version from the answer to INFO; Valkey answers as Redis, too."""
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}"
    return f"Redis {info['redis_version']}"


async def _mail(settings: Settings) -> str:
    from aiosmtplib import SMTP

    server = settings.smtp_url
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.encryption is MailEncryption.IMPLICIT,
        start_tls=server.encryption is MailEncryption.STARTTLS,
        username=server.user,
        password=server.password,
        timeout=SECONDS_MAX,
    )
    async with client:
        await client.noop()
    signed = "signed in" if server.user else "without signing in"
    return f"{server.host}:{server.port} answers, {signed}"


async def _files(settings: Settings) -> str:
    from entrypoints.wiring.documents import file_store

    store = file_store(settings)
    # Always the same few bytes, so that repeated checks leave one file.
    await store.get(await store.put(b"shulk doctor was here"))
    if settings.files_bucket is None:
        return f"{settings.files_folder} keeps what is put there"
    return f"bucket {settings.files_bucket} keeps what is put there"


async def _gateway(settings: Settings) -> str:
    if settings.gateway is GatewayKind.FAKE:
        from entrypoints.operations.fake_bank.serving import is_answered

        if not await asyncio.to_thread(is_answered, settings):
            return f"fake: no bank is asked; `shulk serve` serves it at {settings.fake_gateway_url}"
        return f"fake: no bank is asked; it answers at {settings.fake_gateway_url}"
    import httpx

    from entrypoints.operations.gateway_config import configuration_in_effect
    from entrypoints.wiring.gateway_auth import status_request

    current = await asyncio.to_thread(configuration_in_effect, settings)
    asked = status_request(settings, current.secrets.api_key, UNKNOWN_ORDER)
    async with httpx.AsyncClient(trust_env=False, timeout=SECONDS_MAX) as client:
        answer = await client.request(
            asked.method,
            f"{settings.gateway_url}{asked.path}",
            content=asked.content,
            headers={
                **asked.headers,
                "x-merchantid": current.terms.merchant_id,
                "version": current.terms.api_version,
            },
        )
    if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        advice = (
            f"shulk gateway show: is version {current.number} of the configuration right"
            if current.number
            else _KEYS_ADVICE[settings.gateway_auth]
        )
        raise Unwell(f"refuses us; {advice}, and is this address on its list?")
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unwell(f"answers {answer.status_code}; try again later, then ask the bank")
    if "date" in answer.headers:
        skew = _skew(parsedate_to_datetime(answer.headers["date"]))
        # The header has whole seconds only.
        if skew > SKEW_SECONDS_MAX + 1:
            raise Unwell(f"its clock and ours differ by {skew:.0f} s; follow a time server")
    source = f"version {current.number}" if current.number else "the environment"
    return f"{settings.gateway} answers, {settings.gateway_auth}, configured by {source}"


async def _tokens(settings: Settings) -> str:
    from entrypoints.operations.tokens import published_keys

    algorithms = ", ".join(settings.jwt_algorithm)
    keys = await published_keys(settings)
    if keys is None:
        return f"{algorithms}, one shared secret"
    passed_over = f"; passed over: {'; '.join(keys.passed_over)}" if keys.passed_over else ""
    return f"{algorithms}, {len(keys.keys)} keys{passed_over}"


async def _secrets(settings: Settings) -> str:
    from entrypoints.operations.staff import encrypted_under

    keys = await asyncio.to_thread(encrypted_under, settings)
    lost = sorted(keys.texts.keys() - keys.known)
    if lost:
        raise Unwell(
            f"are encrypted under keys that are not set: {', '.join(lost)}; add those keys behind the"
            " first, or let their owners enrol again"
        )
    older = sorted(keys.texts.keys() - {keys.active})
    if older:
        return f"some lie under {', '.join(older)}; run: shulk secrets rotate"
    spare = sorted(keys.known - {keys.active})
    if spare:
        return f"all under {keys.active}; not needed any more: {', '.join(spare)}"
    return f"encrypted under {keys.active}"


async def _audit(settings: Settings) -> str:
    from entrypoints.wiring.audit import verifier_keys

    path = settings.audit_key_file
    if path is None:
        raise Unwell(
            "is not sealed: make a key with `shulk audit key`, and set SHULK_AUDIT_KEY_FILE for the workers"
        )
    if path.stat().st_mode & OF_OTHERS:
        raise Unwell(f"others may read its key: chmod 600 {path}")
    keys = verifier_keys(settings)
    return f"sealed by {keys[0]}" + (f", and {len(keys) - 1} before" if len(keys) > 1 else "")


def _skew(theirs: datetime) -> float:
    return abs((datetime.now(UTC) - theirs).total_seconds())
